"""The law: a card has one spelling, and no byte of a signed one changes unnoticed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError, MalformedError, RefusedError, UsageError
from ledger.exchange.card import (
    MAX_SIZE,
    ROLES,
    Card,
    CardRole,
    OpenedCard,
    is_card,
    open_card,
    sign_card,
)
from ledger.exchange.sshsig import fingerprint
from ledger.tlog.note import (
    SIG_COSIGNATURE,
    SIG_ED25519,
    Ed25519Signer,
    VerifyKey,
    sign_note,
)
from tests.office import signer

BOOK = "us.example/book"
GENESIS = "9f" * 32
LOG = signer(BOOK, 11)
STATE = signer("us.example/state", 10)
OTHER_STATE = signer("us.example/state-2", 14)
WITNESS = signer("us.example/witness", 12, algorithm=SIG_COSIGNATURE)
AUDITOR = signer("us.example/auditor", 15)
KEYS: tuple[tuple[CardRole, VerifyKey], ...] = (
    ("log", LOG.key),
    ("witness", WITNESS.key),
    ("auditor", AUDITOR.key),
    ("state", STATE.key),
    ("state", OTHER_STATE.key),
)
CARD = Card(BOOK, "US", GENESIS, KEYS)
TEXT = CARD.format()
SIGNED = sign_card(CARD, STATE)


NAMES = [f"{place}/{name}" for place in ("us.example", "x-1") for name in "abcde"]


@st.composite
def cards(draw: st.DrawFn) -> Card:
    names = st.lists(st.sampled_from(NAMES), min_size=2, unique=True)
    book, *others = draw(names, label="names")
    keys: list[tuple[CardRole, VerifyKey]] = [("log", signer(book, 1).key)]
    for number, name in enumerate(others):
        role = draw(st.sampled_from(ROLES[1:])) if number else "state"
        algorithm = SIG_COSIGNATURE if role == "witness" else SIG_ED25519
        keys.append((role, signer(name, number, algorithm=algorithm).key))
    return Card(
        book,
        draw(st.sampled_from(["US", "SV", "XA", "US-TX"])),
        draw(st.binary(min_size=32, max_size=32)).hex(),
        tuple(keys[draw(st.integers(0, 1)) :]),
    )


def code_of(note: bytes) -> str:
    with pytest.raises(LedgerError) as caught:
        open_card(note)
    return caught.value.code


@given(cards())
def test_a_card_is_read_as_it_was_written(card: Card) -> None:
    assert Card.parse(card.format()) == card


@given(st.data())
def test_a_text_that_is_read_is_the_one_spelling_of_its_card(
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(TEXT)), label="at")
    put = data.draw(st.sampled_from(["", " ", "\n", "0", "a", "A", "+", "=", "é"]))
    changed = TEXT[:at] + put + TEXT[at + data.draw(st.integers(0, 2)) :]

    try:
        card = Card.parse(changed)
    except MalformedError:
        return

    assert card.format() == changed


def test_a_card_has_the_form_that_was_agreed() -> None:
    assert TEXT.splitlines() == [
        "transfer-ledger/card/v1",
        "book us.example/book",
        "state US",
        f"genesis {GENESIS}",
        f"key log {LOG.key.format()}",
        f"key witness {WITNESS.key.format()}",
        f"key auditor {AUDITOR.key.format()}",
        f"key state {STATE.key.format()}",
        f"key state {OTHER_STATE.key.format()}",
    ]


def test_a_signed_card_says_which_of_its_state_keys_signed_it() -> None:
    opened = open_card(sign_card(CARD, OTHER_STATE))

    assert opened == OpenedCard(CARD, OTHER_STATE.key)
    assert opened.fingerprint == fingerprint(OTHER_STATE.key.public)


def test_a_card_is_known_by_its_first_line() -> None:
    assert is_card(SIGNED)
    assert not is_card(b"transfer-ledger/card/v12\n")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_signed_card_goes_unnoticed(at: int, flip: int) -> None:
    changed = bytearray(SIGNED)
    changed[at] ^= flip

    with pytest.raises(LedgerError):
        open_card(bytes(changed))


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    for at in range(len(SIGNED)):
        changed = bytearray(SIGNED)
        changed[at] ^= 1
        with pytest.raises(LedgerError):
            open_card(bytes(changed))


def test_a_card_that_was_cut_off_is_noticed() -> None:
    for length in range(len(SIGNED)):
        with pytest.raises(LedgerError):
            open_card(SIGNED[:length])


NO_STATE_KEYS = (LOG, AUDITOR, signer("us.example/state", 99), signer("evil/state", 10))


@pytest.mark.parametrize("key", NO_STATE_KEYS)
def test_only_a_state_key_of_the_card_signs_it(key: Ed25519Signer) -> None:
    with pytest.raises(UsageError) as caught:
        sign_card(CARD, key)

    assert caught.value.code == "card.not-a-state-key"


@pytest.mark.parametrize("key", NO_STATE_KEYS)
def test_a_card_that_no_state_key_of_it_signed_is_refused(key: Ed25519Signer) -> None:
    assert code_of(sign_note(TEXT, key)) == "note.no-known-signature"


def test_a_card_with_a_wrong_signature_is_refused() -> None:
    other = sign_card(Card(BOOK, "US", "00" * 32, KEYS), STATE)

    changed = TEXT.encode() + other[other.index(b"\n\n") + 1 :]

    assert code_of(changed) == "note.bad-signature"


@pytest.mark.parametrize("extra", [STATE, OTHER_STATE, LOG])
def test_a_card_with_more_than_one_signature_line_is_refused(
    extra: Ed25519Signer,
) -> None:
    assert code_of(sign_note(TEXT, STATE, extra)) == "card.not-one-signature"


def test_an_oversized_card_is_refused() -> None:
    filler = b"key auditor a+00000000+AA==\n" * 3000

    assert code_of(SIGNED + filler) == "card.too-big"


def test_a_card_that_could_not_be_read_is_not_signed() -> None:
    auditors: list[tuple[CardRole, VerifyKey]] = [
        ("auditor", VerifyKey(f"{'a' * 120}/{n:04d}", SIG_ED25519, LOG.key.public))
        for n in range(400)
    ]

    with pytest.raises(RefusedError) as caught:
        sign_card(Card(BOOK, "US", GENESIS, (*KEYS, *auditors)), STATE)

    assert caught.value.code == "card.too-many-keys"
    assert caught.value.values["limit"] == MAX_SIZE


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("card/v1", "card/v2", "card.bad-form"),
        ("book us", "book  us", "card.bad-form"),
        ("book us", "book US", "name.bad-form"),
        ("state US\n", "state us\n", "card.bad-state"),
        ("state US\n", "state ZZ\n", "card.bad-state"),
        ("state US\n", "", "card.bad-form"),
        (GENESIS, GENESIS.upper(), "card.bad-genesis"),
        (GENESIS, GENESIS[:-1], "card.bad-genesis"),
        ("key auditor", "key clerk", "card.bad-key-line"),
        ("key auditor", "key holder", "card.bad-key-line"),
        ("key auditor ", "key auditor  ", "card.bad-key-line"),
        ("key auditor", "Key auditor", "card.bad-form"),
        ("key auditor", "key witness", "card.wrong-key-type"),
        ("key witness", "key auditor", "card.wrong-key-type"),
        ("key auditor", "key log", "card.log-name"),
        ("key log", "key state", "card.log-name"),
        (f"book {BOOK}", "book sv.example/book", "card.log-name"),
        (AUDITOR.key.format(), STATE.key.format(), "card.name-twice"),
        ("key state", "key auditor", "card.no-state-key"),
        (AUDITOR.key.format(), "x", "key.not-a-vkey"),
        (
            AUDITOR.key.format(),
            signer("us.example/Auditor", 15).key.format(),
            "name.bad-form",
        ),
        (TEXT[TEXT.index("key") :], "", "card.no-state-key"),
    ],
)
def test_what_is_no_card_is_refused(old: str, new: str, code: str) -> None:
    assert old in TEXT
    with pytest.raises(MalformedError) as caught:
        Card.parse(TEXT.replace(old, new))

    assert caught.value.code == code
