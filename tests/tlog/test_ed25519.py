import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.tlog.ed25519 import check_public_key, private_key, verify
from ledger.tlog.note import SIG_ED25519, VerifyKey
from tests.vectors import vectors

P = 2**255 - 19


def refusal(public: bytes) -> str | None:
    try:
        VerifyKey("a", SIG_ED25519, public)
    except MalformedError as error:
        return error.code
    return None


@given(st.binary(min_size=32, max_size=32))
def test_every_key_that_was_made_is_accepted_and_verifies(seed: bytes) -> None:
    private = private_key(seed)
    public = private.public_key().public_bytes_raw()
    check_public_key(public)

    assert verify(public, message=b"x", signature=private.sign(b"x"))
    assert not verify(public, message=b"y", signature=private.sign(b"x"))
    assert not verify(public, message=b"x", signature=b"short")


@pytest.mark.parametrize(
    ("y", "code"),
    [
        (0, "key.low-order"),
        (1, "key.low-order"),
        (P - 1, "key.low-order"),
        (P, "key.not-canonical"),
        (P + 1, "key.not-canonical"),
        (P + 3, "key.not-canonical"),
        (2**255 - 1, "key.not-canonical"),
        (2, "key.not-on-curve"),
        (3, None),
    ],
)
def test_only_one_spelling_of_a_fit_point_is_a_key(y: int, code: str | None) -> None:
    assert refusal(y.to_bytes(32, "little")) == code
    assert refusal((y + 2**255).to_bytes(32, "little")) == code


def test_a_key_has_32_bytes() -> None:
    assert refusal(bytes(31)) == "key.wrong-size"
    assert refusal(b"") == "key.wrong-size"


@given(st.binary(min_size=32, max_size=32))
def test_a_point_is_on_the_curve_exactly_when_it_has_an_x(public: bytes) -> None:
    y = int.from_bytes(public, "little") % 2**255
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    has_x = square in (x * x % P, -x * x % P)

    assert (refusal(public) in {None, "key.low-order"}) == (has_x and y < P)


def test_every_published_unfit_key_is_refused_and_the_others_are_accepted() -> None:
    cases = json.loads(vectors("cctv-ed25519", "ed25519vectors.json").read_bytes())
    unfit = {
        case["key"]
        for case in cases
        if {"low_order_A", "non_canonical_A"} & set(case["flags"] or [])
    }
    fit = {case["key"] for case in cases} - unfit

    assert (len(unfit), len(fit)) == (14, 8)
    for key in unfit:
        assert refusal(bytes.fromhex(key)) in {"key.low-order", "key.not-canonical"}
    for key in fit:
        assert refusal(bytes.fromhex(key)) is None


def test_reading_a_book_does_not_import_cryptography() -> None:
    program = (
        "import sys\n"
        "from ledger.tlog import chain, cosignature, entry, merkle, note, proof\n"
        "sys.exit('cryptography' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == 0
