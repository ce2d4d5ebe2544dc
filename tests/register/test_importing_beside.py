"""Others record while a file is imported: rows are judged beside them, and again."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import BusyError, NotPermittedError, TamperedError
from ledger.register.importing import ATTEMPTS
from ledger.register.progress import Progress
from ledger.register.sought import Sought, once_of
from ledger.register.writing import acknowledge, append
from ledger.store import spool
from ledger.store.spool import Spool
from ledger.tlog.canonical import Json
from tests.register.stored import asked, opened, tampering
from tests.register.test_importing import NOW, Desk, receipt, remark, transfer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def record(desk: Desk, kind: str, request: dict[str, Json]) -> int:
    """Record as another clerk does, and return the number of the entry."""
    with opened(desk.there) as register:
        recorded = append(
            register,
            kind=kind,
            request=request,
            signer=desk.office.keys["clerk"],
            now=NOW,
        )
        acknowledge(register, recorded)
        return recorded.entry.seq


def retract(desk: Desk, seq: int) -> None:
    record(desk, "retraction", {"target": str(seq), "reason": "it never was"})


def rows_while(
    rows: list[Sought], *meanwhile: Callable[[], object]
) -> Callable[[], Iterator[Sought]]:
    """Return the rows; in the n-th reading of them the n-th thing happens."""
    happens = iter(meanwhile)

    def read() -> Iterator[Sought]:
        yield rows[0]
        next(happens, int)()
        yield from rows[1:]

    return read


def test_others_record_while_rows_are_judged_and_all_of_it_is_in_the_book(
    desk: Desk,
) -> None:
    told: list[Progress] = []
    rows = rows_while(
        [transfer(2, 5, label="a"), receipt(3, "#a", 5)],
        lambda: record(desk, "transfer", asked(7)),
    )
    brought = desk.bring(rows, tell=told.append)
    other, departed, arrived = desk.entries()

    assert (brought.added, brought.refused, brought.head.size) == (2, 0, 4)
    assert other.data["persons"] == {"n": 7, "qualifier": "exact"}
    assert (departed.data["ref"], departed.seq) == ("T-2", 2)
    assert arrived.record.transfer.seq == 2  # type: ignore[union-attr]
    assert [(each.stage, each.done) for each in told] == [
        *(("rows", 1), ("rows", 2)),
        *(("rows-again", 1), ("rows-again", 2)),
        ("written", 2),
    ]
    assert desk.verdict() == "consistent"
    assert desk.bring(rows_while([transfer(2, 5, label="a")])).found == 1


def test_an_entry_that_makes_a_row_impossible_meanwhile_refuses_the_file(
    desk: Desk,
) -> None:
    record(desk, "transfer", asked(7))
    rows = rows_while(
        [transfer(2, 5), receipt(3, "T-1", 7), transfer(4, 6)],
        lambda: retract(desk, 1),
    )
    brought = desk.bring(rows)

    assert desk.refused == [(3, ["rule.cites-retracted"])]
    assert (brought.refused, brought.runs, len(desk.entries())) == (1, [], 2)
    assert desk.verdict() == "consistent"


def test_a_row_that_somebody_records_meanwhile_is_found_and_not_recorded_twice(
    desk: Desk,
) -> None:
    rows = [transfer(2, 5), transfer(3, 6)]
    same = Desk.bring
    brought = desk.bring(rows_while(rows, lambda: same(desk, [rows[1]])))

    assert (brought.added, brought.found) == (1, 1)
    assert [entry.data["persons"] for entry in desk.entries()] == [
        {"n": 6, "qualifier": "exact"},
        {"n": 5, "qualifier": "exact"},
    ]


def test_what_is_read_in_a_pass_is_of_the_moment_when_it_began(desk: Desk) -> None:
    seen: list[str] = []
    rows = [transfer(2, 5), transfer(3, 6)]

    def others() -> None:
        desk.bring([rows[1]])

    def refuse(row: Sought, _: object) -> None:
        seen.append(str(row.number))

    dry = desk.bring(rows_while(rows, others), dry=True, refuse=refuse)

    assert (dry.added, dry.found, dry.head.size, seen) == (2, 0, 1, [])


def test_a_void_entry_that_is_put_in_meanwhile_is_met(desk: Desk) -> None:
    def insert() -> None:
        note = b"not an entry"
        with closing(sqlite3.connect(desk.there.database)) as connection, connection:
            connection.execute(
                "INSERT INTO entry (book, seq, leaf, note) VALUES (1, 1, ?, ?)",
                (sha256(b"\0" + note).digest(), note),
            )

    brought = desk.bring(rows_while([transfer(2, 5)], int), dry=True)
    assert brought.added == 1
    brought = desk.bring(rows_while([transfer(2, 5), transfer(3, 6)], insert))

    assert (brought.added, brought.head.size) == (2, 4)
    assert [entry.seq for entry in desk.entries()] == [2, 3]


def test_who_loses_time_and_again_holds_the_lock_in_the_end(desk: Desk) -> None:
    numbers = iter(range(10, 99))
    refused: list[str] = []

    def other() -> None:
        try:
            record(desk, "transfer", asked(next(numbers)))
        except BusyError as error:
            refused.append(error.code)

    rows = rows_while([transfer(2, 5), transfer(3, 6)], *[other] * (ATTEMPTS + 1))
    brought = desk.bring(rows)

    assert (brought.added, brought.head.size) == (2, ATTEMPTS + 3)
    assert refused == ["store.busy"]
    assert desk.verdict() == "consistent"


def test_rows_that_are_impossible_in_the_end_leave_the_lock(desk: Desk) -> None:
    numbers = iter(range(10, 99))
    record(desk, "transfer", asked(7))

    def other() -> None:
        record(desk, "transfer", asked(next(numbers)))

    def last() -> None:
        other()
        retract(desk, 1)

    rows = [transfer(2, 5), receipt(3, "T-1", 7)]
    brought = desk.bring(rows_while(rows, *[other] * (ATTEMPTS - 1), last))

    assert (brought.refused, brought.runs) == (1, [])
    assert desk.refused == [(3, ["rule.cites-retracted"])]
    record(desk, "transfer", asked(8))


@pytest.mark.parametrize(
    ("rows", "dry"),
    [
        ([transfer(2, 5), remark(3, "1")], True),
        ([transfer(2, 5), receipt(3, "T-9")], False),
    ],
    ids=["dry", "refused"],
)
def test_what_writes_nothing_takes_no_lock(
    desk: Desk, rows: list[Sought], *, dry: bool
) -> None:
    with closing(sqlite3.connect(desk.there.database)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        brought = desk.bring(rows, dry=dry)

    assert brought.refused == (0 if dry else 1)


def test_rows_that_are_there_take_no_lock(desk: Desk) -> None:
    desk.bring([transfer(2, 5)])
    with closing(sqlite3.connect(desk.there.database)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        assert desk.bring([transfer(2, 5)]).found == 1


def test_a_full_disk_for_temporary_files_is_said_and_writes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.there.database.read_bytes()
    begin = Spool.__init__

    def small(self: Spool, *arguments: Any) -> None:
        begin(self, *arguments)
        self.journal.connection.execute("PRAGMA max_page_count=25")

    monkeypatch.setattr(Spool, "__init__", small)
    with pytest.raises(NotPermittedError, match=r"import\.no-room"):
        desk.bring([transfer(number, number) for number in range(2, 60)])

    assert desk.there.database.read_bytes() == before


IGNORED = "SELECT RAISE(IGNORE)"
OTHER_HASH = f"INSERT INTO node VALUES (1, NEW.level, 1, zeroblob(32)); {IGNORED}"  # noqa: S608


@pytest.mark.parametrize(
    ("table", "unfit", "instead"),
    [
        ("entry", "NEW.seq = 4", IGNORED),
        ("node", "NEW.number = 1", IGNORED),
        ("node", "NEW.number = 1 AND NEW.hash <> zeroblob(32)", OTHER_HASH),
    ],
)
def test_what_is_swallowed_or_changed_on_its_way_is_noticed(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    unfit: str,
    instead: str,
) -> None:
    monkeypatch.setattr(spool, "SLICE", 2)
    write = Spool.write_into

    def swallowed(self: Spool, book: Any, **more: Any) -> None:
        book.connection.execute(
            f"CREATE TEMP TRIGGER swallow BEFORE INSERT ON main.{table} "
            f"WHEN {unfit} BEGIN {instead}; END"
        )
        write(self, book, **more)

    monkeypatch.setattr(Spool, "write_into", swallowed)
    before = desk.there.database.read_bytes()
    with pytest.raises(TamperedError, match=r"store\."):
        desk.bring([transfer(number, number) for number in range(2, 7)])

    assert desk.there.database.read_bytes() == before


def test_an_entry_beside_which_an_id_was_put_is_not_taken_for_the_row(
    desk: Desk,
) -> None:
    record(desk, "transfer", asked(7))
    taken = once_of("transfer", {"persons": "5"}, nth=1)
    with tampering(desk.there.database) as connection:
        connection.execute("UPDATE entry SET once = ? WHERE seq = 1", (taken,))

    assert desk.bring([transfer(2, 5)]).found == 0
    assert desk.refused == [(2, ["rule.once-taken"])]


def test_slices_of_any_length_write_the_same_book(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [transfer(n, n, label=f"r{n}") for n in range(2, 9)]
    rows += [receipt(n + 10, f"#r{n}", n) for n in range(2, 9)]
    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other")
    other.bring(rows)
    monkeypatch.setattr(spool, "SLICE", 3)
    told: list[int] = []
    desk.bring(
        rows, tell=lambda p: told.append(p.done) if p.stage == "written" else None
    )

    assert told == [3, 6, 9, 12, 14]
    assert desk.verdict() == other.verdict() == "consistent"


def test_the_clock_is_asked_anew_when_rows_are_judged_again(desk: Desk) -> None:
    later = NOW.replace(hour=13)
    times = iter((NOW, later))

    def other() -> None:
        with opened(desk.there) as register:
            recorded = append(
                register,
                kind="transfer",
                request=asked(7),
                signer=desk.office.keys["clerk"],
                now=NOW.replace(minute=59),
            )
            acknowledge(register, recorded)

    brought = desk.bring(
        rows_while([transfer(2, 5), transfer(3, 6)], other),
        clock=lambda: next(times),
    )

    assert not brought.at_moved
    assert [entry.at for entry in desk.entries()][1:] == [later, later]
