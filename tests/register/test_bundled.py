"""A bundle is checked without a book: honest ones hold, hostile ones are told."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from ledger.errors import MalformedError
from ledger.exchange.bundle import opened_bundle, write_bundle
from ledger.exchange.card import Card, OpenedCard
from ledger.register.bundled import BundleReport, check_bundle
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from ledger.tlog.entry import MAX_SIZE
from tests.office import Office, signer
from tests.register.neighbours import (
    Packet,
    broken,
    card_of,
    headed,
    packet,
    signed,
    sv,
    us,
)


def opened_card(office: Office, card: Card | None = None) -> OpenedCard:
    return OpenedCard(card or card_of(office), office.keys["state"].key)


def checked(
    folder: Path,
    made: Packet,
    *,
    card: OpenedCard | None = None,
    by: str | None = None,
) -> BundleReport:
    """Write a bundle and check the file."""
    written = write_bundle(
        folder,
        made.header,
        notes=made.pages,
        checkpoint=made.checkpoint,
        answers=made.answers,
    )
    with opened_bundle(written.path) as bundle:
        return check_bundle(bundle, card=card, fingerprint=by)


def told(report: BundleReport) -> tuple[str, int, str]:
    return report.verdict, report.exit_code, report.code


def test_an_honest_bundle_is_verified_by_the_card_of_its_book(tmp_path: Path) -> None:
    office = us()
    card = opened_card(office)
    made = replace(packet(office), answers=(signed(sv(), 1),))

    report = checked(tmp_path, made, card=card, by=card.fingerprint)

    assert told(report) == ("verified", 0, "")
    assert (report.book, report.start, report.stop) == (office.book, 0, 2)
    assert report.answers == (("sv.example/book", 1),)
    assert report.fingerprint == card.fingerprint
    # One that was replayed says what it said before.
    assert checked(tmp_path, made, card=card, by=card.fingerprint) == report


def test_without_a_card_nobody_vouches_for_it(tmp_path: Path) -> None:
    report = checked(tmp_path, packet(us()))

    assert told(report) == ("untrusted", 13, "bundle.no-card")


def test_the_card_of_another_book_vouches_for_nothing(tmp_path: Path) -> None:
    report = checked(tmp_path, packet(us()), card=opened_card(sv()))

    assert told(report) == ("untrusted", 13, "bundle.card-of-another-book")


def test_a_card_by_another_signer_than_the_one_that_is_asked_for(
    tmp_path: Path,
) -> None:
    office = us()
    report = checked(tmp_path, packet(office), card=opened_card(office), by="SHA256:x")

    assert told(report) == ("untrusted", 13, "proof.other-signer")


def test_a_card_of_another_history(tmp_path: Path) -> None:
    office = us()
    other = structs.replace(card_of(office), genesis="ab" * 32)
    strange = signer(office.book, 99).key
    keys = (("log", strange), *card_of(office).keys[1:])
    log = structs.replace(card_of(office), keys=keys)

    first = checked(tmp_path, packet(office), card=opened_card(office, other))
    second = checked(tmp_path, packet(office), card=opened_card(office, log))

    assert told(first) == ("rewritten", 11, "proof.other-genesis")
    assert told(second) == ("rewritten", 11, "bundle.log-key-not-in-book")


def forged(made: Packet, office: Office) -> dict[str, tuple[Packet, str, str]]:
    """Return hostile variants, each with the verdict and the code that it gets."""
    first, second = made.pages
    changed = second.replace(b'"n":238', b'"n":239')
    leaves = [merkle.leaf_hash(note) for note in (first, changed)]
    resigned = sign_checkpoint(
        Checkpoint(office.book, 2, merkle.root(leaves)), office.keys["log"]
    )
    stranger = sign_checkpoint(
        Checkpoint.parse(made.checkpoint.decode().partition("\n\n")[0] + "\n"),
        signer(office.book, 99),
    )
    altered = replace(made, pages=[first, changed])
    deep = second.replace(b'"data":{', b'"data":{"a":' + b"[" * 99 + b"]" * 99 + b",")
    return {
        "a digit of an entry is changed": (altered, "rewritten", "sync.other-root"),
        "and a stolen log key signs it": (
            replace(altered, checkpoint=resigned),
            "bad_signature",
            "entry.bad-signature",
        ),
        "entries are swapped": (
            replace(made, pages=[second, first]),
            "rewritten",
            "sync.other-genesis",
        ),
        "it names another first entry": (
            headed(made, genesis="ab" * 32),
            "rewritten",
            "sync.other-genesis",
        ),
        "it names another book": (
            headed(made, book="xb.example/book"),
            "rewritten",
            "sync.checkpoint-of-another-book",
        ),
        "its checkpoint is of another size": (
            replace(made, checkpoint=signed(office, 1)),
            "rewritten",
            "sync.checkpoint-size",
        ),
        "its checkpoint signs another root": (
            replace(made, checkpoint=signed(office, 2, root=bytes(32))),
            "rewritten",
            "sync.other-root",
        ),
        "its checkpoint is by a stranger": (
            replace(made, checkpoint=stranger),
            "bad_signature",
            "sync.checkpoint-not-signed",
        ),
        "the signature of its checkpoint is broken": (
            replace(made, checkpoint=broken(made.checkpoint)),
            "bad_signature",
            "note.bad-signature",
        ),
        "its checkpoint is none": (
            replace(made, checkpoint=b"x\n"),
            "altered",
            "note.no-signature",
        ),
        "what it brings back is no checkpoint": (
            replace(made, answers=(b"x\n",)),
            "altered",
            "note.no-signature",
        ),
        "an entry is too big": (
            replace(made, pages=[first, b"x" * (MAX_SIZE + 1)]),
            "altered",
            "entry.too-big",
        ),
        "an entry nests too deep": (
            replace(made, pages=[first, deep]),
            "rewritten",
            "sync.other-root",
        ),
    }


VARIANTS = sorted(forged(packet(us()), us()))


@pytest.mark.parametrize("name", VARIANTS)
def test_it_is_told_when(name: str, tmp_path: Path) -> None:
    office = us()
    made, verdict, code = forged(packet(office), office)[name]

    report = checked(tmp_path, made, card=opened_card(office))

    assert (report.verdict, report.code) == (verdict, code)
    assert (
        report.exit_code
        == {"altered": 10, "rewritten": 11, "bad_signature": 12}[verdict]
    )


def test_an_entry_that_counts_for_nothing_is_named(tmp_path: Path) -> None:
    office = us()
    office.notes.append(b"no entry\n")

    report = checked(tmp_path, packet(office), card=opened_card(office))

    assert (report.verdict, report.seq, report.void) == ("altered", 2, (2,))


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_one_that_was_cut_is_altered(cut: int, tmp_path: Path) -> None:
    office = us()
    made = packet(office)
    written = write_bundle(
        tmp_path, made.header, notes=made.pages, checkpoint=made.checkpoint
    )
    path = tmp_path / "cut"
    path.write_bytes(written.path.read_bytes()[:-cut])

    with opened_bundle(path) as bundle:
        report = check_bundle(bundle, card=None)

    assert told(report) == ("altered", 10, "bundle.truncated")


def test_a_line_that_is_too_long_is_altered(tmp_path: Path) -> None:
    made = packet(us())
    path = tmp_path / "long"
    path.write_bytes(made.header.format() + b'"' + b"x" * 500_000)

    with opened_bundle(path) as bundle:
        report = check_bundle(bundle, card=None)

    assert told(report) == ("altered", 10, "bundle.line-too-long")


def test_a_head_that_nests_deep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep"
    path.write_bytes(b'{"schema":' + b"[" * 500 + b"]" * 500 + b"}\n")

    with pytest.raises(MalformedError), opened_bundle(path):
        pass


# --- a bundle that begins later


def test_one_that_begins_later_is_only_a_part(tmp_path: Path) -> None:
    office = us()
    office.remark(1, text="seen")
    made = packet(office, 1)

    alone = checked(tmp_path, made)
    with_card = checked(tmp_path, made, card=opened_card(office))

    assert told(alone) == told(with_card) == ("partial", 14, "bundle.begins-later")
    assert alone.values == {"start": 1}


def test_what_does_not_follow_in_a_part_is_told(tmp_path: Path) -> None:
    office = us()
    office.remark(1, text="one")
    office.remark(1, text="two")
    made = packet(office, 1)
    swapped = replace(made, pages=[made.pages[0], made.pages[2], made.pages[1]])
    relinked = json.loads(made.pages[1].split(b"\n")[1])
    relinked["prev"] = "00" * 32
    body = json.dumps(relinked, separators=(",", ":"), sort_keys=True)
    cut = made.pages[1].split(b"\n")
    cut[1] = body.encode()
    unlinked = replace(made, pages=[made.pages[0], b"\n".join(cut), made.pages[2]])
    void = replace(made, pages=[made.pages[0], b"none\n", made.pages[2]])

    assert checked(tmp_path, swapped).code == "bundle.not-a-chain"
    assert checked(tmp_path, unlinked).seq == 2
    assert checked(tmp_path, void).code == "bundle.not-a-chain"


def test_a_part_whose_checkpoint_another_key_signed(tmp_path: Path) -> None:
    office = us()
    office.remark(1, text="one")
    made = packet(office, 1)
    made.checkpoint = broken(made.checkpoint)

    report = checked(tmp_path, made, card=opened_card(office))

    assert told(report) == ("bad_signature", 12, "note.bad-signature")
