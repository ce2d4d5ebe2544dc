import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cli.arguments import FLAGS, VALUED, lift


def test_global_options_are_lifted_before_and_after_the_verb() -> None:
    lifted = lift(
        ["--json", "due", "--ledger", "a", "--on=2025-01-01", "--as=k", "-qv"]
    )

    assert lifted.flags == {"--json", "--quiet", "--verbose"}
    assert lifted.values == {"--ledger": "a", "--as": "k"}
    assert lifted.rest == ("due", "--on=2025-01-01")
    assert lifted.problem is None


def test_nothing_is_lifted_after_two_dashes() -> None:
    lifted = lift(["remark", "--", "--json", "-q"])

    assert lifted.flags == frozenset()
    assert lifted.rest == ("remark", "--", "--json", "-q")


def test_a_value_that_looks_like_a_global_option_is_one_unless_joined() -> None:
    apart, joined = lift(["x", "--text", "--json"]), lift(["x", "--text=--json"])

    assert (set(apart.flags), apart.rest) == ({"--json"}, ("x", "--text"))
    assert (set(joined.flags), joined.rest) == (set(), ("x", "--text=--json"))


def test_a_lone_dash_is_a_value() -> None:
    lifted = lift(["--passphrase-file", "-"])

    assert lifted.values == {"--passphrase-file": "-"}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--json=yes"], "usage.takes-no-value"),
        (["--ledger"], "usage.needs-value"),
        (["--ledger="], "usage.needs-value"),
        (["--ledger", "--json"], "usage.needs-value"),
        (["--ledger=a", "--ledger=b"], "usage.option-twice"),
        (["--ledger=a", "--ledger", "b"], "usage.option-twice"),
        (["--json", "--csv"], "usage.one-form"),
        (["--color", "red"], "usage.not-one-of"),
    ],
)
def test_a_problem_is_kept_and_the_rest_is_still_read(
    argv: list[str], code: str
) -> None:
    lifted = lift([*argv, "--yes", "due"])

    assert lifted.problem is not None
    assert lifted.problem.code == code
    assert "--yes" in lifted.flags
    assert lifted.rest == ("due",)


@pytest.mark.sweep
@given(st.lists(st.text(max_size=8), max_size=6))
def test_words_that_are_no_global_option_pass_in_their_order(words: list[str]) -> None:
    names = {*VALUED, *FLAGS, "-q", "-v", "-h", "--"}
    own = [word for word in words if word.partition("=")[0] not in names]
    own = [word for word in own if not set(word[1:]) <= set("qvh") or word[:1] != "-"]
    own.append("-")

    lifted = lift(["--yes", *own, "--ledger", "a"])

    assert lifted.rest == tuple(own)
    assert lifted.problem is None
