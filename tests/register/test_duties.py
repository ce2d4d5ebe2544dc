"""What an office has to do, most urgent first, and nothing that is done."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ledger.register.duties import TASKS, Duty, duties
from ledger.register.mismatching import variances
from ledger.register.opening import Places
from ledger.store.backups import BackupFile, LastBackup
from tests.office import Office
from tests.register.stored import (
    image_of,
    lay,
    opened,
    storable,
)

LAST = date(2026, 3, 15)


def kept(folder: Path, office: Office) -> Places:
    """Return an office's book on disk."""
    return lay(folder, image_of(office))


def to_do(there: Places, *, on: date, within: int = 90) -> list[Duty]:
    with opened(there) as register:
        return list(duties(register, on=on, within=within).lines)


def of(found: list[Duty], task: str) -> list[Duty]:
    return [duty for duty in found if duty.task == task]


@pytest.fixture
def office() -> Office:
    office = Office()
    office.transfer()
    return office


def test_a_departure_waits_for_its_arrival(office: Office, tmp_path: Path) -> None:
    (duty,) = of(to_do(kept(tmp_path, office), on=date(2025, 3, 20)), "not-received")

    assert (duty.ref, duty.persons and duty.persons.most, duty.days) == ("T-1", 238, 5)


def test_an_arrival_that_only_we_report_waits_for_the_other_state(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 238)
    found = to_do(kept(tmp_path, office), on=date(2025, 3, 20))

    assert of(found, "not-received") == []
    (duty,) = of(found, "unacknowledged")
    assert (duty.ref, duty.days) == ("T-1", 5)


def test_who_did_not_arrive_comes_before_everything_else(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 236)
    first, *rest = to_do(kept(tmp_path, office), on=date(2026, 4, 1))

    assert first.task == "unaccounted"
    assert first.persons is not None
    assert (first.persons.least, first.day) == (2, date(2025, 3, 16))
    assert [duty.task for duty in rest][:1] == ["overdue"]


@pytest.mark.parametrize(
    ("on", "task", "days"),
    [
        (LAST - timedelta(days=91), None, None),
        (LAST - timedelta(days=90), "due", 90),
        (LAST, "due", 0),
        (LAST + timedelta(days=1), "overdue", 1),
    ],
)
def test_a_term_is_due_and_then_overdue(
    office: Office, tmp_path: Path, on: date, task: str | None, days: int | None
) -> None:
    office.receipt("T-1", 238)
    found = to_do(kept(tmp_path, office), on=on)
    terms = [(d.task, d.days) for d in found if d.task in {"due", "overdue"}]

    assert terms == ([] if task is None else [(task, days)])


def test_a_term_without_an_end_is_work_on_every_day(tmp_path: Path) -> None:
    office = Office()
    office.transfer(term={"reading": "unknown"})
    office.receipt("T-1", 238)
    (duty,) = of(to_do(kept(tmp_path, office), on=date(2025, 3, 20)), "no-authority")

    assert (duty.day, duty.days, duty.persons and duty.persons.most) == (
        None,
        None,
        238,
    )


@pytest.mark.parametrize(
    ("renewal", "day"),
    [
        (None, None),
        ({"clause": "express"}, None),
        ({"clause": "express", "notice": {"text": "in good time"}}, None),
        ({"clause": "express", "notice": {"lead": "P1M"}}, date(2026, 2, 15)),
        (
            {"clause": "express", "notice": {"last_day": "2026-01-31"}},
            date(2026, 1, 31),
        ),
    ],
)
def test_the_last_day_to_ask_for_a_renewal_is_told(
    tmp_path: Path, renewal: dict[str, object] | None, day: date | None
) -> None:
    office = Office()
    office.instrument(**({} if renewal is None else {"renewal": renewal}))  # type: ignore[arg-type]
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    (duty,) = of(to_do(kept(tmp_path, office), on=date(2026, 1, 10)), "due")

    assert duty.notice_by == day


def test_a_transfer_whose_persons_are_all_out_and_accounted_for_is_done(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 238)
    office.exit(["T-1"], 238, "2025-07-18")

    found = to_do(kept(tmp_path, office), on=date(2026, 4, 1))

    assert {duty.task for duty in found} <= {"checkpoint", "backup"}


def test_a_variance_and_an_open_remark_about_one_are_work(
    office: Office, tmp_path: Path
) -> None:
    office.receipt("T-1", 240)
    remark = office.remark(1)
    found = of(to_do(kept(tmp_path, office), on=date(2025, 4, 1)), "variance")

    assert {(d.detail, d.ref) for d in found} == {("surplus", "T-1"), ("remark", "T-1")}
    office.remark(1, resolves=office.cite_entry(remark.seq))
    (tmp_path / "later").mkdir()
    later = of(to_do(kept(tmp_path / "later", office), on=date(2025, 4, 1)), "variance")
    assert {duty.detail for duty in later} == {"surplus"}


def test_a_request_without_an_answer_is_work_until_it_is_settled(
    office: Office, tmp_path: Path
) -> None:
    there = kept(tmp_path, office)
    once = office.history.entries[1].once
    with opened(there) as register:
        at = "2025-03-20T12:00:00Z"
        register.pending.keep("1" * 64, once=once, kind="transfer", at=at)
        register.pending.keep("2" * 64, once="f" * 32, kind="renewal", at=at)
    found = of(to_do(there, on=date(2025, 4, 1)), "pending")

    assert [(d.detail, d.seq) for d in found] == [("renewal", None), ("transfer", 1)]


def test_a_request_that_another_program_is_answering_is_none_of_ours(
    office: Office, tmp_path: Path
) -> None:
    there = kept(tmp_path, office)
    with opened(there) as register:
        at = "2025-03-20T12:00:00Z"
        register.pending.keep("1" * 64, once="f" * 32, kind="renewal", at=at)

        assert of(to_do(there, on=date(2025, 4, 1)), "pending") == []


def test_entries_without_checkpoint_and_backup_are_work_after_a_week(
    office: Office, tmp_path: Path
) -> None:
    there = kept(tmp_path, office)
    recorded = office.history.entries[0].at.date()
    week = recorded + timedelta(days=7)

    early = {d.task for d in to_do(there, on=week - timedelta(days=1))}
    late = [d for d in to_do(there, on=week) if d.task in {"checkpoint", "backup"}]

    assert early.isdisjoint({"checkpoint", "backup"})
    assert [(d.task, d.n, d.days, d.seq) for d in late] == [
        ("checkpoint", 2, 7, 0),
        ("backup", 2, 7, 0),
    ]
    made = LastBackup(office.book, 2, "0" * 64, datetime(2025, 3, 20, tzinfo=UTC))
    BackupFile(there.memory).keep(made)
    assert of(to_do(there, on=week), "backup") == []


@pytest.mark.parametrize("number", range(6))
def test_every_variance_of_an_open_transfer_is_work_and_the_order_is_that_of_urgency(
    tmp_path: Path, number: int
) -> None:
    there = lay(tmp_path, image_of(storable(number)))
    on = date(2026, 1, 1)
    found = to_do(there, on=on)
    with opened(there) as register:
        every = variances(register, on=on).lines
        voids = register.recall().history(()).voids
    urgencies = [TASKS.index(duty.task) for duty in found]
    open_ = {v.case.ref for v in every if v.balance.remaining.most or v.balance.missing}
    told = {
        d.ref for d in found if d.task in {"unaccounted", "not-received", "variance"}
    }

    assert urgencies == sorted(urgencies)
    assert open_ <= told
    assert {duty.seq for duty in of(found, "void")} <= set(voids)
    assert all(d.days is None or d.days >= 0 for d in found)
