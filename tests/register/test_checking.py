"""The law: what was changed in a stored book is found, named, and given its code."""

# ruff: noqa: S608 (tables and values are those of the test)

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

import pytest

from ledger.domain.history import Logged, Void
from ledger.errors import (
    LedgerError,
    MalformedError,
    RewrittenError,
    TooNewError,
)
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from ledger.register.writing import append
from ledger.store.guards import GUARDS
from ledger.store.journal import Journal, Row
from ledger.store.projections import TABLES, Table
from ledger.store.tables import METADATA
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.entry import Entry, EntryNote
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    SIGNED,
    asked,
    checked,
    first_image,
    garbage,
    image_of,
    insert,
    keep,
    lay,
    opened,
    remember,
    tampering,
    usual,
    usual_image,
    usual_office,
)

CODES = {10: "altered", 11: "rewritten", 12: "bad_signature"}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HIT = 23
"""The entry of the usual book that most cases change."""

Tamper = Callable[[sqlite3.Connection], object]


def after(folder: Path, *statements: str) -> Report:
    """Verify the usual book after somebody ran some SQL on it."""
    there = usual(folder)
    with tampering(there.database) as connection:
        for sql in statements:
            connection.execute(sql)
    return failed(there)


def failed(there: Places) -> Report:
    report = checked(there)
    assert report.findings
    assert report.verdict == CODES[report.exit_code]
    assert not report.missing
    for level in report.levels:
        fails = {finding.level for finding in report.findings}
        assert (level.result == "fail") == (level.level in fails)
    return report


def first(report: Report) -> tuple[int, int | None, str, str]:
    finding = report.findings[0]
    return (report.exit_code, finding.seq, finding.level, finding.code)


# --- what is whole


def test_an_honest_book_is_consistent_and_verified_with_a_pin(tmp_path: Path) -> None:
    there = usual(tmp_path)
    genesis = usual_office().history.entries[0].leaf

    report = checked(there)
    pinned = verify(there, genesis=genesis.hex())

    assert (report.verdict, report.exit_code, report.findings) == ("consistent", 0, ())
    assert (pinned.verdict, pinned.exit_code, pinned.pinned) == ("verified", 0, True)
    assert (report.book, report.entries) == ("xa.example/book", LENGTH)
    assert report.genesis == genesis
    assert report.head == usual_office().history.head.leaf
    assert report.root == merkle.root(map(merkle.leaf_hash, usual_office().notes))
    assert (report.memory, report.pinned) == ("absent", False)
    assert report.beyond_last_cosigned == LENGTH
    assert {level.level: (level.result, level.covers) for level in report.levels} == {
        "bytes": ("pass", LENGTH),
        "chain": ("pass", LENGTH),
        "signatures": ("pass", LENGTH),
        "tree": ("pass", LENGTH),
        "cosignatures": ("absent", 0),
        "rules": ("pass", LENGTH),
        "projections": ("pass", LENGTH),
        "guards": ("pass", LENGTH),
        "time": ("absent", 0),
    }


def test_a_book_that_fits_its_memory_says_so(tmp_path: Path) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH - 5)

    report = checked(there)

    assert (report.exit_code, report.memory) == (0, "pass")


def test_a_required_level_that_is_absent_makes_it_partial(tmp_path: Path) -> None:
    report = verify(usual(tmp_path), require=["bytes", "cosignatures", "time"])

    assert (report.verdict, report.exit_code) == ("partial", 14)
    assert report.missing == ("cosignatures", "time")


def test_a_required_level_that_passes_is_enough(tmp_path: Path) -> None:
    assert verify(usual(tmp_path), require=["bytes", "guards"]).exit_code == 0


def test_a_finding_counts_more_than_a_missing_level(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE counter SET number = 99")

    report = verify(there, require=["cosignatures", "projections"])

    assert report.exit_code == 10
    assert report.missing == ("cosignatures", "projections")


# --- entries


@pytest.mark.parametrize("seq", [0, HIT, LENGTH - 1])
@pytest.mark.parametrize("at", [3, 40, -20])
def test_a_changed_byte_names_its_entry(tmp_path: Path, seq: int, at: int) -> None:
    note = bytearray(usual_office().notes[seq])
    note[at] ^= 1
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = ? WHERE seq = ?", (bytes(note), seq)
        )

    report = failed(there)

    assert first(report) == (10, seq, "bytes", "bytes-changed")
    assert report.findings[0].field == "note"
    assert report.findings[0].found == merkle.leaf_hash(bytes(note)).hex()


def test_a_finding_names_the_transfer_that_its_entry_concerns(tmp_path: Path) -> None:
    history = usual_office().history
    seq = next(s for s, refs in history.refs.items() if "T-2" in refs)

    report = after(tmp_path, f"UPDATE entry SET once = 'x' WHERE seq = {seq}")

    assert [(f.seq, f.ref) for f in report.findings] == [(seq, "T-2")]


def test_a_note_changed_with_its_leaf_has_a_wrong_signature(tmp_path: Path) -> None:
    note = usual_office().notes[HIT]
    bent = note.replace(b'"once":"0', b'"once":"1', 1)
    assert bent != note
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute(
            "UPDATE entry SET note = ?, leaf = ? WHERE seq = ?",
            (bent, merkle.leaf_hash(bent), HIT),
        )

    report = failed(there)

    assert first(report) == (12, HIT, "signatures", "void:entry.bad-signature")


def test_a_deleted_entry_is_a_gap(tmp_path: Path) -> None:
    report = after(tmp_path, f"DELETE FROM entry WHERE seq = {HIT}")

    assert first(report) == (11, HIT, "chain", "gap")
    assert (report.findings[0].expected, report.findings[0].found) == (
        str(HIT),
        str(HIT + 1),
    )


def test_two_swapped_entries_break_the_chain_at_the_first(tmp_path: Path) -> None:
    one, two = HIT, HIT + 1
    report = after(
        tmp_path,
        f"UPDATE entry SET seq = 1000 WHERE seq = {one}",
        f"UPDATE entry SET seq = {one} WHERE seq = {two}",
        f"UPDATE entry SET seq = {two} WHERE seq = 1000",
    )

    assert first(report) == (11, one, "chain", "void:chain.seq")


@pytest.mark.parametrize("size", [SIGNED - 1, 1])
def test_a_tail_cut_below_a_checkpoint_is_found(tmp_path: Path, size: int) -> None:
    report = after(
        tmp_path,
        f"DELETE FROM entry WHERE seq >= {size}",
        f"DELETE FROM heading WHERE seq >= {size}",
    )

    assert first(report) == (11, size, "tree", "cut")
    assert (report.findings[0].expected, report.findings[0].found) == (
        str(SIGNED),
        str(size),
    )


def test_a_book_without_any_entry_is_cut(tmp_path: Path) -> None:
    report = after(
        tmp_path,
        "DELETE FROM checkpoint",
        *(f"DELETE FROM {table.name}" for table in TABLES),
        "DELETE FROM node",
        "DELETE FROM entry",
    )

    assert first(report) == (11, 0, "tree", "cut")
    assert (report.entries, report.genesis, report.head) == (0, bytes(32), bytes(32))


def test_a_tail_cut_above_every_checkpoint_is_found_by_memory(tmp_path: Path) -> None:
    short = image_of(_first_entries(SIGNED + 5), signed=SIGNED)
    there = lay(tmp_path, short)
    assert checked(there).exit_code == 0
    remember(there, usual_office(), size=LENGTH)

    report = failed(there)

    assert first(report) == (11, SIGNED + 5, "tree", "cut")
    assert report.memory == "fail"
    with opened(there) as register, pytest.raises(RewrittenError) as refused:
        append(
            register,
            kind="transfer",
            request=asked(1),
            signer=usual_office().keys["clerk"],
            now=NOW,
        )
    assert refused.value.values == {"size": SIGNED + 5, "kept": LENGTH}


def _first_entries(size: int) -> Office:
    """Return the usual office as it was when its book had this size."""
    whole, office = usual_office(), Office(book="xa.example/book", state="XA")
    assert office.notes[0] == whole.notes[0]
    for note in whole.notes[1:size]:
        office.put(note)
    return office


def test_another_history_of_the_same_length_is_found_by_memory(tmp_path: Path) -> None:
    there = lay(tmp_path, first_image())
    office = Office()
    office.transfer()
    office.transfer()
    remember(there, office, size=3)
    other = Office()
    other.transfer()
    other.transfer(renewable="no")
    other.transfer()
    journal = Journal.open(there.database, write=True)
    keep(journal, other)
    journal.close()

    report = failed(there)

    assert first(report) == (11, None, "tree", "other-root")
    assert (report.findings[0].field, report.memory) == ("root at 3", "fail")


# --- rewriting with and without keys


def _remarks() -> Office:
    """Return an office whose entries from 2 on could be any others."""
    office = Office()
    office.transfer()
    while len(office.notes) < LENGTH:
        office.remark(1, text=f"remark {len(office.notes)}")
    return office


remarks = cache(_remarks)


def _without(seq: int, *, keys: bool) -> Office:
    """Return what comes of deleting an entry, and renumbering and relinking the rest.

    With the clerk's key each page is signed anew; without it the old signature stays.
    """
    honest, forged = remarks(), Office()
    for n, note in enumerate(honest.notes):
        if n in {0, seq}:
            continue
        page = EntryNote.parse(note)
        said = page.envelope()
        head = forged.history.head
        entry = Entry(
            ledger=said.ledger,
            seq=head.size,
            prev=head.leaf,
            at=said.at,
            kind=said.kind,
            once=said.once,
            by=said.by,
            data=said.data,
        )
        signed = entry.sign(honest.keys["clerk"])
        if not keys and n > seq:
            lines = note.decode().split("\n\n")[1]
            signed = f"{entry.text()}\n{lines}".encode()
        forged.put(signed)
    return forged


def _with_checkpoint_of(honest: Office, forged: Office) -> bytes:
    """Return the forged database with the checkpoint that the honest book has."""
    leaves = [merkle.leaf_hash(note) for note in honest.notes[:SIGNED]]
    checkpoint = Checkpoint(honest.book, SIGNED, merkle.root(leaves))
    return image_of(
        forged, kept=sign_checkpoint(checkpoint, honest.keys["log"]), size=SIGNED
    )


def test_a_deletion_relinked_without_keys_has_a_wrong_signature(tmp_path: Path) -> None:
    forged = _without(HIT, keys=False)

    report = failed(lay(tmp_path, _with_checkpoint_of(remarks(), forged)))

    assert first(report) == (12, HIT, "signatures", "void:entry.bad-signature")


def test_a_deletion_relinked_with_the_clerks_key_does_not_fit_a_checkpoint(
    tmp_path: Path,
) -> None:
    forged = _without(HIT, keys=True)

    report = failed(lay(tmp_path, _with_checkpoint_of(remarks(), forged)))

    assert first(report) == (11, None, "tree", "other-root")
    assert len(report.findings) == 1


def test_a_deletion_relinked_with_the_clerks_key_is_invisible_without_checkpoint(
    tmp_path: Path,
) -> None:
    forged = _without(HIT, keys=True)

    report = checked(lay(tmp_path, image_of(forged)))

    assert (report.verdict, report.exit_code) == ("consistent", 0)
    assert report.beyond_last_cosigned == LENGTH - 1


@cache
def rewritten() -> bytes:
    """Return a book of the same name, written from the start with other keys."""
    office = Office(seed=90)
    while len(office.notes) < LENGTH:
        office.transfer()
    return image_of(office, signed=SIGNED)


def test_a_book_written_anew_with_other_keys_is_only_consistent(tmp_path: Path) -> None:
    report = checked(lay(tmp_path, rewritten()))

    assert (report.verdict, report.exit_code, report.memory, report.pinned) == (
        "consistent",
        0,
        "absent",
        False,
    )


def test_a_book_written_anew_is_not_the_one_that_is_remembered(tmp_path: Path) -> None:
    there = lay(tmp_path, rewritten())
    remember(there, remarks(), size=SIGNED)

    report = failed(there)

    assert first(report) == (11, 0, "chain", "other-genesis")
    assert report.memory == "fail"
    with opened(there) as register, pytest.raises(RewrittenError) as refused:
        register.check_memory()
    assert refused.value.code == "memory.other-book"


def test_a_book_written_anew_does_not_have_the_pinned_genesis(tmp_path: Path) -> None:
    there = lay(tmp_path, rewritten())
    pin = remarks().history.entries[0].leaf.hex()

    report = verify(there, genesis=pin)

    assert first(report) == (11, 0, "chain", "other-genesis")
    assert (report.verdict, report.findings[0].expected) == ("rewritten", pin)


def test_a_book_without_entries_is_cut_whatever_genesis_is_pinned(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM entry")

    report = verify(there, genesis="00" * 32)

    assert first(report) == (11, 0, "tree", "cut")


# --- void entries


def test_an_entry_of_another_book_is_void_by_its_chain(tmp_path: Path) -> None:
    there = lay(tmp_path, first_image())
    connection = sqlite3.connect(there.database)
    insert(connection, 1, usual_office().notes[1])
    connection.commit()
    connection.close()

    report = failed(there)

    assert first(report) == (11, 1, "chain", "void:chain.ledger")
    assert [(void.seq, known) for void, known in report.void] == [(1, False)]


def test_garbage_fails_a_book_that_goes_on_until_the_state_acknowledges_it(
    tmp_path: Path,
) -> None:
    office = Office()
    there = lay(tmp_path, first_image())
    connection = sqlite3.connect(there.database)
    insert(connection, 1, garbage(1))
    connection.commit()
    connection.close()

    before = failed(there)
    with opened(there) as register:
        taken = list(register.taken_in)
        recorded = append(
            register,
            kind="transfer",
            request=asked(9),
            signer=office.keys["clerk"],
            now=NOW,
        )
        still = failed(there)
        acknowledged = append(
            register,
            kind="acknowledgement",
            request={"targets": ["1"], "reason": "written by hand"},
            signer=office.keys["state"],
            now=NOW,
        )
    report = checked(there)

    assert first(before) == (10, 1, "bytes", "void:note.not-utf-8")
    assert [type(entry) for entry in taken] == [Void]
    assert (recorded.entry.seq, recorded.ref) == (2, "T-1")
    assert first(still) == first(before)
    assert acknowledged.entry.seq == 3
    assert (report.verdict, report.exit_code) == ("consistent", 0)
    assert [(void.seq, known) for void, known in report.void] == [(1, True)]


def test_an_entry_of_a_newer_program_is_for_a_newer_reader(tmp_path: Path) -> None:
    there = lay(tmp_path, first_image())
    connection = sqlite3.connect(there.database)
    insert(connection, 1, Office().compose("weather", {}))
    connection.commit()
    connection.close()

    with pytest.raises(TooNewError):
        verify(there)


@pytest.mark.parametrize("planted", [False, True])
def test_an_entry_that_waits_to_be_taken_in_is_judged_and_not_missed_elsewhere(
    tmp_path: Path, *, planted: bool
) -> None:
    office = Office()
    office.transfer()
    once = office.history.entries[1].once
    there = lay(tmp_path, first_image())
    connection = sqlite3.connect(there.database)
    insert(connection, 1, office.notes[1], once=once)
    if planted:
        connection.execute("INSERT INTO node VALUES (1, 1, 0, zeroblob(32))")
    connection.commit()
    connection.close()

    report = checked(there)

    assert [f.code for f in report.findings] == ["node-differs"] * planted
    assert report.entries == 2


# --- every column


def _columns() -> list[tuple[str, str]]:
    chosen = {
        "book": {"state", "genesis"},
        "entry": {"once", "leaf", "note", "seq", "book"},
        "node": {"book", "level", "number", "hash"},
        "checkpoint": {"size", "note"},
    }
    return [
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name in chosen.get(table.name, {column.name})
    ]


def _other(value: object, column: str) -> object:
    match value:
        case int():
            return value + (1000 if column in {"seq", "number", "n"} else 1)
        case str() if value.isdigit() or value.startswith(("T-", "R-", "I-", "#")):
            return f"{value}9"
        case str():
            return f"{value}x"
        case bytes():
            return value[:-3] + bytes([value[-3] ^ 1]) + value[-2:]
        case _:
            return "5" if column != "fault" else "rules junk"


def _change(connection: sqlite3.Connection, table: str, column: str) -> None:
    """Change one column of a row in the middle of a table."""
    info = connection.execute(f"PRAGMA table_info({table})").fetchall()
    names = [name for _, name, *_ in info]
    key = [name for _, name, _, _, _, part in info if part]
    rows = connection.execute(
        f"SELECT * FROM {table} ORDER BY {', '.join(key)}"
    ).fetchall()
    row = dict(zip(names, rows[len(rows) // 2], strict=True))
    connection.execute(
        f"UPDATE {table} SET {column} = ? WHERE "
        + " AND ".join(f"{name} = ?" for name in key),
        (_other(row[column], column), *(row[name] for name in key)),
    )


@pytest.mark.parametrize(("table", "column"), _columns())
def test_each_column_that_was_changed_is_named(
    tmp_path: Path, table: str, column: str
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        _change(connection, table, column)

    report = failed(there)

    projected = {t.name: t.key for t in TABLES}
    found = report.findings[0]
    match table, column:
        case "entry", "leaf" | "note":
            assert (report.exit_code, found.code) == (10, "bytes-changed")
        case "entry", "seq" | "book":
            assert (report.exit_code, found.code) == (11, "gap")
        case "node", _:
            assert (report.exit_code, found.table, found.field) == (10, "node", "hash")
        case "book", "genesis":
            assert (report.exit_code, found.code) == (11, "other-genesis")
            assert (found.table, found.field) == (table, column)
        case "checkpoint", "note":
            assert (found.table, found.field) == ("checkpoint", "note")
            assert report.exit_code in {11, 12}
        case _, _ if column in {"book", *projected.get(table, ())}:
            rows = [f for f in report.findings if f.table == table]
            assert report.exit_code == 10
            assert {"row-missing"} <= {f.code for f in rows}
            assert {f.field for f in rows} <= {*projected[table], "seq", column}
        case _:
            assert report.exit_code == 10
            assert (found.code, found.table, found.field) == (
                "column-differs",
                table,
                column,
            )
            assert len(report.findings) == 1


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_projection_without_rows_is_found(tmp_path: Path, table: Table) -> None:
    report = after(tmp_path, f"DELETE FROM {table.name}")

    # Without headings nothing has been taken in, and all other rows are too many.
    waiting = table.name == "heading"
    assert report.exit_code == 10
    assert {(f.code, f.table == table.name) for f in report.findings} == {
        ("row-extra", False) if waiting else ("row-missing", True)
    }


def test_a_book_whose_projections_have_seen_nothing_is_whole(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table.name}")

    waiting = checked(there)
    with opened(there) as register:
        taken = list(register.taken_in)
    report = checked(there)

    assert (waiting.exit_code, report.exit_code) == (0, 0)
    assert taken == list(usual_office().history.entries.values())


def test_a_row_too_much_is_found(tmp_path: Path) -> None:
    report = after(tmp_path, "INSERT INTO subject VALUES (1, 'T-1', 59)")

    assert first(report) == (10, 59, "projections", "row-extra")
    assert report.findings[0].found == "ref=T-1, seq=59"


def test_a_tree_hash_too_much_is_found(tmp_path: Path) -> None:
    report = after(tmp_path, "INSERT INTO node VALUES (1, 9, 9, zeroblob(32))")

    assert first(report) == (10, None, "projections", "node-extra")


def test_a_book_with_another_name_is_one_finding_about_its_row(
    tmp_path: Path,
) -> None:
    report = after(tmp_path, "UPDATE book SET name = 'xb.example/book'")

    (found,) = report.findings
    assert first(report) == (11, 0, "chain", "book-differs")
    assert (found.table, found.field, found.row) == ("book", "name", "id=1")
    assert (found.expected, found.found) == (report.book, "xb.example/book")


def test_entries_of_another_book_number_leave_the_own_book_empty(
    tmp_path: Path,
) -> None:
    report = after(tmp_path, "UPDATE book SET id = 2")

    assert first(report) == (11, 0, "tree", "cut")


def test_a_book_whose_row_says_that_it_is_not_our_own_is_judged_still(
    tmp_path: Path,
) -> None:
    report = after(tmp_path, "UPDATE book SET own = 2")

    (found,) = report.findings
    assert first(report) == (10, None, "projections", "book-differs")
    assert (found.field, found.row, found.found) == ("own", "id=1", "2")
    assert report.entries == LENGTH


# --- checkpoints


def _checkpoint(office: Office, size: int, *, origin: str | None = None) -> Checkpoint:
    leaves = [merkle.leaf_hash(note) for note in office.notes[:size]]
    return Checkpoint(origin or office.book, size, merkle.root(leaves))


def _kept(folder: Path, size: int, note: bytes) -> Places:
    there = usual(folder)
    connection = sqlite3.connect(there.database)
    connection.execute(
        "INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)", (size, note)
    )
    connection.commit()
    connection.close()
    return there


@pytest.mark.parametrize("size", [0, 1, LENGTH])
def test_a_checkpoint_of_any_size_fits(tmp_path: Path, size: int) -> None:
    office = usual_office()
    note = sign_checkpoint(_checkpoint(office, size), office.keys["log"])

    assert checked(_kept(tmp_path, size, note)).exit_code == 0


def test_a_checkpoint_that_another_key_signed_is_found(tmp_path: Path) -> None:
    stranger = Office(book="xa.example/book", state="XA", seed=90).keys["log"]
    note = sign_checkpoint(_checkpoint(usual_office(), 50), stranger)

    report = failed(_kept(tmp_path, 50, note))

    assert first(report) == (12, None, "signatures", "checkpoint-not-signed")
    assert report.findings[0].expected == "50"


def test_a_checkpoint_of_another_book_is_found(tmp_path: Path) -> None:
    other = Office(seed=90)
    note = sign_checkpoint(_checkpoint(other, 1), other.keys["log"])

    report = failed(_kept(tmp_path, 1, note))

    assert first(report) == (11, None, "tree", "checkpoint-of-another-book")


def test_a_checkpoint_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    report = failed(_kept(tmp_path, 50, b"no note"))

    assert first(report) == (11, None, "tree", "checkpoint-unreadable")


def test_a_checkpoint_with_two_signatures_of_the_log_is_not_signed(
    tmp_path: Path,
) -> None:
    office = usual_office()
    note = sign_checkpoint(_checkpoint(office, 50), office.keys["log"])
    line = note.split(b"\n\n")[1]
    bent = line[:-6] + (b"AAAA" if line[-6:-2] != b"AAAA" else b"BBBB") + line[-2:]

    report = failed(_kept(tmp_path, 50, note + bent))

    assert first(report) == (12, None, "signatures", "checkpoint-not-signed")


def test_a_checkpoint_signed_after_a_change_of_the_log_key_fits(tmp_path: Path) -> None:
    office = Office()
    old, new = office.keys["log"], Office(seed=90).keys["log"]
    retire = {"action": "retire", "role": "log", "vkey": old.key.format()}
    office.write("key", {**retire})
    office.write("key", {"action": "add", **office.listing("log", new)})
    there = lay(
        tmp_path,
        image_of(office, kept=sign_checkpoint(_checkpoint(office, 3), new), size=3),
    )

    assert checked(there).exit_code == 0

    connection = sqlite3.connect(there.database)
    connection.execute(
        "INSERT INTO checkpoint (book, size, note) VALUES (1, 3, ?)",
        (sign_checkpoint(_checkpoint(office, 3), old),),
    )
    connection.commit()
    connection.close()
    assert first(failed(there)) == (12, None, "signatures", "checkpoint-not-signed")


# --- guards


@pytest.mark.parametrize("guard", GUARDS, ids=lambda sql: sql.split()[2])
def test_each_guard_that_is_gone_is_named(tmp_path: Path, guard: str) -> None:
    there = usual(tmp_path)
    name = guard.split()[2]
    connection = sqlite3.connect(there.database)
    connection.execute(f"DROP TRIGGER {name}")
    connection.close()

    report = failed(there)

    assert first(report) == (10, None, "guards", "guard-differs")
    found = report.findings[0]
    assert (found.table, found.field, found.expected, found.found) == (
        name,
        "sql",
        guard,
        None,
    )
    assert len(report.findings) == 1


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE INDEX more ON entry (leaf)", "more"),
        ("CREATE TABLE more (x)", "more"),
        ("CREATE VIEW more AS SELECT 1", "more"),
        ("DROP INDEX entry_once", "entry_once"),
        (
            "CREATE TRIGGER more AFTER INSERT ON entry BEGIN SELECT 1; END",
            "more",
        ),
    ],
)
def test_each_object_that_is_not_ours_is_named(
    tmp_path: Path, sql: str, name: str
) -> None:
    report = after(tmp_path, sql)

    assert first(report) == (10, None, "guards", "guard-differs")
    assert report.findings[0].table == name


# --- older copies


def test_an_older_copy_put_in_place_is_found_and_not_written(tmp_path: Path) -> None:
    office = Office()
    there = lay(tmp_path, first_image())
    with opened(there) as register:
        for n in (1, 2):
            append(
                register,
                kind="transfer",
                request=asked(n),
                signer=office.keys["clerk"],
                now=NOW,
            )
    there.database.write_bytes(first_image())

    report = failed(there)

    assert first(report) == (11, 1, "tree", "cut")
    with opened(there) as register:
        assert register.journal.size() == 1
        with pytest.raises(RewrittenError) as refused:
            append(
                register,
                kind="transfer",
                request=asked(3),
                signer=office.keys["clerk"],
                now=NOW,
            )
        assert register.journal.size() == 1
    assert refused.value.code == "memory.cut"


# --- since a checkpoint


def _since(size: int, office: Office | None = None) -> bytes:
    known = office or usual_office()
    return sign_checkpoint(_checkpoint(known, size), known.keys["log"])


@pytest.mark.parametrize("size", [0, 1, SIGNED, LENGTH])
def test_what_is_new_since_a_checkpoint_is_verified(tmp_path: Path, size: int) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=SIGNED + 5)

    report = verify(there, since=_since(size))

    assert (report.verdict, report.findings) == ("verified", ())
    assert (report.memory, report.pinned) == ("pass", True)
    assert report.root == merkle.root(map(merkle.leaf_hash, usual_office().notes))
    levels = {level.level: (level.result, level.covers) for level in report.levels}
    assert levels["bytes"] == ("pass", LENGTH - size)
    assert levels["projections"][0] == ("skipped" if size else "pass")


def test_only_what_is_new_is_examined(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = x'00' WHERE seq = 3")

    assert verify(there, since=_since(SIGNED)).exit_code in {0, 10}
    assert verify(there).exit_code == 10


@pytest.mark.parametrize("seq", [SIGNED, LENGTH - 1])
def test_a_change_since_a_checkpoint_is_found(tmp_path: Path, seq: int) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = zeroblob(9) WHERE seq = ?", (seq,))

    report = verify(there, since=_since(SIGNED))

    assert first(report) == (10, seq, "bytes", "bytes-changed")


def test_an_altered_entry_that_still_reads_is_found_since_a_checkpoint(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    note = usual_office().notes[SIGNED]
    bent = note[:-10] + (b"A" if note[-10:-9] != b"A" else b"B") + note[-9:]
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = ? WHERE seq = ?", (bent, SIGNED))

    report = verify(there, since=_since(SIGNED))

    assert [first(report)] == [(10, SIGNED, "bytes", "bytes-changed")]
    assert report.findings[0].ref == usual_office().history.refs[SIGNED][0] or (
        report.findings[0].ref is None
    )


def test_an_id_and_a_tree_hash_changed_since_a_checkpoint_are_found(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET once = 'x' WHERE seq = 50")
        connection.execute(
            "UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND number = 26"
        )

    report = verify(there, since=_since(SIGNED))

    assert [(f.seq, f.table, f.field) for f in report.findings] == [
        (50, "entry", "once"),
        (53, "node", "hash"),
    ]


def test_a_book_that_did_not_grow_out_of_a_checkpoint_is_rewritten(
    tmp_path: Path,
) -> None:
    office = usual_office()
    wrong = Checkpoint(office.book, SIGNED, bytes(32))

    report = verify(usual(tmp_path), since=sign_checkpoint(wrong, office.keys["log"]))

    assert first(report) == (11, None, "tree", "other-root")


def test_a_book_shorter_than_a_checkpoint_is_cut(tmp_path: Path) -> None:
    there = lay(tmp_path, image_of(_first_entries(SIGNED)))

    report = verify(there, since=_since(LENGTH))

    assert first(report) == (11, SIGNED, "tree", "cut")


@pytest.mark.parametrize("note", [b"", b"no note", _since(1, Office())])
def test_what_is_no_checkpoint_of_this_book_is_no_beginning(
    tmp_path: Path, note: bytes
) -> None:
    with pytest.raises(MalformedError):
        verify(usual(tmp_path), since=note)


def test_a_void_entry_before_a_checkpoint_can_be_acknowledged_after_it(
    tmp_path: Path,
) -> None:
    office = Office()
    office.put(garbage(1))
    office.transfer()
    since = _since(3, office)
    there = lay(tmp_path, image_of(office))
    before = verify(there, since=since)
    office.acknowledge(1)
    journal = Journal.open(there.database, write=True)
    keep(journal, office)
    journal.close()

    report = verify(there, since=since)

    assert first(before) == (10, 1, "bytes", "void:note.not-utf-8")
    assert (report.verdict, report.findings) == ("verified", ())
    assert [(void.seq, known) for void, known in report.void] == [(1, True)]


def test_a_key_that_came_since_a_checkpoint_signs_what_follows(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    since = _since(2, office)
    new = Office(seed=90).keys["clerk"]
    retire = {
        "action": "retire",
        "role": "clerk",
        "vkey": office.keys["clerk"].key.format(),
    }
    office.write("key", {**retire})
    office.write("key", {"action": "add", **office.listing("clerk", new)})
    office.keys["clerk"] = new
    office.transfer()
    office.receipt("T-1", 238)

    report = verify(lay(tmp_path, image_of(office)), since=since)

    assert (report.verdict, report.findings) == ("verified", ())


def test_an_altered_key_before_a_checkpoint_is_not_relied_on(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET note = x'00' WHERE seq = 0")

    report = verify(there, since=_since(SIGNED))

    assert first(report) == (10, 0, "bytes", "store:store.entry-unreadable")


def _departures(size: int) -> Office:
    office = Office()
    while len(office.notes) < size:
        office.transfer()
    return office


def test_the_cost_since_a_checkpoint_does_not_grow_with_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    row, rows = Journal.row, Journal.raw_rows

    def counted_row(journal: Journal, seq: int) -> Row | None:
        read.append(seq)
        return row(journal, seq)

    def counted_rows(journal: Journal, start: int, stop: int) -> Iterator[Row]:
        read.extend(range(start, stop))
        return rows(journal, start, stop)

    monkeypatch.setattr(Journal, "row", counted_row)
    monkeypatch.setattr(Journal, "raw_rows", counted_rows)
    costs = []
    for size in (40, 80):
        office = _departures(size)
        folder = tmp_path / str(size)
        folder.mkdir()
        there = lay(folder, image_of(office))
        read.clear()

        report = verify(there, since=_since(size - 5, office))

        assert report.exit_code == 0
        costs.append(len(read))
    assert costs[0] == costs[1] < 40


# --- damage


@pytest.mark.parametrize("since", [False, True])
def test_a_damaged_file_ends_in_findings_or_in_an_error_of_ours(
    tmp_path: Path, *, since: bool
) -> None:
    image = usual_image()
    note = _since(SIGNED) if since else None
    codes: set[int | str] = set()
    for seed in range(40):
        rng = Random(seed)  # noqa: S311 (nothing here is secret)
        damaged = bytearray(image)
        for _ in range(rng.choice([1, 5, 50])):
            page = rng.randrange(len(image) // 4096) * 4096
            at = page + rng.randrange(rng.choice([16, 256, 4096]))
            damaged[at] = rng.randrange(256)
        there = lay(tmp_path, bytes(damaged))
        try:
            codes.add(verify(there, since=note).exit_code)
        except LedgerError as error:
            codes.add(type(error).__name__)

    assert 10 in codes
    assert codes <= {0, 10, 11, 12, "TamperedError", "NoBookError", "TooNewError"}


def test_text_that_is_none_in_the_schema_is_damage(tmp_path: Path) -> None:
    image = usual_image().replace(b"CREATE TABLE payment", b"CREATE TAB\x80E payment")

    report = failed(lay(tmp_path, image))

    assert first(report) == (10, None, "bytes", "store:store.damaged")


def test_columns_of_other_types_than_the_schema_says_are_found(tmp_path: Path) -> None:
    there = usual(tmp_path)
    connection = sqlite3.connect(there.database)
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') "
        "WHERE name IN ('entry', 'checkpoint')"
    )
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ', STRICT', '') "
        "WHERE name = 'node'"
    )
    connection.commit()
    connection.close()
    with tampering(there.database) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("UPDATE entry SET note = 'text' WHERE seq = 7")
        connection.execute("UPDATE entry SET leaf = 'text' WHERE seq = 59")
        connection.execute("UPDATE node SET hash = 7 WHERE level = 1 AND number = 0")
        connection.execute("UPDATE checkpoint SET note = 7")

    report = failed(there)

    codes = {(f.seq, f.code) for f in report.findings}
    assert {
        (1, "node-differs"),
        (7, "not-bytes"),
        (59, "not-bytes"),
        (None, "checkpoint-unreadable"),
        (None, "guard-differs"),
    } <= codes
    assert report.head == bytes(32)


def test_a_memory_that_was_damaged_is_said(tmp_path: Path) -> None:
    there = usual(tmp_path)
    there.memory.mkdir(parents=True)
    (there.memory / "watermark").write_bytes(b"{}")

    report = verify(there)

    assert (report.exit_code, report.findings[0].level) == (10, "guards")
    assert report.findings[0].code == "store:watermark.damaged"


def test_the_entries_of_the_usual_book_are_valid() -> None:
    assert all(isinstance(e, Logged) for e in usual_office().history.entries.values())
