from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from ledger.cli.arguments import lift
from ledger.cli.options import Globals, compose, folders, ledger_location
from ledger.errors import UsageError
from tests.cli.program import program


def globals_of(*argv: str, **environ: str) -> Globals:
    return compose(
        lift(argv),
        environ=environ,
        stdin=StringIO(),
        stdout=StringIO(),
        stderr=StringIO(),
    )


def test_the_clock_is_read_once_in_whole_seconds_of_utc() -> None:
    ask = globals_of()

    assert ask.now.microsecond == 0
    assert ask.now.tzinfo is UTC
    assert abs(ask.now - datetime.now(UTC)) < timedelta(seconds=5)  # noqa: TID251


def test_the_languages_of_a_document_are_listed_and_the_first_is_spoken() -> None:
    ask = globals_of("--lang", "en,es")

    assert ask.languages == ("en", "es")
    assert ask.catalogue.language == "en"


def test_the_folders_follow_xdg_and_ignore_relative_paths() -> None:
    moved = folders(globals_of(XDG_DATA_HOME="/d", XDG_STATE_HOME="/s"))
    usual = folders(globals_of(HOME="/h", XDG_DATA_HOME="d", XDG_STATE_HOME=""))

    assert moved.keys == Path("/d/transfer-ledger/keys")
    assert moved.state == Path("/s/transfer-ledger")
    assert usual.keys == Path("/h/.local/share/transfer-ledger/keys")
    assert usual.state == Path("/h/.local/state/transfer-ledger")


def test_without_home_the_folders_are_those_of_the_user() -> None:
    assert folders(globals_of()).keys.is_absolute()


def test_a_folder_means_its_book_and_the_option_beats_the_variable(
    tmp_path: Path,
) -> None:
    there = {"TRANSFER_LEDGER": str(tmp_path)}

    assert ledger_location(globals_of(**there)) == tmp_path / "book.sqlite"
    assert ledger_location(globals_of("--ledger=/x/y", **there)) == Path("/x/y")
    assert ledger_location(globals_of()) == Path("book.sqlite")


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("postgresql://u:p@h/d", "usage.no-server-yet"),
        ("postgresql+psycopg://h/d", "usage.no-server-yet"),
        ("https://h/d", "usage.not-a-path"),
        ("a\0b", "usage.not-a-path"),
    ],
)
def test_a_place_that_is_no_path_is_refused_without_echo(place: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        ledger_location(globals_of("--ledger", place))

    assert (caught.value.code, caught.value.values) == (code, {})


def answers(*lines: str) -> Callable[[str], str]:
    left = list(lines)

    def hidden(prompt: str) -> str:
        assert prompt.isprintable()
        if not left:
            raise EOFError
        return left.pop(0)

    return hidden


def test_a_passphrase_is_asked_for_on_a_terminal_and_twice_when_new() -> None:
    known = program("key", "list", terminal=True, hidden=answers("ñ\udcff"))
    new = program("key", "new", terminal=True, hidden=answers("a", "a"))

    assert known.out == repr(b"\xc3\xb1\xff") + "\n"
    assert new.out == repr(b"a") + "\n"


@pytest.mark.parametrize(("lines", "code"), [(("a", "b"), 3), (("a",), 22), ((), 22)])
def test_two_answers_that_differ_or_lack_are_refused(
    lines: tuple[str, ...], code: int
) -> None:
    outcome = program("key", "new", terminal=True, hidden=answers(*lines))

    assert (outcome.code, outcome.out) == (code, "")


def test_nobody_is_asked_off_a_terminal_or_with_no_input() -> None:
    assert program("key", "list", hidden=answers("a")).code == 22
    assert program("key", "list", "--no-input", terminal=True).code == 22


def test_a_passphrase_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.touch(0o600)
    file.write_text("correct horse\n")
    named = program("key", "list", "--passphrase-file", str(file))
    known = program(
        "key", "list", environ={"TRANSFER_LEDGER_PASSPHRASE_FILE": str(file)}
    )

    assert named.out == known.out == repr(b"correct horse") + "\n"


@pytest.mark.parametrize(
    ("typed", "taken"), [("y\n", True), (" YES \n", True), ("n\n", False), ("", False)]
)
def test_a_confirmation_is_what_the_person_says(typed: str, *, taken: bool) -> None:
    outcome = program("remark", "--text", "confirm", answers=typed)

    assert outcome.out == f"{taken}\n"
    assert outcome.err == "usage: really? [y/N] "


def test_yes_confirms_and_without_anybody_to_ask_it_is_needed() -> None:
    given = program("remark", "--text", "confirm", "--yes")
    needed = program("remark", "--text", "confirm")

    assert (given.out, given.err) == ("True\n", "")
    assert (needed.code, needed.out) == (2, "")
