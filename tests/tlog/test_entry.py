from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from ledger.errors import (
    LedgerError,
    MalformedError,
    RefusedError,
    SignatureError,
    TooNewError,
    UsageError,
)
from ledger.tlog import canonical
from ledger.tlog.entry import (
    HEADER,
    MAX_SIZE,
    ZERO,
    Entry,
    EntryNote,
    format_instant,
    leaf,
    parse_instant,
    said_before,
)
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    Ed25519Signer,
    Note,
    sign_note,
)

CLERK = Ed25519Signer(name="us.example/clerk-07", seed=bytes([2] * 32))
OTHER = Ed25519Signer(name="us.example/clerk-08", seed=bytes([3] * 32))
WITNESS = Ed25519Signer(
    name="us.example/clerk-07", seed=bytes([2] * 32), algorithm=SIG_COSIGNATURE
)
AT = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
PAGE = Entry(
    ledger="us.example/book",
    seq=1,
    prev=bytes(range(32)),
    at=AT,
    kind="transfer",
    once="0193" + "0" * 28,
    by="us.example/clerk-07",
    data={"count": 24, "text": "é"},
)
MEMBERS: dict[str, Any] = {
    "at": "2026-11-20T09:05:00Z",
    "by": "us.example/clerk-07",
    "data": {},
    "kind": "transfer",
    "ledger": "us.example/book",
    "once": "0" * 32,
    "prev": "0" * 64,
    "seq": 0,
    "v": 1,
}

names = st.from_regex(r"[a-z0-9.-]{1,20}(/[a-z0-9.-]{1,20})?", fullmatch=True)
instants = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis wants it naive
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
entries = st.builds(
    Entry,
    ledger=names,
    seq=st.integers(0, 2**53 - 1),
    prev=st.binary(min_size=32, max_size=32),
    at=instants,
    kind=st.from_regex(r"[a-z]{1,32}", fullmatch=True),
    once=st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    by=st.just(CLERK.key.name),
    data=st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True),
        st.booleans() | st.integers(0, 99) | st.text(st.characters(codec="utf-8")),
        max_size=4,
    ),
)


def signed(members: object) -> EntryNote:
    """Return a well-signed entry note with these members, right or wrong."""
    body = canonical.encode(members)  # type: ignore[arg-type]
    return EntryNote.parse(sign_note(f"{HEADER}\n{body.decode()}\n", CLERK))


@given(entries)
def test_a_signed_entry_reads_as_what_was_written(entry: Entry) -> None:
    stored = entry.sign(CLERK)
    found = EntryNote.parse(stored)
    found.check_signature(CLERK.key)
    read = found.envelope()

    assert read == entry
    assert read.body() == found.body
    assert read.text() == found.text
    assert leaf(stored) == leaf_hash(stored)


@given(entries)
def test_the_bytes_of_data_are_known_and_an_entry_reads_the_same_again(
    entry: Entry,
) -> None:
    note = entry.sign(CLERK)
    read = EntryNote.parse(note).envelope()

    assert read.spelt == canonical.encode(entry.data)
    assert said_before(note) == read
    assert said_before(note).spelt == read.spelt


@given(entries, st.data())
def test_no_changed_byte_of_a_signed_entry_goes_unnoticed(
    entry: Entry, data: st.DataObject
) -> None:
    raw = bytearray(entry.sign(CLERK))
    at = data.draw(st.integers(0, len(raw) - 1), label="byte")
    raw[at] ^= data.draw(st.integers(1, 255), label="flip")

    with pytest.raises((MalformedError, SignatureError)):
        EntryNote.parse(bytes(raw)).check_signature(CLERK.key)


@given(entries, st.data())
def test_no_byte_added_or_lost_goes_unnoticed(
    entry: Entry, data: st.DataObject
) -> None:
    raw = entry.sign(CLERK)
    at = data.draw(st.integers(0, len(raw)), label="at")
    lost = data.draw(st.integers(0, 2), label="lost")
    added = data.draw(st.binary(max_size=2), label="added")
    changed = raw[:at] + added + raw[at + lost :]
    assume(changed != raw)

    with pytest.raises((MalformedError, SignatureError)):
        EntryNote.parse(changed).check_signature(CLERK.key)


def test_members_in_their_form_are_read() -> None:
    assert signed(MEMBERS).envelope().prev == ZERO


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"v": 0}, "entry.bad-member"),
        ({"v": True}, "entry.bad-member"),
        ({"v": "1"}, "entry.bad-member"),
        ({"v": -1}, "entry.bad-member"),
        ({"seq": -1}, "entry.bad-member"),
        ({"seq": True}, "entry.bad-member"),
        ({"seq": "0"}, "entry.bad-member"),
        ({"prev": "0" * 63}, "entry.bad-member"),
        ({"prev": "A" * 64}, "entry.bad-member"),
        ({"prev": "0" * 64 + "\n"}, "entry.bad-member"),
        ({"prev": 0}, "entry.bad-member"),
        ({"at": "2026-11-20"}, "instant.bad-form"),
        ({"at": "2026-02-30T00:00:00Z"}, "instant.no-such-date"),
        ({"at": 0}, "entry.bad-member"),
        ({"once": "A" * 32}, "entry.bad-member"),
        ({"once": "0" * 31}, "entry.bad-member"),
        ({"kind": "transfer.open"}, "entry.bad-member"),
        ({"kind": ""}, "entry.bad-member"),
        ({"kind": "a" * 33}, "entry.bad-member"),
        ({"data": []}, "entry.bad-member"),
        ({"data": "x"}, "entry.bad-member"),
        ({"ledger": "A"}, "name.bad-form"),
        ({"by": "/"}, "name.bad-form"),
        ({"by": "us.example/clerk-08"}, "entry.by-another-name"),
        ({"more": 1}, "entry.wrong-members"),
    ],
)
def test_a_member_of_another_form_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        signed(MEMBERS | change).envelope()

    assert caught.value.code == code


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_missing_member_is_refused(name: str) -> None:
    with pytest.raises(MalformedError, match=r"entry\.wrong-members"):
        signed({key: MEMBERS[key] for key in MEMBERS if key != name}).envelope()


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(MalformedError, match=r"entry\.wrong-members"):
        signed([MEMBERS]).envelope()


def test_a_later_version_asks_for_a_newer_program_whatever_its_members() -> None:
    with pytest.raises(TooNewError, match=r"entry\.unknown-version \(version=2\)"):
        signed(MEMBERS | {"v": 2, "more": 1}).envelope()


def test_a_body_in_another_spelling_is_refused_though_it_is_signed() -> None:
    text = PAGE.text().replace('{"at"', '{ "at"')
    found = EntryNote.parse(sign_note(text, CLERK))
    found.check_signature(CLERK.key)

    with pytest.raises(MalformedError, match=r"json\.not-canonical"):
        found.envelope()


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (b"x" * (MAX_SIZE + 1), "entry.too-big"),
        (b"x", "note.no-signature"),
        (sign_note("other/v1\n{}\n", CLERK), "entry.wrong-header"),
        (sign_note(f"{HEADER}\n", CLERK), "entry.not-one-line"),
        (sign_note(f"{HEADER}\n{{}}\n{{}}\n", CLERK), "entry.not-one-line"),
        (sign_note(f"{HEADER}\n{{}}\n\n", CLERK), "entry.not-one-line"),
        (sign_note(f"{HEADER}\n{{}}\n", CLERK, OTHER), "entry.not-one-signature"),
    ],
)
def test_a_note_of_another_shape_is_no_entry(note: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        EntryNote.parse(note)

    assert caught.value.code == code


def test_an_entry_is_signed_by_the_key_in_its_line_and_by_no_other() -> None:
    found = EntryNote.parse(PAGE.sign(CLERK))

    with pytest.raises(SignatureError, match=r"entry\.another-key"):
        found.check_signature(OTHER.key)
    with pytest.raises(SignatureError, match=r"entry\.another-key"):
        found.check_signature(WITNESS.key)


def test_a_cosignature_is_no_signature_of_an_entry() -> None:
    lines = Note.parse(PAGE.sign(CLERK)).signatures
    found = EntryNote.parse(
        Note(
            PAGE.text(), (structs.replace(lines[0], key_id=WITNESS.key.key_id),)
        ).format()
    )

    with pytest.raises(SignatureError, match=r"entry\.bad-signature"):
        found.check_signature(WITNESS.key)


def test_only_the_key_that_by_names_signs() -> None:
    with pytest.raises(UsageError, match=r"entry\.signer-is-not-by"):
        PAGE.sign(OTHER)


def test_an_entry_may_have_65535_bytes_and_no_more() -> None:
    room = MAX_SIZE - len(replace(PAGE, data={"text": ""}).sign(CLERK))
    largest = replace(PAGE, data={"text": "x" * room}).sign(CLERK)

    assert len(largest) == MAX_SIZE
    assert EntryNote.parse(largest).envelope().seq == 1
    with pytest.raises(RefusedError, match=r"entry\.too-big"):
        replace(PAGE, data={"text": "x" * (room + 1)}).sign(CLERK)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": -1},
        {"seq": True},
        {"prev": b""},
        {"kind": "A"},
        {"once": ""},
        {"ledger": ""},
        {"by": ""},
        {"at": AT.replace(microsecond=1)},
    ],
)
def test_an_entry_without_a_spelling_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(LedgerError):
        replace(PAGE, **change)


@given(instants)
def test_an_instant_reads_as_what_was_written(at: datetime) -> None:
    assert parse_instant(format_instant(at)) == at
    assert parse_instant(format_instant(at)).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "instant.bad-form"),
        ("2026-11-20T09:05:00", "instant.bad-form"),
        ("2026-11-20T09:05:00+00:00", "instant.bad-form"),
        ("2026-11-20T09:05:00.0Z", "instant.bad-form"),
        ("2026-11-20 09:05:00Z", "instant.bad-form"),
        ("2026-11-20T09:05:00Z\n", "instant.bad-form"),
        ("2026-11-20T24:00:00Z", "instant.bad-form"),
        ("2026-11-20T23:59:60Z", "instant.bad-form"),
        ("٢٠٢٦-11-20T09:05:00Z", "instant.bad-form"),
        ("2026-13-01T09:05:00Z", "instant.no-such-date"),
        ("2026-02-29T09:05:00Z", "instant.no-such-date"),
        ("0000-01-01T00:00:00Z", "instant.no-such-date"),
        ("1899-12-31T23:59:59Z", "instant.too-early"),
    ],
)
def test_another_text_is_no_instant(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_instant(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "at",
    [
        AT.replace(tzinfo=None),
        AT.replace(microsecond=1),
        AT.replace(year=1899),
        AT.astimezone(timezone(timedelta(hours=-6))),
    ],
)
def test_an_instant_is_written_in_utc_and_whole_seconds(at: datetime) -> None:
    with pytest.raises(UsageError, match=r"instant\.not-utc-seconds"):
        format_instant(at)
