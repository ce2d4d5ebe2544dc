import json

import pytest

from ledger.cli.parse import whole_number
from ledger.errors import UsageError
from tests.cli.program import program

RECORD = ("record", "--from", "US", "--persons", "238")


def test_all_kinds_of_values_reach_the_verb() -> None:
    outcome = program(
        *RECORD,
        *("--seq", "-5", "--level", "all", "--out", "a/b", "--pair", "1", "2"),
        *("--evidence", "x", "--evidence=--json", "--no-renewable"),
    )

    assert outcome.out.splitlines() == [
        "['US', 238, 3, 0, -5, 'all', PosixPath('a/b'), ['x', '--json'], (1, 2)]",
        "",
        "False",
    ]
    assert outcome.err == "default: US\n"


def test_quiet_keeps_the_talk_away() -> None:
    assert program(*RECORD, "-q").err == ""


@pytest.mark.parametrize(
    ("argv", "code", "values"),
    [
        (["record", "-n", "1"], "usage.missing-option", {"option": "--from"}),
        (["show"], "usage.missing-argument", {"name": "REF"}),
        (["due", "--wihtin=1"], "usage.no-such-option-near", {"near": "--within"}),
        (["due", "--zzz"], "usage.no-such-option", {"option": "--zzz"}),
        (["due", "-z"], "usage.no-such-option", {"option": "-z"}),
        (["due", "--\x1b[31m"], "usage.odd-option", {}),
        (["due", "--ñandú"], "usage.odd-option", {}),
        (["due", "--within"], "usage.needs-value", {"option": "--within"}),
        (["due", "--exit-code=1"], "usage.takes-no-value", {"option": "--exit-code"}),
        (["due", "x"], "usage.too-many", {}),
        ([*RECORD, "--level", "\x1b"], "usage.not-one-of", {"choices": "some, all"}),
        ([*RECORD, "--seq", "\uff15"], "usage.not-a-number", {"option": "--seq"}),
        ([*RECORD, "--seq", "1_000"], "usage.not-a-number", {"option": "--seq"}),
        ([*RECORD, "--seq", " 5 "], "usage.not-a-number", {"option": "--seq"}),
        ([*RECORD, "--seq", "9" * 5000], "usage.not-a-number", {"option": "--seq"}),
        (["record", "--from=US", "-n", "0"], "usage.not-from", {"low": 1}),
        ([*RECORD, "--score", "10"], "usage.not-up-to", {"high": 9}),
        ([*RECORD, "--rate", "-3"], "usage.not-between", {"low": -2, "high": 2}),
        ([*RECORD, "--pair", "1", "b"], "usage.bad-value", {"option": "--pair"}),
        ([*RECORD, "--pair", "1"], "usage.needs-value", {"option": "--pair"}),
    ],
)
def test_a_slip_is_told_with_our_words(
    argv: list[str], code: str, values: dict[str, str | int]
) -> None:
    outcome = program(*argv, "--json")

    told = json.loads(outcome.err)
    assert (outcome.code, outcome.out) == (2, "")
    assert told["code"] == code
    assert values.items() <= told["values"].items()
    assert not told["message"].startswith("usage.")
    assert "\x1b" not in outcome.err


@pytest.mark.parametrize("value", [1, "5", "9"])
def test_a_number_within_its_range_is_taken(value: str | int) -> None:
    assert whole_number("--n", low=1, high=9)(value) == int(value)


def test_a_number_outside_its_range_is_refused() -> None:
    with pytest.raises(UsageError, match="not-up-to"):
        whole_number("--n", low=None, high=9)(10)
