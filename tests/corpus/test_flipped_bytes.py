"""Every byte of a book of 32 KiB is flipped, and each is found at its place.

Of the rows every byte, in process: one look at the whole book for each place, with a
byte flipped in every entry. Of the file the bytes between as well, one open and one
verification each: a sample in CI, all with `EVERY_BYTE=1` (a quarter of an hour).
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.audit import Audit, Finding
from ledger.cli import EXIT_CODES
from ledger.domain.history import History
from ledger.errors import LedgerError
from ledger.register.checking import verify
from ledger.tlog import merkle
from tests.books import book, plausible
from tests.corpus.base import base_image, base_office, write_database
from tests.corpus.desk import Desk, lay
from tests.independent import verify as second

SEED, LARGE, SMALL = 48, 50, 12
"""A book without void entries: the rows of LARGE are 32 KiB, the file of SMALL is."""

PARTS = 8
NOTE_STEP = 997
FILE_STEP = 1 if os.environ.get("EVERY_BYTE") else 61
"""Steps of the samples: primes, so that every kind of place is met."""


def flipped(data: bytes, place: int) -> bytes:
    """Return bytes with one bit changed, another one at each place."""
    changed = bytearray(data)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def altered(seq: int, leaf: bytes, actual: bytes) -> Finding:
    """Return what must be found where bytes and leaf hash do not fit."""
    return Finding(
        seq,
        "bytes",
        "bytes-changed",
        field="note",
        expected=leaf.hex(),
        found=actual.hex(),
    )


def large_book() -> list[bytes]:
    """Return the entries of a book of 32 KiB."""
    notes = plausible(SEED, entries=LARGE).notes
    assert sum(map(len, notes)) >= 32 * 1024
    return notes


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_each_byte_of_each_entry_is_found_there_and_nowhere_else(part: int) -> None:
    notes = large_book()
    leaves = [merkle.leaf_hash(note) for note in notes]
    # A shorter entry comes round again, with other bits of its bytes.
    for place in range(part, max(map(len, notes)), PARTS):
        audit = Audit(History(book=book(SEED).book))
        wrong = []
        for seq, (leaf, note) in enumerate(zip(leaves, notes, strict=True)):
            other = flipped(note, place % len(note))
            audit.take(seq=seq, leaf=leaf, note=other)
            wrong.append(altered(seq, leaf, merkle.leaf_hash(other)))

        assert audit.findings == wrong, place
        assert audit.void_findings() == []


@pytest.mark.sweep
def test_each_byte_of_each_leaf_hash_is_found_there_and_nowhere_else() -> None:
    notes = large_book()
    for place in range(32):
        audit = Audit(History(book=book(SEED).book))
        wrong = []
        for seq, note in enumerate(notes):
            actual = merkle.leaf_hash(note)
            leaf = flipped(actual, place)
            audit.take(seq=seq, leaf=leaf, note=note)
            wrong.append(altered(seq, leaf, actual))

        assert audit.findings == wrong, place
        assert audit.void_findings() == []


def places_in_notes() -> list[tuple[int, int]]:
    every = [
        (seq, place)
        for seq, note in enumerate(base_office().notes)
        for place in range(len(note))
    ]
    return every[7::NOTE_STEP]


@pytest.mark.sweep
@pytest.mark.parametrize(("seq", "place"), places_in_notes())
def test_a_byte_flipped_in_a_stored_note_is_found_by_both(
    seq: int, place: int, tmp_path: Path
) -> None:
    desk = lay(tmp_path)
    note = base_office().notes[seq]
    other = flipped(note, place)
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", other, seq)

    first = verify(desk.places).findings[0]

    wrong = altered(seq, merkle.leaf_hash(note), merkle.leaf_hash(other))
    assert (first.seq, first.level, first.code) == (seq, "bytes", "bytes-changed")
    assert (first.expected, first.found) == (wrong.expected, wrong.found)
    assert second.verify(str(desk.database))[1][0] == (seq, "bytes")


SCHEMA = "SELECT name, rootpage, sql FROM sqlite_schema"
"""What SQLite goes by; by neither `type` nor `tbl_name`, which repeat the SQL."""

Rows = dict[str, list[tuple[object, ...]]]


class Contents(NamedTuple):
    """What a database says, and whether SQLite finds its pages in order."""

    is_sound: bool
    rows: Rows


def contents(data: bytes) -> Contents | None:
    """Return all that a database says, None where SQLite cannot read it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.deserialize(data)
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            rows: Rows = {"sqlite_schema": connection.execute(SCHEMA).fetchall()}
            for name, _, made in rows["sqlite_schema"]:
                if str(made).startswith("CREATE TABLE"):
                    sql = f"SELECT * FROM {name}"  # noqa: S608 (a name of ours)
                    rows[str(name)] = connection.execute(sql).fetchall()
        except (sqlite3.Error, UnicodeDecodeError):
            return None
        return Contents(answer == "ok", rows)


def changed_tables(now: Contents, whole: Contents) -> set[str]:
    return {
        name
        for name in {*now.rows, *whole.rows}
        if now.rows.get(name) != whole.rows.get(name)
    }


def changed_entry(now: Contents, whole: Contents) -> object:
    """Return the number of the entry whose row is another one."""
    pairs = zip(now.rows["entry"], whole.rows["entry"], strict=True)
    ((seq,),) = [new[1:2] for new, old in pairs if new != old]
    return seq


def found_in(desk: Desk) -> tuple[int, Finding | None]:
    """Return exit code and first finding; None where an error took its place."""
    try:
        report = verify(desk.places, deep=True)
    except LedgerError as error:
        return EXIT_CODES[type(error)], None
    return report.exit_code, (report.findings or [None])[0]


def assert_found(
    desk: Desk, now: Contents | None, whole: Contents, *, place: int
) -> None:
    """Assert that a change of the file is found, with code and place if it has one."""
    code, first = found_in(desk)
    where = (place, code, first)
    assert code != 0, where
    if now is None or not now.is_sound:  # pages: no row is to be named for certain
        assert first is None or first.code, where
        return
    tables = changed_tables(now, whole)
    # A scheme in which a name or a page is another one hides or shows whole tables.
    table = "sqlite_schema" if "sqlite_schema" in tables else tables.pop()
    if first is None or first.code.startswith("store:"):
        # They say what can be read at all.
        assert table in {"book", "sqlite_schema"}, where
    elif table == "entry":
        seq = changed_entry(now, whole)
        assert (first.code, first.seq) == ("bytes-changed", seq), where
    elif table == "book":  # then no entry may be its own any more
        assert first.seq == 0, where
        assert first.level in {"chain", "tree", "projections"}, where
    elif table == "sqlite_schema":
        assert (first.level, first.code[:6]) == ("guards", "guard-"), where
    else:
        level = {"checkpoint": {"signatures", "tree"}}
        assert first.table == table, where
        assert first.level in level.get(table, {"projections"}), where


def small_file(folder: Path) -> bytes:
    """Return the file of a book of 32 KiB, in which little says nothing."""
    database = folder / "small"
    write_database(database, base_office().notes[:SMALL])
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA page_size=512")
        connection.execute("VACUUM")
    image = database.read_bytes()
    assert abs(len(image) - 32 * 1024) < 4 * 1024
    return image


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_a_byte_flipped_in_the_file_is_found_wherever_it_says_something(
    part: int, tmp_path: Path
) -> None:
    image = small_file(tmp_path)
    whole = contents(image)
    assert whole is not None
    desk = Desk(tmp_path)
    silent = 0
    places = range(part * FILE_STEP, len(image), PARTS * FILE_STEP)
    for place in places:
        other = flipped(image, place)
        now = contents(other)
        desk.database.write_bytes(other)
        if now == whole:
            silent += 1
        else:
            assert_found(desk, now, whole, place=place)
    assert silent < len(places) / 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"sqlite_autoindex_heading_1", b"sqLite_autoindex_heading_1"),
        (b"level BETWEEN 1 AND 62", b"level BETWEEN 0 AND 62"),
    ],
)
def test_a_letter_of_the_scheme_that_changes_no_answer_is_a_guard_that_differs(
    old: bytes, new: bytes, tmp_path: Path
) -> None:
    image = small_file(tmp_path)
    assert image.count(old) == 1
    desk = Desk(tmp_path)
    desk.database.write_bytes(image.replace(old, new))

    code, first = found_in(desk)

    assert code == 10
    assert first is not None
    assert (first.level, first.code) == ("guards", "guard-differs")


def test_an_empty_place_of_the_file_says_nothing_and_gives_no_alarm(
    tmp_path: Path,
) -> None:
    image = small_file(tmp_path)
    whole = contents(image)
    desk = Desk(tmp_path)
    place = next(
        at for at in range(100, len(image)) if contents(flipped(image, at)) == whole
    )
    desk.database.write_bytes(flipped(image, place))

    assert found_in(desk) == (0, None)
    assert contents(base_image()[:1000]) is None
