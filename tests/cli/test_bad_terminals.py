"""Terminals of few letters and columns: no crash, readable words, tables that fit."""

import io
import shlex
from pathlib import Path

import pytest
from typing_extensions import override

from ledger.cli.fallback import plain, register
from ledger.cli.main import main
from tests.cli.conversing import direct
from tests.cli.desk import Desk
from tests.cli.test_conversations import FOLDER, FROM_NOTHING

ENCODINGS = ("ascii", "latin-1", "cp1252")
TABLES: tuple[str, ...] = (
    "list",
    "held",
    "due --within 400d",
    "overdue",
    "show T-1",
    "key list",
)
TABLES += ("totals --by year", "history T-1", "verify", "find group", "variances")


class Narrow(io.TextIOWrapper):
    """A terminal that has only the letters of one encoding."""

    @override
    def isatty(self) -> bool:
        return True


def typed(desk: Desk, line: str, encoding: str, *, lang: str = "es_SV") -> str:
    """Return all that a terminal of this encoding shows for one command."""
    streams = [Narrow(io.BytesIO(), encoding=encoding) for _ in range(3)]
    environ = {**desk.environ, "TERM": "dumb", "COLUMNS": "60", "LANG": lang}
    here = Path.cwd()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(desk.folder)
        main(
            shlex.split(line)[1:],
            environ=environ,
            stdin=streams[0],
            stdout=streams[1],
            stderr=streams[2],
            now=desk.now,
            rounds=desk.rounds,
        )
    assert Path.cwd() == here
    said = b""
    for stream in streams[1:]:
        stream.flush()
        said += stream.buffer.getvalue()  # type: ignore[attr-defined]
    return said.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", ["clerks-day-es", "auditors-look", "office"])
def test_a_conversation_is_held_on_a_terminal_of_few_letters(
    name: str, encoding: str, request: pytest.FixtureRequest
) -> None:
    fixture = "bare" if name in FROM_NOTHING else "after_departure"
    desk: Desk = request.getfixturevalue(fixture)
    said = []
    for line in (FOLDER / f"{name}.golden").read_text("utf-8").splitlines():
        if line.startswith("@ "):
            direct(line.removeprefix("@ "), desk)
        elif line.startswith("$ "):
            said.append(typed(desk, line.removeprefix("$ "), encoding))

    assert "\x1b" not in "".join(said)
    assert "\\xf3" not in "".join(said)
    assert all(said)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8"])
def test_tables_fit_sixty_columns(encoding: str, lang: str, received: Desk) -> None:
    wide = {}
    for command in TABLES:
        said = typed(received, f"transfer-ledger {command} -q", encoding, lang=lang)
        drawn = [line for line in said.splitlines() if len(line) > 60]
        if command == "verify":
            drawn = [line for line in drawn if line.startswith("  ")]
        if drawn:
            wide[command] = drawn

    assert wide == {}


def test_a_letter_that_is_lacking_is_replaced_by_one_that_is_read_alike(
    received: Desk,
) -> None:
    said = typed(received, "transfer-ledger list", "ascii")

    assert "respuesta completa" in said
    assert "raiz" in said
    assert "\\x" not in said


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("ñ", "n"),
        ("«", '"'),
        ("—", "-"),
        ("囚", "\\u56da"),
        ("…", "..."),
        ("ß", "\\xdf"),
    ],
)
def test_a_character_has_a_plain_form_or_an_escape(character: str, shown: str) -> None:
    assert plain(character) == shown
    assert f"a{character}b".encode("ascii", register()) == f"a{shown}b".encode()


def test_only_writing_is_mended() -> None:
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", register())
