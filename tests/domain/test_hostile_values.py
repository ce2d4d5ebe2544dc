"""What must never be read: each value in each reader, and never repeated."""

from collections.abc import Callable

import pytest

from ledger.domain.money import Money, read_money
from ledger.domain.times import (
    Duration,
    When,
    check_zone,
    parse_day,
    parse_span,
    read_when,
)
from ledger.domain.values import (
    check_text,
    parse_count,
    parse_persons,
    parse_ref,
    parse_ref_or_entry,
    parse_state,
)
from ledger.errors import RefusedError

READERS: dict[str, Callable[[str], object]] = {
    "day": parse_day,
    "when": When.parse,
    "typed when": lambda text: read_when(text, zone=None),
    "zone": check_zone,
    "length": Duration.parse,
    "span": parse_span,
    "count": lambda text: parse_count(text, first=0, last=100),
    "persons": parse_persons,
    "state": parse_state,
    "reference": parse_ref,
    "reference or entry": parse_ref_or_entry,
    "money": Money.parse,
    "typed money": read_money,
}

# Refused by every reader of a code, a number or a time.
EVERYWHERE = [
    "",
    " ",
    "\n",
    "\x00",
    "\x1b[31m",
    "\x9b31m",
    "\ud800",
    "\udcff\udc80",
    "\u202e",
    "\u200b",
    "\ufeff",
    "[red]x[/red]",
    ":skull:",
    "=1+1",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "1e400",
    "1e5",
    "-0",
    "-1",
    "+1",
    "0x10",
    "0b1",
    "1_000",
    "5.0",
    "5,0",
    "True",
    "null",
    "None",
    "none-",
    " 5 ",
    "5 ",
    " 5",
    "5\n",
    "5\r",
    "5\x00",
    "0012",
    "\uff11\uff12\uff13",
    "\u0663",
    "\u0967\u0968",
    "\U0001d7d9",
    "\u00b2",
    "\u2460",
    "\u4e94",
    "1" + "0" * 30,
    "9" * 5000,
    "20250228\n",
    "2025-02-30",
    "0000-01-01",
    "10000-01-01",
    "2025-W09-5",
    "2025-060",
    "-2025-01-01",
    "\uff12\uff10\uff12\uff15-03-15",
    "2025\u201003\u201015",
    "2025-03-15\n",
    "2025-03-15T17:26",
    "2025-03-15T17:26Z\n",
    "2025-03-15T17:26+00:00:00",
    "2025-03-15t17:26+00:00",
    "2025-03-15T17:26\u221204:00",
    "2025-3-5",
    "today",
    "now",
    "DE\n",
    "D\u0415",
    "\u0405V",
    "\uff35\uff33",
    "usa",
    "U S",
    "US-TX\n",
    "T-0",
    "T-01",
    "t-1",
    "T\u20101",
    "T-\u0661",
    "\u0422-1",
    "US:T-1",
    "us:T-1\n",
    ":T-1",
    "us::T-1",
    "/T-1",
    "X-1",
    "#5",
    "T-" + "9" * 400,
    "a" * 129 + ":T-1",
    "P1Y\n",
    "P1Y1D",
    "PT1H",
    "P\u0661Y",
    "P1Y\u200b",
    "90D",
    "90 d",
    "at-least:",
    "at_least:5",
    "at-least:0",
    "about:1_0",
    "about: 5",
    "exact:\uff15",
    "about:" + "9" * 40,
    "5.00",
    "5.00 USD\n",
    "5.00 \uff35\uff33\uff24",
    "5.00 U\u0405D",
    "\uff15.00 USD",
    "5\u066b00 USD",
    "5.00\u00a0USD",
    "$5.00",
    "1e5 USD",
    "NaN USD",
    "-0.00 USD",
    "1_000.00 USD",
    "05.00 USD",
    "5. USD",
    "5.00 XXX",
    "5.00 \u017fek",
    "1" + "0" * 30 + ".00 USD",
    "../../etc/passwd",
    "/etc/localtime",
    "America/../UTC",
    "America/Chicago\n",
    "America/Chicago\x00",
    "Am\u0435rica/Chicago",
    "right/UTC",
    "localtime",
    "'; DROP TABLE entry; --",
    "%s%s%n",
    "{code}",
]

NEVER_SIGNED = [
    "",
    " x",
    "x ",
    "x\x00",
    "x\x1b[31m",
    "x\x9b",
    "x\r",
    "x\ty",
    "x\ud800",
    "x\u202ey",
    "x\u2066y",
    "x\u200by",
    "x\u2060y",
    "x\ufeffy",
    "x\u2028y",
    "x\ue000",
    "x\uffff",
    "x\u0378",
    "e\u0301x",
    "x" * 20_001,
]


def shown(error: RefusedError) -> str:
    """Return all that an error carries."""
    return f"{error} {error!r} {error.args}"


@pytest.mark.parametrize("text", EVERYWHERE, ids=ascii)
def test_a_hostile_value_is_refused_by_every_reader_and_not_repeated(text: str) -> None:
    for read in READERS.values():
        with pytest.raises(RefusedError) as caught:
            read(text)

        # Two characters or fewer may occur in a bound or in a code by chance.
        assert len(text) < 3 or text not in shown(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("text", NEVER_SIGNED, ids=lambda text: ascii(text[:9]))
def test_a_hostile_text_is_refused_and_not_repeated(text: str, *, lines: bool) -> None:
    with pytest.raises(RefusedError) as caught:
        check_text(text, lines=lines)

    assert not text or text not in shown(caught.value)


def test_the_table_of_hostile_values_is_long_enough() -> None:
    values = {*EVERYWHERE, *NEVER_SIGNED}

    assert len(values) >= 120
