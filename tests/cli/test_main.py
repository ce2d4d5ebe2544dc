import json
from io import StringIO

import pytest

import ledger
from ledger.cli import EXIT_CODES
from ledger.cli.main import exit_code, main
from ledger.errors import LedgerError, UsageError
from ledger.exchange.catalogue import Catalogue, languages
from tests.cli.program import FAKES, program


def test_every_kind_of_error_has_an_exit_code_of_its_own_or_shares_refused() -> None:
    assert set(EXIT_CODES) == set(LedgerError.__subclasses__())
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES) - 1


def test_a_kind_below_another_has_its_code() -> None:
    class CloserError(UsageError):
        pass

    assert exit_code(CloserError("usage.too-many")) == 2


def test_the_version_is_shown_from_anywhere() -> None:
    outcome = program("due", "--version")

    assert outcome.code == 0
    assert outcome.out == f"transfer-ledger {ledger.__version__}\n"


def test_a_verb_gets_the_globals_and_its_own_options() -> None:
    outcome = program(
        "due", "--within", "30d", "--ledger", "/nowhere/a", "--on=2025-01-02"
    )

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "30d",
        "2025-01-02",
        "2026-03-01 12:00:00+00:00",
        "/nowhere/a",
    ]
    assert outcome.err == ""


def test_a_verb_of_two_words_is_found() -> None:
    assert program("key", "list").code == 22
    assert program("--json", "key", "--yes", "list").code == 22


def test_what_a_verb_returns_is_the_exit_code() -> None:
    assert program("due", "--exit-code").code == 6


def test_an_error_is_told_on_stderr_in_words_that_cannot_act() -> None:
    outcome = program("remark", "--text", "refused")

    assert outcome.code == 3
    assert outcome.out == ""
    assert outcome.err == (
        "transfer-ledger: \\x1b[31m\\u202e needs a value; write "
        "\\x1b[31m\\u202e=VALUE if the value starts with a dash\n"
        "  a is followed by one of: b\n"
    )


def test_an_error_is_one_json_object_for_programs() -> None:
    outcome = program("remark", "--text", "refused", "--json")

    told = json.loads(outcome.err)
    assert outcome.err.count("\n") == 1
    assert "\x1b" not in outcome.err
    assert "\u202e" not in outcome.err
    assert told["schema"] == "transfer-ledger/error/1"
    assert told["code"] == "usage.needs-value"
    assert told["exit_code"] == 3
    assert told["values"] == {"option": "\x1b[31m\u202e"}
    assert [other["code"] for other in told["others"]] == ["usage.which"]


def test_verbose_names_the_code() -> None:
    outcome = program("remark", "--text", "refused", "-v")

    assert "dash [usage.needs-value]\n" in outcome.err


def test_an_error_without_a_sentence_keeps_its_exit_code() -> None:
    outcome = program("remark", "--text", "wordless")

    assert outcome.code == 4
    assert outcome.err == "transfer-ledger: test.no-sentence (seq=5, name=\\x1b)\n"


def test_an_error_of_no_kind_is_a_bug() -> None:
    assert program("remark", "--text", "rootless").code == 1


def test_a_problem_of_the_global_options_is_told_in_the_form_asked_for() -> None:
    outcome = program("due", "--ledger", "--json")

    assert outcome.code == 2
    assert json.loads(outcome.err)["code"] == "usage.needs-value"


def test_an_interruption_is_one_sentence_and_130() -> None:
    outcome = program("remark", "--text=interrupt")

    assert outcome.code == 130
    assert outcome.err == "\ntransfer-ledger: stopped\n"


def test_a_bug_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        program("remark", "--text=bug")


@pytest.mark.parametrize(
    ("argv", "code", "hint"),
    [
        (["dew"], "usage.no-such-verb-near", "due"),
        (["key", "xyz"], "usage.which", "new, list"),
        (["key"], "usage.which", "new, list"),
        (["kye", "list"], "usage.no-such-verb-near", "key list"),
        (["zzzzzz"], "usage.no-such-verb", "help"),
        (["\x1b[31m\u202e"], "usage.no-such-verb", "help"),
        (["--within", "30d", "due"], "usage.option-before-verb", "help"),
        (["--", "due"], "usage.option-before-verb", "help"),
        (["help", "zzzz"], "usage.no-such-verb", "help"),
    ],
)
def test_a_verb_that_is_not_there_is_told_with_the_closest(
    argv: list[str], code: str, hint: str
) -> None:
    outcome = program("--json", *argv)

    told = json.loads(outcome.err)
    assert outcome.code == 2
    assert told["code"] == code
    assert hint in told["message"]
    assert "\x1b" not in outcome.err


def test_a_locale_without_a_catalogue_is_english() -> None:
    assert program("--version", environ={"LANG": "xx_SV.UTF-8"}).code == 0


@pytest.mark.parametrize("asked", ["fr", "EN", "en_GB", "en,fr", "en,", ",", " en"])
def test_a_language_that_is_asked_for_is_one_that_there_is(asked: str) -> None:
    for argv in (("--version", "--lang", asked), ("list", f"--lang={asked}")):
        outcome = program(*argv)

        assert outcome.code == 2
        assert outcome.err == (
            f"transfer-ledger: --lang takes one of: {', '.join(languages())}\n"
        )


def test_a_program_whose_own_files_cannot_be_read_says_so_without_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(_: str) -> Catalogue:
        raise PermissionError(13, "Permission denied", "en.json")

    monkeypatch.setattr(Catalogue, "load", unreadable)
    outcome = program("list")

    assert (outcome.code, outcome.out) == (24, "")
    assert "en.json" in outcome.err


def test_a_closed_reader_ends_the_program_quietly() -> None:
    class Closed(StringIO):
        def flush(self) -> None:  # type: ignore[explicit-override]
            raise BrokenPipeError

    out, err = Closed(), StringIO()
    code = main(
        ["due"], environ={}, stdin=StringIO(), stdout=out, stderr=err, verbs=FAKES
    )

    assert code == 141
    assert err.getvalue() == ""


def test_a_full_disk_is_told_and_not_a_bug() -> None:
    class Full(StringIO):
        def write(self, text: str) -> int:  # type: ignore[explicit-override]
            raise OSError(28, text)

    err = StringIO()
    code = main(
        ["due"], environ={}, stdin=StringIO(), stdout=Full(), stderr=err, verbs=FAKES
    )

    assert code == 24
    assert "could not be written" in err.getvalue()
