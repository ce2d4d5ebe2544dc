"""The own book is laid beside the mirrors, as far as both are known."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.errors import RefusedError
from ledger.register.opening import Places, open_register
from ledger.register.peering import card_data
from ledger.register.reconciling import Reconciliation, reconcile
from ledger.store.mirrors import add_mirror
from tests.register.neighbours import card_of
from tests.register.stored import keep, make, places
from tests.two_books import NOW, ON, Books, told

SV = "sv.example/book"


def trusting() -> Books:
    """Return two books of which the sending one trusts the other."""
    books = Books()
    books.us.write("peer", card_data(card_of(books.sv)))
    return books


def lay(books: Books, folder: Path) -> Places:
    """Keep the sending book on disk, with its mirror of the other one."""
    there = places(folder)
    journal = make(books.us, there.database)
    genesis = books.sv.history.entries[0].leaf
    with journal.writing():
        mirror = add_mirror(journal, name=SV, state="SV", genesis=genesis)
    keep(mirror, books.sv)
    journal.close()
    return there


def asked(
    there: Places,
    *,
    on: date = ON,
    peer: str | None = None,
    known_on: date | None = None,
) -> Reconciliation:
    with open_register(there, known_on=known_on) as register:
        return reconcile(register, on=on, now=NOW, peer=peer, known_on=known_on)


def test_both_books_are_read_with_what_corrects_them(tmp_path: Path) -> None:
    books = trusting()
    cited = books.depart(11)
    books.arrive(cited, 10)
    books.depart(3)
    wrong = books.depart(5)
    books.us.retract(wrong["seq"])  # type: ignore[arg-type]
    books.us.correct(2, {"path": "/persons/n", "old": 11, "new": 12})
    found = asked(lay(books, tmp_path))

    assert [told(each) for each in found.differences] == [
        ("persons", "12", "10", 2),
        ("unanswered", "3", "", 3),
    ]
    assert [(head.book, head.size) for head in found.heads] == [
        ("us.example/book", 7),
        (SV, 2),
    ]
    (beside,) = found.beside
    assert (beside.book, beside.size) == (SV, 2)
    assert beside.last_at == books.sv.history.head.at


def test_the_answer_is_as_it_was_known_on_a_day(tmp_path: Path) -> None:
    books = trusting()
    cited = books.depart(11)
    books.sv.now += timedelta(days=30)
    books.arrive(cited, 10)
    there = lay(books, tmp_path)
    known = books.us.now.date()
    found = asked(there, known_on=known)

    assert [each.code for each in found.differences] == ["unanswered"]
    assert [head.size for head in found.heads] == [3, 1]


def test_one_peer_may_be_named_and_a_stranger_is_refused(tmp_path: Path) -> None:
    books = trusting()
    cited = books.depart(11)
    books.arrive(cited, 10)
    there = lay(books, tmp_path)

    assert len(asked(there, peer=SV).differences) == 1
    with pytest.raises(RefusedError) as error:
        asked(there, peer="mx.example/book")
    assert error.value.code == "sync.unknown-book"


def test_a_book_that_trusts_nobody_is_beside_none(tmp_path: Path) -> None:
    there = places(tmp_path)
    make(Books().us, there.database).close()

    with pytest.raises(RefusedError) as error:
        asked(there)
    assert error.value.code == "sync.no-peer"


def test_a_peer_that_was_never_mirrored_is_said(tmp_path: Path) -> None:
    books = trusting()
    books.depart(11)
    there = places(tmp_path)
    make(books.us, there.database).close()
    found = asked(there)

    assert found.differences == ()
    assert [(each.book, each.size) for each in found.beside] == [(SV, 0)]
