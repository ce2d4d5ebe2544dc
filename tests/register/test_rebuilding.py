"""The law: derived tables compared in parts give what comparing them whole gives."""

import signal
import sqlite3
from contextlib import closing
from multiprocessing import Pipe
from pathlib import Path
from random import Random

import pytest

from ledger.audit import Finding, differences
from ledger.domain.history import History
from ledger.register import rebuilding, sharing
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.rebuilding import Doubts, Rebuilding
from ledger.register.sharing import first_look, look
from ledger.store.journal import Journal
from ledger.store.projections import (
    TABLES,
    TRANSFER,
    Table,
    expected_rows,
    stored_rows,
)
from ledger.store.shelf import Shelf, shelved
from tests.books import plausible
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    keep,
    lay,
    storable,
    tampering,
    usual,
    usual_office,
)
from tests.register.stored import image_of as image

pytestmark = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
LOOSE = """
CREATE TABLE loose AS SELECT * FROM {table};
DROP TABLE {table};
ALTER TABLE loose RENAME TO {table};
"""
VALUES = ("NULL", "'x'", "x'00ff'", "-7", "3.5", "rowid + 0.0", "9e99", "'T-1'")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "PART", 7)
    monkeypatch.setattr(rebuilding, "REFS", 3)


def whole(there: Places, office: Office) -> list[Finding]:
    """Return what differs, every table compared as a whole, all rows in memory."""
    journal = Journal.open(there.database, write=False)
    found: list[Finding] = []
    expected = expected_rows(office.history)
    for table in TABLES:
        cells, extra = differences(
            table.name,
            table.columns,
            table.key,
            expected=expected[table],
            found=stored_rows(journal, table),
        )
        found += [*cells, *extra]
    journal.close()
    return found


def in_parts(there: Places, office: Office, *, workers: int = 0) -> list[Finding]:
    """Return what differs, as a verification finds it."""
    journal = Journal.open(there.database, write=False)
    compared = Rebuilding(journal, office.history)
    for seq in range(len(office.notes)):
        compared.judged(seq)
    first_look(compared, there.database, workers=workers, tell=lambda *_: None)
    with journal.reading():
        found = list(compared.settled())
    journal.close()
    return found


def damage(there: Places, random: Random) -> None:
    """Change, take away or add rows of derived tables, keyless tables among them."""
    with closing(sqlite3.connect(there.database)) as connection:
        for table in random.sample(TABLES, 3):
            connection.executescript(LOOSE.format(table=table.name))
            for _ in range(random.randint(1, 3)):
                name, column = table.name, random.choice(table.columns)
                value = random.choice(VALUES)
                some = f"WHERE rowid % {random.randint(1, 9)} = 0"
                connection.execute(
                    random.choice(
                        (
                            f"UPDATE {name} SET {column} = {value} {some}",  # noqa: S608
                            f"DELETE FROM {name} {some}",  # noqa: S608
                            f"INSERT INTO {name} SELECT * FROM {name} {some}",  # noqa: S608
                        )
                    )
                )
        connection.commit()


@pytest.mark.parametrize("seed", range(24))
def test_what_is_found_and_its_order_are_those_of_whole_tables(
    seed: int, tmp_path: Path
) -> None:
    random = Random(seed)  # noqa: S311 (nothing here is secret)
    office = storable(seed % 4) if seed % 2 else usual_office()
    there = lay(tmp_path, image(office))
    damage(there, random)

    found = in_parts(there, office, workers=seed % 3)

    assert found == whole(there, office)
    assert found


@pytest.mark.parametrize("number", range(4))
def test_nothing_is_found_and_nothing_doubted_in_an_honest_book(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = storable(number)
    there = lay(tmp_path, image(office))
    doubts: list[object] = []
    keep_doubt = Rebuilding.doubt

    def noted(compared: Rebuilding, found: Doubts) -> None:
        doubts.extend(found)
        keep_doubt(compared, found)

    monkeypatch.setattr(Rebuilding, "doubt", noted)

    assert in_parts(there, office) == []
    assert in_parts(there, office, workers=2) == []
    assert doubts == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_that_cannot_be_read_is_named_and_the_others_are_compared(
    table: Table, tmp_path: Path
) -> None:
    there = usual(tmp_path)
    last = table.columns[-1]
    with tampering(there.database) as connection:
        connection.execute("UPDATE heading SET signer = 'x' WHERE seq = 1")
        connection.execute(f"ALTER TABLE {table.name} RENAME COLUMN {last} TO gone")

    journal = Journal.open(there.database, write=False)
    compared = Rebuilding(journal, usual_office().history)
    for seq in range(LENGTH):
        compared.judged(seq)
    first_look(compared, there.database, workers=1, tell=lambda *_: None)
    found = list(compared.settled())

    unread = [f for f in found if f.code.startswith("store:")]
    assert {f.table for f in unread} == {table.name}
    assert {f.table for f in found} == {"heading", table.name}
    journal.close()


def replayed(office: Office, stop: int) -> History:
    """Return the history of the first entries of an office."""
    history = History(book=office.book)
    for seq in range(stop):
        void = office.history.voids.get(seq)
        if void is None:
            history.add(office.history.entries[seq])
        else:
            history.add_void(void)
    return history


# A table can hold these books: each entry has a byte.
@pytest.mark.parametrize("seed", [40, 41, 42, 43, 44, 48, 51, 53, 55])
def test_what_comes_in_after_the_first_look_is_compared_as_well(
    seed: int, tmp_path: Path
) -> None:
    office, first = plausible(seed, entries=60), plausible(seed, entries=60)
    first.notes = first.notes[:35]
    first.history = replayed(office, 35)
    there = lay(tmp_path, image(first))
    journal = Journal.open(there.database, write=True)
    journal.connection.execute("PRAGMA synchronous=OFF")
    compared = Rebuilding(journal, first.history)
    for seq in range(35):
        compared.judged(seq)
    first_look(compared, there.database, workers=0, tell=lambda *_: None)

    keep(journal, office)
    for seq in range(35, len(office.notes)):
        void = office.history.voids.get(seq)
        if void is None:
            first.history.add(office.history.entries[seq])
        else:
            first.history.add_void(void)
        compared.judged(seq)

    assert list(compared.settled()) == []
    journal.close()


def test_entries_that_nobody_took_in_have_no_rows_yet(tmp_path: Path) -> None:
    there = usual(tmp_path)
    office = usual_office()
    journal = Journal.open(there.database, write=False)
    compared = Rebuilding(journal, replayed(office, LENGTH))
    for seq in range(LENGTH):
        compared.judged(seq)

    compared.settle()
    compared.judged(0)

    assert (list(compared.settled()), len(compared.seqs)) == ([], LENGTH)
    journal.close()


def looked_at(there: Places) -> tuple[Journal, Rebuilding]:
    journal = Journal.open(there.database, write=False)
    history = shelved(History(book=usual_office().book), journal, stop=LENGTH)
    compared = Rebuilding(journal, history)
    assert isinstance(history.entries, Shelf)
    for row in journal.rows(0, LENGTH):
        history.entries.coming(row)
        history.add(usual_office().history.entries[row.seq])
        compared.judged(row.seq)
    return journal, compared


def test_a_helper_names_the_parts_that_are_in_doubt(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE transfer SET persons = persons + 1")
    journal, compared = looked_at(there)
    parts = range(compared.divide())
    ours, theirs = Pipe(duplex=False)

    kept = signal.getsignal(signal.SIGINT)
    look(theirs, compared, there.database, parts)
    signal.signal(signal.SIGINT, kept)

    number = TABLES.index(TRANSFER)
    told: list[tuple[int, int]] = []
    doubts = ours.recv()
    assert {table for table, _ in doubts} == {number}
    compared.journal = Journal.open(there.database, write=False)
    compared.history.entries.reads(compared.journal)  # type: ignore[attr-defined]
    assert doubts == compared.look_at_refs(
        parts, tell=lambda done, total: told.append((done, total))
    )
    transfers = sum(1 for ref in compared.refs() if ref[0] in "TR")
    assert told[0] == (0, transfers)
    assert told[-1][0] <= compared.reached()[0] <= transfers == compared.reached()[1]
    compared.journal.close()
    journal.close()


def test_a_helper_that_cannot_read_or_answer_says_nothing(tmp_path: Path) -> None:
    there = usual(tmp_path)
    journal, compared = looked_at(there)
    parts = range(compared.divide())
    ours, theirs = Pipe(duplex=False)
    kept = signal.getsignal(signal.SIGINT)

    look(theirs, compared, tmp_path / "nowhere", parts)
    assert not ours.poll()
    ours.close()
    look(theirs, compared, there.database, parts)

    signal.signal(signal.SIGINT, kept)
    journal.close()


def test_what_a_dead_helper_did_not_look_at_is_looked_at_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE transfer SET persons = persons + 1")
    monkeypatch.setattr(sharing, "look", lambda *_: None)

    assert in_parts(there, usual_office(), workers=2) == whole(there, usual_office())


def test_a_part_of_which_an_entry_cannot_be_read_is_in_doubt(tmp_path: Path) -> None:
    there = usual(tmp_path)
    journal, compared = looked_at(there)
    compared.divide()
    assert isinstance(compared.history.entries, Shelf)
    compared.history.entries._near.clear()  # noqa: SLF001
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET leaf = zeroblob(32)")

    doubts = compared.look_at_refs([0])

    assert {TABLES[table] for table, _ in doubts} == set(rebuilding.BY_REF)
    journal.close()


def test_a_verification_with_helpers_finds_what_one_without_finds(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    damage(there, Random(5))  # noqa: S311 (nothing here is secret)

    alone = verify(there, workers=0)

    assert alone.findings
    assert verify(there, workers=1) == alone
    assert verify(there, workers=3) == alone
