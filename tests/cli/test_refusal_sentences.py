"""Every refusal of a value is a sentence for people, with the option that is meant."""

import re
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest

from ledger.cli.arguments import lift
from ledger.cli.main import _sentences, exit_code
from ledger.cli.option_names import naming_options
from ledger.cli.options import compose
from ledger.domain.entering import check
from ledger.domain.notation import Model
from ledger.domain.pointers import put
from ledger.domain.schemas import KINDS, read_record
from ledger.domain.shapes import members_of
from ledger.errors import RefusedError
from ledger.register.peering import card_data
from ledger.tlog.canonical import Json
from tests.cli.desk import Desk
from tests.cli.program import NOON, Terminal
from tests.domain.full_book import full
from tests.register.neighbours import card_of, sv

ASK = compose(
    lift(()), environ={}, stdin=Terminal(), stdout=Terminal(), stderr=Terminal()
)
OFFICE = full()
WRONG: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 10**12, 2**60, 1.5, [], {}, [7], [[]], [{}]),
    *("", "x", " x ", "a\x1bb", "9" * 25_000, {"a": 1}, {"n": "7"}, ["x"], [None]),
    *("2027-01-01", "2999-01-01", ["2999-01-01"], "-5", "1e5", {"A": 1}),
)
# What pydantic says of its own, and what our codes look like.
RAW = re.compile(
    r"[a-z]+_(type|error|parsing|mismatch|forbidden)\b|Input should|pydantic"
    r"|\b(record|form|value|rule|json|cite|correction)\.[a-z-]+\b|[{}]|\^\(|regex"
)


def members(form: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all members of a type, without those within lists."""
    if isinstance(form, type) and issubclass(form, Model):
        for name, member in members_of(form).items():
            inner = f"{path}/{name}"
            yield inner
            yield from members(member.form, inner)
    elif get_origin(form) is not tuple:
        for part in get_args(form):
            yield from members(part, path)


def usual(kind: str) -> dict[str, Json]:
    """Return the data of an entry of a kind that can be recorded."""
    if kind == "retraction":
        return OFFICE.retraction(8)
    if kind == "acknowledgement":
        return {"targets": [{"seq": 4, "leaf": "0" * 64}], "reason": "seen"}
    if kind == "confirmation":
        return {"targets": [OFFICE.cite_entry(1)], "text": "seen"}
    if kind == "approval":
        return {"target": OFFICE.cite_entry(1), "text": "seen"}
    if kind == "recovery":
        left = next(e.seq for e in OFFICE.history.entries.values() if e.kind == "exit")
        return OFFICE.recovered(left, 1, "2026-02-01")
    if kind == "peer":
        return card_data(card_of(sv()))
    if kind == "seal":
        return {"checkpoint": ["a", "b", "c"], "signatures": ["d", "e"]}
    entries = OFFICE.history.entries.values()
    return next(dict(entry.data) for entry in entries if entry.kind == kind)


def refusal(kind: str, data: dict[str, Json]) -> RefusedError | None:
    """Return why data cannot be recorded, by form or by the clock."""
    try:
        with naming_options(kind):
            record = read_record(kind, data)
            assert record is not None
            check(kind, data, now=NOON, history=OFFICE.history)
    except RefusedError as error:
        return error
    return None


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in {"genesis", "key"}])
def test_a_wrong_value_of_any_member_is_told_in_words(kind: str) -> None:
    tried = told = 0
    for path in members(KINDS[kind]):
        for value in WRONG:
            try:
                data = put(usual(kind), path, value)
            except RefusedError:
                continue  # a list stands there; it is tried as a whole
            tried += 1
            error = refusal(kind, data)
            if error is None:
                continue
            told += 1
            for sentence in _sentences(ASK, error):
                said = sentence.removeprefix("transfer-ledger: ")
                assert not RAW.search(said), (path, value, said)
            assert exit_code(error) == 3
            assert all(each.code in said_codes() for each in (error, *error.others))

    assert told > tried / 2 > 10


def said_codes() -> set[str]:
    return {
        key.removeprefix("error.")
        for key in ASK.catalogue.sentences
        if key.startswith("error.")
    }


WORDS = {
    ("renew", "T-1", "--persons=5", "--agreed-on=soon", "--for=P1Y"): (
        "--agreed-on: not a day; write it as YYYY-MM-DD, such as 2025-03-15"
    ),
    ("renew", "T-1", "--persons=5", "--agreed-on=2025-04-01", "--for=P1Y"): (
        "--agreed-on lies in the future: what has not happened yet cannot be "
        "recorded; check the date, or record it once it has happened"
    ),
    ("end", "T-1", "--how=died", "--persons=5", "--at=2025-03-19", "--split=T-1=x"): (
        "--split: not a whole number between 1 and 10000000; write digits alone"
    ),
    ("end", "T-1", "--how=lost", "--persons=5", "--at=2025-03-19"): (
        "--how in the exit must be one of: released, repatriated, "
        "returned_to_origin, onward_transferred, died, escaped, "
        "refused_not_admitted, unaccounted"
    ),
    ("end", "T-1", "--how=died", "--persons=5x", "--at=2025-03-19"): (
        "--persons: not a count of persons; write 238, at-least:247, about:300 or "
        "at-most:500, with a number between 1 and 10000000"
    ),
    ("remark", "T-1", "--type=notice", "--text=t", "--evidence=a note,2025-03-30"): (
        "--evidence lies in the future: what has not happened yet cannot be "
        "recorded; check the date, or record it once it has happened"
    ),
    ("remark", "T-1", "--type=notice", "--text=a\x1b"): (
        "--text: character 2 is a control character; remove it"
    ),
    ("correct", "T-1", "--reason=r", "--set=/persons={}"): (
        "/persons/n is missing from the departure"
    ),
    ("correct", "T-1", "--reason=r", '--set=/departures=[{"at":"2025-03-21"}]'): (
        "entry 2 (receipt) would become impossible: correct or retract that entry "
        "first (why: this receipt lies before anyone of T-1 had left: check the time "
        "and its offset, or correct the departure first)"
    ),
    (
        "end",
        "T-1",
        "--how=died",
        "--persons=5",
        "--at=2025-03-19",
        "--part=2025-03-19",
    ): (
        "no part of T-1 had that last authorised day when they left: name one of "
        "those that it had (2026-03-15), or leave the part out"
    ),
}


@pytest.mark.parametrize("argv", WORDS)
def test_a_refusal_names_the_option(argv: tuple[str, ...], received: Desk) -> None:
    before = received.bytes()
    outcome = received.run(*argv)

    assert outcome.code == 3
    assert outcome.err.splitlines()[0] == f"transfer-ledger: {WORDS[argv]}"
    assert received.bytes() == before


def test_the_member_stays_among_the_values_for_programs(received: Desk) -> None:
    argv = ("renew", "T-1", "--persons=5", "--agreed-on=2025-04-01", "--for=P1Y")
    outcome = received.run(*argv, "--json")

    assert '"member":"--agreed-on"' in outcome.err.replace(": ", ":")
    assert '"path":"/agreed_on"' in outcome.err.replace(": ", ":")
