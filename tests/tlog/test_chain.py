from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.tlog.chain import EMPTY, Head, advance, link_faults
from ledger.tlog.entry import ZERO, Entry

AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
LEAF = bytes(range(32))
HEAD = Head(size=7, leaf=LEAF, at=AT)
NEXT = Entry(
    ledger="us.example/book",
    seq=7,
    prev=LEAF,
    at=AT,
    kind="remark",
    once="0" * 32,
    by="us.example/clerk-07",
    data={},
)


def test_the_next_entry_has_no_faults() -> None:
    first = replace(NEXT, seq=0, prev=ZERO)
    later = replace(NEXT, at=AT + timedelta(days=1))

    assert link_faults(NEXT, ledger="us.example/book", head=HEAD) == []
    assert link_faults(later, ledger="us.example/book", head=HEAD) == []
    assert link_faults(first, ledger="us.example/book", head=EMPTY) == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"ledger": "sv.example/book"}, ["chain.ledger"]),
        ({"seq": 6}, ["chain.seq"]),
        ({"seq": 8}, ["chain.seq"]),
        ({"prev": ZERO}, ["chain.prev"]),
        ({"at": AT - timedelta(seconds=1)}, ["chain.at"]),
        (
            {"ledger": "a", "seq": 0, "prev": ZERO, "at": AT - timedelta(days=1)},
            ["chain.ledger", "chain.seq", "chain.prev", "chain.at"],
        ),
    ],
)
def test_every_fault_is_named_in_order(
    change: dict[str, Any], faults: list[str]
) -> None:
    entry = replace(NEXT, **change)

    assert link_faults(entry, ledger="us.example/book", head=HEAD) == faults


def test_the_head_advances_and_a_void_entry_leaves_the_last_valid_time() -> None:
    first = advance(EMPTY, leaf=LEAF, at=AT)
    second = advance(first, leaf=ZERO, at=None)

    assert first == Head(size=1, leaf=LEAF, at=AT)
    assert second == Head(size=2, leaf=ZERO, at=AT)
    assert advance(EMPTY, leaf=LEAF, at=None).at is None
