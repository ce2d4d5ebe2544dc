"""One question after another, line by line: what is written stays as it is.

Nothing is redrawn and no cursor is moved, so that a screen reader and a slow line get
each sentence once. Questions go to stderr; the answer comes from stdin.
"""

import textwrap
from collections.abc import Iterable, Sequence

from ledger.cli.answering import asked_changes, value_of
from ledger.cli.faults import faults
from ledger.cli.matching import (
    MOST_OFFERED,
    Offer,
    all_choices,
    matches,
    states,
    states_named,
    zones_named,
)
from ledger.cli.options import Globals
from ledger.cli.questions import NO, YES, Answers, Question
from ledger.cli.render import tell, width
from ledger.cli.request import UNKNOWN
from ledger.cli.shared_questions import TARGET
from ledger.cli.surroundings import (
    Office,
    check_change,
    check_name,
    members,
    zones,
)
from ledger.cli.wording import read_back
from ledger.domain.codes import is_state
from ledger.errors import (
    LedgerError,
    MalformedError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    UsageError,
)

BACK = "<"
EXPLAIN = "?"
NONE = "none"
WRONG = (RefusedError, MalformedError, UsageError, NotFoundError, NotPermittedError)
"""What can be wrong with an answer; anything else is not the clerk's to mend."""

_BY_NAME = frozenset(("state", "zone"))
_widest = 100
# A short answer after a long question is not to break at the edge of the screen.
_room_to_type = 14


class Dialogue:
    """A conversation with the person at the terminal.

    Args:
        ask: This run.
        own: The book's state and zone.
    """

    def __init__(self, ask: Globals, own: Office) -> None:
        self._ask = ask
        self._own = own

    def words(self, key: str, /, **values: str | int) -> str:
        """Return a sentence, in the form for `--accessible` where it has one."""
        plain = f"{key}.accessible"
        if self._ask.accessible and self._ask.catalogue.has(plain):
            key = plain
        return self._ask.say(key, **values)

    def tell(self, key: str, /, **values: str | int) -> None:
        """Say a sentence, folded at the edge of the screen."""
        self.write([self.words(key, **values)])

    def write(self, lines: Iterable[str]) -> None:
        """Write lines, each folded with its own indent."""
        tell(self._ask, [self._folded(line) for line in lines])

    def complain(self, error: LedgerError) -> None:
        """Say what is wrong."""
        for fault in faults(self._ask, error):
            self.tell("guide.wrong", fault=fault)

    def line(self, prompt: str) -> str:
        """Ask for a line and return it without the white space around it.

        A word for going back or for help, alone on the line, is that and no answer.

        Raises:
            EOFError: The input has ended.
        """
        folded = self._folded(prompt.rstrip(), room=_room_to_type)
        self._ask.stderr.write(f"{folded} ")
        self._ask.stderr.flush()
        typed = self._ask.stdin.readline()
        if not typed:
            raise EOFError
        answer = typed.strip(" \t\r\n")
        for sign, key in ((BACK, "back"), (EXPLAIN, "explain")):
            if answer.casefold() in self._ask.say(f"guide.{key}-answers").split():
                return sign
        return answer

    def agrees(self, typed: str) -> bool:
        """Return whether an answer is one of the words for yes."""
        return typed.casefold() in self._ask.say("ask.yes-answers").split()

    def put(
        self, question: Question, answers: Answers, *, before: tuple[str, ...] | None
    ) -> tuple[str, ...] | None:
        """Ask a question until it is answered.

        Args:
            question: The question.
            answers: What was answered so far.
            before: What the answer was, if it is asked again.

        Returns:
            The values; none if it is left out. None to go back.

        Raises:
            EOFError: The input has ended.
        """
        usual = self._usual(question, answers, before=before)
        self._list_choices(question)
        found: list[str] = []
        while True:
            typed = self._heard(question, self._prompt(question, usual, found=found))
            if typed == BACK:
                return None
            if typed == EXPLAIN:
                self.explain(question, answers)
            elif not typed and (found or usual):
                return tuple(found) or usual
            elif not typed or (typed == UNKNOWN and not _is_recorded(question)):
                if not question.required:
                    return tuple(found)
                self.tell("guide.needed")
            elif typed == NONE and not question.none:
                self.tell("guide.no-none")
            elif (value := self._taken(question, typed, answers)) is not None:
                if not question.repeated:
                    return (value,)
                found.append(value)

    def _usual(
        self, question: Question, answers: Answers, *, before: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        """Return what an empty answer means."""
        if before:
            return before
        match question.default:
            case "@state":
                return (self._own.state,)
            case "@reading":
                return (_reading(answers),)
            case default:
                return (default,) if default else ()

    def _prompt(
        self, question: Question, usual: tuple[str, ...], *, found: Sequence[str]
    ) -> str:
        label = self.label(question)
        if found:
            return self.words("guide.prompt.another", label=label)
        if not usual and question.required:
            return self.words("guide.prompt", label=label)
        shown = ", ".join(map(self.shown, usual)) or self._ask.say("guide.unknown")
        return self.words("guide.prompt.default", label=label, usual=shown)

    def label(self, question: Question) -> str:
        """Return what a question asks for, in a few words."""
        return self._ask.say(f"guide.ask.{question.key}")

    def shown(self, value: str) -> str:
        """Return a value as people read it: `yes` and `no` in their language."""
        if value in {YES, NO, UNKNOWN}:
            return self._ask.say(f"guide.{value}")
        return value

    def explain(self, question: Question, answers: Answers) -> None:
        """Say why a question is asked, and what an answer looks like."""
        self.tell(f"guide.why.{question.key}")
        self.tell(f"guide.form.{question.kind}")
        self._list_choices(question)
        if question.kind in {"change", "path"}:
            self._list_members(*answers[TARGET.option])

    def _list_members(self, target: str) -> None:
        if found := members(self._ask, target):
            self.tell("guide.members")
            self.write(
                self.words("guide.member", path=path, value=value)
                for path, value in found
            )

    def _list_choices(self, question: Question) -> None:
        if question.choices:
            self._list(all_choices(self._ask, question))

    def _list(self, offers: Sequence[Offer]) -> None:
        self.write(
            self.words("guide.offer", n=n, code=offer.code, words=offer.words)
            if offer.words
            else self.words("guide.offer-word", n=n, code=offer.code)
            for n, offer in enumerate(offers, 1)
        )

    def _heard(self, question: Question, prompt: str) -> str:
        """Return a line, with the words of the language as the program knows them."""
        typed = self.line(prompt)
        said = typed.casefold()
        for word in (UNKNOWN, NONE):
            if said in self._ask.say(f"guide.{word}-answers").split():
                return word
        if {YES, NO} & {question.default, *question.choices} or question.opposite:
            for word in (YES, NO):
                if said in self._ask.say(f"guide.{word}-answers").split():
                    return word
        return typed

    def _taken(self, question: Question, typed: str, answers: Answers) -> str | None:
        """Return the value of an answer, read back; None if there is none."""
        number = _number(typed, most=len(question.choices))
        told = question.choices[number - 1] if number else typed
        if question.kind == "who":
            told = self._somebody(question, told)
        value = None
        while told and value is None:
            try:
                value = self.checked(question, told, answers)
            except WRONG as error:
                told = self._meant(question, told, error)
        if value is None:
            return None
        self.write(
            self.words("guide.means", words=each)
            for each in self.meaning(question, value, answers)
        )
        return value

    def _meant(self, question: Question, typed: str, error: LedgerError) -> str:
        """Return what was meant by an answer that is none; empty to ask again."""
        offered = self._offered(question, typed)
        if not offered and question.kind == "state":
            self.tell("guide.no-such-state")
        elif not offered:
            self.complain(error)
        elif len(offered) == 1 and question.kind not in _BY_NAME:
            return offered[0].code
        else:
            return self._chosen(offered)
        return ""

    def checked(self, question: Question, typed: str, answers: Answers) -> str:
        """Return the value of an answer.

        Raises:
            RefusedError, MalformedError, UsageError, NotFoundError, NotPermittedError:
                It is none.
        """
        zone = ""
        if question.is_timed:
            zone = zones(self._ask, question, answers, own=self._own)[0]
        value = value_of(question, typed, zone=zone)
        if question.kind == "ref":
            check_name(self._ask, value, names=question.names)
        for target in answers.get(TARGET.option, ()):
            for change in asked_changes(question, value):
                check_change(self._ask, target, change)
        return value

    def meaning(self, question: Question, value: str, answers: Answers) -> list[str]:
        """Return a value in words, a line each."""
        if question.literal and value == UNKNOWN:
            return []
        if question.kind == "ref":
            return [check_name(self._ask, value)]
        places: list[str] = []
        if question.is_timed:
            found = zones(self._ask, question, answers, own=self._own)
            places = [zone for zone in found if zone]
        return read_back(self._ask, question, value, zones=places)

    def _offered(self, question: Question, typed: str) -> Sequence[Offer]:
        """Return what part of a name may mean."""
        if question.kind == "state":
            return matches(states(self._ask), typed)
        if question.kind == "zone":
            return zones_named(typed)
        offers = all_choices(self._ask, question)
        # The word of an answer comes before words in which it is explained.
        by_code = [Offer(offer.code, offer.code) for offer in offers]
        found = {offer.code for offer in matches(by_code, typed)}
        named = [offer for offer in offers if offer.code in found]
        return named or matches(offers, typed)

    def _somebody(self, question: Question, typed: str) -> str:
        """Return who is meant by a name: a state by its code, or whom it names.

        Returns:
            What is to be taken as the answer; empty to ask the question again.
        """
        while not is_state(typed) and (offers := states_named(self._ask, typed)):
            self._list(offers)
            coded = typed.isascii() and is_state(typed.upper())
            key = "guide.prompt.who-else" if coded else "guide.prompt.who"
            prompt = self.words(key, typed=typed)
            heard = self._heard(question, prompt)
            number = _number(heard, most=len(offers))
            if number:
                return offers[number - 1].code
            if heard == typed:
                break
            typed = "" if heard in {BACK, EXPLAIN, UNKNOWN, NONE} else heard
        return typed

    def _chosen(self, offers: Sequence[Offer]) -> str:
        """Let the person choose among what was found, or type something else.

        Returns:
            What is to be taken as the answer; empty to ask the question again.
        """
        if len(offers) > MOST_OFFERED:
            self.tell("guide.many", n=len(offers))
            return ""
        self._list(offers)
        only = len(offers) == 1
        key = "guide.prompt.only" if only else "guide.prompt.number"
        typed = self.line(self.words(key, n=len(offers)))
        number = 1 if only and not typed else _number(typed, most=len(offers))
        if number:
            return offers[number - 1].code
        return "" if typed in {BACK, EXPLAIN} else typed

    def _folded(self, line: str, *, room: int = 1) -> str:
        indent = len(line) - len(line.lstrip())
        return textwrap.fill(
            line,
            max(min(width(self._ask), _widest) - room, 1),
            subsequent_indent=" " * (indent + 2 if indent else 0),
            break_long_words=False,
            break_on_hyphens=False,
        )


def _is_recorded(question: Question) -> bool:
    """Return whether `unknown` is an answer here, and not a gap."""
    return question.literal and question.required


def _number(typed: str, *, most: int) -> int:
    """Return which line of a list a number names; 0 for none."""
    if typed.isascii() and typed.isdecimal() and len(typed) <= len(str(most)):
        return int(typed) if int(typed) <= most else 0
    return 0


def _reading(answers: Answers) -> str:
    """Return how a term is read if nobody says otherwise, as `--term` alone is."""
    if answers.get("--term"):
        return "fixed"
    return "until-date" if answers.get("--term-until") else UNKNOWN
