"""The law: a verification that goes on finds what one from the start would find."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.audit import Audit
from ledger.domain.history import History
from ledger.register import resuming
from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from ledger.register.progress import Progress
from ledger.register.signatures import Ahead
from ledger.store.verified import Verified, VerifiedFile
from ledger.tlog import merkle
from ledger.tlog.entry import EntryNote
from tests.office import Office
from tests.register.stored import (
    LENGTH,
    garbage,
    image_of,
    lay,
    tampering,
    usual,
    usual_office,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEPT = 20


@pytest.fixture(autouse=True)
def kept_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "KEPT_EACH", KEPT)


def stopped(there: Places) -> Verified | None:
    """Verify, and stop once the derived tables are reached; return what is kept."""

    def stop(progress: Progress) -> None:
        if progress.stage == "projections":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(there, now=NOW, progress=stop)
    return VerifiedFile(there.memory).read()


def resumed(there: Places) -> Report:
    report = verify(there, resume=True)
    anew = verify(there)
    assert replace(report, resumed=None) == anew
    return report


def root_of(office: Office, size: int) -> str:
    return merkle.root(map(merkle.leaf_hash, office.notes[:size])).hex()


def test_what_was_judged_before_it_was_stopped_is_not_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = usual(tmp_path)
    kept = stopped(there)
    checked: list[int] = []

    def counted(_: Ahead, page: EntryNote, *__: object) -> None:
        checked.append(page.envelope().seq)

    monkeypatch.setattr(Ahead, "check", counted)

    report = verify(there, resume=True)

    size = LENGTH - KEPT
    assert kept == Verified(
        usual_office().book, size, root_of(usual_office(), size), NOW
    )
    assert report.resumed == kept
    assert (report.exit_code, report.entries) == (0, LENGTH)
    assert checked == list(range(size, LENGTH))


def test_a_verification_that_ended_leaves_nothing_to_go_on_from(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    stopped(there)

    report = verify(there, now=NOW)

    assert report.resumed is None
    assert VerifiedFile(there.memory).read() is None
    assert resumed(there).resumed is None


def test_nothing_is_kept_without_a_clock_or_where_something_is_wrong(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    verify(there)
    before = VerifiedFile(there.memory).read()
    with tampering(there.database) as connection:
        connection.execute("UPDATE entry SET once = 'x' WHERE seq = 3")

    assert (before, stopped(there)) == (None, None)


def test_where_nothing_can_be_kept_the_verification_goes_on(tmp_path: Path) -> None:
    there = usual(tmp_path)
    there.memory.mkdir(parents=True)
    (there.memory / "verified.lock").mkdir()

    assert stopped(there) is None
    assert verify(there, now=NOW).exit_code == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET note = CAST(note || x'0a' AS BLOB) WHERE seq = 3",
        "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 3",
        "DELETE FROM entry WHERE seq > 10",
        "UPDATE book SET name = 'xb.example/book'",
        "UPDATE transfer SET persons = persons + 1",
        "UPDATE entry SET note = x'00' WHERE seq = 58",
        "DELETE FROM node",
    ],
)
def test_what_was_changed_while_it_was_stopped_is_found(
    tmp_path: Path, sql: str
) -> None:
    there = usual(tmp_path)
    stopped(there)
    with tampering(there.database) as connection:
        connection.execute(sql)

    assert resumed(there).findings


def test_what_cannot_be_read_again_is_not_relied_on(tmp_path: Path) -> None:
    there = usual(tmp_path)
    stopped(there)
    with tampering(there.database) as connection:
        connection.execute("ALTER TABLE entry RENAME COLUMN once TO twice")

    report = verify(there, resume=True)

    assert (report.resumed, report.exit_code) == (None, 10)


def test_a_mark_of_other_bytes_or_of_no_bytes_is_not_relied_on(tmp_path: Path) -> None:
    there, office = usual(tmp_path), usual_office()
    file = VerifiedFile(there.memory)
    mark = Verified(office.book, 30, root_of(office, 30), NOW)
    for bad in (
        replace(mark, root="00" * 32),
        replace(mark, size=29),
        replace(mark, size=0, root=root_of(office, 0)),
        replace(mark, size=LENGTH + 1),
        replace(mark, book="xb.example/book"),
    ):
        file.keep(bad)
        assert resumed(there).resumed is None
    file.keep(mark)

    assert resumed(there).resumed == mark


def test_a_void_entry_is_judged_again_each_time(tmp_path: Path) -> None:
    office = Office()
    office.transfer()
    office.put(garbage(1))
    while len(office.notes) < 2 * KEPT:
        office.transfer()
    there = lay(tmp_path, image_of(office))
    kept = stopped(there)

    report = resumed(there)

    assert kept is not None
    assert kept.voids == (2,)
    assert report.resumed == kept
    assert [void.seq for void, _ in report.void] == [2]
    assert report.exit_code == 10


def test_bytes_that_change_while_it_goes_on_are_found(tmp_path: Path) -> None:
    there = usual(tmp_path)
    stopped(there)
    note = usual_office().notes[3] + b"\n"

    def change(progress: Progress) -> None:
        if progress == Progress("known", 0, LENGTH - KEPT):
            with tampering(there.database) as connection:
                connection.execute(
                    "UPDATE entry SET note = ?, leaf = ? WHERE seq = 3",
                    (note, merkle.leaf_hash(note)),
                )

    report = verify(there, resume=True, progress=change)

    assert report.exit_code != 0
    assert any(f.code == "other-root" for f in report.findings)


def test_a_verification_since_a_checkpoint_keeps_nothing(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        (note,) = connection.execute("SELECT note FROM checkpoint").fetchone()
    stopped(there)

    report = verify(there, since=note, now=NOW, resume=True)

    assert (report.exit_code, report.resumed) == (0, None)
    assert VerifiedFile(there.memory).read() is not None


def test_known_bytes_that_no_program_can_read_are_judged() -> None:
    note = garbage(1)
    audit = Audit(History(book="us.example/book"))

    audit.take(seq=0, leaf=merkle.leaf_hash(note), note=note, known=True)

    assert [void.seq for void in audit.history.voids.values()] == [0]
