"""Hostile input on every way in: a clear refusal, and nothing written or lost."""

from collections.abc import Iterator, Sequence
from itertools import cycle

import pytest

from ledger.cli import EXIT_CODES
from ledger.cli.arguments import lift
from ledger.cli.options import compose
from ledger.cli.parse import command_of, describe
from ledger.cli.verbs import VERBS, Verb
from tests.cli.desk import RECEIVE, RECORD, Desk, is_harmless
from tests.cli.program import Terminal
from tests.surroundings import files

# What no text may have, wherever it stands.
DECEPTIVE = {
    "a colour": "\x1b[31mred\x1b[0m",
    "a title": "\x1b]0;title\x07",
    "a carriage return": "a\rb",
    "a backspace": "a\bb",
    "a C1 sequence": "\x9b31m",
    "an override": "\u202egnp.exe",
    "an isolate": "\u2066x\u2069",
    "a mark of direction": "a\u200fb",
    "a zero-width space": "a\u200bb",
    "a byte order mark": "\ufeffx",
    "a lone surrogate": "\ud800",
    "a byte that is not UTF-8": "\udcff",
    "a private-use character": "\ue000",
    "a letter in two parts": "e\u0301",
    "a tag": "x\U000e0041",
    "a line separator": "a\u2028b",
    "an unassigned character": "\u0378",
    "too long a text": "x" * 20_001,
    "a space before": " x",
    "nothing": "",
}
MARKUP = "[red]x[/red] [/foo] :skull: [link=https://example.org]y[/link]"
WHENS = (
    *("2025-02-30", "2025-13-01", "0000-01-01", "1899-12-31", "10000-01-01"),
    *("03/04/2025", "15.03.2025", "20250315", "2025-W09-5", "1740700800"),
    *("2025-03-16T00:05", "2025-03-15T25:00-04:00", "2025-03-15T10:00Z"),
    *("2025-03-15T10:00-00:00", "2025-03-15T10:00+15:00", "2025-03-15T10:00:00-04:00"),
    *("tomorrow", "２０２５-03-15", " 2025-03-15", "2025-03-15\n", "-1", "NaN"),  # noqa: RUF001
)
NUMBERS = (
    *("-1", "-0", "+5", "05", "1_000", " 5 ", "5.0", "1e3", "0x10", "NaN", "1,000"),
    *("１２", "٣", "∞", "1000000000", "9007199254740993", "9" * 30, "9" * 5000, ""),  # noqa: RUF001
)
AMOUNTS = (
    *("-4.00 USD", "-0.00 USD", "4.760 USD", "4,760 USD", "4.005 USD", "NaN USD"),
    *("Infinity USD", "1e400 USD", "4.00", "USD", "4.00 usd", "4.00 XYZ", "4,00 USD"),
    *("٤.00 USD", "0x4 USD", f"{'9' * 40}.00 USD", "$4", ""),
)
JSONS = (
    *('{"n":1,"n":2}', '[{"n":1,"n":2}]', '{"a":{"b":1,"b":1}}', '{"n":NaN}'),
    *('{"n":Infinity}', '{"n":1.5}', '{"n":1e400}', '{"n":null}', "null", "[null]"),
    *('{"n":1', '"half', "[1,2", '{"n":-0.0}', '{"N":1}', '{"\\u001b":1}'),
    *('"\\u001b[31m"', '"\\ud800"', '"\\u202e"', "[" * 100_000, '[{"a":' * 40),
    *("9007199254740992", "-9007199254740992", "9" * 30, "9" * 5000),
)
OF_METAVAR = {
    "WHEN": WHENS,
    "WHEN[=N]": WHENS,
    "DATE": WHENS,
    "EVENT|DATE": WHENS,
    "N": NUMBERS,
    "AMOUNT": AMOUNTS,
    "LENGTH": ("1 year", "P", "P0D", "P1D1M", "p1y", "P1.5Y", "-P1Y", "P99999Y", ""),
    "STATE": ("us", "UK", "USA", "ＵＳ", "U\u0405", "XX-", "US\n", "EU", ""),  # noqa: RUF001
    "HEX": ("abc", "g" * 32, "A" * 32, "0" * 33, ""),
    "VALUE": JSONS,
}
# A command that works in the book after the departure, for each verb that writes.
WORKING = {
    "record": RECORD,
    "receive": RECEIVE,
    "renew": (
        *("renew", "T-1", "--for", "P1Y", "--persons", "238"),
        *("--agreed-on", "2025-03-18"),
    ),
    "end": (
        *("end", "T-1", "--how", "released", "--persons", "1"),
        *("--at", "2025-03-18"),
    ),
    "pay": (
        *("pay", "--for", "T-1", "--stage", "pledge", "--amount", "4.00 USD"),
        *("--at", "2025-03-18", "--payer", "US", "--payee", "SV"),
    ),
    "instrument": (
        *("instrument", "--stage", "signed", "--title", "notes", "--type", "letter"),
        *("--binding", "yes", "--text-public", "no", "--party", "US"),
    ),
    "claim": ("claim", "T-1", "--field", "/persons", "--value", "252", "--by", "VE"),
    "remark": ("remark", "T-1", "--type", "notice", "--text", "t"),
    "correct": ("correct", "T-1", "--set", "/group/label=another", "--reason", "r"),
    "retract": ("retract", "T-1", "--reason", "r"),
    "acknowledge": ("acknowledge", "1", "--reason", "r"),
    "recover": (
        *("recover", "1", "--how", "recaptured", "--persons", "2"),
        *("--at", "2025-03-18"),
    ),
}
# Where the text stands within the value of an option.
AROUND = {
    "--evidence": "{},2025-03-01",
    "--breakdown": "{}=238",
    "--refused": "8:{}",
    "--set": "/group/label={}",
    "--departed": "{}",
    "--split": "{}=1",
    "--manifest": "{}:5",
}
# What an option needs beside it to be heard at all.
WITH = {
    "--per": ("--compensation", "4.00 USD"),
    "--basis": ("--compensation", "4.00 USD"),
    "--payer": ("--compensation", "4.00 USD"),
    "--payee": ("--compensation", "4.00 USD"),
    "--facility-place": ("--facility", "CECOT"),
    "--facility-zone": ("--facility", "CECOT"),
    "--facility-operator": ("--facility", "CECOT"),
    "--report": ("--report-by", "SV", "--report-rule", "r"),
    "--report-by": ("--report", "w", "--report-rule", "r"),
    "--report-to": ("--report", "w", "--report-by", "SV", "--report-rule", "r"),
    "--report-rule": ("--report", "w", "--report-by", "SV"),
    "--report-due": ("--report", "w", "--report-by", "SV", "--report-rule", "r"),
    "--state": ("--type", "responsibility", "--accepted"),
}
DOCUMENTED = set(EXIT_CODES.values()) - {1}
BY_NAME = {verb.name: verb for verb in VERBS}


def options(verb: Verb) -> list[tuple[str, str]]:
    """Return the name and the metavar of every option that takes a value."""
    ask = compose(
        lift(()),
        environ={},
        stdin=Terminal(),
        stdout=Terminal(),
        stderr=Terminal(),
    )
    return [
        (each.names[-1], each.metavar)
        for each in describe(command_of(ask, verb))
        if each.is_option and each.metavar
    ]


def with_option(argv: Sequence[str], name: str, value: str) -> list[str]:
    """Return a command with another value of an option."""
    words = list(argv)
    if name in words:
        place = words.index(name)
        return [*words[:place], f"{name}={value}", *words[place + 2 :]]
    beside = WITH.get(name, ()) if argv[0] in {"record", "receive"} else ()
    if argv[0] in {"instrument", "remark", "renew"}:
        beside = WITH.get(name, ())
    if "--facility" in words and "--facility" in beside:
        beside = ()
    return [*words, *beside, f"{name}={value}"]


def texts(verb: str) -> Iterator[list[str]]:
    """Return commands with a deceptive text in each option and argument."""
    values = cycle(DECEPTIVE.values())
    for name, _ in options(BY_NAME[verb]):
        for text in (DECEPTIVE["a colour"], next(values), next(values)):
            if name == "--value" and text in {"", " x"}:
                continue
            yield with_option(WORKING[verb], name, AROUND.get(name, "{}").format(text))
    if verb in {"record", "instrument", "pay"}:
        return
    for text in DECEPTIVE.values():
        yield [verb, text, *WORKING[verb][2:]]


def typed(verb: str) -> Iterator[list[str]]:
    """Return commands with impossible days, numbers, amounts and the like."""
    for name, metavar in options(BY_NAME[verb]):
        values = OF_METAVAR.get(metavar, ())
        for value in values:
            yield with_option(WORKING[verb], name, value)


def check_refused(desk: Desk, argv: Sequence[str]) -> None:
    before = desk.database.read_bytes()

    outcome = desk.run(*argv)

    assert outcome.code in DOCUMENTED, (argv, outcome)
    assert outcome.out == "", argv
    assert outcome.err.startswith("transfer-ledger: "), argv
    assert is_harmless(outcome), argv
    assert desk.database.read_bytes() == before, argv


@pytest.mark.sweep
@pytest.mark.parametrize("verb", WORKING)
def test_deceptive_text_is_refused_in_every_option(
    verb: str, after_departure: Desk
) -> None:
    before = files(after_departure.folder)

    for argv in texts(verb):
        check_refused(after_departure, argv)

    assert files(after_departure.folder) == before


@pytest.mark.sweep
@pytest.mark.parametrize("verb", WORKING)
def test_impossible_values_are_refused_in_every_option(
    verb: str, after_departure: Desk
) -> None:
    before = files(after_departure.folder)

    for argv in typed(verb):
        check_refused(after_departure, argv)

    assert files(after_departure.folder) == before


@pytest.mark.sweep
@pytest.mark.parametrize("verb", WORKING)
def test_markup_is_text_and_is_shown_as_it_was_typed(
    verb: str, after_departure: Desk
) -> None:
    desk = after_departure
    if verb == "acknowledge":
        return  # nothing here can be acknowledged
    argv = WORKING[verb]
    if verb == "recover":  # of those who have escaped first
        left = ("--how", "escaped", "--persons", "60", "--at", "2025-03-17")
        desk.done("end", "T-1", *left)
        argv = ("recover", "2", *argv[2:])
    recorded = 0
    for name, _ in options(BY_NAME[verb]):
        text = AROUND.get(name, "{}").format(MARKUP)
        desk.columns = None
        outcome = desk.run(*with_option(argv, name, text), "--csv")
        assert outcome.code in {0, *DOCUMENTED}, (name, outcome)
        assert is_harmless(outcome), name
        if outcome.code == 0:
            recorded += 1
            desk.columns = 400
            seq = outcome.out.splitlines()[1].split(",")[0]
            assert MARKUP in desk.done("show", seq).out, name
        if verb == "retract":
            break

    assert recorded


@pytest.mark.parametrize("value", JSONS)
def test_json_that_no_entry_can_have_is_refused(
    value: str, after_departure: Desk
) -> None:
    before = after_departure.bytes()
    claim = ("claim", "T-1", "--field", "/persons", "--by", "VE", f"--value={value}")
    correct = ("correct", "T-1", f"--set=/persons={value}", "--reason", "r")
    outcomes = [after_departure.run(*argv) for argv in (claim, correct)]

    assert [outcome.code for outcome in outcomes] == [3, 3]
    assert all(is_harmless(outcome) for outcome in outcomes)
    assert after_departure.bytes() == before


def test_enough_is_tried() -> None:
    tried = [
        " ".join(argv) for verb in WORKING for argv in (*texts(verb), *typed(verb))
    ]

    assert len(set(tried)) > 1000


@pytest.mark.sweep
@pytest.mark.parametrize("name", DECEPTIVE)
def test_queries_and_global_options_take_nothing_deceptive(
    name: str, after_departure: Desk
) -> None:
    text = DECEPTIVE[name]
    desk = after_departure
    desk.columns = 80 if len(name) % 2 else None
    before = desk.bytes()
    path = "x" if text == "\ud800" else text  # no argument of a process has that
    for argv in (
        ("show", text),
        ("list", f"--on={text}"),
        ("due", f"--within={text}"),
        ("overdue", text),
        ("held", f"--state={text}"),
        ("held", f"--facility={text}"),
        ("verify", f"--since={path}"),
        ("verify", f"--genesis={text}"),
        ("verify", f"--require={text}"),
        ("verify", path),
        ("verify", "passphrase", f"--fingerprint={text}"),
        ("summary", "--out", "x", f"--transfer={text}"),
        ("summary", "--out", "x", f"--format={text}"),
        ("summary", "--out", "x", "--lang", text or "-"),
        ("list", "--ledger", path or "-"),
        ("list", "--color", text or "-"),
        ("remark", "T-1", "--type=notice", "--text=t", "--as", text or "-"),
        ("remark", "T-1", "--type=notice", "--text=t", "--passphrase-file", path),
        ("acknowledge", "1", "--reason", "r", "--state-key", path or "-"),
        ("help", text),
        (text, "T-1"),
        ("list", f"--{text}"),
    ):
        outcome = desk.run(*argv)

        assert outcome.code in {0, 14, *DOCUMENTED}, (argv, outcome)
        assert is_harmless(outcome), argv
    assert desk.bytes() == before
