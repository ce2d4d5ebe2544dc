"""Books in one history: numbers and names go there and come back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.forms import Reference
from ledger.domain.joining import STRIDE, Books
from ledger.domain.records import Correction
from ledger.domain.schemas import read_record
from ledger.errors import NotFoundError, RefusedError
from ledger.tlog.canonical import Json

BOOKS = Books(
    names=("sv.example/book", "us.example/book", "us.example/south", "pa.example/b"),
    states=("SV", "US", "US", "PA"),
)


@given(st.integers(0, 3), st.integers(0, STRIDE - 1))
def test_every_number_comes_home(index: int, seq: int) -> None:
    cited = Reference(ledger=BOOKS.names[index], seq=seq, leaf="0" * 64)
    place = BOOKS.place(cited)

    assert place is not None
    assert BOOKS.home(place) == (cited.ledger, seq)
    assert BOOKS.placed(cited).seq == place
    assert BOOKS.split(f"#{place}") == (index, f"#{seq}")


@given(st.integers(0, 3), st.sampled_from("TRI"), st.integers(1, 10**9))
def test_every_reference_comes_home(index: int, letter: str, number: int) -> None:
    ref = f"{letter}-{number}"

    assert BOOKS.split(BOOKS.joined(index, ref)) == (index, ref)


def test_a_state_with_several_books_is_ambiguous() -> None:
    with pytest.raises(RefusedError) as refused:
        BOOKS.index_of("us")

    assert refused.value.code == "cite.ambiguous-book"
    assert refused.value.values["choices"] == "us.example/book:, us.example/south:"
    assert BOOKS.index_of("us.example/south") == 2
    assert (BOOKS.index_of(None), BOOKS.index_of("sv"), BOOKS.index_of("pa")) == (
        0,
        0,
        3,
    )
    with pytest.raises(NotFoundError):
        BOOKS.index_of("mx")


def test_a_person_reads_the_shortest_name_that_is_plain() -> None:
    spoken = [BOOKS.spoken(BOOKS.joined(index, "T-3")) for index in range(4)]

    assert spoken == ["T-3", "us.example/book:T-3", "us.example/south:T-3", "pa:T-3"]
    assert BOOKS.spoken_entry(3 * STRIDE + 5) == "pa:5"


def test_a_book_that_is_not_here_stays_what_it_is() -> None:
    cited = Reference(ledger="mx.example/book", seq=3, leaf="0" * 64)

    assert BOOKS.place(cited) is None
    assert BOOKS.placed(cited) is cited


def test_what_cites_another_book_is_looked_up_in_the_own_one() -> None:
    assert BOOKS.split("@mx.example/book#3") == (0, "@mx.example/book#3")


@pytest.mark.parametrize(
    ("path", "old", "new", "joined"),
    [
        ("/instruments", ["I-1"], ["I-2"], ["I-2@pa.example/b"]),
        ("/instrument", "I-1", "I-2", "I-2@pa.example/b"),
        ("/text", "I-1", "I-2", "I-2"),
    ],
)
def test_a_change_names_the_instruments_of_its_own_book(
    path: str, old: Any, new: Any, joined: Any
) -> None:
    target: Json = {"ledger": "pa.example/b", "seq": 1, "leaf": "0" * 64}
    changes: Json = [{"path": path, "old": old, "new": new}]
    data: Json = {"target": target, "changes": changes, "reason": "read again"}
    record = BOOKS.joined_record(read_record("correction", data), 3)

    assert isinstance(record, Correction)
    assert [(each.path, each.new) for each in record.changes] == [(path, joined)]
