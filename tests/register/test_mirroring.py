"""Hostile offers: one named attack a test; none changes a byte of the database."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.domain.authority import Role
from ledger.errors import (
    IncompleteError,
    LedgerError,
    MalformedError,
    RefusedError,
    RewrittenError,
    SignatureError,
    TooNewError,
)
from ledger.exchange.card import OpenedCard
from ledger.exchange.evidence import check_evidence
from ledger.register.mirroring import kept
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.note import Note, Signature, sign_note
from tests.office import Office, signer
from tests.register.neighbours import (
    Packet,
    Receiver,
    card_of,
    cosigned,
    headed,
    packet,
    signed,
    us,
)
from tests.register.stored import opened


@pytest.fixture(name="receiver")
def _receiver(tmp_path: Path) -> Receiver:
    return Receiver(tmp_path, us())


def is_refused(
    receiver: Receiver, offer: Packet, kind: type[LedgerError], code: str
) -> None:
    """Refuse an offer, with not a byte changed."""
    before = receiver.image()
    with pytest.raises(kind) as caught:
        receiver.take(offer)
    assert caught.value.code == code
    assert receiver.image() == before


def forked(office: Office, at: int) -> Office:
    """Return the office with another history from an entry on, by the same keys."""
    other = Office()
    assert other.notes[0] == office.notes[0]
    while len(other.notes) < at:
        other.put(office.notes[len(other.notes)])
    while len(other.notes) < len(office.notes):
        other.transfer(persons={"n": 9, "qualifier": "exact"})
    return other


def test_an_honest_book_is_mirrored_byte_for_byte(receiver: Receiver) -> None:
    sender = receiver.sender
    sender.receipt("T-1", 238)
    sender.put(b"not an entry")
    sender.acknowledge(3)
    sender.write("key", {"action": "add", **clerk_of(sender)})
    sender.transfer()

    taken = receiver.take(packet(sender))

    assert (taken.added, taken.void) == (7, (3,))
    assert receiver.rows() == sender.notes


def clerk_of(office: Office) -> dict[str, Json]:
    return office.listing("clerk", signer("us.example/clerk-08", 99))


def test_books_are_mirrored_bit_by_bit_and_repetitions_change_nothing(
    receiver: Receiver,
) -> None:
    sender = receiver.sender
    receiver.take(packet(sender))
    sender.transfer()
    sender.transfer()

    assert receiver.take(packet(sender, 2)).added == 2
    before = receiver.image()
    assert receiver.take(packet(sender, 2)).added == 0
    assert receiver.take(packet(sender, 0)).added == 0
    assert receiver.image() == before
    assert receiver.rows() == sender.notes


def test_an_overlapping_offer_adds_only_what_is_new(receiver: Receiver) -> None:
    sender = receiver.sender
    receiver.take(packet(sender))
    sender.transfer()

    assert receiver.take(packet(sender, 0)).added == 1


def test_a_lost_file_is_said_and_healed_by_the_next(receiver: Receiver) -> None:
    offer = packet(receiver.sender, 1)

    is_refused(receiver, offer, IncompleteError, "sync.gap")
    assert receiver.take(packet(receiver.sender)).added == 2


def test_rollback(receiver: Receiver) -> None:
    """An older, shorter book takes nothing away."""
    sender = receiver.sender
    old = packet(sender)
    sender.transfer()
    receiver.take(packet(sender))
    first = receiver.cosign()
    assert first is not None

    assert receiver.take(old).added == 0
    again = receiver.cosign()

    assert receiver.rows() == sender.notes
    assert again is not None
    assert (again.size, again.new) == (3, False)


def test_freeze(receiver: Receiver) -> None:
    """The same file again and again says nothing new."""
    receiver.take(packet(receiver.sender))

    taken = receiver.take(packet(receiver.sender))

    assert (taken.added, taken.checkpoint.size) == (0, 2)


def test_fast_forward(receiver: Receiver) -> None:
    """A checkpoint of more entries than there are is of nothing."""
    offer = packet(receiver.sender)
    root = b"\1" * 32
    far = replace(offer, checkpoint=signed(receiver.sender, 10**9, root=root))

    is_refused(receiver, far, MalformedError, "sync.checkpoint-size")


def test_mix_and_match(receiver: Receiver) -> None:
    """The entries of one file under the checkpoint of another."""
    sender = receiver.sender
    other = forked(sender, 1)
    mixed = replace(packet(sender), checkpoint=signed(other, 2))

    is_refused(receiver, mixed, RewrittenError, "sync.other-root")


def test_wrong_role(receiver: Receiver) -> None:
    """A checkpoint that another key than the log's signed."""
    sender = receiver.sender
    text = Note.parse(signed(sender, 2)).text
    roles: tuple[Role, ...] = ("state", "clerk")
    for role in roles:
        note = sign_note(text, sender.keys[role])
        offer = replace(packet(sender), checkpoint=note)
        is_refused(receiver, offer, SignatureError, "sync.checkpoint-not-signed")
    stranger = sign_note(text, signer(sender.book, 77))
    offer = replace(packet(sender), checkpoint=stranger)
    is_refused(receiver, offer, SignatureError, "sync.checkpoint-not-signed")


def test_a_signature_of_the_log_that_does_not_hold(receiver: Receiver) -> None:
    parsed = Note.parse(signed(receiver.sender, 2))
    (line,) = parsed.signatures
    bad = Signature(line.name, line.key_id, bytes(64))
    offer = replace(
        packet(receiver.sender), checkpoint=Note(parsed.text, (bad,)).format()
    )

    is_refused(receiver, offer, SignatureError, "note.bad-signature")


def test_two_lines_of_one_key(receiver: Receiver) -> None:
    parsed = Note.parse(signed(receiver.sender, 2))
    (line,) = parsed.signatures
    bad = Signature(line.name, line.key_id, bytes(64))
    note = Note(parsed.text, (line, bad)).format()
    offer = replace(packet(receiver.sender), checkpoint=note)

    is_refused(receiver, offer, MalformedError, "checkpoint.two-signatures-of-one-key")


def test_lines_of_unknown_keys_are_ignored(receiver: Receiver) -> None:
    parsed = Note.parse(signed(receiver.sender, 2))
    unknown = Signature("zz.example/witness", b"\1\2\3\4", bytes(2424))
    note = Note(parsed.text, (*parsed.signatures, unknown)).format()

    taken = receiver.take(replace(packet(receiver.sender), checkpoint=note))

    assert taken.added == 2


def test_a_line_that_bears_our_name_stops_no_cosignature(receiver: Receiver) -> None:
    parsed = Note.parse(signed(receiver.sender, 2))
    witness = receiver.office.keys["witness"].key
    forged = Signature(witness.name, witness.key_id, bytes(72))
    note = Note(parsed.text, (*parsed.signatures, forged)).format()
    receiver.take(replace(packet(receiver.sender), checkpoint=note))

    made = receiver.cosign()

    assert made is not None
    assert made.new
    assert len(Note.parse(made.note).signatures) == 2


def test_replay_from_another_book(receiver: Receiver) -> None:
    other = Office(book="zz.example/book", state="ZZ", seed=70)
    is_refused(receiver, packet(other), RefusedError, "sync.unknown-book")

    named = headed(packet(other), book=receiver.sender.book)
    is_refused(receiver, named, RewrittenError, "sync.other-genesis")

    genesis = receiver.sender.history.entries[0].leaf.hex()
    pinned = headed(named, genesis=genesis)
    is_refused(receiver, pinned, RewrittenError, "sync.other-genesis")

    crossed = replace(packet(receiver.sender), checkpoint=signed(other, 1))
    is_refused(receiver, crossed, MalformedError, "sync.checkpoint-of-another-book")


def test_from_the_future(receiver: Receiver) -> None:
    before = receiver.image()
    early = receiver.sender.now - timedelta(hours=2, minutes=16)

    with pytest.raises(RefusedError, match=r"sync\.from-the-future"):
        receiver.take(packet(receiver.sender), now=early)

    assert receiver.image() == before
    assert receiver.take(packet(receiver.sender)).added == 2


def test_an_entry_that_needs_a_newer_program_waits(receiver: Receiver) -> None:
    sender = receiver.sender
    page = sender.page("consent", {"x": 1}, by=sender.keys["clerk"])
    sender.notes.append(page.sign(sender.keys["clerk"]))

    is_refused(receiver, packet(sender), TooNewError, "entry.unknown-kind")


def test_an_oversized_entry(receiver: Receiver) -> None:
    offer = packet(receiver.sender)
    offer.pages[1] = b"x" * 65_536

    is_refused(receiver, offer, MalformedError, "entry.too-big")


def convicts(receiver: Receiver, offer: Packet) -> int | None:
    """Return at which entry an offer shows two histories, as anyone can check."""
    rows = receiver.rows()
    taken = receiver.take(offer)
    assert taken.evidence is not None
    content = taken.evidence.format()
    state = receiver.sender.keys["state"].key
    card = OpenedCard(card_of(receiver.sender), state)
    report = check_evidence(content, card=card)
    assert (report.verdict, report.exit_code) == ("verified", 0)
    assert receiver.rows() == rows
    return report.index


def test_split_view_at_one_size(receiver: Receiver) -> None:
    other = forked(receiver.sender, 1)
    receiver.take(packet(receiver.sender))

    assert convicts(receiver, packet(other)) is None


def test_split_view_at_one_size_without_the_entries(receiver: Receiver) -> None:
    receiver.take(packet(receiver.sender))
    offer = replace(
        packet(receiver.sender), checkpoint=signed(forked(receiver.sender, 1), 2)
    )

    assert convicts(receiver, offer) is None


def test_split_view_at_different_sizes(receiver: Receiver) -> None:
    other = forked(receiver.sender, 1)
    other.transfer()
    receiver.take(packet(receiver.sender))

    assert convicts(receiver, packet(other)) == 1


def test_split_view_of_a_smaller_size(receiver: Receiver) -> None:
    receiver.sender.transfer()
    other = forked(receiver.sender, 1)
    receiver.take(packet(receiver.sender))

    assert convicts(receiver, packet(other, 0, 2)) == 1
    before = receiver.image()
    assert convicts(receiver, packet(other, 0, 2)) == 1
    assert receiver.image() == before


def test_another_history_without_its_entries_is_refused_and_shows_nothing(
    receiver: Receiver,
) -> None:
    other = forked(receiver.sender, 1)
    other.transfer()
    receiver.take(packet(receiver.sender))

    is_refused(receiver, packet(other, 2), RewrittenError, "sync.other-root")
    mixed = packet(other)
    mixed.pages[2] = b"something else"
    is_refused(receiver, mixed, RewrittenError, "sync.other-root")


def test_nothing_more_is_cosigned_until_the_state_answers(receiver: Receiver) -> None:
    sender = receiver.sender
    receiver.take(packet(sender))
    assert receiver.cosign() is not None
    other = forked(sender, 1)
    receiver.take(packet(other))
    assert receiver.cosign() is None

    sender.remark(1, text="an error of the machine")
    receiver.take(packet(sender))
    assert receiver.cosign() is None
    root = Checkpoint.parse(Note.parse(signed(other, 2)).text).root.hex()
    sender.remark(1, text=f"a copy was put back by mistake: {root}")
    receiver.take(packet(sender))
    made = receiver.cosign()

    assert made is not None
    assert made.size == 4


def test_an_answer_is_kept_once_and_must_be_of_a_witness(receiver: Receiver) -> None:
    sender, office = receiver.sender, receiver.office
    own = signed(office, 2)
    good = cosigned(sender, own, at=receiver.now)
    offer = replace(packet(sender), answers=(good,))

    first, again = receiver.take(offer), receiver.take(offer)

    assert [a.new for a in (*first.answered, *again.answered)] == [True, False]
    assert [(a.size, a.by) for a in first.answered] == [(2, "us.example/witness")]


def answering(receiver: Receiver, note: bytes) -> Packet:
    return replace(packet(receiver.sender), answers=(note,))


def test_answers_that_nobody_may_believe(receiver: Receiver) -> None:
    sender, office = receiver.sender, receiver.office
    own, now = signed(office, 2), receiver.now

    def refuses(note: bytes, kind: type[LedgerError], code: str) -> None:
        is_refused(receiver, answering(receiver, note), kind, code)

    refuses(own, SignatureError, "sync.answer-not-by-witness")
    refuses(cosigned(office, own, at=now), SignatureError, "sync.answer-not-by-witness")
    late = cosigned(sender, own, at=now + timedelta(minutes=16))
    refuses(late, RefusedError, "sync.answer-from-the-future")
    theirs = cosigned(sender, signed(sender, 2), at=now)
    refuses(theirs, MalformedError, "sync.answer-of-another-book")
    beyond = signed(office, 9, root=b"\1" * 32)
    refuses(cosigned(sender, beyond, at=now), RewrittenError, "sync.answer-beyond-book")
    other = signed(office, 2, root=b"\1" * 32)
    refuses(cosigned(sender, other, at=now), RewrittenError, "sync.answer-other-root")
    strange = sign_checkpoint(
        Checkpoint(office.book, 2, b"\1" * 32), signer(office.book, 78)
    )
    refuses(cosigned(sender, strange, at=now), SignatureError, "sync.answer-not-logged")
    parsed = Note.parse(cosigned(sender, own, at=now))
    bad = Signature(parsed.signatures[0].name, parsed.signatures[0].key_id, bytes(64))
    broken = Note(parsed.text, (bad, parsed.signatures[1])).format()
    refuses(broken, SignatureError, "note.bad-signature")
    wrong = Signature(parsed.signatures[1].name, parsed.signatures[1].key_id, bytes(72))
    broken = Note(parsed.text, (parsed.signatures[0], wrong)).format()
    refuses(broken, SignatureError, "cosignature.bad-signature")


def test_a_kept_row_that_is_no_checkpoint_binds_nobody(receiver: Receiver) -> None:
    receiver.take(packet(receiver.sender))
    foreign = signed(receiver.office, 1)
    with opened(receiver.there) as register:
        mirror = receiver.mirror(register)
        with register.journal.writing():
            mirror.keep_checkpoint(size=1, note=b"nothing")
            mirror.keep_checkpoint(size=1, note=foreign)

        assert [checkpoint.size for checkpoint, _ in kept(mirror)] == [2]
