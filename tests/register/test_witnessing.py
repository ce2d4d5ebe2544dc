"""Cosigning what is mirrored, sealing what was cosigned, and verifying both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ledger.errors import (
    LedgerError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    RewrittenError,
    TamperedError,
)
from ledger.register import syncing
from ledger.register.answering import answered, sealed_data, witnesses_of
from ledger.register.certifying import Signed
from ledger.register.checking import Report, verify
from ledger.register.neighbouring import Neighbour
from ledger.register.peering import card_data
from ledger.register.syncing import read_inbox, read_neighbour, seal, write_out
from ledger.store.journal import Journal
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import SIG_COSIGNATURE, Note, Signature
from tests.office import Office, signer
from tests.register.neighbours import (
    Receiver,
    card_of,
    cosigned,
    packet,
    signed,
    sv,
    us,
)
from tests.register.stored import insert, make, opened, places, tampering
from tests.register.test_mirroring import forked


@pytest.fixture(name="receiver")
def _receiver(tmp_path: Path) -> Receiver:
    receiver = Receiver(tmp_path, us())
    receiver.take(packet(receiver.sender))
    return receiver


def cosigning(receiver: Receiver, kind: type[LedgerError], code: str) -> None:
    with pytest.raises(kind) as caught:
        receiver.cosign()
    assert caught.value.code == code


def test_a_mirror_that_was_put_back_is_not_cosigned(receiver: Receiver) -> None:
    old = receiver.image()
    receiver.sender.transfer()
    receiver.take(packet(receiver.sender))
    assert receiver.cosign() is not None
    receiver.there.database.write_bytes(old)

    cosigning(receiver, RewrittenError, "sync.mirror-cut")
    report = verify(receiver.there, book=receiver.sender.book)
    assert (report.verdict, report.memory) == ("rewritten", "fail")

    receiver.take(packet(receiver.sender))
    made = receiver.cosign()
    assert made is not None
    assert made.size == 3


def test_another_history_than_the_remembered_one_is_not_cosigned(
    receiver: Receiver, tmp_path: Path
) -> None:
    assert receiver.cosign() is not None
    other = forked(receiver.sender, 1)
    (tmp_path / "new").mkdir()
    fresh = Receiver(tmp_path / "new", receiver.sender)
    fresh.take(packet(other))
    receiver.there.database.write_bytes(fresh.image())

    cosigning(receiver, RewrittenError, "sync.mirror-other-root")


def test_changed_bytes_are_not_cosigned(receiver: Receiver) -> None:
    receiver.sender.transfer()
    receiver.take(packet(receiver.sender))
    with tampering(receiver.there.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 2 AND seq = 1")

    cosigning(receiver, TamperedError, "sync.mirror-changed")


def test_a_changed_leaf_hash_is_not_cosigned(receiver: Receiver) -> None:
    receiver.sender.transfer()
    receiver.take(packet(receiver.sender))
    note = b"another"
    with tampering(receiver.there.database) as book:
        book.execute(
            "UPDATE entry SET note = ?, leaf = ? WHERE book = 2 AND seq = 1",
            (note, leaf_hash(note)),
        )

    cosigning(receiver, TamperedError, "sync.mirror-changed")


def test_what_no_checkpoint_covers_is_not_cosigned(receiver: Receiver) -> None:
    with tampering(receiver.there.database) as book:
        book.execute("DELETE FROM checkpoint WHERE book = 2")

    assert receiver.cosign() is None
    other = forked(receiver.sender, 1)
    with pytest.raises(RewrittenError, match=r"sync\.other-root"):
        receiver.take(packet(other))


def with_answer(receiver: Receiver, *, hours: int = 1) -> None:
    """Let the peer cosign the whole own book."""
    office = receiver.office
    own = signed(office, len(office.notes))
    with opened(receiver.there) as register:
        size = register.journal.size()
        own = signed(office, size)
    at = office.now + timedelta(hours=hours)
    offer = replace(
        packet(receiver.sender), answers=(cosigned(receiver.sender, own, at=at),)
    )
    receiver.take(offer, now=at)


def sealing(receiver: Receiver, *, hours: int = 1) -> int | None:
    with opened(receiver.there) as register:
        now = receiver.office.now + timedelta(hours=hours)
        made = seal(register, receiver.office.keys["log"], now=now)
        return None if made is None else made.entry.seq


def test_a_seal_is_recorded_once(receiver: Receiver) -> None:
    assert sealing(receiver) is None
    with_answer(receiver)

    assert [sealing(receiver), sealing(receiver)] == [2, None]
    report = verify(receiver.there)
    assert report.exit_code == 0
    assert (report.witnessed.size, report.witnessed.sealed) == (2, 2)
    assert report.witnessed.since is not None


def test_rows_that_are_no_checkpoints_go_into_no_seal(receiver: Receiver) -> None:
    with_answer(receiver)
    peer = receiver.peer()
    with opened(receiver.there) as register:
        journal = register.journal
        ((_, note),) = journal.checkpoints()
        parsed = Note.parse(note)
        first = parsed.signatures[0]
        bad = Signature(first.name, first.key_id, bytes(64))
        forged = Note(parsed.text, (bad, parsed.signatures[1])).format()
        with journal.writing():
            for kept in (b"nothing", forged, signed(receiver.office, 2)):
                journal.keep_checkpoint(size=2, note=kept)
            journal.keep_checkpoint(size=1, note=note)
        keys = witnesses_of(peer, None)

        data = sealed_data(journal, size=2, keys=keys)

        assert len(data["signatures"]) == 2  # type: ignore[arg-type]
        assert {each.size for each in answered(journal, keys)} == {2}


def test_a_revoked_witness_key_counts_for_nothing(receiver: Receiver) -> None:
    sender = receiver.sender
    witness = sender.keys["witness"].key.format()
    sender.write(
        "key",
        {"action": "revoke", "role": "witness", "vkey": witness, "reason": "stolen"},
    )
    fresh = signer("us.example/witness", 91, algorithm=SIG_COSIGNATURE)
    sender.write("key", {"action": "add", **sender.listing("witness", fresh)})
    receiver.take(packet(sender))
    with opened(receiver.there) as register:
        keys = witnesses_of(receiver.peer(), receiver.mirror(register))

    assert keys == (fresh.key,)


def checked(receiver: Receiver, **options: object) -> Report:
    return verify(receiver.there, workers=0, **options)  # type: ignore[arg-type]


def codes(report: Report) -> list[tuple[int | None, str, str]]:
    return [(f.seq, f.level, f.code) for f in report.findings]


def test_a_cosignature_that_does_not_hold_is_found(receiver: Receiver) -> None:
    with_answer(receiver)
    with opened(receiver.there) as register:
        ((size, note),) = register.journal.checkpoints()
        parsed = Note.parse(note)
        line = parsed.signatures[1]
        bad = Signature(line.name, line.key_id, bytes(72))
        forged = Note(parsed.text, (parsed.signatures[0], bad)).format()
        with register.journal.writing():
            register.journal.keep_checkpoint(size=size, note=forged)

    report = checked(receiver)

    assert codes(report) == [(None, "cosignatures", "cosignature-bad")]
    assert report.exit_code == 12


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (-3, [(1, "time", "later-than-seal")]),
        (0, []),
        (2, [(2, "time", "earlier-than-seal")]),
    ],
)
def test_times_lie_between_the_seals(
    hours: int, found: list[tuple[int, str, str]], tmp_path: Path
) -> None:
    sender, office = us(), sv()
    office.write("peer", card_data(card_of(sender)))
    at = office.now + timedelta(hours=hours)
    parsed = Note.parse(cosigned(sender, signed(office, 2), at=at))
    lines: list[object] = [line.format() for line in parsed.signatures]
    office.write(
        "seal",
        {"checkpoint": parsed.text.splitlines(), "signatures": lines},  # type: ignore[dict-item]
    )
    there = places(tmp_path)
    make(office, there.database).close()

    report = verify(there, workers=0)

    assert codes(report) == found
    assert report.exit_code == (11 if found else 0)


def test_a_seal_of_another_tree_or_by_nobody_known_vouches_for_nothing(
    tmp_path: Path,
) -> None:
    sender, office = us(), sv()
    office.write("peer", card_data(card_of(sender)))
    stranger = Office(book="zz.example/book", state="XA", seed=70)

    def write(note: bytes, by: Office) -> None:
        parsed = Note.parse(cosigned(by, note, at=office.now))
        lines: list[object] = [line.format() for line in parsed.signatures]
        data = {"checkpoint": parsed.text.splitlines(), "signatures": lines}
        office.write("seal", data)  # type: ignore[arg-type]

    write(signed(office, 2), stranger)
    write(signed(office, 2, root=b"\1" * 32), sender)
    there = places(tmp_path)
    make(office, there.database).close()

    report = verify(there, workers=0)

    assert [(f.level, f.code) for f in report.findings] == [("tree", "other-root")]
    assert report.witnessed.size == 0


def test_the_first_valid_entry_beyond_says_since_when(receiver: Receiver) -> None:
    with_answer(receiver)
    with opened(receiver.there) as register:
        insert(register.journal.connection, 2, b"not an entry")
    assert checked(receiver).witnessed.since is None
    sealing(receiver)

    report = checked(receiver)

    assert report.witnessed.since is not None
    assert report.beyond_last_cosigned == 2


def test_since_a_checkpoint_the_rest_is_compared(receiver: Receiver) -> None:
    with_answer(receiver)
    sealing(receiver)
    own = signed(receiver.office, 2)

    report = checked(receiver, since=own, peers=[card_of(receiver.sender)])

    assert (report.exit_code, report.witnessed.size) == (0, 2)


def test_cards_of_strangers_are_refused_whatever_lies_in_the_book(
    receiver: Receiver,
) -> None:
    with_answer(receiver)
    with opened(receiver.there) as register, register.journal.writing():
        register.journal.keep_checkpoint(size=1, note=b"nothing")
    stranger = card_of(Office(book="zz.example/book", state="XA", seed=70))

    with pytest.raises(LedgerError, match="card-of-another-book"):
        checked(receiver, peers=[stranger])
    with tampering(receiver.there.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 1 AND seq = 0")
    report = checked(receiver, peers=[card_of(receiver.sender)])
    assert report.exit_code == 10


def test_a_card_of_another_history_than_the_peers_is_refused(
    receiver: Receiver,
) -> None:
    with_answer(receiver)
    name, state = receiver.sender.book, receiver.sender.state
    impostor = card_of(Office(book=name, state=state, seed=71))

    with pytest.raises(LedgerError, match="card-other-genesis"):
        checked(receiver, peers=[impostor])


def test_a_mirror_that_was_answered_for_verifies_again(receiver: Receiver) -> None:
    sender = receiver.sender
    receiver.cosign()
    other = forked(sender, 1)
    receiver.take(packet(other))
    assert checked(receiver, book=sender.book).exit_code == 11
    root = Checkpoint.parse(Note.parse(signed(other, 2)).text).root.hex()
    sender.remark(1, text=f"put back by mistake: {root}")
    receiver.take(packet(sender))

    assert checked(receiver, book=sender.book).exit_code == 0


def test_a_mirror_of_which_nothing_is_remembered_is_said(receiver: Receiver) -> None:
    report = checked(receiver, book=receiver.sender.book)
    assert (report.memory, report.pinned, report.exit_code) == ("absent", True, 0)
    with opened(receiver.there) as register:
        size = register.journal.size()
        register.remember(size, register.journal.root(size))
    assert checked(receiver, book=receiver.sender.book).memory == "absent"
    with tampering(receiver.there.database) as book:
        book.execute("UPDATE book SET name = 'zz.example/book' WHERE id = 2")
    report = checked(receiver, book="zz.example/book")
    assert report.exit_code != 0


def test_an_inbox_that_cannot_be_read_is_said(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in ("a", "b", ".hidden"):
        (folder / name).write_bytes(b"{}\n")

    def names(place: Path) -> list[str]:
        with opened(receiver.there) as register:
            found = read_inbox(register, place, peers={}, now=receiver.now)
        return [each.name for each in found]

    assert names(folder) == ["a", "b"]
    with pytest.raises(NotFoundError):
        names(tmp_path / "nowhere")
    long = tmp_path / ("x" * 300)
    with pytest.raises(NotPermittedError):
        names(long)
    monkeypatch.setattr(syncing, "MOST_FILES", 2)
    with pytest.raises(RefusedError, match="too-many-files"):
        names(folder)


def test_a_bundle_of_nobody_known_is_refused(
    receiver: Receiver, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a").write_bytes(packet(receiver.sender).header.format())
    with opened(receiver.there) as register:
        (read,) = read_inbox(register, folder, peers={}, now=receiver.now)

    assert read.error is not None
    assert read.error.code == "sync.unknown-book"


def test_what_goes_out_is_what_was_signed(receiver: Receiver, tmp_path: Path) -> None:
    office = receiver.office
    root = b"\1" * 32
    other = Signed(Checkpoint(office.book, 2, root), signed(office, 2, root=root))
    with (
        opened(receiver.there) as register,
        pytest.raises(TamperedError, match="not-the-signed-tree"),
    ):
        write_out(register, tmp_path, peer=receiver.peer(), signed=other, witness=None)


def neighbour_of(folder: Path, spoil: Callable[[Journal], None]) -> Path:
    office = us()
    database = folder / "peer.sqlite"
    journal = make(office, database)
    with journal.writing():
        spoil(journal)
    journal.close()
    return database


def test_rows_of_a_database_that_are_no_checkpoints_are_passed_over(
    receiver: Receiver, tmp_path: Path
) -> None:
    sender = receiver.sender

    def spoil(journal: Journal) -> None:
        journal.keep_checkpoint(size=2, note=signed(sender, 2))
        journal.keep_checkpoint(size=2, note=b"nothing")
        journal.keep_checkpoint(size=1, note=signed(sender, 2))

    database = neighbour_of(tmp_path, spoil)
    with opened(receiver.there) as register:
        peer = receiver.peer()
        read = read_neighbour(register, database, peer=peer, now=receiver.now)

    assert (read.result, read.error) == ("known", None)


def test_a_shorter_database_is_an_old_one(receiver: Receiver, tmp_path: Path) -> None:
    sender = receiver.sender
    database = neighbour_of(
        tmp_path,
        lambda journal: journal.keep_checkpoint(size=1, note=signed(sender, 1)),
    )
    with Path(database).open("rb"):
        journal = Journal.open(database, write=False)
    offer = Neighbour(journal, start=2, reader="sv.example/book")
    journal.close()

    assert (offer.header.start, offer.header.stop) == (1, 1)


def test_a_database_that_lies_at_first_sight_is_refused(
    tmp_path: Path,
) -> None:
    receiver = Receiver(tmp_path, us())
    root = b"\1" * 32
    note = signed(receiver.sender, 2, root=root)
    database = neighbour_of(
        tmp_path, lambda journal: journal.keep_checkpoint(size=2, note=note)
    )
    with opened(receiver.there) as register:
        peer = receiver.peer()
        read = read_neighbour(register, database, peer=peer, now=receiver.now)

    assert read.error is not None
    assert read.error.code == "sync.other-root"
