"""Rows as entries: all or none, each once, as if they had been typed one by one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.history import Logged
from ledger.errors import (
    LedgerError,
    MalformedError,
    RefusedError,
    RewrittenError,
    UnknownOutcomeError,
)
from ledger.register.checking import verify
from ledger.register.importing import Import, Unsigned, bring_in
from ledger.register.opening import Register
from ledger.register.progress import Progress
from ledger.register.sought import Brought, Cells, Origin, Run, Sought, once_of
from ledger.register.writing import acknowledge, append
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.stored import TRANSFER, make, opened, places

NOW = datetime(2025, 4, 1, 12, 0, tzinfo=UTC)
ORIGIN = Origin("rows.csv", None, "a" * 64)


def transfer(
    number: int, persons: int = 238, *, label: str | None = None, **more: Any
) -> Sought:
    """Return a row that asks for a departure."""
    return row(number, "transfer", {"persons": str(persons), **more}, label=label)


def receipt(number: int, ref: str, persons: int = 238) -> Sought:
    """Return a row that asks for an arrival."""
    cells = {"transfer": ref, "persons": str(persons)}
    return row(number, "receipt", cells, linking=("transfer",))


def remark(number: int, *about: str, label: str | None = None) -> Sought:
    """Return a row that says something about others."""
    cells = {"about": list(about)}
    return row(number, "remark", cells, label=label, linking=("about",))


def row(
    number: int,
    kind: str,
    cells: Cells,
    *,
    label: str | None = None,
    linking: Sequence[str] = (),
    faults: tuple[LedgerError, ...] = (),
) -> Sought:
    return Sought(
        number, kind, label, cells, frozenset(linking), REQUESTS[kind], faults
    )


def departure(cells: Cells) -> dict[str, Json]:
    n = int(str(cells["persons"]))
    return {**TRANSFER, "persons": {"n": n, "qualifier": "exact"}}


def arrival(cells: Cells) -> dict[str, Json]:
    return {
        "transfer": str(cells["transfer"]),
        "arrived": "2025-03-16",
        "arrived_persons": int(str(cells["persons"])),
    }


def said(cells: Cells) -> dict[str, Json]:
    return {"about": [*cells["about"]], "type": "notice", "text": "t"}


REQUESTS = {"transfer": departure, "receipt": arrival, "remark": said}


Rows: TypeAlias = Iterable[Sought] | Callable[[], Iterable[Sought]]


class Desk:
    """An office with its book on disk, which imports."""

    def __init__(self, folder: Path) -> None:
        self.office = Office()
        self.there = places(folder)
        make(self.office, self.there.database).close()
        self.refused: list[tuple[int, list[str]]] = []

    def refuse(self, row: Sought, faults: tuple[LedgerError, ...]) -> None:
        self.refused.append((row.number, [fault.code for fault in faults]))

    def bring(self, rows: Rows, *, dry: bool = False, **more: Any) -> Brought:
        key = self.office.keys["clerk"]
        settings: dict[str, Any] = {
            "clock": lambda: NOW,
            "origin": ORIGIN,
            "refuse": self.refuse,
            **more,
        }
        with opened(self.there) as register:
            wanted = Import(
                rows=rows if callable(rows) else lambda: rows,
                signer=Unsigned(key.key) if dry else key,
                dry=dry,
                **settings,
            )
            return bring_in(register, wanted)

    def entries(self) -> list[Logged]:
        with opened(self.there) as register:
            recall = register.recall()
            found = [recall.entry(seq) for seq in range(1, recall.size)]
        return [entry for entry in found if entry is not None]

    def verdict(self) -> str:
        return verify(self.there).verdict


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_rows_become_entries_in_their_order_with_their_source(desk: Desk) -> None:
    brought = desk.bring([transfer(2, 5), transfer(3, 6), receipt(5, "T-2", 6)])
    first, _, third = desk.entries()

    assert (brought.rows, brought.added, brought.found, brought.refused) == (3, 3, 0, 0)
    assert brought.runs == [
        Run((2, 3), (1, 2), added=True),
        Run((5, 5), (3, 3), added=True),
    ]
    assert brought.head.size == 4
    assert first.data["source"] == {"file": "rows.csv", "row": 2, "sha256": "a" * 64}
    assert third.record.transfer.seq == 2  # type: ignore[union-attr]
    assert desk.verdict() == "consistent"


def test_the_sheet_of_a_workbook_is_part_of_the_source(desk: Desk) -> None:
    desk.bring([transfer(2)], origin=Origin("a.xlsx", "rows", "b" * 64))
    (entry,) = desk.entries()

    assert entry.data["source"] == {
        "file": "a.xlsx",
        "sheet": "rows",
        "row": 2,
        "sha256": "b" * 64,
    }


def test_one_row_that_cannot_be_recorded_keeps_all_others_out(desk: Desk) -> None:
    before = desk.there.database.read_bytes()
    brought = desk.bring([transfer(2), receipt(3, "T-9"), transfer(4, 0), transfer(5)])

    assert (brought.rows, brought.refused) == (4, 2)
    assert brought.runs == []
    assert brought.head.size == 1
    assert desk.refused == [(3, ["cite.no-such-ref"]), (4, ["record.out-of-range"])]
    assert desk.there.database.read_bytes() == before
    assert desk.verdict() == "consistent"


def test_all_that_is_wrong_with_a_row_is_told(desk: Desk) -> None:
    bad = RefusedError("import.formula", column="x")

    def two_faults(_: Cells) -> dict[str, Json]:
        return {**TRANSFER, "origin": "us", "renewable": "maybe"}

    asked = Sought(3, "transfer", None, {}, frozenset(), two_faults)
    desk.bring([row(2, "transfer", {}, faults=(bad, bad)), asked])

    assert desk.refused[0] == (2, ["import.formula", "import.formula"])
    assert desk.refused[1][0] == 3
    assert len(desk.refused[1][1]) >= 1


def test_a_request_that_has_no_spelling_is_refused(desk: Desk) -> None:
    desk.bring([transfer(2, text="\ud800")])

    assert desk.refused == [(2, ["json.lone-surrogate"])]


def test_the_same_rows_again_are_found_and_add_nothing(desk: Desk) -> None:
    rows = [transfer(2, 5), transfer(3, 5), transfer(4, 6), receipt(5, "T-1", 5)]
    desk.bring(rows)
    before = desk.there.database.read_bytes()
    again = desk.bring(rows)
    moved = desk.bring([transfer(9, 6), transfer(3, 5)], origin=Origin("b", "s", "c"))

    assert (again.added, again.found) == (0, 4)
    assert again.runs == [Run((2, 5), (1, 4), added=False)]
    assert again.head.size == 5
    assert moved.runs == [
        Run((9, 9), (3, 3), added=False),
        Run((3, 3), (1, 1), added=False),
    ]
    assert desk.there.database.read_bytes() == before


def test_new_rows_beside_old_ones_are_added(desk: Desk) -> None:
    desk.bring([transfer(2, 5)])
    brought = desk.bring([transfer(2, 5), transfer(3, 5), transfer(4, 5)])

    assert (brought.added, brought.found) == (2, 1)
    assert brought.runs == [
        Run((2, 2), (1, 1), added=False),
        Run((3, 4), (2, 3), added=True),
    ]
    assert len(desk.entries()) == 3


def test_a_row_that_is_found_is_told_even_if_others_are_refused(desk: Desk) -> None:
    desk.bring([transfer(2, 5)])
    brought = desk.bring([transfer(2, 5), transfer(3, 6), transfer(4, 0)])

    assert brought.runs == [Run((2, 2), (1, 1), added=False)]
    assert len(desk.entries()) == 1


def test_a_dry_run_checks_every_row_as_if_those_before_it_were_there(
    desk: Desk,
) -> None:
    rows = [transfer(2, label="a"), receipt(3, "#a"), receipt(4, "T-1"), remark(5, "2")]
    before = desk.there.database.read_bytes()
    brought = desk.bring(rows, dry=True)

    assert (brought.added, brought.refused, brought.head.size) == (4, 0, 1)
    assert brought.runs == []
    assert desk.there.database.read_bytes() == before
    assert desk.bring(rows).added == 4
    assert desk.bring(rows, dry=True).runs == [Run((2, 5), (1, 4), added=False)]


def test_a_row_may_name_an_earlier_one_by_its_label(desk: Desk) -> None:
    rows = [
        transfer(2, label="first"),
        receipt(3, "#first"),
        remark(4, "#first", "T-1", label="said"),
        remark(5, "#said", "2"),
    ]
    desk.bring(rows)
    _, second, third, fourth = desk.entries()

    assert second.record.transfer.seq == 1  # type: ignore[union-attr]
    assert [each.seq for each in third.record.about] == [1, 1]  # type: ignore[union-attr]
    assert [each.seq for each in fourth.record.about] == [3, 2]  # type: ignore[union-attr]
    assert desk.bring(rows).found == 4


def test_the_rest_of_a_cell_stays_beside_the_label(desk: Desk) -> None:
    seen: list[Mapping[str, object]] = []

    def watch(cells: Cells) -> dict[str, Json]:
        seen.append(cells)
        raise RefusedError("usage.set")

    cells: Cells = {"split": ["#a=5", "T-9=#a"], "text": "#a"}
    asked = Sought(3, "exit", None, cells, frozenset(("split",)), watch)
    desk.bring([transfer(2, label="a"), asked])

    assert seen == [{"split": ["T-1=5", "T-9=#a"], "text": "#a"}]


def test_a_label_must_be_one_be_new_and_be_there_before(desk: Desk) -> None:
    brought = desk.bring(
        [
            transfer(2, 5, label="a"),
            transfer(3, 6, label="a"),
            transfer(4, 7, label="-"),
            transfer(5, 0, label="zero"),
            receipt(6, "#zero"),
            receipt(7, "#none"),
            receipt(8, "#"),
        ]
    )

    assert brought.refused == 6
    assert desk.refused == [
        (3, ["import.label-twice"]),
        (4, ["import.bad-label"]),
        (5, ["record.out-of-range"]),
        (6, ["import.label-refused"]),
        (7, ["import.no-such-label"]),
        (8, ["value.not-a-reference"]),
    ]


def test_rows_that_name_different_rows_by_one_label_are_different(desk: Desk) -> None:
    desk.bring([transfer(2, 5, label="a"), receipt(3, "#a", 5)])
    brought = desk.bring([transfer(2, 6, label="a"), receipt(3, "#a", 5)])

    assert (brought.added, brought.found) == (2, 0)


def test_the_id_of_a_row_is_what_the_papers_say() -> None:
    spelled = b'transfer{"departed":["a","b"],"from":"US"}2'
    once = sha256(spelled).digest()[:16].hex()

    assert once_of("transfer", {"from": "US", "departed": ["a", "b"]}, nth=2) == once
    with pytest.raises(MalformedError):
        once_of("transfer", {"from": "\ud800"}, nth=1)


def test_an_id_that_holds_something_else_is_refused(desk: Desk) -> None:
    taken = once_of("transfer", {"persons": "5"}, nth=1)
    with opened(desk.there) as register:
        append(
            register,
            kind="transfer",
            request=dict(TRANSFER),
            signer=desk.office.keys["clerk"],
            now=NOW,
            once=taken,
        )
    desk.bring([transfer(2, 5)])

    assert desk.refused == [(2, ["once.other-request"])]


def test_an_id_beside_a_void_entry_counts_for_nothing(desk: Desk) -> None:
    taken = once_of("transfer", {"persons": "5"}, nth=1)
    with opened(desk.there) as register:
        note = b"not an entry"
        register.journal.connection.execute(
            "INSERT INTO entry (book, seq, once, leaf, note) VALUES (1, 1, ?, ?, ?)",
            (taken, sha256(b"\0" + note).digest(), note),
        )
    brought = desk.bring([transfer(2, 5)])

    assert brought.added == 1
    assert brought.runs == [Run((2, 2), (2, 2), added=True)]


def test_the_books_own_time_never_goes_back(desk: Desk) -> None:
    assert not desk.bring([transfer(2, 5)]).at_moved
    brought = desk.bring([transfer(3, 6)], clock=lambda: NOW - timedelta(days=1))

    assert brought.at_moved
    assert {entry.at for entry in desk.entries()} == {NOW}


def test_an_interrupted_import_leaves_nothing(desk: Desk) -> None:
    before = desk.there.database.read_bytes()

    def rows() -> Iterable[Sought]:
        yield transfer(2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.bring(rows())

    assert desk.there.database.read_bytes() == before
    assert desk.bring([transfer(2)]).added == 1


def test_progress_is_told_row_by_row(desk: Desk) -> None:
    told: list[Progress] = []
    desk.bring([transfer(2), transfer(3, 0), transfer(4)], tell=told.append, total=2)

    assert [(p.done, p.total, p.findings) for p in told] == [
        (1, 2, 0),
        (2, 2, 1),
        (3, 3, 1),
    ]


def test_a_book_that_is_shorter_than_remembered_takes_no_rows(desk: Desk) -> None:
    short = desk.there.database.read_bytes()
    desk.bring([transfer(2)])
    desk.there.database.write_bytes(short)

    with pytest.raises(RewrittenError):
        desk.bring([transfer(3)])


def test_a_memory_that_cannot_be_written_makes_the_outcome_unknown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RefusedError("file.exists")

    with monkeypatch.context() as patch:
        patch.setattr(Register, "remember", fail)
        with pytest.raises(UnknownOutcomeError, match=r"store\.memory-unknown"):
            desk.bring([transfer(2)])

    assert desk.bring([transfer(2)]).found == 1


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_rows_say_what_the_same_requests_say_one_by_one(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = data.draw(st.lists(st.integers(1, 300), min_size=1, max_size=6))
    rows = [transfer(n + 2, count, label=f"r{n}") for n, count in enumerate(counts)]
    rows += [
        receipt(100 + n, f"#r{n}", data.draw(st.integers(0, 400)))
        for n in data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=6))
    ]
    imported = Desk(tmp_path_factory.mktemp("imported"))
    typed = Desk(tmp_path_factory.mktemp("typed"))
    cuts = data.draw(st.integers(0, len(rows)))
    imported.bring(rows[:cuts])
    imported.bring(rows)
    assert imported.refused == []
    with opened(typed.there) as register:
        for each in rows:
            cells = {
                name: f"T-{int(str(cell)[2:]) + 1}" if cell[0] == "#" else cell
                for name, cell in each.cells.items()
            }
            recorded = append(
                register,
                kind=each.kind,
                request=each.request(cells),
                signer=typed.office.keys["clerk"],
                now=NOW,
            )
            acknowledge(register, recorded)

    def told(desk: Desk) -> list[dict[str, Any]]:
        members = [dict(entry.data) for entry in desk.entries()]
        for each in members:
            each.pop("source", None)
            each.pop("transfer", None)
        return members

    assert told(imported) == told(typed)
    assert imported.verdict() == typed.verdict() == "consistent"
