"""The example of real figures is played through the same code as the commands."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from unicodedata import normalize

import pytest

from ledger.domain.cases import Case, case_of
from ledger.domain.compensation import accrue_total
from ledger.domain.custody import Pool, held_among, pool_of
from ledger.domain.entering import complete
from ledger.domain.flows import Range
from ledger.domain.forms import Fact
from ledger.domain.history import History
from ledger.domain.records import Claim, Exit, Instrument, Payment
from ledger.domain.terms import parts
from ledger.register.making import init_book
from ledger.register.opening import Places, open_register
from ledger.register.playing import play, read_example
from ledger.register.writing import Recorded
from ledger.tlog import canonical
from ledger.tlog.canonical import Json
from tests.keys.sample_keys import FEW, PASSPHRASE
from tests.office import Office

FILE = Path(__file__).parents[2] / "examples" / "us-sv-2025" / "entries.json"
EXAMPLE = json.loads(FILE.read_text(encoding="utf-8"))
ROWS = [(n, row["kind"], row["request"]) for n, row in enumerate(EXAMPLE["entries"], 1)]
KINDS_OF_NO_EFFECT = {"claim", "remark"}
TRANSFERS = ("T-1", "T-2", "T-3", "T-4")
LATE = date(2025, 12, 20)

# SHA-256 of the surnames of persons whom the research names, cut to 16 digits: the
# repository has no such name either, not even in a list of words to refuse.
SURNAMES = {
    "0630e2055840a3d9",
    "2a65f78d3de8e3a1",
    "801321025a0d9165",
    "8481e41c8929c9f9",
    "b92a0b4bfc4a667c",
    "e9b71991b7f947a3",
    "fc9ebd433a3a9625",
}
OFFICIALS = {"bukele", "rubio", "trump", "bondi", "noem", "boasberg", "maduro"}


@dataclass(frozen=True)
class Played:
    """The book that came of the example, and what each request came to."""

    recorded: list[Recorded]
    history: History


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("us-sv-2025")
    places = Places(folder / "book.sqlite", folder / "keys", folder / "state")
    example = read_example(FILE)
    init_book(
        places, example.founding, passphrase=PASSPHRASE, now=example.at, rounds=FEW
    )
    with open_register(places, write=True) as register:
        key = register.choose_key("clerk", named=None)
        signer = register.unlock(key, role="clerk", passphrase=PASSPHRASE)
        recorded = list(play(register, example, signer=signer))
        history = register.recall().history(TRANSFERS)
    return Played(recorded, history)


def _in_memory(kinds_left_out: set[str]) -> History:
    office = Office(**{k: EXAMPLE["book"][k] for k in ("state", "zone")})
    for _, kind, request in ROWS:
        if kind not in kinds_left_out:
            data = complete(kind, request, history=office.history)
            office.write(kind, data)
    return office.history


def _pool(history: History) -> Pool:
    return pool_of(history, "T-1")


def _case(history: History, ref: str) -> Case:
    case = case_of(history, ref)
    assert case is not None
    return case


def _figures(history: History) -> list[object]:
    pool = _pool(history)
    days = [*pool.event_days(), LATE, date(2026, 11, 20)]
    return [
        (ref, day, pool.balance(ref, on=day), parts(pool, ref, on=day))
        for ref in TRANSFERS
        for day in days
    ]


def _strings(value: Json, member: str = "") -> Iterator[tuple[str, str]]:
    """Return every text of a value with the name of its member."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from _strings(inner, name)
        case list():
            for inner in value:
                yield from _strings(inner, member)
        case str():
            yield member, value
        case _:
            pass


def _words(text: str) -> set[str]:
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return set(re.findall("[a-z]+", plain))


def test_every_entry_is_accepted_in_its_order(played: Played) -> None:
    seqs = [recorded.entry.seq for recorded in played.recorded]

    assert seqs == [n for n, _, _ in ROWS]
    assert not any(recorded.repeated for recorded in played.recorded)


def test_the_book_is_written_late_and_carries_the_times_of_the_file(
    played: Played,
) -> None:
    ats = [recorded.entry.at for recorded in played.recorded]

    assert ats == [_instant(row["at"]) for row in EXAMPLE["entries"]]
    assert not any(recorded.at_moved for recorded in played.recorded)
    assert _instant(EXAMPLE["at"]) < ats[0]


def test_transfers_and_instruments_get_the_references_that_the_file_uses(
    played: Played,
) -> None:
    refs = [recorded.ref for recorded in played.recorded if recorded.ref]

    assert refs == ["I-1", "I-2", "I-3", "I-4", "I-5", *TRANSFERS]


def test_288_departed_in_four_transfers(played: Played) -> None:
    pool = _pool(played.history)

    departed = [pool.balance(ref, on=LATE).departed for ref in TRANSFERS]

    assert tuple(pool.cases) == TRANSFERS
    assert departed == [238, 23, 17, 10]


def test_35_are_left_without_a_public_disposition(played: Played) -> None:
    pool = _pool(played.history)

    balances = [pool.balance(ref, on=LATE) for ref in TRANSFERS]

    assert pool.remaining(TRANSFERS, on=LATE) == Range(35, 35)
    assert held_among([pool], TRANSFERS, on=LATE) == Range(35, 35)
    assert [balance.held.most for balance in balances] == [35, 23, 17, 10]
    assert [balance.missing for balance in balances] == [0, 0, 0, 0]
    assert pool.beyond(on=LATE) == 0


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2025, 3, 14), 0),
        (date(2025, 3, 15), 261),
        (date(2025, 3, 30), 278),
        (date(2025, 4, 12), 288),
        (date(2025, 6, 5), 288),
        (date(2025, 6, 6), 287),
        (date(2025, 7, 17), 287),
        (date(2025, 7, 18), 35),
    ],
)
def test_the_balance_holds_on_every_day(played: Played, day: date, left: int) -> None:
    pool = _pool(played.history)

    assert pool.remaining(TRANSFERS, on=day) == Range(left, left)


def test_both_exits_are_a_pool_of_four(played: Played) -> None:
    leaves = [
        (leave.n, leave.how, leave.refs) for leave in _pool(played.history).leaves
    ]

    assert leaves == [
        (1, "returned_to_origin", TRANSFERS),
        (252, "repatriated", TRANSFERS),
    ]


@pytest.mark.parametrize(
    ("ref", "last_day"),
    [
        ("T-1", date(2026, 3, 15)),
        ("T-2", date(2026, 3, 15)),
        ("T-3", date(2026, 3, 29)),
        ("T-4", date(2026, 4, 11)),
    ],
)
def test_each_admission_has_its_own_last_authorised_day(
    played: Played, ref: str, last_day: date
) -> None:
    (part,) = parts(_pool(played.history), ref, on=LATE)

    assert part.last_day == last_day
    assert part.reading == "up_to"
    assert part.trigger == "admitted"
    assert part.capped_by is None
    assert not part.provisional


@pytest.mark.parametrize("ref", TRANSFERS)
def test_reported_receipts_leave_a_transfer_unacknowledged(
    played: Played, ref: str
) -> None:
    case = _case(played.history, ref)

    assert [item.record.status for item in case.counted_receipts()] == ["reported"]
    assert not case.acknowledged()


def test_the_grant_stops_accruing_on_the_day_of_the_exchange(played: Played) -> None:
    pool = _pool(played.history)
    (part,) = parts(pool, "T-1", on=LATE)
    compensation = _case(played.history, "T-1").compensation
    ended = pool.leaves[-1].day
    assert compensation is not None
    assert part.last_day is not None

    accrual = accrue_total(
        compensation.money, start=part.start, until=part.last_day, ended=ended
    )

    assert (ended - part.start).days == 124
    assert accrual.accrued.format() == "1617095.89 USD"
    assert accrual.unused.format() == "3142904.11 USD"
    assert compensation.refund_clause is None


def test_money_is_a_commitment_and_a_pledge_and_never_a_payment(
    played: Played,
) -> None:
    money = [
        (record.stage, record.money.format())
        for recorded in played.recorded
        if isinstance(record := recorded.entry.record, Payment)
    ]

    assert money == [("commitment", "4760000.00 USD"), ("pledge", "6000000.00 USD")]


def test_the_first_report_is_due_six_months_after_the_year(played: Played) -> None:
    duties = [
        (recorded.ref, duty.first_due)
        for recorded in played.recorded
        if isinstance(record := recorded.entry.record, Instrument)
        for duty in record.reports or ()
    ]

    assert duties == [("I-4", date(2026, 6, 30))]


def test_claims_and_remarks_change_no_figure(played: Played) -> None:
    without = _figures(_in_memory(KINDS_OF_NO_EFFECT))

    assert _figures(_in_memory(set())) == without
    assert _figures(played.history) == without


def test_the_refused_on_landing_stand_beside_the_receipt_as_alleged(
    played: Played,
) -> None:
    (claim,) = [
        record
        for recorded in played.recorded
        if isinstance(record := recorded.entry.record, Claim)
        and record.path == "/refused"
    ]

    assert claim.status == "alleged"
    assert sum(refusal["n"] for refusal in claim.value) == 9
    assert claim.target.seq == _case(played.history, "T-1").receipts[0].seq


def test_the_wordings_of_the_term_stand_side_by_side(played: Played) -> None:
    case = _case(played.history, "T-1")
    claimed = [
        (item.record.asserted_by, item.record.path)
        for item in case.claims
        if item.record.path.startswith(("/term", "/renewable"))
    ]

    assert case.term is not None
    assert case.term.language == "es"
    assert claimed == [
        ("SV", "/term/text"),
        ("SV", "/renewable"),
        ("SV", "/term/text"),
        ("SV", "/term/reading"),
    ]


def test_rival_head_counts_are_claims_on_the_transfer_and_the_exit(
    played: Played,
) -> None:
    entries = played.history.entries
    rivals = {
        (entries[record.target.seq].kind, str(record.value))
        for recorded in played.recorded
        if isinstance(record := recorded.entry.record, Claim)
        and record.path == "/persons"
    }

    assert rivals == {
        ("transfer", "more than 250"),
        ("exit", "{'n': 238, 'qualifier': 'about'}"),
        ("exit", "about 230"),
        ("exit", "{'n': 250, 'qualifier': 'about'}"),
        ("exit", "more than 250"),
    }


def test_what_the_custodian_did_is_only_reported(played: Played) -> None:
    statuses = {
        recorded.entry.record.status
        for recorded in played.recorded
        if isinstance(recorded.entry.record, Exit)
    }

    assert statuses == {"reported"}


@pytest.mark.parametrize("number", range(1, len(ROWS) + 1))
def test_an_entry_says_whose_claim_it_is_and_what_it_rests_on(
    played: Played, number: int
) -> None:
    _, _, asked = ROWS[number - 1]
    record = played.recorded[number - 1].entry.record

    assert isinstance(record, Fact)
    assert {"asserted_by", "status", "evidence"} <= asked.keys()
    assert record.asserted_by == asked["asserted_by"]
    assert record.status == asked["status"]
    assert record.evidence
    assert all(document.title for document in record.evidence)


def test_a_document_without_an_address_is_one_that_names_a_person() -> None:
    documents = [d for _, _, asked in ROWS for d in asked["evidence"]]
    bare = [d["title"] for d in documents if "url" not in d]

    assert len(bare) == 2
    assert all("left out" in title for title in bare)


def test_no_person_is_named_anywhere() -> None:
    words = set().union(*(_words(text) for _, text in _strings(EXAMPLE)))
    digests = {hashlib.sha256(word.encode()).hexdigest()[:16] for word in words}

    assert digests.isdisjoint(SURNAMES)


def test_officials_are_named_by_their_office() -> None:
    texts = [text for member, text in _strings(EXAMPLE) if member != "url"]

    assert set().union(*map(_words, texts)).isdisjoint(OFFICIALS)


def test_a_group_stays_alleged() -> None:
    labels = [r["group"]["label"] for _, kind, r in ROWS if kind == "transfer"]

    assert len(labels) == len(TRANSFERS)
    assert all(label.startswith("alleged ") for label in labels)


def test_the_file_can_be_written_in_canonical_form() -> None:
    encoded = canonical.encode(EXAMPLE)

    assert canonical.decode(encoded) == EXAMPLE
    assert EXAMPLE["schema"] == "transfer-ledger/example/1"


def test_the_readme_names_every_source() -> None:
    readme = FILE.with_name("README.md").read_text(encoding="utf-8")
    urls = {text for member, text in _strings(EXAMPLE) if member == "url"}

    missing: Sequence[str] = sorted(url for url in urls if url not in readme)

    assert missing == []
