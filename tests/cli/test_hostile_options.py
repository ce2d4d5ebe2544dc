"""Two hundred hostile strings on every option with which something is recorded.

What a reader of one option refuses costs little, so every verb sees every string; what
only the book can refuse is spread over all verbs and options.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle

import pytest

from tests.cli.desk import Desk, answer, is_harmless
from tests.cli.test_hostile_input import (
    AMOUNTS,
    AROUND,
    BY_NAME,
    DECEPTIVE,
    JSONS,
    NUMBERS,
    WHENS,
    WORKING,
    options,
    with_option,
)
from tests.domain.test_hostile_values import EVERYWHERE
from tests.surroundings import files

# Refused by the reader of every day, number, amount, length, state and hash.
VALUES = tuple(dict.fromkeys((*EVERYWHERE, *DECEPTIVE.values(), *WHENS)))
READ_AT_ONCE = {"WHEN", "WHEN[=N]", "DATE", "N", "AMOUNT", "LENGTH", "STATE", "HEX"}
# Refused in every text: each bad character at the start, within, and at the end.
BAD = "".join(
    (
        *map(chr, (*range(1, 10), *range(11, 32), *range(0x7F, 0xA0))),
        "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        "\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2064\u3164\ufe0f\ufeff\uffa0",
        "\u2028\u2029\ud800\udbff\udc00\udfff\ue000\uf8ff\uffff\u0378\U000e0001",
    )
)
TEXTS = tuple(
    text
    for index, bad in enumerate(BAD)
    for text in ((f"{bad}x", f"x{bad}y", f"x{bad}")[index % 3], f"a {bad} b")
)
CODES = (*EVERYWHERE, *NUMBERS, *WHENS, *AMOUNTS, *JSONS)
# What takes one of some words, or a reference.
CODED = {
    *("--renewable", "--per", "--basis", "--status", "--stage", "--type", "--binding"),
    *("--text-public", "--term-reading", "--term-from", "--term-language", "--how"),
    *("--renewal", "--instrument", "--facility-zone", "--field"),
    *("--resolves", "--is", "--for"),
}
UNREAD = {"--value", "--set", "--unset", "--evidence", "--manifest", "--split"}


def at_once(verb: str) -> Iterator[list[str]]:
    """Return commands that the reader of an option refuses: all strings each verb."""
    named = [
        name for name, metavar in options(BY_NAME[verb]) if metavar in READ_AT_ONCE
    ]
    for name, text in zip(cycle(named), VALUES * 2, strict=False):
        # Renewals go until a day or for a length, never both.
        if not (verb == "renew" and name == "--until"):
            yield with_option(WORKING[verb], name, text)


def by_the_book() -> Iterator[list[str]]:
    """Return commands that only the book can refuse: each string, each option."""
    pairs = [
        (verb, name)
        for verb in WORKING
        for name, metavar in options(BY_NAME[verb])
        if metavar not in READ_AT_ONCE and name not in UNREAD
    ]
    texts, codes = cycle(TEXTS), cycle(CODES)
    for _ in range(-(-len(TEXTS) // len(pairs)) + 1):
        for verb, name in pairs:
            text = next(codes) if name in CODED else next(texts)
            around = "{}" if name in CODED else AROUND.get(name, "{}")
            if name not in CODED or text not in {"none-", ""}:
                yield with_option(WORKING[verb], name, around.format(text))


def refuse(desk: Desk, argvs: Sequence[list[str]]) -> None:
    """Check that all are refused, harmlessly, and that the book stays as it is."""
    before, size = files(desk.folder), answer(desk, "verify")["entries"]
    bytes_before = desk.bytes()
    for argv in argvs:
        outcome = desk.run(*argv)

        assert outcome.code in {2, 3, 4}, (argv, outcome)
        assert outcome.code != 4 or "T-" in str(argv) or "I-" in str(argv)
        assert outcome.out == "", argv
        assert outcome.err.startswith("transfer-ledger: "), argv
        assert "Traceback" not in outcome.err, argv
        assert is_harmless(outcome), argv
    assert desk.bytes() == bytes_before
    assert files(desk.folder) == before
    assert answer(desk, "verify")["entries"] == size


@pytest.mark.sweep
@pytest.mark.parametrize("verb", WORKING)
def test_no_reader_of_an_option_takes_a_hostile_string(
    verb: str, after_departure: Desk
) -> None:
    refuse(after_departure, list(at_once(verb)))


@pytest.mark.sweep
def test_no_option_carries_a_hostile_string_into_the_book(
    after_departure: Desk,
) -> None:
    refuse(after_departure, list(by_the_book()))


def test_there_are_enough_hostile_strings() -> None:
    assert len({*VALUES}) >= 150
    assert len({*TEXTS}) >= 150
    assert len({*CODES}) >= 150
    assert {argv[0] for argv in by_the_book()} == set(WORKING)
