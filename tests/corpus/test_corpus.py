"""Every tampered book is caught at its place, and no honest one is.

A second verifier, which shares no line with the program, must agree on each.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import Audit, Finding
from ledger.cli import EXIT_CODES
from ledger.domain.history import History
from ledger.errors import LedgerError, SignatureError, TamperedError, TooNewError
from ledger.register.checking import Report, verify
from ledger.store.guards import SCHEMA_DIGEST, digest, objects
from ledger.store.watermark import WatermarkFile
from ledger.tlog import merkle
from tests.corpus import (
    bytes_and_spelling,
    chain_and_order,
    checkpoints,
    cuts_and_rollbacks,
    honest,
    keys_and_signatures,
    projections_and_guards,
    register_of_books,
    voids,
)
from tests.corpus.base import ENTRIES, base_image, base_office
from tests.corpus.desk import Case, Desk, lay
from tests.corpus.undetectable import UNDETECTABLE, Control, Undetectable
from tests.independent import verify as second
from tests.surroundings import open_folder, without_power

TAMPERED = [
    case
    for module in (
        bytes_and_spelling,
        chain_and_order,
        keys_and_signatures,
        checkpoints,
        cuts_and_rollbacks,
        projections_and_guards,
        register_of_books,
        voids,
    )
    for case in module.CASES
]
HONEST = list(honest.CASES)
# Levels that the second verifier has; it knows no stored tree hashes.
INNER = ("bytes", "chain", "signatures", "tree")
SECOND = Path(str(second.__file__))

# Steps of the sweeps over all bytes: primes, so that every kind of place is met.
NOTE_STEP, FILE_STEP = 997, 1013


def genesis_leaf() -> str:
    return base_office().history.entries[0].leaf.hex()


def by_the_second(desk: Desk, *, genesis: str | None) -> second.Verdict:
    try:
        mark = WatermarkFile(desk.places.memory).read()
    except TamperedError:
        mark = None
    return second.verify(
        desk.database,
        genesis=genesis if mark is None else mark.genesis,
        checkpoint=desk.trusted,
        memory=None if mark is None else (mark.size, bytes.fromhex(mark.root)),
    )


def seen_by_both(report: Report) -> list[Finding]:
    return [
        finding
        for finding in report.findings
        if finding.level in INNER and not finding.code.startswith("node-")
    ]


def check(case: Case, desk: Desk) -> None:
    """Verify a book with both verifiers and compare them with what must be found."""
    if case.memory:
        desk.remember()
    case.do(desk)
    genesis = genesis_leaf() if case.pin else None
    try:
        report = verify(desk.places, genesis=genesis, since=desk.trusted, deep=True)
    except LedgerError as error:
        code = EXIT_CODES[type(error)]
        newer = isinstance(error, TooNewError) and error.code.startswith("entry.")
    else:
        compare(case, desk, report, genesis=genesis)
        return
    assert (code, None) == (case.exit_code, case.level)
    if newer:
        assert by_the_second(desk, genesis=genesis).code == code


def compare(case: Case, desk: Desk, report: Report, *, genesis: str | None) -> None:
    """Compare a report with what must be found, and with the second verifier."""
    first = report.findings[0] if report.findings else None
    found = (None, None) if first is None else (first.level, first.seq)
    assert (report.exit_code, *found) == (case.exit_code, case.level, case.seq), first
    verdict = by_the_second(desk, genesis=genesis)
    ours = seen_by_both(report)
    if first is not None and first.code.startswith("store:"):
        return  # it could not read on, so there is nothing to compare
    if first is not None and first.table == "book":
        # The second verifier finds no own book, or believes what its row says.
        assert verdict.code in {10, 11} or first.level == "projections"
        return
    theirs = [(seq, level) for seq, level, _ in verdict.findings]
    assert theirs[:1] == [(finding.seq, finding.level) for finding in ours[:1]]
    assert verdict.code == (ours[0].exit_code if ours else 0)
    acknowledged = {void.seq for void, seen in report.void if seen}
    assert {seq for seq, _, _ in verdict.acknowledged} <= acknowledged


@pytest.mark.sweep
@pytest.mark.parametrize("case", TAMPERED, ids=lambda case: str(case.name))
def test_it_is_found_at_its_place_when(case: Case, tmp_path: Path) -> None:
    check(case, lay(tmp_path))


@pytest.mark.sweep
@pytest.mark.parametrize("case", HONEST, ids=lambda case: str(case.name))
def test_nothing_is_found_in(case: Case, tmp_path: Path) -> None:
    check(case, lay(tmp_path))


def test_the_corpus_is_large_and_each_case_has_one_name() -> None:
    names = Counter(case.name for case in [*TAMPERED, *HONEST])

    assert max(names.values()) == 1
    assert len(TAMPERED) >= 120
    assert len(HONEST) >= 20
    assert len(UNDETECTABLE) <= 3
    assert all(case.exit_code for case in TAMPERED)


@pytest.mark.parametrize("book", UNDETECTABLE, ids=lambda book: str(book.name))
def test_no_look_inside_finds_that(book: Undetectable, tmp_path: Path) -> None:
    desk = lay(tmp_path)
    book.do(desk)

    assert verify(desk.places).exit_code == 0
    assert second.verify(desk.database).code == 0


def found_by(desk: Desk, *, genesis: str | None) -> int:
    """Return the exit code, also where the trusted checkpoint is of other keys."""
    try:
        return verify(desk.places, genesis=genesis, since=desk.trusted).exit_code
    except SignatureError as error:
        return EXIT_CODES[type(error)]


CONTROLLED = [(book, control) for book in UNDETECTABLE for control in book.controls]


@pytest.mark.parametrize(
    ("book", "control"),
    CONTROLLED,
    ids=[f"{control} when {book.name}" for book, control in CONTROLLED],
)
def test_it_is_found_by_the(
    book: Undetectable, control: Control, tmp_path: Path
) -> None:
    desk = lay(tmp_path)
    genesis = None
    match control:
        case "memory":
            desk.remember()
        case "checkpoint":
            desk.trusted = desk.checkpoints()[-1][1]
        case "pin":
            genesis = genesis_leaf()
    book.do(desk)

    verdict = by_the_second(desk, genesis=genesis)

    assert found_by(desk, genesis=genesis) == book.controls[control]
    assert verdict.code != 0


def test_a_checkpoint_taken_away_alone_hides_nothing(tmp_path: Path) -> None:
    desk = lay(tmp_path)
    desk.trusted = desk.checkpoints()[-1][1]
    desk.run("DELETE FROM checkpoint")

    assert verify(desk.places).exit_code == 0
    assert verify(desk.places, since=desk.trusted).exit_code == 0


def flipped(data: bytes, place: int) -> bytes:
    """Return bytes with one bit changed, another one at each place."""
    changed = bytearray(data)
    changed[place] ^= 1 << place % 8
    return bytes(changed)


def test_every_flipped_byte_of_every_entry_changes_its_leaf() -> None:
    for note in base_office().notes:
        leaf = merkle.leaf_hash(note)
        for place in range(len(note)):
            assert merkle.leaf_hash(flipped(note, place)) != leaf


def test_a_byte_flipped_in_each_entry_is_one_finding_for_each() -> None:
    notes = base_office().notes
    leaves = [merkle.leaf_hash(note) for note in notes]
    shortest = min(map(len, notes))
    for place in range(0, shortest, 11):
        audit = Audit(History(book=base_office().book))
        for seq, (leaf, note) in enumerate(zip(leaves, notes, strict=True)):
            audit.take(seq=seq, leaf=leaf, note=flipped(note, place))

        changed = [f.seq for f in audit.findings if f.code == "bytes-changed"]
        assert changed == list(range(ENTRIES))


def places_in_notes() -> list[tuple[int, int]]:
    every = [
        (seq, place)
        for seq, note in enumerate(base_office().notes)
        for place in range(len(note))
    ]
    return every[7::NOTE_STEP]


@pytest.mark.sweep
@pytest.mark.parametrize(("seq", "place"), places_in_notes())
def test_a_byte_flipped_in_a_stored_note_is_found(
    seq: int, place: int, tmp_path: Path
) -> None:
    desk = lay(tmp_path)
    note = flipped(base_office().notes[seq], place)
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, seq)

    first = verify(desk.places).findings[0]

    assert (first.seq, first.level) == (seq, "bytes")
    assert second.verify(desk.database).findings[0][:2] == (seq, "bytes")


@pytest.mark.parametrize("place", range(0, 32, 5))
def test_a_byte_flipped_in_every_leaf_is_found_in_each(
    place: int, tmp_path: Path
) -> None:
    desk = lay(tmp_path)
    leaves = [merkle.leaf_hash(note) for note in base_office().notes]
    sql = "UPDATE entry SET leaf = ? WHERE seq = ?"
    desk.run_many(
        *((sql, (flipped(leaf, place), seq)) for seq, leaf in enumerate(leaves))
    )

    found = {f.seq for f in verify(desk.places).findings if f.level == "bytes"}

    assert found >= set(range(ENTRIES))


def contents(database: Path) -> list[str] | None:
    """Return all that a database says, or None if it cannot be read."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            sql = "SELECT integrity_check = 'ok' FROM pragma_integrity_check"
            return [str(connection.execute(sql).fetchone()), *connection.iterdump()]
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def exit_code(desk: Desk) -> int:
    try:
        return verify(desk.places, deep=True).exit_code
    except LedgerError as error:
        return EXIT_CODES[type(error)]


@pytest.mark.sweep
def test_a_byte_flipped_in_the_file_is_found_wherever_it_says_something(
    tmp_path: Path,
) -> None:
    desk = lay(tmp_path)
    desk.run_bare("PRAGMA page_size=512; VACUUM")  # little of the file says nothing
    image = desk.database.read_bytes()
    whole = contents(desk.database)
    silent = []
    for place in range(0, len(image), FILE_STEP):
        desk.database.write_bytes(flipped(image, place))
        if contents(desk.database) == whole:
            silent.append(place)
        else:
            assert exit_code(desk) != 0, place
    assert len(silent) < len(image) / FILE_STEP / 3


def test_a_temporary_trigger_is_seen_among_the_guards(tmp_path: Path) -> None:
    desk = lay(tmp_path)
    with closing(sqlite3.connect(desk.database)) as connection:
        whole = digest(objects(connection))
        connection.execute(
            "CREATE TEMP TRIGGER quiet BEFORE INSERT ON main.entry "
            "BEGIN SELECT RAISE(IGNORE); END"
        )

        assert whole == SCHEMA_DIGEST
        assert digest(objects(connection)) != SCHEMA_DIGEST


def interrupted(folder: Path) -> Desk:
    """Return a book that a crash left in the middle of a write."""
    folder.chmod(0o755)
    working = folder / "working"
    working.write_bytes(base_image())
    desk = Desk(folder)
    with closing(sqlite3.connect(working, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE heading SET signer = signer || signer")
        connection.execute("UPDATE transfer SET persons = persons + 1")
        shutil.copyfile(working, desk.database)
        shutil.copyfile(folder / "working-journal", folder / "book.ledger-journal")
        connection.execute("ROLLBACK")
    return desk


def test_a_crash_in_mid_write_needs_recovery_and_is_no_tampering() -> None:
    with open_folder() as folder:
        desk = interrupted(folder)
        with without_power():
            assert verify(desk.places).exit_code == 15
        folder.chmod(0o755)

        assert second.verify(desk.database).code == 15


def test_a_book_is_sound_after_recovery_from_a_crash(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    desk.remember()

    assert verify(desk.places).exit_code == 0
    assert second.verify(desk.database).code == 0


def run_second(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SECOND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_second_verifier_is_a_program_of_its_own(tmp_path: Path) -> None:
    desk = lay(tmp_path)
    checkpoint = tmp_path / "us.ckpt"
    checkpoint.write_bytes(desk.checkpoints()[-1][1])
    leaves = [merkle.leaf_hash(note) for note in desk.notes()]
    memory = f"{ENTRIES}:{merkle.root(leaves).hex()}"
    known = ("--genesis", genesis_leaf(), "--checkpoint", checkpoint)

    sound = run_second(desk.database, *known, "--memory", memory)
    desk.insert(voids.GARBAGE)
    voids.acknowledge(desk, voids.target(desk, ENTRIES))
    listed = run_second(desk.database, *known)
    cut = run_second(desk.database, "--memory", f"99:{'00' * 32}")

    assert (sound.returncode, sound.stdout, sound.stderr) == (0, "", "")
    assert (listed.returncode, listed.stdout.count("\n")) == (0, 1)
    assert (cut.returncode, cut.stdout.split("\t")[1]) == (11, "tree")


def test_the_second_verifier_imports_nothing_of_the_program() -> None:
    assert "import ledger" not in SECOND.read_text()
    assert "from ledger" not in SECOND.read_text()
