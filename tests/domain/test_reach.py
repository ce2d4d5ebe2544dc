"""Where to begin, and what comes with it."""

import pytest

from ledger.domain.reach import begins, gather
from tests.office import Office


@pytest.mark.parametrize(
    ("refs", "full", "stages"),
    [
        (["T-1"], ["T-1"], []),
        (["I-1"], ["I-1"], []),
        (["I-1", "T-1"], ["T-1"], ["I-1"]),
        (["I-1", "R-1", "T-1"], ["R-1", "T-1"], ["I-1"]),
        (["#0", "I-1"], ["#0", "I-1"], []),
        ([], [], []),
    ],
)
def test_an_instrument_is_begun_with_only_where_no_transfer_is(
    refs: list[str], full: list[str], stages: list[str]
) -> None:
    assert begins(refs) == (full, stages)


def test_entries_that_are_not_there_are_left_out() -> None:
    office = Office()
    office.transfer()
    entries = office.history.entries

    found = gather(
        ["T-1", "T-2"],
        seqs_of={"T-1": [1, 7]}.get,
        entry_of={1: entries[1]}.get,
    )

    assert found == {1}


def test_what_is_found_comes_with_all_that_it_cites() -> None:
    office = Office()
    office.transfer()
    office.transfer()
    receipt = office.receipt("T-2", 238)
    claim = office.claim(receipt.seq, "/arrived_persons", 237)
    remark = office.remark(1, claim.seq)
    history = office.history

    found = gather(["T-1"], seqs_of=history.by_ref.get, entry_of=history.entries.get)

    assert found == {1, 2, receipt.seq, claim.seq, remark.seq}
