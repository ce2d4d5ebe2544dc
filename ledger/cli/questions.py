"""What the guide asks: a question is data, and the answers decide which are asked.

The tables are in `ledger.cli.question_tables`; what an answer may be is decided by the
readers of the flags (`ledger.cli.answering`).
"""

from collections.abc import Container, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal[
    "change",
    "choice",
    "day",
    "departure",
    "evidence",
    "flag",
    "length",
    "lines",
    "manifest",
    "money",
    "path",
    "persons",
    "portion",
    "ref",
    "refusal",
    "share",
    "state",
    "text",
    "trigger",
    "value",
    "when",
    "who",
    "whole",
    "zone",
]
Place: TypeAlias = Literal["office", "origin", "custody"]
Answers: TypeAlias = Mapping[str, tuple[str, ...]]

YES = "yes"
NO = "no"


class If(Struct, frozen=True, kw_only=True):
    """What must have been answered before for a question to be asked.

    Attributes:
        option: The earlier question.
        values: One of these was the answer; empty: anything but `unknown`.
        absent: It was left out instead.
        more_than: It has more than so many values.
        several_zones: It is a state with several time zones.
    """

    option: str
    values: tuple[str, ...] = ()
    absent: bool = False
    more_than: int = 0
    several_zones: bool = False

    def holds(self, answers: Answers) -> bool:
        """Return whether the answers so far are so."""
        found = answers.get(self.option, ())
        if self.absent or not found:
            return self.absent and not found
        if self.several_zones:
            from ledger.cli.request import zone_of  # noqa: PLC0415 - start-up

            return zone_of(found[0]) is None
        return len(found) > self.more_than and (
            not self.values or found[0] in self.values
        )


class Question(Struct, frozen=True, kw_only=True):
    """One thing that the guide asks.

    Attributes:
        option: What the answer is given by: an option (`--from`), the metavar of an
            argument (`REF`), or a question of the guide alone (`?money`).
        key: Its part of the keys `guide.ask.…` (what is asked for) and `guide.why.…`
            (why, and the rule that wants it).
        kind: What reads the answer.
        required: It cannot be left out.
        repeated: It may be answered several times.
        none: `none` is an answer that is recorded; otherwise it is refused.
        literal: `unknown` is an answer that is recorded, in its own words.
        default: What an empty answer means; `@state` is the book's state, `@reading`
            what the term suggests.
        choices: All answers, for a choice or a trigger.
        when: What must hold for it to be asked.
        implied: What is taken as the answer where another option was given.
        zone: In whose zone a time without one is read.
        opposite: The opposite of a flag (`--denied`).
        names: With which letters a reference may begin (`TR`), or of which kind the
            entry is (`exit`); empty: any.
    """

    option: str
    key: str
    kind: Kind = "text"
    required: bool = False
    repeated: bool = False
    none: bool = False
    literal: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    when: tuple[If, ...] = ()
    implied: tuple[tuple[str, tuple[str, ...]], ...] = ()
    zone: Place = "office"
    opposite: str = ""
    names: str = ""

    @property
    def is_gate(self) -> bool:
        """Return whether it only decides what else is asked."""
        return self.option.startswith("?")

    def is_asked(self, answers: Answers) -> bool:
        """Return whether the answers so far leave it to be asked."""
        return all(condition.holds(answers) for condition in self.when)

    @property
    def is_timed(self) -> bool:
        """Return whether the answer is a time, which has a zone."""
        return self.kind in {"when", "departure"}


Table: TypeAlias = tuple[Question, ...]


def possible(table: Table, *, met_unannounced: bool, given: Container[str]) -> Table:
    """Return the questions that can have an answer in a book.

    Args:
        table: All questions of the verb.
        met_unannounced: Whether there are arrivals that nobody had announced.
        given: The options that the command itself gave: these are left in.
    """
    return tuple(
        question
        for question in table
        if question.names != "R" or met_unannounced or question.option in given
    )


def active(table: Table, answers: Answers, given: frozenset[str]) -> list[Question]:
    """Return the questions of an entry, with those that flags have answered anyway.

    Args:
        table: All questions of the verb.
        answers: What was answered.
        given: The options that the command itself gave.
    """
    found: list[Question] = []
    taken: set[str] = set()
    for question in table:
        if question.option not in taken and question.is_asked(answers):
            found.append(question)
            taken.add(question.option)
    for question in table:
        if question.option in given and question.option not in taken:
            found.append(question)
            taken.add(question.option)
    return sorted(found, key=table.index)


def implied(table: Table, given: Answers) -> dict[str, tuple[str, ...]]:
    """Return what the given options answer beside themselves."""
    found: dict[str, tuple[str, ...]] = {}
    for question in table:
        for option, values in question.implied:
            if option in given:
                found[question.option] = values
        if question.is_gate and _opened(table, question.option, given):
            found[question.option] = (YES,)
    return {option: values for option, values in found.items() if option not in given}


def _opened(table: Table, gate: str, given: Answers) -> bool:
    return any(
        question.option in given
        and any(condition.option == gate for condition in question.when)
        for question in table
    )


def words(table: Sequence[Question], answers: Answers) -> list[str]:
    """Return the words of a command that answers say.

    Args:
        table: The questions whose answers count, in order.
        answers: What was answered.
    """
    places: list[str] = []
    options: list[str] = []
    for question in table:
        for value in answers.get(question.option, ()):
            if question.is_gate:
                continue
            if question.kind == "flag":
                options += _flag(question, value)
            elif not question.option.startswith("--"):
                places.append(value)
            elif value.startswith("-"):
                options.append(f"{question.option}={value}")
            else:
                options += [question.option, value]
    return places + options


def _flag(question: Question, value: str) -> list[str]:
    if value == YES:
        return [question.option]
    return [question.opposite] if question.opposite else []
