"""What is handed out as a proof can be checked by whoever has only the card."""

from pathlib import Path

import pytest

from ledger.errors import IncompleteError, NotFoundError
from ledger.exchange.card import open_card
from ledger.exchange.proof_check import check_entry_proof
from ledger.register.certifying import sign
from ledger.register.exporting import make_card
from ledger.register.opening import Places
from ledger.register.proving import is_covered, prove_named
from tests.office import Office
from tests.register.stored import image_of, lay, opened


def written() -> Office:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.transfer()
    office.remark(1)
    office.put(b"no entry")
    return office


OFFICE = written()
LOG = OFFICE.keys["log"]


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Places:
    return lay(tmp_path, image_of(OFFICE, signed=3))


def test_all_that_concerns_a_transfer_is_proved_under_a_new_checkpoint(
    there: Places,
) -> None:
    with opened(there) as register:
        before = is_covered(register)
        proofs = prove_named(register, "T-1", log=LOG)
        card = open_card(make_card(register, OFFICE.keys["state"]))
        after = is_covered(register)

    assert (before, after) == (False, True)
    assert [entry.seq for entry in proofs.entries] == [1, 2, 4]
    assert (proofs.ref, proofs.left_out) == ("T-1", ())
    assert proofs.signed.checkpoint.size == 6
    for entry in proofs.entries:
        report = check_entry_proof(entry.proof, entry.note, card=card)
        assert (report.verdict, report.seq) == ("verified", entry.seq)


def test_without_the_log_key_what_came_later_is_left_out_and_named(
    there: Places,
) -> None:
    with opened(there, write=False) as register:
        proofs = prove_named(register, "us:T-1", log=None)
        (first,) = prove_named(register, "2", log=None).entries

    assert [entry.seq for entry in proofs.entries] == [1, 2]
    assert (proofs.left_out, first.seq) == ((4,), 2)


def test_a_void_entry_is_proved_by_its_number(there: Places) -> None:
    with opened(there) as register:
        proofs = prove_named(register, "5", log=LOG)

    assert proofs.ref is None
    assert proofs.entries[0].note == b"no entry"


@pytest.mark.parametrize("name", ["T-2", "4"])
def test_what_no_checkpoint_covers_is_not_proved(name: str, there: Places) -> None:
    with opened(there) as register, pytest.raises(IncompleteError, match="beyond"):
        prove_named(register, name, log=None)


@pytest.mark.parametrize("name", ["T-9", "9"])
def test_what_is_not_there_is_not_proved_and_nothing_is_signed(
    name: str, there: Places
) -> None:
    with opened(there) as register:
        with pytest.raises(NotFoundError):
            prove_named(register, name, log=LOG)
        assert not is_covered(register)


def test_without_any_checkpoint_nothing_is_proved(tmp_path: Path) -> None:
    there = lay(tmp_path, image_of(OFFICE))

    with opened(there) as register:
        with pytest.raises(IncompleteError, match="no-checkpoint"):
            prove_named(register, "1", log=None)
        assert not is_covered(register)
        sign(register, LOG)
        assert is_covered(register)
