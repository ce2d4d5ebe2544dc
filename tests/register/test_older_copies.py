"""An older copy of the database was put back: what a peer sends shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.errors import IncompleteError, RewrittenError
from tests.register.neighbours import Receiver, cosigned, packet, signed, us
from tests.register.test_mirroring import is_refused


@pytest.fixture(name="receiver")
def _receiver(tmp_path: Path) -> Receiver:
    return Receiver(tmp_path, us())


def test_an_old_copy_of_both_books_is_told_before_anything_is_signed(
    receiver: Receiver,
) -> None:
    """The mirror is too old for the offer, and its answer is of a later own book."""
    sender, office = receiver.sender, receiver.office
    beyond = signed(office, 9, root=b"\1" * 32)
    seen = cosigned(sender, beyond, at=receiver.now)
    offer = replace(packet(sender, 1), answers=(seen,))

    is_refused(receiver, offer, RewrittenError, "sync.answer-beyond-book")
    strange = replace(packet(sender, 1), answers=(signed(office, 2),))
    is_refused(receiver, strange, IncompleteError, "sync.gap")
