import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError, SignatureError, UsageError
from ledger.tlog.note import (
    MAX_SIZE,
    SIG_COSIGNATURE,
    Ed25519Signer,
    Note,
    Signature,
    VerifyKey,
    check_name,
    check_public_key,
    from_base64,
    open_note,
    sign_note,
    to_base64,
)
from tests.vectors import vectors

ANA = Ed25519Signer(name="us.example/ana", seed=bytes([2] * 32))
BEN = Ed25519Signer(name="sv.example/ben", seed=bytes([3] * 32))
WITNESS = Ed25519Signer(
    name="sv.example/witness", seed=bytes([4] * 32), algorithm=SIG_COSIGNATURE
)
LINE = "— a AAAAAAA=\n"

texts = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20)).map(
    lambda text: text + "\n"
) | st.just("a\n\nb\n\n")
key_names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1
).filter(lambda name: "+" not in name)
signatures = st.builds(
    Signature,
    name=key_names,
    key_id=st.binary(min_size=4, max_size=4),
    blob=st.binary(min_size=1, max_size=80),
)
notes = st.builds(Note, texts, st.lists(signatures, min_size=1, max_size=5).map(tuple))


@given(notes)
def test_a_formatted_note_parses_to_itself(note: Note) -> None:
    assert Note.parse(note.format()) == note


@given(notes, st.data())
def test_whatever_parses_is_what_would_be_written(
    note: Note, data: st.DataObject
) -> None:
    raw = bytearray(note.format())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    try:
        parsed = Note.parse(bytes(raw))
    except MalformedError:
        return

    assert parsed.format() == raw


@given(texts)
def test_what_was_signed_opens_with_the_keys_of_its_signers(text: str) -> None:
    opened = open_note(sign_note(text, ANA, BEN), keys=[BEN.key])

    assert opened.text == text
    assert [line.name for line in opened.verified] == [BEN.key.name]
    assert [line.name for line in opened.unverified] == [ANA.key.name]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\n\n" + LINE.encode(), "note.not-utf-8"),
        (b"x" * (MAX_SIZE + 1), "note.too-big"),
        (b"", "note.no-signature"),
        (b"text\n", "note.no-signature"),
        (b"text\n\n", "note.no-signature"),
        (f"text\n\n{LINE}".encode()[:-1], "note.no-signature"),
        (f"text\r\n\n{LINE}".encode(), "note.bad-text"),
        (f"text\t\n\n{LINE}".encode(), "note.bad-text"),
        (f"text\n\n{LINE * 101}".encode(), "note.too-many-signatures"),
        (f"text\n\n{LINE}more\n".encode(), "note.bad-signature-line"),
        ("text\n\n— a b AAAAAAA=\n".encode(), "note.bad-signature-line"),
        ("text\n\n– a AAAAAAA=\n".encode(), "note.bad-signature-line"),  # noqa: RUF001 - an en dash on purpose
        ("text\n\n— a AAAAAA==\n".encode(), "note.bad-signature-line"),
        ("text\n\n— a AAAA\n".encode(), "note.bad-signature-line"),
        ("text\n\n— a+b AAAAAAA=\n".encode(), "note.bad-key-name"),
        ("text\n\n—  AAAAAAA=\n".encode(), "note.bad-key-name"),
        ("text\n\n— a\u00a0b AAAAAAA=\n".encode(), "note.bad-key-name"),
        ("text\n\n— a\tb AAAAAAA=\n".encode(), "note.bad-key-name"),
        ("text\n\n— a !\n".encode(), "base64.not-base64"),
        ("text\n\n— a é\n".encode(), "base64.not-base64"),
        ("text\n\n— a AAAAAAB=\n".encode(), "base64.not-canonical"),
    ],
)
def test_other_bytes_are_refused_with_their_own_code(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Note.parse(data)

    assert caught.value.code == code


def test_a_note_takes_a_hundred_signature_lines() -> None:
    data = f"text\n\n{LINE * 100}".encode()

    assert Note.parse(data).format() == data


def test_what_no_note_can_hold_is_refused_when_written() -> None:
    line = Signature("a", bytes(4), b"x")
    refused: dict[str, Callable[[], object]] = {
        "note.bad-text": lambda: Note("no newline", (line,)),
        "note.no-signature": lambda: Note("text\n", ()),
        "note.too-many-signatures": lambda: Note("text\n", (line,) * 101),
        "note.too-big": Note("x" * MAX_SIZE + "\n", (line,)).format,
        "note.bad-signature-line": lambda: Signature("a", bytes(3), b"x"),
        "note.bad-key-name": lambda: Signature("a b", bytes(4), b"x"),
    }

    for code, write in refused.items():
        with pytest.raises(MalformedError) as caught:
            write()
        assert caught.value.code == code


def test_a_text_with_a_lone_surrogate_is_not_signed() -> None:
    with pytest.raises(MalformedError, match=r"note\.bad-text"):
        sign_note("\ud800\n", ANA)


def test_a_witness_signs_no_note_without_a_time() -> None:
    with pytest.raises(UsageError, match=r"note\.witness-cannot-sign"):
        sign_note("text\n", WITNESS)


def test_a_known_key_that_fails_rejects_the_note_in_any_line() -> None:
    good = Note.parse(sign_note("text\n", ANA))
    bad = Note.parse(sign_note("other\n", ANA))
    for lines in (
        bad.signatures,
        bad.signatures + good.signatures,
        good.signatures + bad.signatures,
    ):
        with pytest.raises(SignatureError, match=r"note\.bad-signature"):
            open_note(Note("text\n", lines).format(), keys=[ANA.key, BEN.key])


def test_a_cosignature_line_of_a_known_witness_must_hold() -> None:
    ana = Note.parse(sign_note("text\n", ANA)).signatures
    for blob in (b"x", bytes(72), b"\xff" * 72):
        line = Signature(WITNESS.key.name, WITNESS.key.key_id, blob)
        with pytest.raises(SignatureError, match=r"note\.bad-signature"):
            open_note(
                Note("text\n", (*ana, line)).format(), keys=[ANA.key, WITNESS.key]
            )


def test_a_key_says_no_to_a_line_of_another_key() -> None:
    line = Note.parse(sign_note("text\n", ANA)).signatures[0]

    assert ANA.key.signed("text\n", line)
    assert not BEN.key.signed("text\n", line)


def test_a_note_without_a_known_signature_is_refused() -> None:
    with pytest.raises(SignatureError, match=r"note\.no-known-signature"):
        open_note(sign_note("text\n", ANA), keys=[BEN.key])


def test_two_equal_known_keys_are_ambiguous_where_they_signed() -> None:
    with pytest.raises(UsageError, match=r"note\.ambiguous-key"):
        open_note(sign_note("text\n", ANA), keys=[ANA.key, ANA.key])


@pytest.mark.parametrize("signer", [ANA, WITNESS])
def test_a_vkey_parses_to_its_key(signer: Ed25519Signer) -> None:
    assert VerifyKey.parse(signer.key.format()) == signer.key


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "key.not-a-vkey"),
        ("name+00000000", "key.not-a-vkey"),
        ("name+0000000G+AAAA", "key.not-a-vkey"),
        ("name+00000000+!", "key.not-a-vkey"),
        ("name+00000000+=", "base64.not-base64"),
        ("name+00000000+AR==", "base64.not-canonical"),
        ("name+00000000+AQ==", "key.wrong-size"),
        ("name+00000000+BgAA", "key.unknown-type"),
        (ANA.key.format().replace("us", "u s"), "note.bad-key-name"),
        (ANA.key.format().replace("us", "sv"), "key.wrong-id"),
        (ANA.key.format().upper(), "key.not-a-vkey"),
        (ANA.key.format() + "\n", "key.not-a-vkey"),
    ],
)
def test_another_text_is_no_vkey(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        VerifyKey.parse(text)

    assert caught.value.code == code


@given(st.binary())
def test_base64_has_one_spelling(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data


@pytest.mark.parametrize("name", ["a", "us.example/clerk-07", "0/1/2", "a" * 128])
def test_our_names_are_accepted(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "A", "a b", "é", "a\n", "a+b", "a_b", "a" * 129]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(MalformedError, match=r"name\.bad-form"):
        check_name(name)


def test_a_key_may_be_checked_before_it_has_a_name() -> None:
    check_public_key(ANA.key.public)

    with pytest.raises(MalformedError, match=r"key\.low-order"):
        check_public_key(bytes(32))


def test_the_example_of_the_c2sp_document_verifies() -> None:
    data = vectors("c2sp-signed-note", "example.note").read_bytes()
    vkey = vectors("c2sp-signed-note", "example.vkey").read_text().strip()

    opened = open_note(data, keys=[VerifyKey.parse(vkey)])

    assert opened.text == "This is an example message.\n"


def test_all_14_notes_of_gos_test_open_as_there() -> None:
    cases = json.loads(vectors("golang-sumdb-note", "open.json").read_bytes())["cases"]

    assert len(cases) == 14
    for case in cases:
        data = base64.b64decode(case["note_b64"])
        keys = [VerifyKey.parse(vkey) for vkey in case["vkeys"]]
        if "error" in case:
            with pytest.raises((MalformedError, SignatureError, UsageError)):
                open_note(data, keys=keys)
        else:
            opened = open_note(data, keys=keys)
            assert len(opened.verified) == case["verified"], case["name"]
            assert len(opened.unverified) == case["unverified"], case["name"]


def test_the_checkpoint_of_sum_golang_org_verifies() -> None:
    listed = json.loads(vectors("golang-sumdb-note", "vkeys.json").read_bytes())
    data = vectors(
        "golang-sumdb-note", "sum.golang.org.35225469.checkpoint"
    ).read_bytes()

    opened = open_note(data, keys=[VerifyKey.parse(listed["valid"][2])])

    assert len(opened.verified) == 1


def test_every_mangled_vkey_of_gos_test_is_refused() -> None:
    listed = json.loads(vectors("golang-sumdb-note", "vkeys.json").read_bytes())
    whole = listed["valid"][0]
    mangled = {case["vkey"] for case in listed["invalid"]}
    mangled |= {
        whole[start:end]
        for start in range(len(whole))
        for end in range(start + 1, len(whole) + 1)
    } - {whole}
    mangled |= {
        whole[:at] + chr(ord(whole[at]) + 1) + whole[at + 1 :]
        for at in range(len(whole))
    }

    for vkey in listed["valid"]:
        assert VerifyKey.parse(vkey).format() == vkey
    for vkey in mangled:
        with pytest.raises(MalformedError):
            VerifyKey.parse(vkey)
