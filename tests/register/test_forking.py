"""A book that was altered comes back; one whose machine signed two histories does not.

The receiving office mirrors four entries of the book. `forged` is another history of
as many entries under the same keys.
"""

from pathlib import Path

import pytest

from ledger.register.checking import verify
from ledger.register.opening import Places
from ledger.register.readonly import why_read_only
from ledger.register.salvaging import Span
from ledger.store.marks import seen_file
from ledger.store.watermark import Watermark
from ledger.tlog import merkle
from tests.office import Office
from tests.register.stored import make, opened, remember
from tests.register.test_repairing import MIRRORED, Lost, forged


@pytest.fixture(name="lost")
def _lost(tmp_path: Path) -> Lost:
    return Lost(tmp_path)


def lay(lost: Lost, office: Office) -> None:
    """Put another history where the book was."""
    lost.there.database.unlink()
    make(office, lost.there.database).close()


def show(lost: Lost, size: int = MIRRORED, *, root: str | None = None) -> None:
    """Remember that a peer has seen the book at a size."""
    root = root or lost.root(size).hex()
    mark = Watermark(lost.office.book, lost.genesis, size, root)
    seen_file(lost.there.memory).advance(mark)


def forked(length: int) -> Office:
    """Return the office of another history of so many entries."""
    other = Office()
    other.transfer(persons={"n": 99, "qualifier": "exact"})
    while len(other.notes) < length:
        other.transfer()
    return other


def closed(there: Places) -> str:
    with opened(there) as register:
        error = why_read_only(register)
    return "" if error is None else error.code


def test_a_file_that_somebody_altered_is_mended_by_what_the_peer_has_seen(
    lost: Lost,
) -> None:
    lost.remember(3)
    show(lost)
    lay(lost, _altered_end(lost))
    assert closed(lost.there) == "memory.other-root"
    done = lost.mend()

    assert (done.size, done.given_up) == (MIRRORED, None)
    assert done.differing == (Span(3, 3),)
    assert closed(lost.there) == ""


def _altered_end(lost: Lost) -> Office:
    """Return the book with another last entry than the peer has."""
    other = Office()
    other.transfer()
    other.transfer()
    assert other.notes == lost.office.notes[:3]
    other.transfer(persons={"n": 99, "qualifier": "exact"})
    return other


def test_an_older_copy_is_mended_by_what_the_peer_has_seen(lost: Lost) -> None:
    show(lost)
    older = Office()
    older.transfer()
    lay(lost, older)
    assert closed(lost.there) == "memory.cut"
    done = lost.mend(genesis=lost.genesis)

    assert (done.size, done.given_up) == (MIRRORED, None)
    assert closed(lost.there) == ""


@pytest.mark.parametrize("length", [MIRRORED, MIRRORED + 3])
def test_two_histories_that_this_machine_signed_are_refused(
    lost: Lost, length: int
) -> None:
    other = forked(length)
    remember(lost.there, other, size=length)
    show(lost)
    lay(lost, other)

    assert closed(lost.there) == "memory.two-histories"
    assert lost.refused() == "repair.signed-here"


def test_the_copy_in_the_place_of_the_other_history_is_refused_as_well(
    lost: Lost,
) -> None:
    remember(lost.there, forked(3), size=3)
    show(lost)

    assert closed(lost.there) == "memory.two-histories"


def test_what_was_recorded_on_an_older_copy_and_never_signed_is_given_up(
    lost: Lost,
) -> None:
    remember(lost.there, forked(3), size=3)
    show(lost)
    lay(lost, forked(3))
    done = lost.mend()

    assert done.given_up == Span(1, 2)
    assert done.other == ()
    assert closed(lost.there) == ""
    assert verify(lost.there).exit_code == 0


def test_what_the_log_signed_is_not_given_up(lost: Lost) -> None:
    remember(lost.there, forked(3), size=3)
    show(lost)
    lay(lost, forked(3))
    lost.keep(forked(3), 3)

    assert lost.refused() == "repair.signed-here"


def test_what_no_peer_has_seen_is_no_reason_to_give_anything_up(lost: Lost) -> None:
    remember(lost.there, forked(3), size=3)
    lay(lost, forked(3))

    assert lost.refused() == "repair.signed-here"


def test_what_would_not_be_kept_as_evidence_is_not_given_up(lost: Lost) -> None:
    remember(lost.there, forked(3), size=3)
    show(lost)
    lost.there.database.write_bytes(b"a broken disk")

    assert lost.refused() == "repair.signed-here"


def test_a_memory_beyond_what_is_left_says_nothing_of_a_second_history(
    lost: Lost,
) -> None:
    lost.remember(MIRRORED + 2)
    lost.there.database.write_bytes(b"a broken disk")

    assert lost.refused() == "repair.older"


def test_a_copy_of_what_the_peer_has_not_seen_is_refused(lost: Lost) -> None:
    show(lost, root=merkle.root([merkle.leaf_hash(n) for n in forged().notes]).hex())
    lost.alter(1)

    assert lost.refused() == "repair.not-the-seen"
