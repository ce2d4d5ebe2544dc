"""Every tampered book is caught at its place, and no honest one is.

A second verifier, which shares no line with the program, must agree on each.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.audit import Finding
from ledger.cli import EXIT_CODES
from ledger.errors import LedgerError, SignatureError, TamperedError, TooNewError
from ledger.register.checking import Report, verify
from ledger.store.guards import SCHEMA_DIGEST, digest, objects
from ledger.store.watermark import WatermarkFile
from ledger.tlog import merkle
from tests.corpus import honest, listing, voids
from tests.corpus.base import ENTRIES, base_image, base_office
from tests.corpus.desk import Case, Desk, lay
from tests.corpus.undetectable import UNDETECTABLE, Control, Undetectable
from tests.independent import verify as second
from tests.surroundings import open_folder, without_power

TAMPERED = [
    case for module in listing.MODULES if module is not honest for case in module.CASES
]
HONEST = list(honest.CASES)
# Levels that the second verifier has; it knows no stored tree hashes.
INNER = ("bytes", "chain", "signatures", "tree")
SECOND = Path(str(second.__file__))


class Verdict(NamedTuple):
    """What the second verifier returns."""

    code: int
    findings: list[second.Finding]
    acknowledged: list[second.Finding]


def genesis_leaf() -> str:
    return base_office().history.entries[0].leaf.hex()


def by_the_second(desk: Desk, *, genesis: str | None) -> Verdict:
    try:
        mark = WatermarkFile(desk.places.memory).read()
    except TamperedError:
        mark = None
    trusted = desk.folder / "trusted.ckpt"
    if desk.trusted is not None:
        trusted.write_bytes(desk.trusted)
    return second_verdict(
        desk,
        genesis=(genesis or "") if mark is None else mark.genesis,
        checkpoint="" if desk.trusted is None else str(trusted),
        memory="" if mark is None else f"{mark.size}:{mark.root}",
    )


def second_verdict(desk: Desk, **known: str) -> Verdict:
    return Verdict(*second.verify(str(desk.database), **known))


def seen_by_both(report: Report) -> list[Finding]:
    return [
        finding
        for finding in report.findings
        if finding.level in INNER and not finding.code.startswith("node-")
    ]


def check(case: Case, desk: Desk) -> Finding | LedgerError | None:
    """Verify a book with both verifiers and compare them with what must be found.

    Return the first finding, or the error in its place.
    """
    if case.memory:
        desk.remember()
    case.do(desk)
    genesis = genesis_leaf() if case.pin else None
    try:
        report = verify(desk.places, genesis=genesis, since=desk.trusted, deep=True)
    except LedgerError as error:
        code = EXIT_CODES[type(error)]
        assert (code, None) == (case.exit_code, case.level)
        if isinstance(error, TooNewError) and error.code.startswith("entry."):
            assert by_the_second(desk, genesis=genesis).code == code
        return error
    compare(case, desk, report, genesis=genesis)
    return report.findings[0] if report.findings else None


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
    assert verdict.findings[:1] == [
        (finding.seq, finding.level) for finding in ours[:1]
    ]
    assert verdict.code == (ours[0].exit_code if ours else 0)
    acknowledged = {void.seq for void, seen in report.void if seen}
    assert {seq for seq, _ in verdict.acknowledged} <= acknowledged


WRITTEN: dict[str, str] = {}
"""New lines of the list, where it is written anew."""


def is_listed(line: str, name: str) -> None:
    """Assert that the list says of a book what was seen of it."""
    WRITTEN[name] = line
    if not os.environ.get("UPDATE_GOLDEN"):
        assert listing.rows()[name] == line


@pytest.mark.sweep
@pytest.mark.parametrize("case", TAMPERED, ids=lambda case: str(case.name))
def test_it_is_found_at_its_place_when(case: Case, tmp_path: Path) -> None:
    is_listed(listing.row(case, check(case, lay(tmp_path))), case.name)


@pytest.mark.sweep
@pytest.mark.parametrize("case", HONEST, ids=lambda case: str(case.name))
def test_nothing_is_found_in(case: Case, tmp_path: Path) -> None:
    is_listed(listing.row(case, check(case, lay(tmp_path))), case.name)


def test_the_corpus_is_large_and_each_case_has_one_name() -> None:
    names = Counter(case.name for case in [*TAMPERED, *HONEST])

    assert max(names.values()) == 1
    assert len(TAMPERED) >= 120
    assert len(HONEST) >= 20
    assert len(UNDETECTABLE) <= 3
    assert all(case.exit_code for case in TAMPERED)


def test_the_list_names_every_book_of_the_corpus_and_no_other() -> None:
    for book in UNDETECTABLE:
        is_listed(listing.hidden_row(book), book.name)
    if os.environ.get("UPDATE_GOLDEN"):
        listing.LIST.write_text(listing.whole(WRITTEN), encoding="utf-8")
        listing.rows.cache_clear()

    assert listing.LIST.read_text("utf-8") == listing.whole(listing.rows())


@pytest.mark.parametrize("book", UNDETECTABLE, ids=lambda book: str(book.name))
def test_no_look_inside_finds_that(book: Undetectable, tmp_path: Path) -> None:
    desk = lay(tmp_path)
    book.do(desk)

    assert verify(desk.places).exit_code == 0
    assert second_verdict(desk).code == 0


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

        assert second_verdict(desk).code == 15


def test_a_book_is_sound_after_recovery_from_a_crash(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    desk.remember()

    assert verify(desk.places).exit_code == 0
    assert second_verdict(desk).code == 0


def run_second(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SECOND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_second_verifier_is_a_program_of_its_own(tmp_path: Path) -> None:
    desk = lay(tmp_path)
    checkpoint = tmp_path / "us.ckpt"
    checkpoint.write_bytes(desk.checkpoints()[-1][1])
    leaves = [merkle.leaf_hash(note) for note in desk.notes()]
    memory = f"{ENTRIES}:{merkle.root(leaves).hex()}"
    known = (genesis_leaf(), checkpoint)

    sound = run_second(desk.database, *known, memory)
    desk.insert(voids.GARBAGE)
    voids.acknowledge(desk, voids.target(desk, ENTRIES))
    listed = run_second(desk.database, *known)
    cut = run_second(desk.database, "", "", f"99:{'00' * 32}")

    assert (sound.returncode, json.loads(sound.stdout)) == (0, [[], []])
    assert (listed.returncode, json.loads(listed.stdout)) == (
        0,
        [[], [[ENTRIES, "bytes"]]],
    )
    assert (cut.returncode, json.loads(cut.stdout)[0][0][1]) == (11, "tree")
    assert (sound.stderr, listed.stderr, cut.stderr) == ("", "", "")


def test_the_second_verifier_imports_nothing_of_the_program() -> None:
    assert "import ledger" not in SECOND.read_text()
    assert "from ledger" not in SECOND.read_text()
