"""The law: what leaves is what the checkpoint signs, whole, and checkable alone."""

import csv
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typing_extensions import override

from ledger.domain.history import own_refs
from ledger.errors import (
    IncompleteError,
    LedgerError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
    UsageError,
)
from ledger.exchange.card import open_card
from ledger.exchange.proof_check import check_entry_proof
from ledger.register.exporting import (
    COLUMNS,
    Exported,
    export_csv,
    export_lines,
    export_tiles,
    make_card,
    prove,
)
from ledger.register.opening import Places, Register
from ledger.store.intake import take_in
from ledger.store.journal import Journal, Row
from ledger.tlog import merkle
from ledger.tlog.canonical import decode
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.entry import format_instant
from ledger.tlog.tiles import hash_tiles, parse_entry_bundle
from tests.office import Office, signer
from tests.register.stored import image_of, insert, lay, opened, storable, tampering

LENGTH = 300
SIGNED = 270
BOOK = "us.example/book"
GARBAGE = b"\xff\x00\xe9 no entry \xf0\x9f\x98\x80\xed\xa0\x80"
VOIDS = [GARBAGE, *(b"%d" % seq for seq in range(12, LENGTH))]

Export = Callable[[Register, Path], Exported]


@cache
def office() -> Office:
    """Return an office of two tiles: a few valid entries, then void ones."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 238, asserted_by="=cmd|' /C calc'!A0")
    made.receipt("T-1", 1, admitted="2025-03-16T03:00-06:00")
    made.renewal("T-1", 200)
    made.exit(["T-1"], 1, "2025-07-18")
    made.correct(5, {"path": "/text", "new": "of the crew"})
    made.correct(5, {"path": "/text", "old": "of the crew", "new": "none"})
    made.retract(7)
    made.retract(3)
    made.remark(1, text="a \u202e b\tc", asserted_by="+1")
    return made


def notes() -> list[bytes]:
    return [*office().notes, *VOIDS]


@cache
def unsigned() -> bytes:
    """Return the database of the office with its void entries."""
    with TemporaryDirectory() as name:
        there = lay(Path(name), image_of(office()))
        journal = Journal.open(there.database, write=True)
        with journal.writing():
            for seq, note in enumerate(VOIDS, start=len(office().notes)):
                insert(journal.connection, seq, note)
            take_in(journal)
        journal.close()
        return there.database.read_bytes()


@cache
def image(signed: int) -> bytes:
    """Return the same database with a signed checkpoint of that size."""
    with TemporaryDirectory() as name:
        there = lay(Path(name), unsigned())
        journal = Journal.open(there.database, write=True)
        checkpoint = Checkpoint(BOOK, signed, journal.root(signed))
        by_log = sign_checkpoint(checkpoint, office().keys["log"])
        journal.keep_checkpoint(size=signed, note=by_log)
        journal.close()
        return there.database.read_bytes()


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Places:
    return lay(tmp_path, image(SIGNED))


@pytest.fixture(name="register")
def _register(there: Places) -> Iterator[Register]:
    with opened(there) as register:
        yield register


@pytest.fixture(name="out")
def _out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "exported"


def test_an_exported_folder_holds_the_signed_tree_and_its_entries(
    register: Register, out: Path
) -> None:
    done = export_tiles(register, out)

    files = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }
    bundles = ("tile/entries/000", "tile/entries/001.p/14")
    stored = [note for name in bundles for note in parse_entry_bundle(files.pop(name))]
    checkpoint = open_checkpoint(files.pop("checkpoint"), key=office().keys["log"].key)
    leaves = list(map(merkle.leaf_hash, stored))
    assert done == Exported(entries=SIGNED, left_out=LENGTH - SIGNED)
    assert stored == notes()[:SIGNED]
    assert checkpoint.root == merkle.root(leaves)
    assert files == {tile.path: tile.data for tile in hash_tiles(leaves)}
    assert list(out.parent.iterdir()) == [out]


def test_a_book_that_fills_its_last_tile_has_no_partial_bundle(
    tmp_path: Path, out: Path
) -> None:
    with opened(lay(tmp_path, image(256))) as register:
        export_tiles(register, out)

    entries = out / "tile" / "entries"
    assert sorted(path.name for path in entries.iterdir()) == ["000"]


def test_exported_lines_hold_the_signed_entries_and_the_checkpoint(
    register: Register, out: Path
) -> None:
    done = export_lines(register, out)

    text = out.read_text(encoding="ascii")
    header, *lines, checkpoint = map(json.loads, text.splitlines())
    assert done == Exported(entries=SIGNED, left_out=LENGTH - SIGNED)
    assert text.startswith('{"schema":"transfer-ledger/bundle/1","book":')
    assert header == {
        "schema": "transfer-ledger/bundle/1",
        "book": BOOK,
        "genesis": office().history.entries[0].leaf.hex(),
        "from": 0,
        "to": SIGNED,
    }
    stored = [note.encode("utf-8", "surrogateescape") for note in lines]
    assert stored == notes()[:SIGNED]
    signed = open_checkpoint(checkpoint.encode(), key=office().keys["log"].key)
    assert signed.size == SIGNED
    assert list(out.parent.iterdir()) == [out]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_the_spreadsheet_has_a_row_for_each_valid_entry(
    register: Register, out: Path
) -> None:
    done = export_csv(register, out)

    rows = rows_of(out)
    history = office().history
    assert done == Exported(entries=len(history.entries), left_out=len(VOIDS))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["seq"]) for row in rows] == sorted(history.entries)
    assert rows[1] == {
        "seq": "1",
        "at": "2025-03-01T10:00:00Z",
        "kind": "transfer",
        "by": "us.example/clerk-07",
        "ref": "T-1",
        "refs": "T-1",
        "status": "official",
        "asserted_by": "US",
        "occurred": "2025-03-15T17:26-04:00",
        "corrected_by": "",
        "retracted_by": "",
        "leaf": history.entries[1].leaf.hex(),
        "data": rows[1]["data"],
    }
    assert [row["occurred"] for row in rows[2:7]] == [
        "2025-03-16T00:30-06:00",
        "2025-03-16T00:30-06:00",
        "2026-03-01",
        "2025-07-18",
        "",
    ]


def test_the_spreadsheet_names_what_corrects_and_retracts_a_row(
    register: Register, out: Path
) -> None:
    export_csv(register, out)

    rows = {int(row["seq"]): row for row in rows_of(out)}
    assert rows[5]["corrected_by"] == "6"
    assert rows[7]["retracted_by"] == "8"
    assert rows[3]["retracted_by"] == "9"


def test_no_cell_of_the_spreadsheet_is_computed_or_hides(
    register: Register, out: Path
) -> None:
    export_csv(register, out)

    rows = {int(row["seq"]): row for row in rows_of(out)}
    assert rows[2]["asserted_by"] == "'=cmd|' /C calc'!A0"
    assert rows[10]["asserted_by"] == "'+1"
    assert "\u202e" not in out.read_text(encoding="utf-8")
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        for row in rows.values()
        for cell in row.values()
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_spreadsheet_says_what_the_history_says(
    seed: int, tmp_path: Path, out: Path
) -> None:
    made = storable(seed)
    history = made.history
    with opened(lay(tmp_path, image_of(made))) as register:
        export_csv(register, out)

    rows = rows_of(out)
    assert [int(row["seq"]) for row in rows] == sorted(history.entries)
    for row in rows:
        seq = int(row["seq"])
        entry = history.entries[seq]
        assert decode(json_bytes(row["data"])) == entry.data
        assert (row["at"], row["kind"], row["by"], row["leaf"]) == (
            format_instant(entry.at),
            entry.kind,
            entry.by,
            entry.leaf.hex(),
        )
        assert row["ref"] == " ".join(own_refs(entry.record))
        assert sorted(row["refs"].split()) == sorted(history.refs[seq])
        by = map(int, row["corrected_by"].split())
        assert list(by) == history.corrections.get(seq, [])
        assert row["retracted_by"] == str(history.retracted.get(seq, ""))


def json_bytes(text: str) -> bytes:
    """Return JSON with the escapes taken out that keep hostile characters unseen."""
    return json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


EXPORTS: list[Export] = [export_tiles, export_lines, export_csv]
UNDER_A_CHECKPOINT: list[Export] = [export_tiles, export_lines]


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_is_written_over_what_is_there(
    export: Export, kind: str, register: Register, out: Path
) -> None:
    match kind:
        case "file":
            out.write_bytes(b"kept")
        case "folder":
            out.mkdir()
        case _:
            out.symlink_to("nowhere")

    with pytest.raises(RefusedError, match=r"file\.exists"):
        export(register, out)

    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("name", [".", "..", "/"])
@pytest.mark.parametrize("export", EXPORTS)
def test_a_place_without_a_name_of_its_own_is_refused(
    export: Export, name: str, register: Register
) -> None:
    with pytest.raises(RefusedError, match=r"file\.exists"):
        export(register, Path(name))


@pytest.mark.parametrize("export", EXPORTS)
def test_a_folder_that_is_not_there_is_not_made(
    export: Export, register: Register, out: Path
) -> None:
    with pytest.raises(NotPermittedError, match=r"file\.not-written"):
        export(register, out / "deeper")

    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("export", UNDER_A_CHECKPOINT)
def test_a_book_without_a_checkpoint_is_not_exported(
    export: Export, tmp_path: Path, out: Path
) -> None:
    with (
        opened(lay(tmp_path, unsigned())) as register,
        pytest.raises(IncompleteError, match=r"export\.no-checkpoint"),
    ):
        export(register, out)

    assert list(out.parent.iterdir()) == []


COPIED = "(SELECT note, leaf FROM entry WHERE seq = 101)"
TAMPERINGS: list[tuple[str, LedgerError]] = [
    (
        "UPDATE entry SET note = x'00' WHERE seq = 100",
        TamperedError("export.bytes-changed", seq=100),
    ),
    (
        "DELETE FROM entry WHERE seq = 100",
        RewrittenError("export.entry-missing", seq=100),
    ),
    (
        "DELETE FROM entry WHERE seq >= 100",
        RewrittenError("export.not-the-signed-tree", size=270),
    ),
    (
        f"UPDATE entry SET (note, leaf) = {COPIED} WHERE seq = 100",  # noqa: S608 - ours
        RewrittenError("export.not-the-signed-tree", size=270),
    ),
]


@pytest.mark.parametrize("export", UNDER_A_CHECKPOINT)
@pytest.mark.parametrize(("sql", "error"), TAMPERINGS)
def test_a_book_that_its_checkpoint_contradicts_leaves_nothing_behind(
    export: Export, sql: str, error: LedgerError, there: Places, out: Path
) -> None:
    with tampering(there.database) as connection:
        connection.execute(sql)

    with opened(there) as register, pytest.raises(type(error)) as caught:
        export(register, out)

    assert (caught.value.code, caught.value.values) == (error.code, error.values)
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("change", ["kind = 'correction'", "kind = 'retraction'"])
@pytest.mark.parametrize("seq", [10, 11])
def test_a_heading_that_lies_about_its_entry_is_found(
    change: str, seq: int, there: Places, out: Path
) -> None:
    with tampering(there.database) as connection:
        connection.execute(f"UPDATE heading SET {change} WHERE seq = {seq}")  # noqa: S608 - both are ours

    with (
        opened(there) as register,
        pytest.raises(TamperedError, match=r"store\.projection-unfit"),
    ):
        export_csv(register, out)


class Hindered(Journal):
    """A journal of a slow book: while it is read, somebody takes the name."""

    def __init__(self, journal: Journal, taken: Path) -> None:
        super().__init__(journal.connection, journal.book)
        self.taken = taken

    @override
    def rows(self, start: int, stop: int) -> Iterator[Row]:
        if self.taken.suffix:
            self.taken.write_bytes(b"kept")
        else:
            (self.taken / "kept").mkdir(parents=True)
        return super().rows(start, stop)


@pytest.mark.parametrize(
    ("export", "name"), [(export_tiles, "taken"), (export_lines, "taken.jsonl")]
)
def test_a_name_that_is_taken_meanwhile_is_not_written_over(
    export: Export, name: str, register: Register, out: Path
) -> None:
    taken = out.with_name(name)
    hindered = Register(register.places, Hindered(register.journal, taken))

    with pytest.raises(RefusedError, match=r"file\.exists"):
        export(hindered, taken)

    assert list(out.parent.iterdir()) == [taken]
    assert taken.read_bytes() == b"kept" if taken.suffix else (taken / "kept").is_dir()


def test_the_card_lists_the_active_keys_and_is_signed_by_the_state(
    register: Register,
) -> None:
    keys = office().keys

    opened_card = open_card(make_card(register, keys["state"]))

    card = opened_card.card
    assert opened_card.signed_by == keys["state"].key
    assert (card.book, card.state) == (BOOK, "US")
    assert card.genesis == office().history.entries[0].leaf.hex()
    assert card.keys == (
        ("log", keys["log"].key),
        ("witness", keys["witness"].key),
        ("state", keys["state"].key),
    )


def test_the_card_follows_the_keys_of_the_book(tmp_path: Path) -> None:
    made = Office()
    auditor = signer("us.example/auditor", 50)
    log = signer(BOOK, 51)
    old = {"role": "log", "vkey": made.keys["log"].key.format()}
    made.write("key", {"action": "add", **made.listing("auditor", auditor)})
    made.write("key", {"action": "retire", **old})
    made.write("key", {"action": "add", **made.listing("log", log)})

    with opened(lay(tmp_path, image_of(made))) as register:
        card = open_card(make_card(register, made.keys["state"])).card

    assert card.of_role("auditor") == (auditor.key,)
    assert card.of_role("log") == (log.key,)


def test_a_card_is_signed_by_no_other_key(register: Register) -> None:
    with pytest.raises(UsageError, match=r"card\.not-a-state-key"):
        make_card(register, office().keys["clerk"])


def test_every_entry_under_the_checkpoint_is_proved(register: Register) -> None:
    card = open_card(make_card(register, office().keys["state"]))

    for seq in office().history.entries:
        note, proof = prove(register, seq)
        report = check_entry_proof(proof, note, card=card, fingerprint=card.fingerprint)

        assert note == office().notes[seq]
        assert (report.verdict, report.seq, report.size) == ("verified", seq, SIGNED)


def test_a_void_entry_is_proved_to_have_been_logged(register: Register) -> None:
    note, proof = prove(register, SIGNED - 1)

    assert note == notes()[SIGNED - 1]
    assert b"index 269\n" in proof


def test_an_entry_beyond_the_checkpoint_is_not_proved(register: Register) -> None:
    with pytest.raises(IncompleteError) as caught:
        prove(register, SIGNED)

    assert caught.value.code == "prove.beyond-checkpoint"
    assert caught.value.values == {"seq": SIGNED, "size": SIGNED}


def test_nothing_is_proved_without_a_checkpoint(tmp_path: Path) -> None:
    with (
        opened(lay(tmp_path, unsigned())) as register,
        pytest.raises(IncompleteError, match=r"prove\.no-checkpoint"),
    ):
        prove(register, 0)


@pytest.mark.parametrize("seq", [-1, LENGTH])
def test_an_entry_that_is_not_there_is_not_proved(seq: int, register: Register) -> None:
    with pytest.raises(NotFoundError, match=r"cite\.no-such-entry"):
        prove(register, seq)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET note = x'00' WHERE seq = 5",
        "UPDATE node SET hash = zeroblob(32) WHERE level = 2 AND number = 0",
        "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 4",
    ],
)
def test_a_proof_that_would_not_hold_is_not_handed_out(sql: str, there: Places) -> None:
    with tampering(there.database) as connection:
        connection.execute(sql)

    with opened(there) as register, pytest.raises(TamperedError):
        prove(register, 5)
