"""What several books answer together: laws of own book, mirror and both."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from ledger.domain.variances import days_of
from ledger.errors import IncompleteError, NotFoundError
from ledger.register.accounting import money
from ledger.register.asking import due
from ledger.register.contesting import contested
from ledger.register.deadlines import deadlines
from ledger.register.differing import differences, known
from ledger.register.gathering import whole
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register
from ledger.register.proving import prove_named
from ledger.register.timelines import terms
from ledger.register.totalling import By, totals
from ledger.tlog.canonical import Json
from tests.office import Office
from tests.register.neighbours import Receiver, packet, sv, trust, us
from tests.register.stored import image_of, lay, opened, storable, tampering

ON = date(2026, 1, 1)
YEARS = 400 * 366
"""Days within which every term of a test ends."""


def mirrored(folder: Path, office: Office, *, taken: bool = True) -> Receiver:
    """Return an office without transfers of its own, and the mirror of another one."""
    receiver = Receiver(folder, office)
    if taken:
        receiver.take(packet(office))
        receiver.cosign()
    return receiver


def answers(register: Register, on: date) -> dict[str, object]:
    """Return figures of every question, without the names of books."""
    found: dict[str, object] = {}
    for by in get_args(By):
        groups = totals(register, by=by, on=on)
        found[by] = [
            (t.key, t.transfers, t.departed, t.arrived, t.in_transit_or_held, t.exits)
            for t in (*groups.totals, groups.whole)
        ]
    found["money"] = [
        (a.arrangements, a.currency, a.moved, a.agreed, a.accrued, a.unauthorised)
        for a in money(register, on=on).accounts
    ]
    line = terms(register, [], on=on)
    found["timeline"] = sorted(
        (r.part.start, r.part.last_day or date.max, r.part.persons.most)
        for r in line.rows
    )
    disputed = contested(register, None, on=on)
    found["conflicts"] = (len(disputed.conflicts), len(disputed.uncounted))
    days = deadlines(register, on=on, reminders=(30,))
    found["calendar"] = [
        (d.uid, d.day, d.persons, d.provisional, d.revision, d.revised)
        for d in days.lines
    ]
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_mirror_answers_as_the_book_does_at_home(seed: int, tmp_path: Path) -> None:
    """Law: nothing is lost or counted twice because another office asks."""
    office, there = storable(seed), tmp_path / "home"
    there.mkdir()
    with opened(lay(there, image_of(office)), write=False) as register:
        home = answers(register, ON)
    receiver = mirrored(tmp_path, office)
    with opened(receiver.there, write=False) as register:
        assert answers(register, ON) == home


@pytest.mark.parametrize("seed", range(3))
def test_a_peer_without_a_mirror_changes_no_answer(seed: int, tmp_path: Path) -> None:
    """Law: asked over an own book alone, everything is as it was."""
    receiver = mirrored(tmp_path, storable(seed), taken=False)
    with opened(receiver.there, write=False) as register:
        for found in (
            totals(register, by="year", on=ON),
            money(register, on=ON),
            terms(register, [], on=ON),
            contested(register, None, on=ON),
            deadlines(register, on=ON, reminders=(30,)),
        ):
            assert [(h.book, h.mirror) for h in found.heads] == [
                ("sv.example/book", None)
            ]
        assert totals(register, by="year", on=ON).whole.transfers == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_calendar_has_the_rows_of_due(seed: int, tmp_path: Path) -> None:
    """Law: each last day that is to come, with its persons, once."""
    receiver = mirrored(tmp_path, storable(seed))
    with opened(receiver.there, write=False) as register:
        said = whole(reading(register))
        # What happens later moves a day of the calendar already.
        after = max(days_of(said.history, said.pools).values())
        rows = due(register, on=after, within=YEARS).lines
        lines = deadlines(register, on=after, reminders=()).lines
    wanted = {(row.case.ref, row.part.last_day) for row in rows}
    found = {
        (line.ref, line.day)
        for line in lines
        if line.what == "last-day" and line.persons is not None and line.day >= after
    }

    assert found == wanted


@pytest.fixture(name="pair")
def _pair(tmp_path: Path) -> Receiver:
    """Return a custodian who signed for 237 of the 238 of a mirrored departure."""
    sender = us()
    custodian = sv()
    receiver = Receiver(tmp_path, sender, custodian)
    receiver.take(packet(sender))
    receiver.cosign()
    return receiver


def test_both_books_are_heads_with_the_age_of_the_mirror(pair: Receiver) -> None:
    asks: list[Callable[[Register], tuple[Head, ...]]] = [
        lambda r: totals(r, by="year", on=ON).heads,
        lambda r: money(r, on=ON).heads,
        lambda r: terms(r, ["us:T-1"], on=ON).heads,
        lambda r: contested(r, "us:T-1", on=ON).heads,
        lambda r: contested(r, "us:1", on=ON).heads,
        lambda r: known(r, on=ON).heads,
        lambda r: deadlines(r, on=ON, reminders=()).heads,
    ]
    with opened(pair.there, write=False) as register:
        for ask in asks:
            own, mirror = ask(register)

            assert own.mirror is None
            assert (mirror.book, mirror.size) == ("us.example/book", 2)
            assert mirror.mirror is not None
            assert mirror.mirror.day == pair.now.date()


@pytest.mark.parametrize("name", ["us:T-9", "us:9", "mx:T-1", "9"])
def test_what_no_book_has_is_not_found(name: str, pair: Receiver) -> None:
    with opened(pair.there, write=False) as register:
        with pytest.raises(NotFoundError):
            contested(register, name, on=ON)
        with pytest.raises(NotFoundError):
            terms(register, [name], on=ON)


def test_an_entry_beyond_all_books_is_not_found(pair: Receiver) -> None:
    with opened(pair.there, write=False) as register:
        for number in (2**40 * 7, 2**40 + 99):
            with pytest.raises(NotFoundError):
                contested(register, str(number), on=ON)


def test_the_calendar_of_a_custodian_has_the_days_of_those_it_holds(
    pair: Receiver,
) -> None:
    with opened(pair.there, write=False) as register:
        lines = deadlines(register, on=ON, reminders=(30,)).lines
    genesis = pair.sender.history.entries[0].leaf.hex()

    assert [(d.ref, d.what, d.provisional) for d in lines] == [
        ("T-1@us.example/book", "reminder", True),
        ("T-1@us.example/book", "last-day", True),
    ]
    assert lines[-1].uid == f"T-1.2026-03-14.last-day.2026-03-14@{genesis}"
    assert lines[-1].revision == 1


def test_a_day_that_only_an_older_mirror_gave_is_cancelled(pair: Receiver) -> None:
    """The office may have made its calendar between two exchanges."""
    sender = pair.sender
    sender.correct(1, {"path": "/term/length", "old": "P1Y", "new": "P6M"})
    pair.take(packet(sender, 2))
    pair.cosign()
    with opened(pair.there, write=False) as register:
        lines = deadlines(register, on=ON, reminders=()).lines

    assert [(d.day.isoformat(), d.persons is None) for d in lines] == [
        ("2025-09-14", False),
        ("2026-03-14", True),
    ]
    assert {d.revision for d in lines} == {2}


def test_entries_of_a_mirror_that_nobody_cosigned_came_when_they_were_recorded(
    tmp_path: Path,
) -> None:
    receiver = Receiver(tmp_path, us())
    receiver.take(packet(receiver.sender))
    with opened(receiver.there, write=False) as register:
        (line,) = deadlines(register, on=ON, reminders=()).lines

    assert line.revised == receiver.sender.history.entries[1].at


def test_a_claim_of_an_entry_that_is_not_here_counts_for_nothing(
    tmp_path: Path,
) -> None:
    office = us()
    trust(office, sv())
    cited: dict[str, Json] = {"ledger": "sv.example/book", "seq": 1, "leaf": "0" * 64}
    claim: dict[str, Json] = {"target": cited, "path": "/persons/n", "value": 9}
    office.write("claim", {**claim, "asserted_by": "VE", "status": "reported"})
    with opened(lay(tmp_path, image_of(office)), write=False) as register:
        found = contested(register, None, on=ON)

    assert found.conflicts == ()
    assert [(u.source.seq, u.kind) for u in found.uncounted] == [(3, "claim")]


def test_what_another_book_claims_of_a_retracted_entry_has_no_present_value(
    tmp_path: Path,
) -> None:
    custodian, sender = sv(), us()
    cited = {**sender.cite_entry(1)}
    receiver = Receiver(tmp_path, sender, custodian)
    claim: dict[str, Json] = {"target": cited, "path": "/persons/n", "value": 9}
    custodian.write("claim", {**claim, "asserted_by": "SV", "status": "reported"})
    sender.retract(1)
    there = tmp_path / "again"
    there.mkdir()
    receiver = Receiver(there, sender, custodian)
    receiver.take(packet(sender))
    with opened(receiver.there, write=False) as register:
        (found,) = contested(register, None, on=ON).conflicts

    assert (found.signed, found.present) == (238, None)
    assert [r.value for r in found.rivals] == [9]


def test_what_came_into_a_mirror_between_two_days_is_told_by_diff(
    pair: Receiver,
) -> None:
    sender = pair.sender
    before = sender.now.date()
    sender.now += timedelta(days=3)
    sender.correct(1, {"path": "/persons/n", "old": 238, "new": 240})
    pair.take(packet(sender, 2))
    with opened(pair.there, write=False) as register:
        register.known_on = before
        first = known(register, on=ON)
        register.known_on = None
        last = known(register, on=ON)
        (found,) = differences(register, first, last)

    assert found.ref == "T-1@us.example/book"
    assert [(f.before, f.after) for f in found.figures][:1] == [(238, 240)]
    assert [r.cause for r in found.entries] == ["correction"]
    assert first.sizes()["us.example/book"] == 2
    assert last.sizes()["us.example/book"] == 3


def test_clocks_of_two_offices_do_not_bring_an_entry_before_what_it_cites(
    tmp_path: Path,
) -> None:
    """The sender's clock is a year fast: the receipt still follows the departure."""
    sender, custodian = Office(), sv()
    trust(custodian, sender)
    sender.now += timedelta(days=366)
    sender.transfer()
    arrival: dict[str, Json] = {
        "transfer": sender.cite_entry(1),
        "arrived": "2025-03-16",
        "arrived_persons": 237,
        "asserted_by": "SV",
        "status": "official",
    }
    custodian.write("receipt", arrival)
    receiver = Receiver(tmp_path, sender, custodian)
    receiver.take(packet(sender))
    with opened(receiver.there, write=False) as register:
        lines = deadlines(register, on=ON, reminders=()).lines
        whole = totals(register, by="corridor", on=ON)

    standing = [d.day.isoformat() for d in lines if d.persons is not None]
    assert standing == ["2026-03-15"]
    assert [(t.key, t.departed, t.arrived) for t in whole.totals] == [
        ("US SV", 238, 237)
    ]
    assert whole.whole.in_transit_or_held.most == 237


def test_a_damaged_checkpoint_of_a_mirror_says_no_time_and_proves_nothing(
    pair: Receiver,
) -> None:
    with tampering(pair.there.database) as database:
        database.execute("UPDATE checkpoint SET note = x'00' WHERE book <> 1")
    with opened(pair.there, write=False) as register:
        days = deadlines(register, on=ON, reminders=()).lines
        with pytest.raises(IncompleteError, match="not-in-mirror"):
            prove_named(register, "us:T-1", log=None)

    assert [line.revised for line in days] == [pair.sender.history.entries[1].at]
