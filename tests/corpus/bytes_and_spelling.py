"""Bytes: altered rows, and the same value in another spelling, signed by a clerk."""

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

from ledger.tlog import merkle
from ledger.tlog.entry import HEADER, MAX_SIZE
from tests.corpus.base import ENTRIES, LAST, PAYMENT, RECEIPT, REMARK, TRANSFER, Body
from tests.corpus.desk import Cases, Desk, spell

CASES = Cases()


@CASES.tampered(10, "bytes", TRANSFER)
def a_digit_of_an_amount_of_persons_is_changed(desk: Desk) -> None:
    """238 becomes 138 in the stored bytes; the leaf column stays."""
    note = desk.notes()[TRANSFER].replace(b'"n":238', b'"n":138')
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, TRANSFER)


@CASES.tampered(10, "bytes", PAYMENT)
def an_amount_of_money_is_changed(desk: Desk) -> None:
    """4,760,000.00 becomes 1,760,000.00 in the stored bytes."""
    note = desk.notes()[PAYMENT].replace(b"4760000", b"1760000")
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, PAYMENT)


@CASES.tampered(10, "bytes", RECEIPT)
def a_leaf_hash_is_changed(desk: Desk) -> None:
    """The leaf column is changed; the bytes stay."""
    desk.run("UPDATE entry SET leaf = ? WHERE seq = ?", bytes(32), RECEIPT)


@CASES.tampered(10, "bytes", RECEIPT)
def a_leaf_hash_is_cut_short(desk: Desk) -> None:
    """The leaf column loses a byte."""
    desk.run("UPDATE entry SET leaf = substr(leaf, 1, 31) WHERE seq = ?", RECEIPT)


@CASES.tampered(10, "bytes", LAST)
def the_last_entry_is_changed(desk: Desk) -> None:
    """The last entry, which no later one holds fast, is changed."""
    note = desk.notes()[LAST].replace(b"differ", b"agree!")
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note, LAST)


@CASES.tampered(10, "bytes", 0)
def the_genesis_is_changed(desk: Desk) -> None:
    """The zone of the office is changed in entry 0."""
    note = desk.notes()[0].replace(b"America/Chicago", b"America/Denver!")
    desk.run("UPDATE entry SET note = ? WHERE seq = 0", note)


@CASES.tampered(10, "bytes", TRANSFER)
def a_note_is_emptied(desk: Desk) -> None:
    """The bytes of an entry are taken away."""
    desk.run("UPDATE entry SET note = x'' WHERE seq = ?", TRANSFER)


@CASES.tampered(10, "bytes", TRANSFER)
def a_signature_line_is_added_to_an_old_entry(desk: Desk) -> None:
    """A second signature by the clerk is appended to the stored bytes."""
    note = desk.notes()[TRANSFER]
    line = note.rpartition(b"\n\n")[2]
    desk.run("UPDATE entry SET note = ? WHERE seq = ?", note + line, TRANSFER)


@CASES.tampered(10, "bytes", TRANSFER)
def bytes_and_leaf_of_an_entry_become_garbage(desk: Desk) -> None:
    """An entry and its leaf hash are overwritten with bytes that are no note."""
    desk.replace(TRANSFER, b"nothing to see here\n")


@CASES.tampered(10, "bytes", ENTRIES)
def an_oversize_note_is_inserted(desk: Desk) -> None:
    """A signed entry larger than 65,535 bytes, past the CHECK of the column."""
    body = desk.next_body()
    body["data"]["text"] = "x" * MAX_SIZE
    desk.insert(desk.sign(body))


@CASES.tampered(10, "bytes", RECEIPT)
def text_is_stored_in_the_place_of_bytes(desk: Desk) -> None:
    """The table is declared anew with a text column for the notes."""
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(replace(sql, 'note BLOB', "
            "'note ANY'), 'STRICT', 'STRICT') WHERE name = 'entry'"
        )
        connection.commit()
    desk.run("UPDATE entry SET note = CAST(note AS TEXT) WHERE seq = ?", RECEIPT)


def _text(change: Callable[[bytes], bytes]) -> Callable[[Desk, Body], bytes]:
    """Spell the body otherwise, and sign that."""
    return lambda desk, body: desk.sign(change(spell(body)))


def _told(change: Callable[[Body], Any]) -> Callable[[Desk, Body], bytes]:
    """Say something else, in the one spelling, and sign that."""

    def write(desk: Desk, body: Body) -> bytes:
        change(body)
        return desk.sign(body)

    return write


def _note(change: Callable[[bytes], bytes]) -> Callable[[Desk, Body], bytes]:
    """Change the note around a sound signed body."""
    return lambda desk, body: change(desk.sign(body))


def _swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new, 1)

    return change


def _reordered(text: bytes) -> bytes:
    first, rest = text[1:].split(b",", 1)
    return b"{" + rest[:-1] + b"," + first + b"}"


def _deep(body: Body, levels: int) -> None:
    body["data"]["text"] = [] if levels == 0 else "x"
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    body["data"]["text"] = inner


def _unpadded(note: bytes) -> bytes:
    return note.rstrip(b"=\n") + b"\n"


def _spare_bits(note: bytes) -> bytes:
    """Set bits that base64 ignores in the last letter before the padding."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stripped = note.rstrip(b"=\n")
    padding = note[len(stripped) :]
    assert padding.startswith(b"=")
    last = alphabet[alphabet.index(stripped[-1]) | 1]
    return stripped[:-1] + bytes([last]) + padding


def _signature(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change what the base64 of the signature line holds."""

    def rewrite(note: bytes) -> bytes:
        head, _, encoded = note.rpartition(b" ")
        return head + b" " + base64.b64encode(change(base64.b64decode(encoded))) + b"\n"

    return rewrite


def _twice(note: bytes) -> bytes:
    return note + note.rpartition(b"\n\n")[2]


SPELLINGS: dict[str, Callable[[Desk, Body], bytes]] = {
    "a space after a comma": _text(_swap(b',"by"', b', "by"')),
    "a space after a colon": _text(_swap(b'"by":', b'"by": ')),
    "a space at the end of the body": _text(lambda text: text + b" "),
    "a tab in the body": _note(_swap(b',"by"', b',\x09"by"')),
    "members in another order": _text(_reordered),
    "an escape where none is needed": _text(_swap(b'"kind"', b'"\\u006bind"')),
    "an escaped letter in a value": _text(_swap(b'"remark"', b'"\\u0072emark"')),
    "an escaped slash": _text(_swap(b"us.example/book", b"us.example\\/book")),
    "a duplicate member": _text(_swap(b',"v":1', b',"v":1,"v":1')),
    "a duplicate member in data": _text(
        _swap(b'"asserted_by":"US"', b'"asserted_by":"SV","asserted_by":"US"')
    ),
    "a float": _text(_swap(b',"v":1', b',"v":1.0')),
    "an exponent": _text(_swap(b',"v":1', b',"v":1e0')),
    "a negative zero": _text(_swap(b'"seq":2', b'"seq":-0')),
    "a leading zero": _text(_swap(b',"v":1', b',"v":01')),
    "a plus sign": _text(_swap(b',"v":1', b',"v":+1')),
    "an integer beyond 2^53": _told(lambda body: body["data"].update(n=2**53)),
    "an integer of 5,000 digits": _text(_swap(b',"v":1', b',"v":' + b"1" * 5000)),
    "NaN": _text(_swap(b',"v":1', b',"v":NaN')),
    "a null member": _told(lambda body: body["data"].update(text=None)),
    "a null in a list": _told(lambda body: body["data"].update(about=[None])),
    "an extra member of the envelope": _told(lambda body: body.update(zz="x")),
    "a missing member of the envelope": _told(lambda body: body.pop("at")),
    "no version": _told(lambda body: body.pop("v")),
    "version true": _told(lambda body: body.update(v=True)),
    "version 0": _told(lambda body: body.update(v=0)),
    "a sequence number as a string": _told(
        lambda body: body.update(seq=str(body["seq"]))
    ),
    "data that is a list": _told(lambda body: body.update(data=[])),
    "a member name in capitals": _told(lambda body: body["data"].update(Text="x")),
    "a member name with a dash": _told(lambda body: body["data"].update({"a-b": "x"})),
    "prev in capitals": _told(lambda body: body.update(prev=body["prev"].upper())),
    "prev cut short": _told(lambda body: body.update(prev=body["prev"][:-2])),
    "once in capitals": _told(lambda body: body.update(once="A" * 32)),
    "once as a UUID with dashes": _told(
        lambda body: body.update(once="0193f8a0-0000-7000-8000-000000000000")
    ),
    "a time with an offset": _told(
        lambda body: body.update(at=body["at"].replace("Z", "+00:00"))
    ),
    "a time with fractions": _told(
        lambda body: body.update(at=body["at"].replace("Z", ".0Z"))
    ),
    "a time with a space": _told(
        lambda body: body.update(at=body["at"].replace("T", " "))
    ),
    "a day that does not exist": _told(
        lambda body: body.update(at="2026-02-30T00:00:00Z")
    ),
    "the hour 24": _told(lambda body: body.update(at="2026-12-31T24:00:00Z")),
    "Arabic digits in a time": _told(
        lambda body: body.update(at="٢٠٢٦-12-31T00:00:00Z")
    ),
    "a name of the book in capitals": _told(
        lambda body: body.update(ledger="US.example/book")
    ),
    "another name in by": _told(lambda body: body.update(by="us.example/clerk-08")),
    "nesting of 17": _told(lambda body: _deep(body, 14)),
    "nesting of 5,000": _text(
        lambda text: text.replace(b'"v":1', b'"v":' + b"[" * 5000 + b"]" * 5000)
    ),
    "a lone surrogate, escaped": _text(
        _swap(b"the lists differ", b"the lists \\ud800 differ")
    ),
    "a body that is no JSON": _text(lambda _: b"{}}"),
    "a body that is a list": _text(lambda text: b"[" + text + b"]"),
    "a byte order mark before the body": _text(lambda text: b"\xef\xbb\xbf" + text),
    "a byte order mark before the note": _note(lambda note: b"\xef\xbb\xbf" + note),
    "CRLF": _note(lambda note: note.replace(b"\n", b"\r\n")),
    "a NUL": _note(_swap(b"the lists", b"the\x00lists")),
    "bytes that are not UTF-8": _note(_swap(b"the lists", b"the\xfflists")),
    "an overlong encoding": _note(_swap(b"the lists", b"the\xc0\xaflists")),
    "a third line": _text(lambda text: text + b"\nmore"),
    "two blank lines": _note(lambda note: note.replace(b"\n\n", b"\n\n\n")),
    "no blank line": _note(lambda note: note.replace(b"\n\n", b"\n")),
    "no newline at the end": _note(lambda note: note[:-1]),
    "two newlines at the end": _note(lambda note: note + b"\n"),
    "another header": _note(_swap(HEADER.encode(), b"transfer-ledger/entry/v2")),
    "a header with a space": _note(
        _swap(HEADER.encode(), b"transfer-ledger/entry/v1 ")
    ),
    "no signature line": _note(lambda note: note.rpartition(b"\xe2\x80\x94")[0]),
    "the signature line twice": _note(_twice),
    "a hyphen in place of the dash": _note(_swap(b"\xe2\x80\x94 ", b"- ")),
    "two spaces in the signature line": _note(
        _swap(b"\xe2\x80\x94 ", b"\xe2\x80\x94  ")
    ),
    "a comment behind the signature": _note(lambda note: note[:-1] + b" x\n"),
    "base64 with line padding left out": _note(_unpadded),
    "base64 with spare bits": _note(_spare_bits),
    "base64 of the URL alphabet": _note(
        lambda note: note[:-3].replace(b"/", b"_").replace(b"+", b"-") + b"_=\n"
    ),
    "a signature of no bytes": _note(_signature(lambda raw: raw[:4])),
    "an empty note": lambda _desk, _body: b" ",
}


def _insert(desk: Desk, write: Callable[[Desk, Body], bytes]) -> None:
    """A remark is written so, by a clerk, and inserted with its leaf hash."""
    desk.insert(write(desk, desk.next_body()))


def _put(desk: Desk, write: Callable[[Desk, Body], bytes]) -> None:
    """A remark is written anew so, by its clerk, and put back with its leaf hash."""
    desk.replace(REMARK, write(desk, desk.body(REMARK)))


for _name, _write in SPELLINGS.items():
    CASES.add(
        f"{_name} in the next entry",
        partial(_insert, write=_write),
        (10, "bytes", ENTRIES),
    )
    CASES.add(
        f"{_name} in place of an old entry",
        partial(_put, write=_write),
        (10, "bytes", REMARK),
    )


SIGNATURES = {
    "a signature cut short": lambda raw: raw[:-1],
    "a signature with a byte more": lambda raw: raw + b"\x00",
    "a signature with one bit changed": lambda raw: (
        raw[:20] + bytes([raw[20] ^ 1]) + raw[21:]
    ),
    "a signature of zeros": lambda raw: raw[:4] + bytes(64),
    "a signature with S beyond the group order": lambda raw: (
        raw[:36]
        + (
            int.from_bytes(raw[36:], "little")
            + 2**252
            + 27742317777372353535851937790883648493
        ).to_bytes(32, "little")
    ),
    "another key id": lambda raw: b"\x00\x00\x00\x00" + raw[4:],
}

for _name, _change in SIGNATURES.items():
    CASES.add(
        f"{_name} in the next entry",
        partial(_insert, write=_note(_signature(_change))),
        (12, "signatures", ENTRIES),
    )


def _leaf_of_text(desk: Desk) -> None:
    """Store the hash of the signed text alone as the leaf of an entry."""
    text = desk.notes()[TRANSFER].rpartition(b"\n\n")[0] + b"\n"
    leaf = merkle.leaf_hash(text)
    desk.run("UPDATE entry SET leaf = ? WHERE seq = ?", leaf, TRANSFER)


CASES.add("a leaf without the signature", _leaf_of_text, (10, "bytes", TRANSFER))
