"""The law: a level that damage kept from its end never passes, and says how far."""

from pathlib import Path

import pytest

from ledger.audit import Audit
from ledger.domain.history import History
from ledger.errors import LedgerError, TamperedError
from ledger.register.checking import Report, verify
from ledger.register.examining import begin
from ledger.register.levels import Work
from ledger.store import journal
from ledger.store.journal import Journal
from tests.register.stored import (
    LENGTH,
    SIGNED,
    lay,
    remember,
    usual,
    usual_image,
    usual_office,
)
from tests.register.test_damage import SEEDS, damaged

PAGE = 4096
ALWAYS_ABSENT = {"cosignatures": "absent", "time": "absent"}


def results(report: Report) -> dict[str, str]:
    return {level.level: level.result for level in report.levels}


def covers(report: Report) -> dict[str, int]:
    return {level.level: level.covers for level in report.levels}


def overwritten(image: bytes, sample: bytes) -> bytes:
    """Return a database whose page with these bytes is none any more."""
    at = image.index(sample) // PAGE * PAGE
    return image[:at] + b"\xff" * PAGE + image[at + PAGE :]


def test_damage_among_the_entries_leaves_the_rest_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "SLICE", 5)
    note = usual_office().notes[SIGNED]
    there = lay(tmp_path, overwritten(usual_image(), note[60:160]))
    remember(there, usual_office(), size=LENGTH)

    report = verify(there, workers=0)

    assert (report.verdict, report.exit_code) == ("altered", 10)
    assert report.findings[0].code == "store:store.damaged"
    assert report.findings[0].values["code"]
    assert results(report) == ALWAYS_ABSENT | {
        "bytes": "fail",
        **dict.fromkeys(("chain", "signatures", "tree", "rules"), "skipped"),
        **dict.fromkeys(("projections", "guards"), "skipped"),
    }
    assert 0 < report.judged <= SIGNED
    assert covers(report) == {
        **dict.fromkeys(
            ("bytes", "chain", "signatures", "tree", "rules"), report.judged
        ),
        **dict.fromkeys(("projections", "guards", "cosignatures", "time"), 0),
    }
    assert report.memory == "skipped"


@pytest.mark.parametrize("step", ["settled", "objects", "journal.root"])
def test_damage_after_the_entries_leaves_what_came_before(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise TamperedError("store.damaged", code=11)

    there = usual(tmp_path)
    where = {
        "settled": "ledger.register.rebuilding.Rebuilding.settled",
        "objects": "ledger.register.guarding.objects",
        "journal.root": "ledger.register.checking.compare_checkpoints",
    }
    monkeypatch.setattr(where[step], stop)

    report = verify(there, workers=0)

    level = {"settled": "projections", "objects": "guards"}.get(step, "bytes")
    passed = {
        "settled": ["rules", "bytes"],
        "objects": ["rules", "bytes", "projections"],
    }.get(step, ["rules", "projections", "guards"])
    assert [f.level for f in report.findings] == [level]
    assert results(report)[level] == "fail"
    assert {name for name, found in results(report).items() if found == "pass"} == set(
        passed
    )
    assert {covers(report)[name] for name in passed} == {LENGTH}


def test_a_hash_of_the_tree_that_is_gone_is_derived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise TamperedError("store.node-missing", level=1, number=2)

    monkeypatch.setattr("ledger.register.checking.compare_memory", stop)

    report = verify(usual(tmp_path), workers=0)

    assert [(f.level, f.exit_code) for f in report.findings] == [("projections", 10)]
    assert results(report)["tree"] == "skipped"
    assert results(report)["chain"] == "skipped"
    assert results(report)["bytes"] == "pass"


def test_a_whole_verification_skips_nothing(tmp_path: Path) -> None:
    there = usual(tmp_path)

    report = verify(there)

    assert set(results(report).values()) == {"pass", "absent"}
    assert report.judged == LENGTH


@pytest.mark.parametrize("first", range(0, SEEDS, 25))
def test_no_level_passes_that_did_not_reach_every_entry(
    first: int, tmp_path: Path
) -> None:
    for seed in range(first, first + 25):
        there = lay(tmp_path, damaged(usual_image(), seed))
        try:
            report = verify(there, workers=0)
        except LedgerError:
            continue  # it cannot be opened, or read, at all
        stopped = any(f.code.startswith("store:") for f in report.findings)
        for level in report.levels:
            assert level.covers <= report.judged, seed
            if level.result == "pass":
                assert level.covers == report.judged, seed
        # What is not there, or is no row, is a gap: it fails the chain or the bytes.
        if not stopped and report.judged < report.entries:
            assert {"chain", "bytes"} & {f.level for f in report.findings}, seed
        # A table that cannot be read is a finding, and stops nothing.
        assert stopped or report.memory != "skipped", seed


def test_entries_that_are_counted_and_do_not_come_are_cut_off(
    tmp_path: Path,
) -> None:
    there = lay(tmp_path, damaged(usual_image(), 180))

    report = verify(there, workers=0)

    assert report.judged == report.entries < LENGTH
    (finding,) = [f for f in report.findings if f.code == "cut"]
    assert (finding.expected, finding.found) == (str(LENGTH), str(report.entries))


def test_work_that_has_not_begun_has_judged_nothing(tmp_path: Path) -> None:
    book = Journal.open(usual(tmp_path).database, write=False)
    work = Work(book, Audit(History(book=book.book.name)))
    begin(work, mark=None, since=None)
    book.close()

    assert (work.judged, work.done) == (0, set())
