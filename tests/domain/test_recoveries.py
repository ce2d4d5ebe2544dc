"""Persons who came back: of whom, when, and where they are from then on."""

from datetime import date, timedelta

import pytest

from ledger.domain.custody import Pool, pool_of
from ledger.domain.explaining_balance import explain_balance
from ledger.domain.flows import Range
from ledger.domain.overstays import overstay
from ledger.domain.persondays import person_days
from ledger.domain.terms import parts
from ledger.domain.variances import flags
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json
from tests.books import SEEDS, plausible
from tests.domain.full_book import arrival
from tests.office import Office

ON = date(2026, 4, 1)


def lost(n: int = 3, *, day: str = "2025-03-22", **members: Json) -> Office:
    """Return a book in which some of 238 persons escaped, by entry 3."""
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.exit(["T-1"], n, day, **{"how": "escaped", **members})
    return office


def pool(office: Office) -> Pool:
    return pool_of(office.history, "T-1")


def held(office: Office, day: str, ref: str = "T-1") -> Range:
    whole = pool_of(office.history, ref)
    return whole.balance(ref, on=date.fromisoformat(day)).held


def test_who_came_back_is_held_again_from_that_day_on() -> None:
    office = lost()
    office.recovery(3, 2, "2025-03-25")

    assert held(office, "2025-03-21") == Range(238, 238)
    assert held(office, "2025-03-24") == Range(235, 235)
    assert held(office, "2025-03-25") == Range(237, 237)
    balance = pool(office).balance("T-1", on=ON)
    assert (balance.exits, balance.recovered) == ({"escaped": 1}, 2)
    before = pool(office).balance("T-1", on=date(2025, 3, 24))
    assert (before.exits, before.recovered) == ({"escaped": 3}, 0)


def test_escaped_and_recaptured_on_one_day_as_in_panama() -> None:
    office = lost(1, day="2025-03-22")
    office.recovery(3, 1, "2025-03-22")

    assert held(office, "2025-03-22") == Range(238, 238)
    assert pool(office).balance("T-1", on=ON).exits == {}
    (part,) = parts(pool(office), "T-1", on=date(2025, 3, 22))
    assert part.persons == Range(238, 238)


def test_a_day_in_no_order_counts_the_later_of_the_two() -> None:
    office = lost(day="2025-03")
    office.recovery(3, 1, "2025-03-19")

    (back,) = pool(office).cases["T-1"].regained
    assert (back.left, back.day) == (date(2025, 3, 31), date(2025, 3, 31))


def test_who_came_back_can_leave_again() -> None:
    office = lost()
    office.recovery(3, 3, "2025-03-25")
    office.exit(["T-1"], 238, "2025-06-01")

    assert held(office, "2025-06-01") == Range(0, 0)
    assert pool(office).beyond(on=ON) == 0
    assert pool(office).ended_on("T-1") == date(2025, 6, 1)


def test_the_days_between_are_not_counted_as_held() -> None:
    office = lost()
    whole = person_days([pool(office)], {"T-1"}, on=date(2025, 3, 31))
    office.recovery(3, 2, "2025-03-25")

    # From the 25th to the 31st, two persons on seven days.
    again = person_days([pool(office)], {"T-1"}, on=date(2025, 3, 31))
    assert (again.least - whole.least, again.most - whole.most) == (14, 14)


def test_they_come_back_to_the_part_that_they_left() -> None:
    office = lost()
    office.renewal("T-1", 100, agreed_on="2025-03-23", **{"from": "2026-03-16"})
    office.recovery(3, 3, "2025-03-25")

    found = {p.last_day: p for p in parts(pool(office), "T-1", on=ON)}
    # They had left before the renewal, which extended nobody of them.
    assert {day: p.persons.most for day, p in found.items()} == {
        date(2026, 3, 15): 138,
        date(2027, 3, 15): 100,
    }
    assert not any(part.assumed for part in found.values())


def test_they_come_back_to_the_part_that_the_exit_names() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 100, agreed_on="2025-03-20", **{"from": "2026-03-16"})
    office.exit(["T-1"], 3, "2025-03-22", how="escaped", part="2026-03-15")
    office.recovery(4, 2, "2025-03-25")

    found = {p.last_day: p.persons.most for p in parts(pool(office), "T-1", on=ON)}
    assert found == {date(2026, 3, 15): 137, date(2027, 3, 15): 100}


def test_where_several_parts_had_lost_somebody_the_part_is_assumed() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 2, agreed_on="2025-03-20", **{"from": "2026-03-16"})
    office.exit(["T-1"], 4, "2025-03-22", how="escaped")
    office.recovery(4, 3, "2025-03-25")

    found = parts(pool(office), "T-1", on=ON)
    assert sum(part.persons.most for part in found) == 237
    assert all(part.assumed for part in found)


def test_who_comes_back_in_two_steps_fills_one_part_after_the_other() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 2, agreed_on="2025-03-20", **{"from": "2026-03-16"})
    office.exit(["T-1"], 4, "2025-03-22", how="escaped")
    office.recovery(4, 2, "2025-03-25")
    office.recovery(4, 2, "2025-03-26")

    found = {p.last_day: p.persons.most for p in parts(pool(office), "T-1", on=ON)}
    assert found == {date(2026, 3, 15): 236, date(2027, 3, 15): 2}


def test_the_custodian_says_officially_who_came_back() -> None:
    office = Office()
    office.write("receipt", arrival())
    own: dict[str, Json] = {"status": "official", "asserted_by": "US"}
    office.exit(["R-1"], 2, "2025-03-22", how="escaped", **own)
    office.recovery(2, 1, "2025-03-25", **own)

    whole = pool_of(office.history, "R-1")
    assert whole.balance("R-1", on=ON).exits == {"escaped": 1}


def test_the_overstay_counts_them_again() -> None:
    office = lost(day="2026-03-20")
    office.recovery(3, 2, "2026-03-25")

    # Seventeen days over; three were away on five of them, and one still is.
    (part,) = parts(pool(office), "T-1", on=ON)
    n = 17 * 238 - 5 * 3 - 8
    assert overstay(pool(office), "T-1", part, on=ON) == (17, Range(n, n))


def test_of_a_pool_each_transfer_has_its_own_back() -> None:
    office = Office()
    for _ in range(2):
        office.transfer(persons={"n": 10, "qualifier": "exact"})
    office.receipt("T-1", 10)
    office.receipt("T-2", 10)
    office.exit(["T-1", "T-2"], 4, "2025-03-22", how="escaped")
    split: list[Json] = [{"transfer": office.cite("T-1"), "n": 3}]
    office.recovery(5, 3, "2025-03-25", split=split)

    # At most ten were ever of T-1 at once, whoever had left.
    assert held(office, "2025-03-24") == Range(6, 10)
    whole = pool(office)
    assert whole.remaining({"T-1", "T-2"}, on=ON) == Range(19, 19)
    (left,) = whole.balance("T-2", on=ON).shared
    assert left.n == 1
    assert sum(part.persons.most for part in parts(whole, "T-1", on=ON)) == 13


def test_an_alarm_closes_when_all_are_found() -> None:
    office = lost(how="unaccounted")

    def alarms() -> list[int]:
        found = flags(pool(office), "T-1", on=ON)
        return [flag.n for flag in found if flag.code == "unaccounted"]

    assert alarms() == [3]
    office.recovery(3, 2, "2025-03-25", how="found")
    assert alarms() == [1]
    office.recovery(3, 1, "2025-03-26", how="returned")
    assert alarms() == []


def test_what_is_only_alleged_brings_nobody_back() -> None:
    office = lost()
    alleged = office.recovery(3, 200, "2025-03", status="alleged")

    assert held(office, "2026-03-01") == Range(235, 235)
    codes = {flag.code for flag in flags(pool(office), "T-1", on=ON)}
    assert {"not-counted", "last-of-month"} <= codes
    steps = explain_balance(pool(office), "T-1", on=ON)
    assert ("balance.recovery-not-counted", alleged.seq) in [
        (step.code, step.seq) for step in steps
    ]
    # Nor does one that follows an exit that is only alleged.
    other = lost(status="alleged")
    other.recovery(3, 1, "2025-03-25")
    assert held(other, "2026-03-01") == Range(238, 238)


@pytest.mark.parametrize("how", ["recaptured", "found", "returned"])
def test_every_way_back_is_explained(how: str) -> None:
    office = lost()
    office.recovery(3, 2, "2025-03-25", how=how)

    steps = {
        s.code: dict(s.values) for s in explain_balance(pool(office), "T-1", on=ON)
    }
    assert steps[f"back.{how}"]["exit"] == 3
    assert steps["bounds.recovered"]["n"] == 2
    # 238 = 0 in transit + 237 held + 1 left
    assert steps["equation.exact"]["left"] == 1
    early = explain_balance(pool(office), "T-1", on=date(2025, 3, 24))
    assert f"back.{how}" not in {step.code for step in early}


def told_parts(office: Office) -> list[tuple[str, int, object]]:
    """Return to which part who came back, as the account of the balance says it."""
    return [
        (s.code, int(str(s.values["n"])), s.values.get("last"))
        for s in explain_balance(pool(office), "T-1", on=ON)
        if s.code.startswith("back.part")
    ]


def test_the_part_to_which_they_came_back_is_explained() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 100, agreed_on="2025-03-20", **{"from": "2026-03-16"})
    office.exit(["T-1"], 3, "2025-03-22", how="escaped", part="2026-03-15")
    office.recovery(4, 2, "2025-03-25")

    assert told_parts(office) == [("back.part", 2, "2026-03-15")]


def test_parts_that_are_assumed_of_who_came_back_are_said_to_be() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 2, agreed_on="2025-03-20", **{"from": "2026-03-16"})
    office.exit(["T-1"], 4, "2025-03-22", how="escaped")
    office.recovery(4, 3, "2025-03-25")

    told = told_parts(office)
    assert {code for code, _, _ in told} == {"back.part-assumed"}
    assert sum(n for _, n, _ in told) == 3


def test_a_part_without_an_end_to_which_they_came_back_is_explained() -> None:
    office = Office()
    office.transfer(term={"reading": "indefinite"})
    office.receipt("T-1", 200, more_to_come=True)
    office.exit(["T-1"], 3, "2025-03-22", how="escaped")
    office.recovery(3, 2, "2025-03-25")

    assert told_parts(office) == [("back.part-none", 2, None)]


def test_a_part_without_an_end_can_be_assumed_of_who_came_back() -> None:
    office = Office()
    office.transfer(term={"reading": "indefinite"})
    office.receipt("T-1", 238)
    office.renewal("T-1", 236, agreed_on="2025-03-20", until="2026-03-15")
    office.exit(["T-1"], 238, "2025-03-22", how="escaped")
    office.recovery(4, 238, "2025-03-25")

    assert ("back.part-none-assumed", 2, None) in told_parts(office)


@pytest.mark.parametrize(
    ("n", "day", "members", "code"),
    [
        (4, "2025-03-25", {}, "rule.recovers-too-many"),
        (1, "2025-03-21", {}, "rule.before-exit"),
        (1, "2025-03-21T10:00-06:00", {}, "rule.before-exit"),
        (1, "2025-03-25", {"status": "official"}, "rule.official-of-another-state"),
    ],
)
def test_what_cannot_be_is_refused(
    n: int, day: str, members: dict[str, Json], code: str
) -> None:
    office = lost()

    assert office.refused("recovery", office.recovered(3, n, day, **members)) == {code}


@pytest.mark.parametrize(
    "how",
    [
        *("released", "repatriated", "returned_to_origin", "onward_transferred"),
        *("died", "refused_not_admitted"),
    ],
)
def test_every_other_exit_is_final(how: str) -> None:
    office = lost(how=how)

    assert office.refused("recovery", office.recovered(3, 1, "2025-03-25")) == {
        "rule.exit-is-final"
    }


def test_only_an_exit_is_recovered_from() -> None:
    office = lost()
    receipt = office.recovered(2, 1, "2025-03-25")
    gone = {**receipt, "exit": {**office.cite_entry(3), "leaf": "0" * 64}}

    assert office.refused("recovery", receipt) == {"rule.not-an-exit"}
    assert office.refused("recovery", gone) == {"rule.cites-nothing"}
    office.retract(3)
    assert office.refused("recovery", office.recovered(3, 1, "2025-03-25")) == {
        "rule.cites-retracted"
    }


def test_of_an_exit_of_several_it_is_said_who_came_back() -> None:
    office = Office()
    for _ in range(3):
        office.transfer(persons={"n": 10, "qualifier": "exact"})
    one, two, three = (office.cite(ref) for ref in ("T-1", "T-2", "T-3"))
    split: list[Json] = [{"transfer": one, "n": 3}, {"transfer": two, "n": 1}]
    office.exit(["T-1", "T-2"], 4, "2025-03-22", how="escaped", split=split)

    def refused(n: int, *portions: Json) -> set[str]:
        members: dict[str, Json] = {"split": list(portions)} if portions else {}
        return office.refused(
            "recovery", office.recovered(4, n, "2025-03-25", **members)
        )

    assert refused(1) == {"rule.recovery-of-which"}
    assert refused(1, {"transfer": three, "n": 1}) == {"rule.not-of-exit"}
    assert refused(2, {"transfer": two, "n": 2}) == {"rule.recovers-too-many"}
    assert refused(3, {"transfer": one, "n": 2}) == {"record.recovery-split"}
    twice: list[Json] = [{"transfer": one, "n": 1}, {"transfer": one, "n": 1}]
    assert refused(2, *twice) == {"record.recovery-split"}
    assert refused(3, {"transfer": one, "n": 2}, {"transfer": two, "n": 1}) == set()


def test_what_would_make_a_recovery_impossible_is_refused() -> None:
    office = lost()
    office.recovery(3, 2, "2025-03-25")
    fewer: Json = {"path": "/persons/n", "old": 3, "new": 1}
    other: Json = {"path": "/how", "old": "escaped", "new": "released"}

    for change in (fewer, other):
        with pytest.raises(RefusedError) as caught:
            office.correct(3, change)
        assert caught.value.code == "rule.later-entry-impossible"
    with pytest.raises(RefusedError):
        office.retract(3)
    office.retract(4)
    assert held(office, "2026-03-01") == Range(235, 235)
    office.correct(3, fewer)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", SEEDS)
def test_the_balance_holds_whoever_comes_back(seed: int) -> None:
    office = plausible(seed)  # not the one that all tests share
    escaped = [
        (seq, history_exit)
        for seq in sorted(office.history.entries)
        if office.history.entries[seq].kind == "exit"
        for history_exit in (office.history.worth_data(seq),)
        if seq not in office.history.retracted
        and history_exit["how"] in {"escaped", "unaccounted"}
    ]
    for seq, said in escaped:
        data = office.recovered(seq, 1, "2030-01-01")
        if len(said["transfers"]) > 1:  # type: ignore[arg-type]
            data["split"] = [{"transfer": said["transfers"][0], "n": 1}]  # type: ignore[index]
        office.write("recovery", data)
    for ref in [ref for ref in office.history.opened if not ref.startswith("I-")]:
        whole = pool_of(office.history, ref)
        days = {day + timedelta(days=n) for day in whole.event_days() for n in (-1, 0)}
        for day in sorted(days):
            rows = [whole.balance(r, on=day) for r in whole.cases]
            came = sum(b.departed + b.surplus for b in rows)
            missing = sum(b.missing for b in rows)
            left = sum(leave.n for leave in whole.still_gone(on=day))
            rest = whole.remaining(whole.cases, on=day)
            assert came + whole.beyond(on=day) == rest.most + left + missing
            for each in whole.cases:
                whose = parts(whole, each, on=day)
                most = whole.balance(each, on=day).remaining.most
                assert sum(part.persons.most for part in whose) >= most
