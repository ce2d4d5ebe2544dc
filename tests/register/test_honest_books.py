"""The law: no honest book is accused of anything, whatever happened in it."""

from itertools import count
from pathlib import Path

import pytest

from ledger.register.checking import verify
from ledger.store.journal import Journal
from ledger.tlog import merkle
from tests.books import plausible
from tests.office import Office
from tests.register.stored import checked, keep, lay, places, remember, tampering
from tests.register.stored import image_of as image

BOOKS = 200
SHARES = 8


def blank() -> bytes:
    """Return a database with the genesis that all generated books share."""
    return image(Office(book="xa.example/book", state="XA"))


@pytest.mark.sweep
@pytest.mark.parametrize("share", range(SHARES))
def test_an_honest_book_has_no_findings_but_its_open_void_entries(
    tmp_path: Path, share: int
) -> None:
    first = blank()
    for seed in range(1000 + share, 1000 + BOOKS, SHARES):
        office = plausible(seed, entries=8 + seed % 13)
        if b"" in office.notes:  # no table holds an entry without any byte
            office = plausible(seed + 5000, entries=6)
        if b"" in office.notes:
            continue
        there = lay(tmp_path, first)
        journal = Journal.open(there.database, write=True)
        journal.connection.execute("PRAGMA synchronous=OFF")
        keep(journal, office)
        journal.close()

        report = checked(there)

        open_voids = sorted(set(office.history.voids) - office.history.acknowledged)
        assert sorted({f.seq for f in report.findings if f.seq}) == open_voids, seed
        assert all(f.code.startswith("void:") for f in report.findings), seed
        assert report.entries == len(office.notes)
        assert report.root == merkle.root(map(merkle.leaf_hash, office.notes))


def test_a_book_with_void_entries_passes_once_they_are_acknowledged(
    tmp_path: Path,
) -> None:
    tried = 0
    for seed in count():
        office = plausible(seed, entries=16)
        if not office.history.voids or b"" in office.notes:
            continue
        waiting = sorted(set(office.history.voids) - office.history.acknowledged)
        if waiting:
            office.acknowledge(*waiting)

        report = checked(lay(tmp_path, image(office)))

        assert (report.verdict, report.findings) == ("consistent", ())
        voids = [(seq, True) for seq in sorted(office.history.voids)]
        assert [(void.seq, known) for void, known in report.void] == voids
        tried += 1
        if tried == 4:
            break


def test_a_book_stays_whole_when_it_is_packed_and_copied(tmp_path: Path) -> None:
    office = plausible(3, entries=20)
    there = lay(tmp_path, image(office))
    remember(there, office, size=20)
    with tampering(there.database):
        pass
    journal = Journal.open(there.database, write=True)
    journal.connection.execute("VACUUM")
    journal.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    places(copy).database.write_bytes(there.database.read_bytes())

    assert verify(there).exit_code == 0
    assert verify(places(copy)).exit_code == 0
