"""The law: what a summary lists is proved, adds up, and leaves nothing open out."""

from datetime import date
from typing import Any

import pytest
import rfc8785

from ledger.domain.custody import Pool, pool_of
from ledger.domain.history import pools
from ledger.domain.records import Claim, Correction, Payment, Remark, Retraction
from ledger.tlog import canonical, merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import open_checkpoint
from ledger.tlog.note import VerifyKey
from tests.books import FEW_SEEDS, SEEDS, book
from tests.office import Office
from tests.summaries import LATE, plausible_summary, summary_of

MIDDLE = date(2025, 8, 1)


def of(rows: list[dict[str, Any]], ref: str) -> dict[str, Any]:
    (row,) = [row for row in rows if row["ref"] == ref]
    return row


def codes(row: dict[str, Any]) -> set[str]:
    return {flag["flag"] for flag in row["open"]}


def proved(summary: dict[str, Any]) -> dict[int, str]:
    """Return the leaf of each entry of a summary, once its proof has been checked."""
    (said,) = summary["books"]
    note = "".join(f"{line}\n" for line in said["checkpoint"]).encode()
    checkpoint = open_checkpoint(note, key=VerifyKey.parse(said["log_keys"][0]))
    rows = [entry for row in summary["transfers"] for entry in row["entries"]]
    for entry in [*rows, *summary["entries"]]:
        merkle.check_inclusion(
            [bytes.fromhex(step) for step in entry["proof"]],
            index=entry["seq"],
            size=checkpoint.size,
            leaf=bytes.fromhex(entry["leaf"]),
            root=checkpoint.root,
        )
    return {entry["seq"]: entry["leaf"] for entry in [*rows, *summary["entries"]]}


def four() -> Office:
    """Return an office of four transfers, and two exits that name them together."""
    office = Office()
    for n in (238, 23, 17, 10):
        office.transfer(persons={"n": n, "qualifier": "exact"})
    refs = ["T-1", "T-2", "T-3", "T-4"]
    for ref, n in zip(refs, (238, 23, 17, 10), strict=True):
        office.receipt(ref, n)
    office.exit(refs, 1, "2025-06-06", how="returned_to_origin")
    office.exit(refs, 252, "2025-07-18")
    return office


@pytest.mark.parametrize("seed", SEEDS)
def test_a_summary_of_a_whole_book_proves_every_entry(seed: int) -> None:
    office = book(seed)

    leaves = proved(plausible_summary(seed))

    assert leaves == {
        seq: merkle.leaf_hash(note).hex() for seq, note in enumerate(office.notes)
    }


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_summary_is_restricted_json_in_its_one_spelling(seed: int) -> None:
    summary = plausible_summary(seed)
    content = canonical.encode(summary)

    assert rfc8785.dumps(summary) == content
    assert canonical.decode(content) == summary


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_the_totals_of_a_whole_book_balance(seed: int) -> None:
    history = book(seed).history
    totals = plausible_summary(seed)["totals"]
    refs = [ref for ref in history.opened if ref[0] in "TR"]
    known = dict.fromkeys(history.known_as(ref) for ref in refs)
    found: list[Pool] = [pool_of(history, names[0]) for names in pools(history, known)]
    beyond = sum(pool.beyond(on=LATE) for pool in found)
    gone = sum(row["persons"] for row in totals["exits"])

    there = totals["departed"] + totals["surplus"] - totals["unaccounted"]

    assert totals["in_transit_or_held_min"] == totals["in_transit_or_held_max"]
    assert totals["in_transit_or_held_max"] == there - gone + beyond
    assert totals["shared_exits"] == []


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_all_that_is_claimed_corrected_retracted_paid_or_void_is_listed(
    seed: int,
) -> None:
    history = book(seed).history
    summary = plausible_summary(seed)
    standing = {seq: history.worth(seq) for seq in history.entries}

    def seqs(*kinds: type) -> set[int]:
        return {seq for seq, record in standing.items() if isinstance(record, kinds)}

    assert {row["seq"] for row in summary["corrections"]} == seqs(
        Correction, Retraction
    )
    assert {row["seq"] for row in summary["payments"]} == seqs(Payment)
    assert {row["seq"] for row in summary["claims"]} >= seqs(Claim)
    assert {row["seq"] for row in summary["remarks"]} == seqs(Remark)
    assert {row["seq"] for row in summary["void"]} == set(history.voids)
    assert summary["later"] == []


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_on_a_day_what_came_later_is_in_no_figure_and_still_listed(seed: int) -> None:
    history = book(seed).history
    summary = summary_of(book(seed), on=MIDDLE)
    later = {row["seq"] for row in summary["later"]}
    mentioned = {
        row["seq"]
        for holder in (*summary["transfers"], summary, summary["totals"])
        for name in ("open", "late", "shared_exits", "claims", "payments", "remarks")
        for row in holder.get(name, [])
    }

    assert all(row["departed_on"] <= MIDDLE.isoformat() for row in summary["transfers"])
    assert mentioned.isdisjoint(later)
    assert proved(summary).keys() == history.entries.keys() | history.voids.keys()


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_a_summary_of_one_transfer_proves_all_that_it_speaks_of(seed: int) -> None:
    office = book(seed)
    for ref in [r for r in office.history.opened if r[0] == "T"][:3]:
        summary = summary_of(office, ref)
        names = ("claims", "payments", "remarks", "corrections", "void", "late")
        spoken = {row["seq"] for name in names for row in summary[name]}
        spoken |= {row["target"] for row in summary["corrections"]}
        for row in (*summary["transfers"], summary["totals"]):
            for name in ("open", "late", "shared_exits"):
                spoken |= {each["seq"] for each in row.get(name, [])}

        assert summary["scope"]["whole"] is False
        assert spoken <= proved(summary).keys()


def test_totals_of_a_pool_are_bounds_of_the_set_and_not_sums_of_rows() -> None:
    summary = summary_of(four(), on=date(2025, 12, 20))

    totals = summary["totals"]

    assert totals["departed"] == totals["arrived"] == 288
    assert (totals["in_transit_or_held_min"], totals["in_transit_or_held_max"]) == (
        35,
        35,
    )
    assert [row["held_max"] for row in summary["transfers"]] == [35, 23, 17, 10]
    assert [row["held_min"] for row in summary["transfers"]] == [0, 0, 0, 0]
    assert totals["exits"] == [
        {"how": "repatriated", "persons": 252},
        {"how": "returned_to_origin", "persons": 1},
    ]


def test_an_exit_shared_with_transfers_left_out_is_no_exit_of_those_chosen() -> None:
    totals = summary_of(four(), "T-1")["totals"]

    assert totals["exits"] == []
    assert totals["shared_exits"] == [
        {"seq": 9, "how": "returned_to_origin", "persons": 1},
        {"seq": 10, "how": "repatriated", "persons": 252},
    ]
    assert (totals["in_transit_or_held_min"], totals["in_transit_or_held_max"]) == (
        0,
        35,
    )


def test_an_exit_of_others_is_in_no_total_of_those_chosen() -> None:
    office = four()
    office.transfer(persons={"n": 5, "qualifier": "exact"})
    office.receipt("T-5", 5)

    totals = summary_of(office, "T-5")["totals"]

    assert totals["exits"] == totals["shared_exits"] == []
    assert totals["in_transit_or_held_max"] == 5


def test_an_exit_after_the_day_is_not_counted() -> None:
    summary = summary_of(four(), on=date(2025, 7, 17))
    row = of(summary["transfers"], "T-1")

    assert summary["totals"]["exits"] == [{"how": "returned_to_origin", "persons": 1}]
    assert summary["totals"]["in_transit_or_held_max"] == 287
    assert [shared["seq"] for shared in row["shared_exits"]] == [9]
    assert summary["later"] == [{"seq": 10, "kind": "exit"}]


def test_a_receipt_after_the_day_acknowledges_nothing_yet() -> None:
    office = Office(book="sv.example/book", state="SV", zone="America/El_Salvador")
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "US",
            "persons": {"n": 4, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 2,
            "more_to_come": True,
            "asserted_by": "SV",
            "status": "official",
        },
    )

    before = summary_of(office, on=date(2025, 3, 15))
    after = summary_of(office, on=date(2025, 3, 16))

    assert before["transfers"] == []
    assert before["totals"]["departed"] == 0
    assert before["later"] == [{"seq": 1, "kind": "receipt"}]
    (row,) = after["transfers"]
    assert row["acknowledged"] is True
    assert "destination" not in row
    assert "group" not in row
    assert "facility" not in row


def test_an_arrival_that_became_a_transfer_is_counted_once() -> None:
    office = Office()
    office.write(
        "receipt",
        {
            "ref": "R-1",
            "origin": "SV",
            "persons": {"n": 238, "qualifier": "exact"},
            "arrived": "2025-03-16",
            "arrived_persons": 238,
            "asserted_by": "US",
            "status": "official",
        },
    )
    office.transfer()
    office.receipt("T-1", 238, formerly="R-1")

    summary = summary_of(office)

    assert summary["scope"]["transfers"] == ["T-1"]
    assert summary["totals"]["departed"] == 238
    assert summary["totals"]["in_transit_or_held_max"] == 238
    assert {e["seq"] for e in summary["transfers"][0]["entries"]} == {1, 2, 3}
    assert summary_of(office, "R-1")["scope"]["transfers"] == ["T-1"]


def test_a_retracted_transfer_has_no_row_and_its_retraction_is_listed() -> None:
    office = Office()
    office.transfer()
    office.retract(1)

    summary = summary_of(office, "T-1")

    assert summary["transfers"] == []
    assert summary["corrections"] == [
        {"kind": "retraction", "seq": 2, "target": 1, "reason": "recorded twice"}
    ]
    assert {1, 2} <= proved(summary).keys()


def test_a_correction_says_what_it_changes_and_why() -> None:
    office = Office()
    office.transfer()
    office.correct(1, {"path": "/persons/n", "old": 238, "new": 239})

    summary = summary_of(office)

    assert summary["transfers"][0]["persons"]["n"] == 239
    assert summary["corrections"] == [
        {
            "kind": "correction",
            "seq": 2,
            "target": 1,
            "reason": "misread",
            "changes": [{"path": "/persons/n", "old": 238, "new": 239}],
        }
    ]


def test_what_is_alleged_or_disputed_is_listed_with_its_author() -> None:
    office = Office()
    office.instrument(status="disputed")
    office.transfer()
    office.receipt("T-1", 238)
    office.exit(["T-1"], 3, "2025-04-01", status="alleged", asserted_by="press")
    office.renewal("T-1", 238, status="disputed")
    office.payment(["T-1"], "1.00", status="alleged")
    office.claim(2, "/persons/n", 250)

    summary = summary_of(office)

    assert [(r["seq"], r["kind"], r["status"]) for r in summary["claims"]] == [
        (1, "instrument", "disputed"),
        (4, "exit", "alleged"),
        (5, "renewal", "disputed"),
        (7, "claim", "alleged"),
    ]
    assert summary["claims"][1]["asserted_by"] == "press"
    assert summary["payments"][0]["status"] == "alleged"
    assert summary["totals"]["exits"] == []


def test_a_claim_or_a_remark_about_later_entries_only_is_later() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.exit(["T-1"], 3, "2025-06-01")
    office.claim(3, "/persons/n", 4)
    office.remark(3)
    office.remark(1, 3)
    office.remark(1, occurred="2025-06-02")

    summary = summary_of(office, on=date(2025, 5, 31))

    assert [row["seq"] for row in summary["later"]] == [3, 4, 5, 7]
    assert summary["claims"] == []
    assert [row["seq"] for row in summary["remarks"]] == [6]


def test_a_remark_is_open_until_a_later_one_resolves_it() -> None:
    office = Office()
    office.transfer()
    office.remark(1)
    office.remark(1, resolves=office.cite_entry(2), occurred="2025-06-02")

    before = summary_of(office, on=date(2025, 6, 1))["remarks"]
    after = summary_of(office)["remarks"]

    assert [(row["seq"], row["open"]) for row in before] == [(2, True)]
    assert [(row["seq"], row["open"]) for row in after] == [(2, False), (3, True)]


def test_a_payment_for_the_instrument_of_a_transfer_is_of_the_transfer() -> None:
    office = Office()
    office.instrument()
    office.instrument(id="I-2")
    office.transfer(instruments=["I-1"])
    office.transfer(instruments=["I-1", "I-2"])
    for number in ("I-1", "I-2"):
        purpose: dict[str, Json] = {"for": {"instrument": number}}
        office.payment([], "5.00", **purpose)

    one = summary_of(office, "T-1")
    two = summary_of(office, "T-2")

    assert [row["seq"] for row in one["payments"]] == [5]
    assert [row["seq"] for row in two["payments"]] == [5, 6]
    assert 6 not in proved(one)
    assert 4 not in proved(one)


def test_every_delay_is_told_in_its_row_or_beside_the_rows() -> None:
    office = Office()
    office.instrument(occurred="2025-02-01")
    office.transfer(departures=[{"at": "2025-02-20"}])
    office.receipt("T-1", 238)

    summary = summary_of(office)

    assert summary["late"] == [{"seq": 1, "days": 28}]
    assert summary["transfers"][0]["late"] == [{"seq": 2, "days": 9}]


def test_a_void_entry_is_listed_with_its_leaf_and_proof() -> None:
    office = Office()
    office.put(b"not a page\n")
    void = office.history.voids[1]

    unseen = summary_of(office)["void"]
    office.acknowledge(1)
    seen = summary_of(office)

    assert unseen == [{"seq": 1, "leaf": void.leaf.hex(), "acknowledged": False}]
    assert seen["void"][0]["acknowledged"] is True
    assert proved(seen)[1] == void.leaf.hex()


def test_a_term_says_how_it_is_counted_and_what_is_over() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 100, agreed_on="2026-03-20", length="P1M")

    (row,) = summary_of(office, on=date(2026, 4, 1))["transfers"]

    assert [t["authorised_until"] for t in row["terms"]] == ["2026-03-15", "2026-04-15"]
    over, renewed = row["terms"]
    assert over["counted_from"] == "admitted"
    assert (over["persons_max"], over["days_over"]) == (138, 17)
    assert over["person_days_max"] == 138 * 17
    assert (renewed["renewals"], renewed["gap_days"]) == (1, 4)


def test_an_end_that_nobody_recorded_is_said_to_be_none() -> None:
    office = Office()
    office.transfer(term={"reading": "unknown"})
    office.receipt("T-1", 238)

    (row,) = summary_of(office)["transfers"]

    assert row["terms"][0]["without_recorded_authority"] is True
    assert "authorised_until" not in row["terms"][0]
    assert "no-authority" in codes(row)


def test_money_that_was_agreed_is_in_the_row() -> None:
    office = Office()
    agreed: dict[str, Json] = {
        "amount": "4760000.00",
        "currency": "USD",
        "per": "total",
    }
    office.transfer(compensation=agreed)

    (row,) = summary_of(office)["transfers"]

    assert row["compensation"] == agreed


def test_a_value_that_nests_too_deep_is_given_as_its_json() -> None:
    office = Office()
    office.transfer()
    value: Any = 1
    for _ in range(14):
        value = [value]
    office.claim(1, "/persons", value)

    summary = summary_of(office)

    assert summary["claims"][0]["value"] == "[" * 14 + "1" + "]" * 14
    assert canonical.encode(summary)


def test_entries_beyond_the_checkpoint_are_counted() -> None:
    (said,) = summary_of(four(), beyond=3)["books"]

    assert said["entries"] == 11
    assert said["entries_beyond_checkpoint"] == 3
