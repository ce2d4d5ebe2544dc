"""The request for a key is good for one book, state, role and key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError, MalformedError, RefusedError
from ledger.exchange.key_request import MAX_SIZE, KeyRequest
from tests.office import signer

NEW = signer("us.example/clerk-08", 30)
MADE = KeyRequest.made(NEW, book="us.example/book", state="US", role="clerk")


def code(content: bytes) -> str:
    with pytest.raises(MalformedError) as caught:
        KeyRequest.parse(content)
    return caught.value.code


def test_a_request_is_read_as_it_was_made() -> None:
    assert KeyRequest.parse(MADE.format()) == MADE
    assert MADE.fingerprint.startswith("SHA256:")
    MADE.check_book(book="us.example/book", state="US")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"book us.example/book", b"book us.example/book-2"),
        (b"state US", b"state SV"),
        (b"role clerk", b"role state"),
        (b"proof ", b"proof AAAA"),
        (b"proof ", b"proof !"),
    ],
)
def test_a_proof_is_of_one_book_state_and_role(old: bytes, new: bytes) -> None:
    assert code(MADE.format().replace(old, new)) == "key.not-proved"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        MADE.format() + b"\n",
        MADE.format()[:-1],
        MADE.format().replace(b"/v1", b"/v2"),
        MADE.format().replace(b"state US", b"land US"),
        MADE.format().replace(b"role clerk", b"role holder"),
        MADE.format().replace(b"role clerk", b"role chief"),
        MADE.format().replace(b"US", "Ü".encode()),
    ],
)
def test_what_is_in_another_form_is_no_request(content: bytes) -> None:
    assert code(content) == "key-request.bad-form"


def test_a_large_file_is_no_request() -> None:
    assert code(b"x" * (MAX_SIZE + 1)) == "key-request.too-big"


def test_a_request_for_another_book_is_refused() -> None:
    for place in ({"book": "us.example/b", "state": "US"}, {"state": "SV"}):
        with pytest.raises(RefusedError, match=r"key-request\.other-book"):
            MADE.check_book(**{"book": "us.example/book", **place})


@given(st.integers(0, len(MADE.format()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found(at: int, by: int) -> None:
    content = bytearray(MADE.format())
    content[at] ^= by

    with pytest.raises(LedgerError):
        KeyRequest.parse(bytes(content))
