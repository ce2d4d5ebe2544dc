"""`verify FILE` knows every file of ours by its content, and names what was changed."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.exchange.bundle import write_bundle
from ledger.exchange.card import sign_card
from ledger.exchange.recognising import change_of, kind_of
from tests.cli.desk import Desk, answer
from tests.cli.test_verify_by_hand import commands, needs_tools
from tests.register.neighbours import broken, card_of, packet, signed, sv, us

TRUST = ("--trust", "us.card")
Change = Callable[[bytes], bytes]

CHANGES: dict[str, Change] = {
    "paper.line-ends": lambda content: content.replace(b"\n", b"\r\n"),
    "paper.blank-lines": lambda content: content + b"\n",
    "paper.byte-order-mark": lambda content: b"\xef\xbb\xbf" + content,
    "paper.cut": lambda content: content.removesuffix(b"\n"),
    "paper.quoted-printable": lambda content: content.replace(
        "—".encode(), b"=E2=80=94"
    ),
    "paper.not-utf-8": lambda content: content.replace("—".encode(), b"\x97"),
}


@pytest.fixture(name="desk")
def _desk(after_departure: Desk) -> Desk:
    """Return a desk on which every paper lies."""
    desk = after_departure
    desk.done("card", "--out", "us.card")
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done("prove", "1", "--out", "1.tlog-proof")
    desk.done("prove", "0", "--out", "0.tlog-proof")
    desk.done("summary", "--out", "summary", "--format", "json,txt,html")
    return desk


def changed(desk: Desk, file: str, change: Change) -> str:
    path = desk.folder / file
    path.write_bytes(change(path.read_bytes()))
    return file


def checked(desk: Desk, *argv: str) -> tuple[str, int, str | None]:
    """Return verdict, exit code and code; the process must exit so, too."""
    outcome = desk.run("verify", *argv, "--json")
    said: dict[str, Any] = json.loads(outcome.out)
    assert said["exit_code"] == outcome.code
    return said["verdict"], outcome.code, said["code"]


@pytest.mark.parametrize("code", CHANGES)
@pytest.mark.parametrize(
    "argv",
    [
        ("us.ckpt", *TRUST),
        ("1.tlog-proof", "--entry", "1.tlog-proof.note"),
        ("us.card",),
        ("1.tlog-proof.note", *TRUST),
    ],
    ids=lambda argv: str(argv[0]),
)
def test_a_paper_that_was_converted_is_named_and_what_is_different(
    desk: Desk, argv: tuple[str, ...], code: str
) -> None:
    shutil.copy(desk.folder / argv[0], desk.folder / "got")
    changed(desk, "got", CHANGES[code])
    argv = ("got", *argv[1:])

    verdict = checked(desk, *argv)
    said = desk.run("verify", *argv)

    assert verdict == ("bad_signature", 12, code)
    assert "once more" in said.err


def test_a_proof_with_another_hash_in_it_is_no_wrong_value(desk: Desk) -> None:
    changed(desk, "1.tlog-proof", lambda c: c.replace(b"index 1", b"index 01"))

    found = checked(desk, "1.tlog-proof", "--entry", "1.tlog-proof.note")

    assert found == ("bad_signature", 12, "proof.bad-form")


@pytest.mark.parametrize("name", ["summary.en.txt", "summary.en.html"])
def test_a_readable_summary_is_verified_by_the_signature_beside_it(
    desk: Desk, name: str
) -> None:
    path = f"summary/{name}"
    mark = answer(desk, "verify", path, code=13)["fingerprint"]

    known = checked(desk, path, "--fingerprint", mark)
    (desk.folder / f"{path}.sig").rename(desk.folder / f"{path}.sshsig")
    renamed = checked(desk, path, "--fingerprint", mark)
    shown = desk.done("verify", path, "--fingerprint", mark)
    with_card = desk.run("verify", path, *TRUST)

    assert known == renamed == ("verified", 0, None)
    assert mark in shown.out + shown.err
    assert with_card.code == 2


def test_a_readable_summary_that_was_changed(desk: Desk) -> None:
    changed(desk, "summary/summary.en.txt", lambda c: c.replace(b"238", b"239"))
    changed(desk, "summary/summary.en.html", CHANGES["paper.line-ends"])

    first = checked(desk, "summary/summary.en.txt")
    second = checked(desk, "summary/summary.en.html")

    assert first == ("bad_signature", 12, "sshsig.wrong-signature")
    assert second == ("bad_signature", 12, "paper.line-ends")


def test_a_signature_that_is_none_beside_a_summary(desk: Desk) -> None:
    changed(desk, "summary/summary.en.txt.sig", lambda _: b"x")

    found = checked(desk, "summary/summary.en.txt")

    assert found == ("bad_signature", 12, "sshsig.not-a-signature")


@pytest.mark.parametrize("name", ["summary.en.txt", "summary.json"])
def test_a_summary_without_its_signature_says_what_to_ask_for(
    desk: Desk, name: str
) -> None:
    (desk.folder / f"summary/{name}.sig").unlink()

    said = desk.run("verify", f"summary/{name}")

    assert said.code == 4
    assert f"{name}.sig" in said.err


def test_a_signature_alone_is_answered_with_the_command(desk: Desk) -> None:
    said = desk.run("verify", "summary/summary.json.sig")

    assert said.code == 2
    assert "transfer-ledger verify summary/summary.json --fingerprint" in said.err


def test_a_file_of_nobody_is_wrong_use(desk: Desk) -> None:
    (desk.folder / "other").write_bytes(b"hello\n")

    assert desk.run("verify", "other").code == 2


def test_the_bytes_of_an_entry_hold_by_a_state_key_alone(desk: Desk) -> None:
    by_state = checked(desk, "0.tlog-proof.note", *TRUST)
    alone = checked(desk, "0.tlog-proof.note")
    by_clerk = checked(desk, "1.tlog-proof.note", *TRUST)
    told = desk.run("verify", "1.tlog-proof.note", *TRUST)
    other = checked(desk, "1.tlog-proof.note", *TRUST, "--fingerprint", MARK)

    assert by_state == ("verified", 0, None)
    assert alone == ("untrusted", 13, "paper.note-alone")
    assert by_clerk == ("untrusted", 13, "paper.note-by-a-clerk")
    assert "transfer-ledger prove 1 --out FILE" in told.err
    assert other == ("untrusted", 13, "proof.other-signer")


MARK = f"SHA256:{'A' * 43}"


def test_an_entry_of_another_book_than_the_card(desk: Desk) -> None:
    office = sv()
    (desk.folder / "sv.card").write_bytes(
        sign_card(card_of(office), office.keys["state"])
    )
    (desk.folder / "sv.note").write_bytes(us().notes[0])

    assert checked(desk, "0.tlog-proof.note", "--trust", "sv.card") == (
        *("untrusted", 13),
        "proof.card-of-another-book",
    )
    assert checked(desk, "sv.note", *TRUST) == ("rewritten", 11, "proof.other-genesis")


def test_an_entry_whose_state_signature_is_wrong(desk: Desk) -> None:
    office = us()
    (desk.folder / "first.card").write_bytes(
        sign_card(card_of(office), office.keys["state"])
    )
    head, _, line = office.notes[0].rpartition(b" ")
    tail = bytearray(line)
    tail[20] ^= 1
    (desk.folder / "first.note").write_bytes(head + b" " + bytes(tail))

    found = checked(desk, "first.note", "--trust", "first.card")

    assert found[1] in {11, 12}


def test_a_later_entry_whose_state_signature_is_wrong(desk: Desk) -> None:
    office = us()
    (desk.folder / "us.card").write_bytes(
        sign_card(card_of(office), office.keys["state"])
    )
    state = office.keys["state"]
    note = office.compose("remark", {"type": "notice", "text": "t"}, by=state)
    (desk.folder / "2.note").write_bytes(note.replace(b'"text":"t"', b'"text":"u"'))

    assert checked(desk, "2.note", *TRUST)[:2] == ("bad_signature", 12)


def test_a_database_is_verified_as_the_book_that_it_is(desk: Desk) -> None:
    shutil.copy(desk.database, desk.folder / "copy.bin")

    whole = answer(desk, "verify", "copy.bin", *TRUST)
    cut = (desk.folder / "copy.bin").read_bytes()[:4096]
    (desk.folder / "copy.bin").write_bytes(cut)
    damaged = answer(desk, "verify", "copy.bin", code=10)

    assert (whole["schema"], whole["verdict"]) == (
        "transfer-ledger/verify/1",
        "verified",
    )
    assert (damaged["schema"], damaged["verdict"]) == (
        "transfer-ledger/verify/1",
        "altered",
    )
    assert desk.run("verify", "copy.bin", "--entry", "us.ckpt").code == 2


def bundle(folder: Path) -> str:
    made = packet(us())
    written = write_bundle(
        folder,
        made.header,
        notes=made.pages,
        checkpoint=made.checkpoint,
        answers=(signed(sv(), 1),),
    )
    return written.path.name


def test_a_bundle_is_checked_without_taking_it_in(desk: Desk) -> None:
    office = us()
    (desk.folder / "first.card").write_bytes(
        sign_card(card_of(office), office.keys["state"])
    )
    name = bundle(desk.folder)
    before = desk.database.read_bytes()

    trusted = desk.done("verify", name, "--trust", "first.card")
    said = answer(desk, "verify", name, code=13)

    assert "entries 0 to 1 of us.example/book" in trusted.out + trusted.err
    assert "sv.example/book" in trusted.err
    assert (said["from"], said["to"], said["answers"]) == (
        0,
        2,
        [{"book": "sv.example/book", "size": 1}],
    )
    assert desk.database.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (CHANGES["paper.line-ends"], "paper.line-ends"),
        (lambda c: c.replace(b'"from":0', b'"from":"x"'), "bundle.bad-header"),
    ],
)
def test_a_bundle_whose_first_line_was_changed(
    desk: Desk, change: Change, code: str
) -> None:
    name = changed(desk, bundle(desk.folder), change)
    told = desk.run("verify", name)

    assert checked(desk, name) == ("altered", 10, code)
    assert told.code == 10
    assert "nothing was taken in" not in told.err


def test_a_bundle_whose_checkpoint_is_forged_offers_nothing_to_take_in(
    desk: Desk,
) -> None:
    office, made = us(), packet(us())
    (desk.folder / "first.card").write_bytes(
        sign_card(card_of(office), office.keys["state"])
    )
    name = write_bundle(
        desk.folder, made.header, notes=made.pages, checkpoint=broken(made.checkpoint)
    ).path.name
    told = desk.run("verify", name, "--trust", "first.card")

    assert checked(desk, name, "--trust", "first.card")[:2] == ("bad_signature", 12)
    assert told.code == 12
    assert "nothing was taken in" not in told.err


def test_what_cannot_be_told_is_said_by_its_own_reader() -> None:
    assert change_of(b"sound\n") == ""
    assert change_of(b"\nx\n") == "paper.blank-lines"
    assert kind_of(b"nothing\n") is None


@needs_tools
def test_the_files_for_the_steps_by_hand_are_made_as_the_topic_says(
    after_departure: Desk,
) -> None:
    desk = after_departure
    for n in ("0", "1"):
        desk.done("prove", n, "--out", f"entry-{n}")
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done("summary", "--out", "made")
    for name in ("summary.json", "summary.json.sig"):
        shutil.copy(desk.folder / "made" / name, desk.folder / name)

    said = subprocess.run(
        ["bash"],
        input="\n".join(commands()),
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    lines = said.stdout.splitlines()
    assert lines[0] == lines[1]
    assert lines[2] == lines[3]
    assert said.stdout.count("Signature Verified Successfully") == 3
    assert "Good" in said.stdout + said.stderr
