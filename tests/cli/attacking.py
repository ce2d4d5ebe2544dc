"""What an attacker, or an accident, does to the files, round the program."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

from ledger.keys.files import known_keys, load_signer
from ledger.tlog.entry import Entry
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import Signer
from tests.cli.desk import SECRET, Desk
from tests.register.stored import tampering


def attack(desk: Desk, deed: str, how: str) -> None:
    """Do one deed; paths are below the folder of all offices."""
    root = desk.root or desk.folder
    match deed:
        case "behind":
            with tampering(desk.database) as book:
                for statement in how.split(";"):
                    book.execute(statement)
        case "forge":
            name, _, text = how.partition(" ")
            forge(desk, name, text)
        case "copy":
            *sources, target = how.split(" ")
            for path in _found(root, sources):
                _copy(path, root / target)
        case "remove":
            for path in _found(root, how.split(" ")):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        case _:
            raise ValueError(deed)


def _found(root: Path, patterns: list[str]) -> Iterator[Path]:
    for pattern in patterns:
        paths = sorted(root.glob(pattern))
        assert paths, f"nothing is at {pattern}"
        yield from paths


def _copy(path: Path, target: Path) -> None:
    """Copy a file into a folder or over a file; a folder under a new name."""
    if path.is_dir():
        shutil.copytree(path, target)
        return
    target.parent.mkdir(exist_ok=True)
    shutil.copy(path, target)


def stolen(desk: Desk, name: str) -> Signer:
    """Unlock a key of an office, as whoever stole it with its passphrase."""
    (key,) = [key for key in known_keys(desk.keys) if key.name.endswith(f"/{name}")]
    return load_signer(desk.keys, key=key, passphrase=SECRET.encode())


def forge(desk: Desk, name: str, text: str) -> None:
    """Append a well-formed remark about entry 0 that a stolen key signed."""
    signer = stolen(desk, name)
    with closing(sqlite3.connect(desk.database)) as book, book:
        book_name, state, seq, prev, genesis = book.execute(
            "SELECT b.name, b.state, e.seq, e.leaf, b.genesis FROM entry e JOIN book b "
            "ON b.id = e.book WHERE b.id = 1 ORDER BY e.seq DESC LIMIT 1"
        ).fetchone()
        about = {"ledger": book_name, "seq": 0, "leaf": genesis.hex()}
        entry = Entry(
            ledger=book_name,
            seq=seq + 1,
            prev=prev,
            at=desk.now.astimezone(UTC),
            kind="remark",
            once=f"{seq + 1:032x}",
            by=signer.key.name,
            data={
                "about": [about],
                "asserted_by": state,
                "status": "official",
                "text": text,
                "type": "notice",
            },
        )
        note = entry.sign(signer)
        book.execute(
            "INSERT INTO entry SELECT book, max(seq) + 1, NULL, ?, ? "
            "FROM entry WHERE book = 1",
            (leaf_hash(note), note),
        )
