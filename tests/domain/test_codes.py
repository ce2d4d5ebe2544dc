import pytest

from ledger.domain.codes import (
    CURRENCY_DIGITS,
    STATES,
    is_state,
    is_user_assigned,
    subdivisions,
)


def test_the_tables_have_the_size_of_the_published_lists() -> None:
    parts = sum(len(codes) for codes in subdivisions().values())

    assert len(STATES) == 249
    assert len(subdivisions()) == 200
    assert parts == 5046
    assert len(CURRENCY_DIGITS) == 165


def test_every_code_has_the_form_of_its_list() -> None:
    letters = "".join(STATES) + "".join(CURRENCY_DIGITS)
    parts = [code for codes in subdivisions().values() for code in codes]

    assert {len(code) for code in STATES} == {2}
    assert {len(code) for code in CURRENCY_DIGITS} == {3}
    assert letters.isascii()
    assert letters.isupper()
    assert set(subdivisions()) <= STATES
    assert all(part.isascii() and part.isalnum() for part in parts)
    assert all(1 <= len(part) <= 3 and part == part.upper() for part in parts)


@pytest.mark.parametrize(
    ("digits", "currencies"),
    [
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (2, "USD EUR GBP MXN COP CRC DKK SVC MRU MGA AFN IRR LBP XCD XCG SSP"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    ],
)
def test_the_minor_units_are_those_of_iso_4217(digits: int, currencies: str) -> None:
    listed = currencies.split()

    assert {CURRENCY_DIGITS[code] for code in listed} == {digits}


@pytest.mark.parametrize("code", ["XAU", "XAG", "XXX", "XTS", "XDR", "XSU", "XUA"])
def test_a_code_without_minor_units_is_no_currency(code: str) -> None:
    listed = code in CURRENCY_DIGITS

    assert not listed


@pytest.mark.parametrize(
    "code", ["US", "SV", "XK", "XA", "XZ", "US-TX", "SV-SS", "NL-BQ1", "FR-69M"]
)
def test_a_published_or_user_assigned_code_is_a_state(code: str) -> None:
    found = is_state(code)

    assert found


@pytest.mark.parametrize(
    "code",
    ["", "us", "AA", "QM", "ZZ", "USA", "US-", "-TX", "US-XX", "us-TX", "XA-1", "DE\n"],
)
def test_anything_else_is_no_state(code: str) -> None:
    found = is_state(code)

    assert not found


def test_only_xa_to_xz_are_user_assigned() -> None:
    assigned = [code for code in ("XA", "XK", "XZ") if is_user_assigned(code)]
    others = [
        c for c in ("US", "AA", "QZ", "ZZ", "xa", "X", "XAA") if is_user_assigned(c)
    ]

    assert assigned == ["XA", "XK", "XZ"]
    assert others == []
