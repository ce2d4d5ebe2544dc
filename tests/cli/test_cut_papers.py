"""`verify FILE` of a file that was cut or converted on its way: a finding, one code."""

import json
from pathlib import Path
from typing import Any

from ledger.exchange.evidence_html import NAMESPACE
from ledger.exchange.recognising import change_of, kind_of
from ledger.exchange.sshsig import fingerprint, sign_file
from tests.cli.desk import Desk
from tests.cli.test_recognised import _desk, bundle  # noqa: F401 (a fixture)
from tests.exchange.test_evidence import APART
from tests.office import signer

CONVERTED = (10, "altered", "paper.line-ends")


def crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def checked(desk: Desk, *argv: str) -> tuple[int, str, str | None]:
    outcome = desk.run("verify", *argv, "--json")
    said: dict[str, Any] = json.loads(outcome.out)
    return outcome.code, said["verdict"], said["code"]


def test_evidence_that_was_cut_is_a_finding(desk: Desk) -> None:
    whole = APART.format()
    path = desk.folder / "got"
    for length in (len(whole) - 1, len(whole) - 40, len(whole) // 2, 60):
        path.write_bytes(whole[:length])

        assert checked(desk, "got") == (10, "altered", "paper.cut")


def test_evidence_in_which_a_line_feed_was_added_is_a_finding(desk: Desk) -> None:
    (desk.folder / "got").write_bytes(APART.format() + b"\n")

    assert checked(desk, "got")[:2] == (10, "altered")


def test_a_checkpoint_that_was_cut_is_a_finding(desk: Desk) -> None:
    whole = (desk.folder / "us.ckpt").read_bytes()
    first = whole.index(b"\n", whole.index(b"\n") + 1) + 2
    for length in range(first, len(whole)):
        (desk.folder / "got").write_bytes(whole[:length])

        code, verdict, _ = checked(desk, "got")
        assert (code, verdict) == (10, "altered"), whole[:length]


def test_a_summary_that_was_cut_or_converted_is_a_finding(desk: Desk) -> None:
    path = desk.folder / "summary" / "summary.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert checked(desk, str(path)) == (10, "altered", "paper.cut")
    path.write_bytes(b"\xef\xbb\xbf" + whole)
    assert checked(desk, str(path)) == (10, "altered", "paper.byte-order-mark")
    path.write_bytes(whole.replace(b"238", b"239"))
    assert checked(desk, str(path))[0] == 12


def test_one_conversion_has_one_code_whatever_the_file_is(desk: Desk) -> None:
    name = bundle(desk.folder)
    for file in ("us.ckpt", "us.card", "0.tlog-proof.note", name):
        crlf(desk.folder / file)
        assert checked(desk, file) == CONVERTED, file
    crlf(desk.folder / "summary" / "summary.en.txt")
    assert checked(desk, "summary/summary.en.txt") == CONVERTED
    proof = ("1.tlog-proof", "--entry", "1.tlog-proof.note")
    crlf(desk.folder / "1.tlog-proof.note")
    assert checked(desk, *proof) == CONVERTED
    crlf(desk.folder / "1.tlog-proof")
    assert checked(desk, *proof) == CONVERTED


def test_another_entry_than_the_proven_one_is_no_conversion(desk: Desk) -> None:
    proof = ("1.tlog-proof", "--entry", "0.tlog-proof.note")

    assert checked(desk, *proof)[0] == 11


def test_what_is_trusted_and_was_converted_is_named(desk: Desk) -> None:
    crlf(desk.folder / "us.card")
    (desk.folder / "none").write_bytes(b"x\n")

    by_card = desk.run("verify", "us.ckpt", "--trust", "us.card")
    since = desk.run("verify", "--since", "us.card")
    no_note = desk.run("verify", "us.ckpt", "--trust", "none")

    assert (by_card.code, since.code, no_note.code) == (10, 10, 3)
    assert "us.card was changed on its way" in by_card.err
    assert "line ends were converted" in by_card.err


def test_a_page_of_evidence_is_checked_by_the_signature_beside_it(desk: Desk) -> None:
    key = signer("us.example/book", 7)
    page = b'<!DOCTYPE html>\n<html lang="en"><meta Content-Security-Policy>\n</html>\n'
    path = desk.folder / "got.html"
    path.write_bytes(page)
    alone = desk.run("verify", "got.html")
    beside = desk.folder / "got.html.sig"
    beside.write_text(sign_file(page, key, namespace=NAMESPACE))
    mark = fingerprint(key.key.public)

    assert alone.code == 4
    assert "got.html.sig" in alone.err
    assert checked(desk, "got.html", "--fingerprint", mark) == (0, "verified", None)
    path.write_bytes(page[:-10])
    assert checked(desk, "got.html") == (10, "altered", "paper.cut")
    beside.write_text(sign_file(page, key, namespace="other"))
    assert checked(desk, "got.html")[0] == 12


def test_what_is_left_of_a_file_tells_what_it_was() -> None:
    assert kind_of(b"us.example/book\n7\n3XC6") == "checkpoint"
    assert kind_of(b"notes\n7\n3XC6") is None
    assert kind_of(b'{"books":[{"book":"us.exam') is None
    assert kind_of(b'{"books":[{"book":"us.example/book","che') == "summary"
    assert change_of(b'{"a":1}', "summary") == ""
    assert change_of(b'{"a":1}\r\n', "summary") == ""
    assert change_of(b'{"a":1', "evidence") == "paper.cut"
