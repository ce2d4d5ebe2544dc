"""Conversations with the program, kept as golden files.

A file holds what is typed and what comes back:

    # a remark
    @ now 2025-03-20T15:00:00Z        the clock, from here on
    @ terminal 80                     the streams are a terminal of so many columns
    @ lang es_SV.UTF-8                the locale, from here on
    @ pipe                            they are not, as at the start
    @ sql UPDATE …                    somebody goes round the program
    @ secret b.txt a passphrase       the same, and nobody else can read it
    @ insert not an entry             somebody appends bytes, with their leaf hash
    @ at us                           the next commands are typed in another office,
                                      which has a folder, keys and a memory of its own
    @ behind UPDATE …                 the same, with the guards dropped and put back
    @ forge clerk-08 some words       a remark by that key is appended the same way
    @ copy us/out/*.bundle stick      files or folders are copied
    @ remove us/state                 files or folders are gone
    @ type salv // 1 // yes           what is typed at the next command's questions;
                                      ⏎ is Enter alone, and the input ends after it
    @ write a.csv from,to // US,SV    a file with these lines lies on the desk
    $ transfer-ledger due             a command, then its stdout; <fingerprint>, <hash>
                                      and <evidence> in it are the last ones shown,
    ! what it says                    its stderr,
    [exit 0]                          and its exit code

What no two runs share (hashes, signatures, fingerprints, ids, the folder) is written
as a word in angle brackets. After a wanted change:
`UPDATE_GOLDEN=1 pytest tests/cli/test_conversations.py`, and read the difference.
"""

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ledger.tlog.merkle import leaf_hash
from tests.cli.attacking import attack
from tests.cli.desk import Desk, enter
from tests.cli.program import Outcome

PROGRAM = "transfer-ledger"

# What a person reads off the screen and types in the next command.
SHOWN = {
    "fingerprint": r"SHA256:[A-Za-z0-9+/]{43}",
    "hash": r"\b[0-9a-f]{64}\b(?![/.])",
    "evidence": r"/\S+\.evidence\b",
}

# In this order: what is longer first.
CHANGING = (
    (re.compile(r"— (\S+) [A-Za-z0-9+/]{40,}={0,2}"), r"— \1 <signature>"),
    (re.compile(r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{40,}={0,2}"), "+<key>"),
    (re.compile(r"^proof [A-Za-z0-9+/]{86}==$", re.MULTILINE), "proof <signature>"),
    (re.compile(r"SHA256:[A-Za-z0-9+/]{43}"), "<fingerprint>"),
    (re.compile(r"(?:[A-Za-z0-9+/]{4}  ){10}[A-Za-z0-9+/]{3}"), "<spelled>"),
    (re.compile(r"-[0-9a-f]{16}\.(bundle|evidence)"), r"-<digest>.\1"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<once>"),
    (re.compile(r"^[A-Za-z0-9+/]{43}=$", re.MULTILINE), "<root>"),
    (re.compile(r"\b[0-9]+ MiB"), "<room> MiB"),
    (re.compile(r"SQLite [0-9][0-9.]+"), "SQLite <version>"),
    (re.compile(r"\([0-9a-f]{8}\)"), "(<id>)"),
    (re.compile(r"\[[0-9a-f]{8}(?:, [0-9a-f]{8})+\]"), "[<ids>]"),
)


def settled(text: str, desk: Desk) -> str:
    """Return what every run would have printed, without trailing spaces."""
    text = text.replace(str(desk.root or desk.folder), "<desk>")
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def replay(text: str, desk: Desk) -> str:
    """Type every command of a conversation again; return it with the answers."""
    return "\n".join(_replayed(text, desk)) + "\n"


def _replayed(text: str, desk: Desk) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("# "):
            yield line
        elif line.startswith("@ "):
            direct(line.removeprefix("@ "), desk)
            yield line
        elif line.startswith("$ "):
            yield from ("", line)
            yield from answers(line.removeprefix("$ "), desk)


def direct(line: str, desk: Desk) -> None:
    """Do what a line that starts with `@` says, without the `@`."""
    match line.partition(" "):
        case ["now", _, instant]:
            desk.now = datetime.fromisoformat(instant)
        case ["terminal", _, columns]:
            desk.columns = int(columns)
        case ["lang", _, locale]:
            desk.environ["LANG"] = locale
        case ["pipe", _, _]:
            desk.columns = None
        case ["sql", _, statement]:
            with closing(sqlite3.connect(desk.database)) as book:
                book.executescript(statement)
        case ["type", _, lines]:
            desk.typing = lines.replace("⏎", "").replace(" // ", "\n") + "\n"
        case ["write", _, file]:
            name, _, text = file.partition(" ")
            content = text.replace(" // ", "\n") + "\n"
            (desk.folder / name).write_text(content, encoding="utf-8")
        case ["secret", _, file]:
            name, _, text = file.partition(" ")
            (desk.folder / name).touch(mode=0o600)
            (desk.folder / name).write_text(f"{text}\n", encoding="utf-8")
        case ["insert", _, note]:
            insert(desk, note)
        case ["at", _, office]:
            enter(desk, office)
        case ["behind" | "forge" | "copy" | "remove" as deed, _, how]:
            attack(desk, deed, how)
        case _:
            raise ValueError(line)


def insert(desk: Desk, text: str) -> None:
    """Append bytes that are no entry, with their leaf hash, round the program."""
    note = text.encode()
    sql = "INSERT INTO entry SELECT book, max(seq) + 1, NULL, ?, ? FROM entry"
    with closing(sqlite3.connect(desk.database)) as book, book:
        book.execute(sql, (leaf_hash(note), note))


def typed(line: str, desk: Desk) -> Outcome:
    """Type one command, with what is to be typed at its questions."""
    program, *argv = shlex.split(line)
    assert program == PROGRAM
    for name, value in desk.shown.items():
        argv = [word.replace(f"<{name}>", value) for word in argv]
    outcome = desk.run(*argv, answers=desk.typing)
    desk.typing = ""
    for name, pattern in SHOWN.items():
        if shown := re.findall(pattern, outcome.out + outcome.err):
            desk.shown[name] = shown[-1]
    return outcome


def answers(line: str, desk: Desk) -> Iterator[str]:
    """Type one command; return the lines that come of it."""
    outcome = typed(line, desk)
    yield from settled(outcome.out, desk).removesuffix("\n").splitlines()
    for told in settled(outcome.err, desk).removesuffix("\n").splitlines():
        yield f"! {told}".rstrip()
    yield f"[exit {outcome.code}]"
