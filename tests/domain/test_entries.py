"""What an entry refers to."""

import pytest

from ledger.domain.entries import cited, named_refs, number_of, own_refs
from ledger.domain.schemas import read_record
from ledger.tlog.canonical import Json
from tests.books import FEW_SEEDS, book
from tests.office import Office


def test_a_reference_has_a_letter_and_a_number() -> None:
    assert number_of("T-12") == ("T", 12)


def test_each_kind_gives_cites_and_names_its_own() -> None:
    office = Office()
    office.instrument()
    office.transfer(instruments=["I-1"])
    office.receipt("T-1", 238)
    office.renewal("T-1", 238, instrument="I-1")
    office.exit(["T-1"], 1, "2025-06-06")
    office.payment(["T-1"], "1.00")
    purpose: dict[str, Json] = {"for": {"instrument": "I-1"}}
    office.payment([], "1.00", **purpose)
    office.claim(2, "/persons", 1)
    office.remark(2, 3)
    office.remark(2, resolves=office.cite_entry(9))
    office.correct(2, {"path": "/text", "new": "as read"})
    office.retract(11)
    arrival: dict[str, Json] = {
        "ref": "R-1",
        "origin": "SV",
        "persons": {"n": 4, "qualifier": "exact"},
        "arrived": "2025-03-16",
        "arrived_persons": 4,
        "asserted_by": "US",
        "status": "official",
    }
    office.write("receipt", arrival)
    office.receipt("T-1", 4, formerly="R-1")

    found = {
        seq: (
            own_refs(entry.record),
            [reference.seq for reference in cited(entry.record)],
            named_refs(entry.record),
        )
        for seq, entry in office.history.entries.items()
    }

    assert found == {
        0: ((), [], ()),
        1: (("I-1",), [], ()),
        2: (("T-1",), [], ("I-1",)),
        3: ((), [2], ()),
        4: ((), [2], ("I-1",)),
        5: ((), [2], ()),
        6: ((), [2], ()),
        7: ((), [], ("I-1",)),
        8: ((), [2], ()),
        9: ((), [2, 3], ()),
        10: ((), [2, 9], ()),
        11: ((), [2], ()),
        12: ((), [11], ()),
        13: (("R-1",), [], ()),
        14: ((), [2], ("R-1",)),
    }


@pytest.mark.parametrize(
    ("path", "new", "named"),
    [
        ("/instruments", ["I-2", "I-1"], ("I-2", "I-1")),
        ("/instruments", ["x", 1, "I-2"], ("I-2",)),
        ("/instrument", "I-2", ("I-2",)),
        ("/instrument", ["I-2"], ()),
        ("/text", "I-2", ()),
    ],
)
def test_a_correction_names_the_instruments_that_it_puts_in(
    path: str, new: Json, named: tuple[str, ...]
) -> None:
    office = Office()
    office.transfer()
    data = office.correction(1, {"path": path, "new": new})

    assert named_refs(read_record("correction", data)) == named


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_no_entry_cites_what_comes_after_it(seed: int) -> None:
    for seq, entry in book(seed).history.entries.items():
        assert all(reference.seq < seq for reference in cited(entry.record))
