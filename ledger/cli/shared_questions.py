"""Questions that several verbs ask, and groups of them behind one question."""

from msgspec.structs import replace

from ledger.cli.questions import NO, YES, If, Question, Table

PER = ("total", "person-year", "person-month", "person-day")
BASIS = ("ACT/365", "ACT/366", "30/360", "month/12")
STATUS = ("official", "reported", "alleged", "disputed")
READINGS = ("fixed", "up-to", "until-event", "until-date", "indefinite", "unknown")
TRIGGERS = ("admitted", "arrived", "departed", "signed", "in-force")
HOWS = (
    *("released", "repatriated", "returned-to-origin", "onward-transferred", "died"),
    *("escaped", "refused-not-admitted", "unaccounted"),
)
ELSEWHERE = ("repatriated", "returned-to-origin", "onward-transferred")


def gate(name: str) -> Question:
    """Return the question whether anything is to be said of a group of others."""
    option = f"?{name}"
    return Question(option=option, key=f"gate.{name}", kind="flag", default=NO)


def when_said(option: str, *values: str) -> tuple[If, ...]:
    """Return that an option was answered, with one of these values if any are named."""
    return (If(option=option, values=values),)


def when_left_out(option: str) -> tuple[If, ...]:
    """Return that an option was left out."""
    return (If(option=option, absent=True),)


def behind(name: str, *questions: Question) -> Table:
    """Return a gate and the questions that are asked if it is opened."""
    opened = when_said(f"?{name}", YES)
    return (gate(name), *(replace(q, when=opened + q.when) for q in questions))


EVIDENCE = Question(option="--evidence", key="evidence", kind="evidence", repeated=True)
ASSERTED = Question(option="--asserted-by", key="asserted-by", kind="who", literal=True)
STATED = Question(option="--status", key="status", kind="choice", choices=STATUS)
TEXT = Question(option="--text", key="text", kind="lines")
SOURCE = behind("source", EVIDENCE, ASSERTED, STATED, TEXT)
SOURCE_OF_REMARK = behind("source", EVIDENCE, ASSERTED, STATED)
RATE = (
    Question(option="--compensation", key="compensation", kind="money", required=True),
    Question(option="--per", key="per", kind="choice", choices=PER, default="total"),
    Question(option="--basis", key="basis", kind="choice", choices=BASIS),
)
PAID = (
    Question(option="--payer", key="payer", kind="who"),
    Question(option="--payee", key="payee", kind="who"),
)
FACILITY = Question(option="--facility", key="facility")
ZONE = Question(option="--facility-zone", key="facility-zone", kind="zone")
WHERE = Question(option="--facility-place", key="facility-place")
OPERATOR = Question(option="--facility-operator", key="facility-operator")
MANIFEST = Question(option="--manifest", key="manifest", kind="manifest")
AUTHORITY = Question(option="--authority", key="authority")
REASON = Question(option="--reason", key="reason", required=True)
REF = Question(option="REF", key="ref", kind="ref", required=True, names="TR")
TARGET = Question(option="REF|ENTRY", key="target", kind="ref", required=True)
TERM = (
    Question(option="--term", key="term", kind="length"),
    Question(
        option="--term-until",
        key="term-until",
        kind="day",
        when=when_left_out("--term"),
    ),
    Question(
        option="--term-from",
        key="term-from",
        kind="trigger",
        choices=TRIGGERS,
        default="admitted",
        when=when_said("--term"),
    ),
    Question(
        option="--term-reading",
        key="term-reading",
        kind="choice",
        choices=READINGS,
        literal=True,
        required=True,
        default="@reading",
    ),
    Question(option="--term-text", key="term-text"),
    Question(
        option="--term-language", key="term-language", when=when_said("--term-text")
    ),
)
