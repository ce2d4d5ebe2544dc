"""A damaged book is built anew from a copy that others have, and nothing is signed."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import LedgerError, RewrittenError
from ledger.exchange.bundle import write_bundle
from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.repairing import Repaired, repair
from ledger.register.salvaging import Span
from ledger.store.journal import Journal
from ledger.store.watermark import WatermarkFile
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.faults.processes import ROOT, unmeasured
from tests.office import Office, signer
from tests.register.neighbours import Receiver, broken, packet, sv, us
from tests.register.stored import (
    garbage,
    insert,
    make,
    opened,
    places,
    remember,
    tampering,
)
from tests.store.test_engine import crashed
from tests.surroundings import files, open_folder, without_power

MIRRORED = 4
LONG = 70_000


class Lost:
    """A sending office whose file is damaged, and a receiving one that mirrors it.

    The receiver has the first four of the six entries of the book.
    """

    def __init__(self, folder: Path) -> None:
        self.office = us()
        for _ in range(MIRRORED - len(self.office.notes)):
            self.office.transfer()
        (folder / "sv").mkdir()
        (folder / "us").mkdir()
        self.receiver = Receiver(folder / "sv", self.office)
        self.receiver.take(packet(self.office))
        self.receiver.cosign()
        for _ in range(2):
            self.office.transfer()
        self.there = places(folder / "us")
        make(self.office, self.there.database).close()

    @property
    def mirror(self) -> Path:
        return self.receiver.there.database

    @property
    def size(self) -> int:
        return len(self.office.notes)

    @property
    def genesis(self) -> str:
        return merkle.leaf_hash(self.office.notes[0]).hex()

    def root(self, size: int) -> bytes:
        return merkle.root([merkle.leaf_hash(n) for n in self.office.notes[:size]])

    def remember(self, size: int) -> None:
        remember(self.there, self.office, size=size)

    def alter(self, *seqs: int) -> None:
        """Change entries as whoever owns the file can."""
        with tampering(self.there.database) as book:
            for seq in seqs:
                book.execute(
                    "UPDATE entry SET note = ?1 WHERE seq = ?2", (garbage(seq), seq)
                )

    def keep(self, office: Office, size: int, *, where: Path | None = None) -> None:
        """Keep a checkpoint that the log of an office signed."""
        leaves = [merkle.leaf_hash(note) for note in office.notes[:size]]
        checkpoint = Checkpoint(office.book, size, merkle.root(leaves))
        note = sign_checkpoint(checkpoint, office.keys["log"])
        with closing(Journal.open(where or self.there.database, write=True)) as book:
            book.keep_checkpoint(size=size, note=note)

    def mend(
        self,
        source: Path | None = None,
        *,
        genesis: str | None = None,
        older: bool = False,
        yes: bool = True,
    ) -> Repaired:
        return repair(
            self.there,
            source or self.mirror,
            now=self.receiver.now,
            may_replace=lambda: yes,
            genesis=genesis,
            older=older,
        )

    def refused(self, source: Path | None = None, **options: str | bool) -> str:
        """Return why nothing is mended; then nothing is changed either."""
        folder = self.there.database.parent
        before = {n: (folder / n).read_bytes() for n in files(folder)}
        with pytest.raises(LedgerError) as error:
            self.mend(source, **options)  # type: ignore[arg-type]
        assert {n: (folder / n).read_bytes() for n in files(folder)} == before
        return error.value.code


@pytest.fixture(name="lost")
def _lost(tmp_path: Path) -> Lost:
    return Lost(tmp_path)


def test_what_the_other_state_mirrors_is_built_anew(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.there.database.write_bytes(b"a broken disk")
    lost.there.database.with_name("book.ledger-journal").write_bytes(b"")
    done = lost.mend()
    report = verify(lost.there)

    assert (done.size, done.root) == (MIRRORED, lost.root(MIRRORED))
    assert (done.proven, done.copied) == (MIRRORED, MIRRORED)
    assert (done.nobody, done.unproven, done.read_only) == (None, None, False)
    assert done.path == lost.there.database
    assert done.aside is not None
    assert done.aside.read_bytes() == b"a broken disk"
    assert done.aside.with_name(f"{done.aside.name}-journal").exists()
    assert not lost.there.database.with_name("book.ledger-journal").exists()
    assert (report.exit_code, report.memory) == (0, "pass")
    with opened(lost.there) as register:
        register.check_memory()


def test_where_nothing_is_left_the_folder_is_made(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.there.database.unlink()
    lost.there = replace(
        lost.there, database=lost.there.database.parent / "new" / "book.ledger"
    )
    done = lost.mend(genesis=lost.genesis)

    assert (done.aside, done.differing) == (None, ())
    assert verify(lost.there).root == lost.root(MIRRORED)


def test_entries_beyond_the_copy_come_from_the_damaged_file_if_their_root_is_known(
    lost: Lost,
) -> None:
    lost.remember(lost.size)
    lost.alter(2)
    done = lost.mend()

    assert (done.size, done.copied) == (lost.size, MIRRORED)
    assert done.differing == (Span(2, 2),)
    assert (done.nobody, done.proven) == (None, MIRRORED)
    assert verify(lost.there).root == lost.root(lost.size)


def test_a_signed_checkpoint_in_the_damaged_file_proves_them_as_well(
    lost: Lost,
) -> None:
    lost.keep(lost.office, lost.size)
    lost.alter(0, 1)
    done = lost.mend(genesis=lost.genesis)

    assert (done.size, done.proven) == (lost.size, lost.size)
    assert done.differing == (Span(0, 1),)


def test_entries_that_nobody_has_are_named_and_refused_unless_said(
    lost: Lost,
) -> None:
    lost.remember(lost.size)
    lost.alter(2, MIRRORED)

    assert lost.refused() == "repair.older"

    done = lost.mend(older=True)
    assert done.read_only
    assert done.nobody == Span(MIRRORED, lost.size - 1)
    assert done.unproven == Span(MIRRORED, lost.size - 1)
    with opened(lost.there) as register, pytest.raises(RewrittenError) as error:
        register.check_memory()
    assert error.value.code == "memory.cut"
    mark = WatermarkFile(lost.there.memory).read()
    assert mark is not None
    assert (mark.size, mark.root) == (lost.size, lost.root(lost.size).hex())


def test_a_checkpoint_beyond_the_copy_is_remembered_by_whoever_forgot(
    lost: Lost,
) -> None:
    lost.keep(lost.office, lost.size)
    lost.alter(1, lost.size - 1)

    assert lost.refused(genesis=lost.genesis) == "repair.older"

    done = lost.mend(genesis=lost.genesis, older=True)
    assert done.nobody == Span(MIRRORED, lost.size - 1)
    mark = WatermarkFile(lost.there.memory).read()
    assert mark is not None
    assert mark.size == lost.size


def test_entries_that_nothing_proves_are_left_in_the_evidence(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.alter(3)
    done = lost.mend()

    assert (done.size, done.read_only) == (MIRRORED, False)
    assert done.unproven == Span(MIRRORED, lost.size - 1)
    assert verify(lost.there).exit_code == 0


def test_a_sound_book_that_lacks_nothing_is_left(lost: Lost) -> None:
    lost.remember(MIRRORED)

    assert lost.refused() == "repair.book-there"


def test_an_old_copy_that_was_put_back_is_sound_and_made_whole(lost: Lost) -> None:
    lost.there.database.unlink()
    early = Office()
    early.notes, early.history = lost.office.notes[:2], lost.office.history
    make(early, lost.there.database).close()
    assert verify(lost.there).exit_code == 0
    done = lost.mend(genesis=lost.genesis)

    assert done.size == MIRRORED
    assert done.differing == (Span(2, 3),)
    assert done.aside is not None


def test_a_sound_book_that_was_written_anew_is_replaced(lost: Lost) -> None:
    lost.there.database.unlink()
    other = Office()
    other.transfer(persons={"n": 9, "qualifier": "exact"})
    make(other, lost.there.database).close()
    done = lost.mend(genesis=lost.genesis)

    assert done.size == MIRRORED
    assert done.differing[0].first >= 1


def test_another_book_in_the_place_is_never_replaced(lost: Lost) -> None:
    lost.there.database.unlink()
    make(sv(), lost.there.database).close()

    assert lost.refused(genesis=lost.genesis) == "repair.other-book-there"


def test_nothing_is_replaced_that_nobody_says_yes_to(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.alter(1)

    assert lost.refused(yes=False) == "repair.left"


def test_a_name_for_the_evidence_that_is_taken_stops_it(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.alter(1)
    now = lost.receiver.now
    name = f"book.ledger.damaged-{now:%Y%m%dT%H%M%SZ}"
    lost.there.database.with_name(name).touch()

    with pytest.raises(LedgerError) as error:
        lost.mend()
    assert error.value.code == "file.exists"
    assert verify(lost.there).exit_code == 10


def test_the_book_is_no_copy_of_itself(lost: Lost) -> None:
    assert lost.refused(lost.there.database) == "repair.same-file"


def test_a_crash_is_mended_first(lost: Lost) -> None:
    folder = lost.there.database.parent.parent / "crashed"
    folder.mkdir()
    lost.there = crashed(folder)

    assert lost.refused() == "store.interrupted"


def test_a_folder_that_takes_nothing_is_said(lost: Lost) -> None:
    lost.remember(MIRRORED)
    with open_folder() as folder:
        there = replace(lost.there, database=folder / "book.ledger")
        lost.there = there
        with without_power(), pytest.raises(LedgerError):
            lost.mend(genesis=lost.genesis)
        assert not files(folder)


def test_a_folder_that_cannot_be_made_is_said(lost: Lost) -> None:
    inside = lost.there.database / "new" / "book.ledger"
    lost.there = replace(lost.there, database=inside)

    with pytest.raises(LedgerError) as error:
        lost.mend(genesis=lost.genesis)
    assert error.value.code.startswith("file.") or "system" in error.value.code


def forged() -> Office:
    """Return the office of another history under the same keys."""
    other = Office()
    other.transfer(persons={"n": 99, "qualifier": "exact"})
    for _ in range(MIRRORED - len(other.notes)):
        other.transfer()
    return other


def test_a_mirror_of_another_history_than_is_remembered_is_refused(
    lost: Lost,
) -> None:
    remember(lost.there, forged(), size=MIRRORED)
    lost.alter(1)

    assert lost.refused() == "repair.signed-here"


def test_two_signed_histories_are_for_people_to_judge(lost: Lost) -> None:
    lost.there.database.unlink()
    make(forged(), lost.there.database).close()
    lost.keep(forged(), MIRRORED)

    assert lost.refused(genesis=lost.genesis) == "repair.two-histories"


def test_what_is_remembered_tells_which_of_two_signed_histories_was_first(
    lost: Lost,
) -> None:
    lost.there.database.unlink()
    lost.remember(MIRRORED)
    make(forged(), lost.there.database).close()
    lost.keep(forged(), MIRRORED)
    done = lost.mend()

    assert done.other == (MIRRORED,)
    assert verify(lost.there).exit_code == 0


def test_without_anything_known_the_first_entry_has_to_be_named(lost: Lost) -> None:
    lost.alter(1)

    assert lost.refused() == "repair.unpinned"
    assert lost.refused(genesis="0" * 64) == "repair.another-book"
    assert lost.mend(genesis=lost.genesis).size == MIRRORED


def test_a_key_of_the_book_that_lies_here_is_enough(lost: Lost) -> None:
    key = lost.office.keys["log"].key
    lay_key(lost.there, key.name, key.format())
    lost.alter(1)

    assert lost.mend().size == MIRRORED


def lay_key(there: Places, name: str, vkey: str) -> None:
    path = there.keys / f"{name}.vkey"
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    path.write_text(f"{vkey}\n")


def test_keys_of_two_books_leave_open_which_is_meant(lost: Lost) -> None:
    for office in (lost.office, lost.receiver.office):
        key = office.keys["log"].key
        lay_key(lost.there, key.name, key.format())
    lost.there.database.write_bytes(b"gone")

    assert lost.refused() == "repair.which-book"


def test_what_is_remembered_names_one_book(lost: Lost) -> None:
    remember(lost.there, lost.receiver.office, size=1)
    lost.there.database.write_bytes(b"gone")
    with opened(lost.receiver.there) as register:
        size = register.journal.size()
    lost.keep(lost.receiver.office, size, where=lost.mirror)

    assert lost.mend().book == lost.receiver.office.book


def test_a_copy_whose_first_entry_is_none_is_of_no_book(
    lost: Lost, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    for note in (garbage(1), lost.office.notes[1]):
        journal = Journal.make(
            bad, name="us.example/book", state="US", genesis=merkle.leaf_hash(note)
        )
        insert(journal.connection, 0, note)
        journal.close()
        assert lost.refused(bad) == "repair.unpinned"
        bad.unlink()


def bundle(lost: Lost, folder: Path, start: int = 0) -> Path:
    offer = packet(lost.office, start, MIRRORED)
    folder.mkdir(exist_ok=True)
    return write_bundle(
        folder, offer.header, notes=offer.pages, checkpoint=offer.checkpoint
    ).path


def test_a_bundle_from_the_first_entry_on_is_a_copy(lost: Lost, tmp_path: Path) -> None:
    lost.remember(MIRRORED)
    lost.alter(1)
    path = bundle(lost, tmp_path / "out")
    done = lost.mend(path)

    assert (done.size, done.mirrors) == (MIRRORED, ())
    assert verify(lost.there).exit_code == 0


def test_bundles_that_are_not_whole_or_of_another_book_are_refused(
    lost: Lost, tmp_path: Path
) -> None:
    lost.remember(MIRRORED)
    lost.alter(1)
    part = bundle(lost, tmp_path / "part", 1)
    whole = bundle(lost, tmp_path / "whole")
    cut = tmp_path / "cut.bundle"
    cut.write_bytes(whole.read_bytes()[:-30])
    text = tmp_path / "text"
    text.write_text("not a bundle\n")

    assert lost.refused(part) == "repair.not-from-the-start"
    assert lost.refused(cut) == "bundle.truncated"
    assert lost.refused(text) == "bundle.not-a-bundle"
    assert lost.refused(whole, genesis="0" * 64) == "repair.another-book"
    assert lost.refused(tmp_path / "none") == "file.none"


def test_a_backup_is_a_copy_as_far_as_it_is_signed(lost: Lost, tmp_path: Path) -> None:
    lost.remember(2)
    backup = tmp_path / "backup"
    make(lost.office, backup).close()
    lost.keep(lost.office, 3, where=backup)
    forged = Checkpoint(lost.office.book, 2, lost.root(2))
    note = sign_checkpoint(forged, signer(lost.office.book, 99))
    with closing(Journal.open(backup, write=True)) as book:
        book.keep_checkpoint(size=2, note=note)
    lost.there.database.write_bytes(b"gone")
    done = lost.mend(backup)

    assert (done.size, done.proven) == (3, 3)


def test_what_this_machine_remembers_proves_a_copy_that_was_never_signed(
    lost: Lost, tmp_path: Path
) -> None:
    lost.remember(lost.size)
    backup = tmp_path / "backup"
    make(lost.office, backup).close()
    lost.there.database.write_bytes(b"gone")
    done = lost.mend(backup)

    assert (done.size, done.proven) == (lost.size, 0)


def test_a_copy_that_nothing_proves_is_refused(lost: Lost, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make(lost.office, backup).close()
    lost.alter(1)

    assert lost.refused(backup, genesis=lost.genesis) == "repair.unproven"


@pytest.mark.parametrize("real", [0, 3])
def test_a_checkpoint_that_the_log_did_not_sign_proves_nothing(
    lost: Lost, tmp_path: Path, real: int
) -> None:
    backup = tmp_path / "backup"
    make(lost.office, backup).close()
    checkpoint = Checkpoint(lost.office.book, lost.size, lost.root(lost.size))
    stranger = signer(lost.office.book, 99)
    good = sign_checkpoint(checkpoint, lost.office.keys["log"])
    bad = broken(good)
    lines = bad.splitlines(keepends=True)
    notes = [sign_checkpoint(checkpoint, stranger), bad, good + lines[-1], b"no note"]
    with closing(Journal.open(backup, write=True)) as book:
        for note in notes:
            book.keep_checkpoint(size=lost.size, note=note)
    if real:
        lost.keep(lost.office, real, where=backup)
    lost.there.database.write_bytes(b"gone")

    if real:
        assert lost.mend(backup, genesis=lost.genesis).size == real
    else:
        assert lost.refused(backup, genesis=lost.genesis) == "repair.unproven"


def test_void_entries_are_void_again(lost: Lost) -> None:
    lost.office.notes.append(garbage(3))
    lost.receiver.take(packet(lost.office, MIRRORED))
    lost.there.database.write_bytes(b"gone")
    done = lost.mend(genesis=lost.genesis)
    report = verify(lost.there)

    assert done.size == lost.size
    assert [void.seq for void, _ in report.void] == [lost.size - 1]


@pytest.mark.parametrize("what", ["long", "gap", "type"])
def test_remains_are_read_as_far_as_they_can_be(lost: Lost, what: str) -> None:
    lost.remember(lost.size)
    with tampering(lost.there.database) as book:
        match what:
            case "long":
                book.execute("PRAGMA ignore_check_constraints=ON")
                book.execute(
                    "UPDATE entry SET note = ?1 WHERE seq = ?2",
                    (b"x" * LONG, MIRRORED),
                )
            case "gap":
                book.execute("DELETE FROM entry WHERE seq = ?", (MIRRORED,))
            case _:
                spoil(book)

    assert lost.refused() == "repair.older"
    assert lost.mend(older=True).size == MIRRORED


def spoil(book: sqlite3.Connection) -> None:
    """Put a leaf hash of another length where the schema lets nobody."""
    book.execute("PRAGMA ignore_check_constraints=ON")
    book.execute("UPDATE entry SET leaf = x'00' WHERE seq = ?", (MIRRORED,))


def test_a_book_whose_pages_are_broken_is_read_as_far_as_they_go(lost: Lost) -> None:
    lost.remember(MIRRORED)
    image = bytearray(lost.there.database.read_bytes())
    size = int.from_bytes(image[16:18], "big")
    for page in range(2, len(image) // size):
        image[page * size : page * size + 200] = bytes(200)
    lost.there.database.write_bytes(image)

    assert lost.mend().size == MIRRORED


def test_a_checkpoint_of_the_copy_keeps_the_line_of_the_log_alone(lost: Lost) -> None:
    lost.there.database.write_bytes(b"gone")
    lost.mend(genesis=lost.genesis)

    with opened(lost.there) as register:
        found = register.journal.checkpoints()
    assert {size for size, _ in found} == {MIRRORED}


@pytest.mark.parametrize("what", ["checkpoints", "origin", "row"])
def test_what_of_the_remains_is_broken_is_passed_over(lost: Lost, what: str) -> None:
    lost.remember(MIRRORED)
    lost.keep(lost.office, MIRRORED)
    with tampering(lost.there.database) as book:
        book.execute("PRAGMA ignore_check_constraints=ON")
        match what:
            case "checkpoints":
                book.execute("ALTER TABLE checkpoint RENAME COLUMN note TO page")
            case "origin":
                note = b"sv.example/book\n4\n" + b"A" * 43 + b"=\n\n"
                note += b"\xe2\x80\x94 sv.example/book AAAAAAAA\n"
                book.execute("UPDATE checkpoint SET note = ?", (note,))
            case _:
                book.execute("UPDATE entry SET leaf = x'00' WHERE seq = 1")

    assert lost.mend().size == MIRRORED


KILLED = """
import os, random, select, signal, sys, time
from datetime import datetime, UTC
from pathlib import Path
from ledger.register.repairing import repair
from tests.register.stored import places

there, source, kills = places(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3])
chance = random.Random(7)
damaged = there.database.read_bytes()
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
longest = 0.2
for n in range(kills):
    child = os.fork()
    if child == 0:
        repair(there, source, now=NOW, may_replace=lambda: True)
        os._exit(0)
    time.sleep(chance.random() * longest)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(int(there.database.read_bytes() == damaged))
    for name in there.database.parent.glob("book.ledger.damaged-*"):
        assert name.read_bytes() == damaged
        name.unlink()
    there.database.write_bytes(damaged)
"""


def test_a_killed_repair_leaves_the_old_file_or_the_new_one(lost: Lost) -> None:
    lost.remember(MIRRORED)
    lost.there.database.write_bytes(b"a broken disk")
    done = subprocess.run(
        [
            *(sys.executable, "-c", KILLED, str(lost.there.database.parent)),
            *(str(lost.mirror), "30"),
        ],
        cwd=ROOT,
        env={**unmeasured(), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    )

    assert done.stdout.count(b"1") > 0
    assert lost.mend().size == MIRRORED
