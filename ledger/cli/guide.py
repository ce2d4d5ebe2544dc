"""Guided entry: a clerk's verb on a terminal asks for what its flags left open.

The answers become the words of a command, and that command is parsed and called as if
it had been typed: the guide has no reader and no rule of its own. What it adds is the
order of the questions, the words in which an answer is read back, and a draft of
everything answered, so that Ctrl-C and a power cut lose nothing.
"""

import shlex
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from ledger.cli import INTERRUPTED, PROGRAM, parse
from ledger.cli.aftermath import tell_shortened
from ledger.cli.dialogue import BACK, EXPLAIN, WRONG, Dialogue
from ledger.cli.option_names import naming_options
from ledger.cli.options import Globals
from ledger.cli.question_tables import TABLES
from ledger.cli.questions import Question, active, implied, possible, words
from ledger.cli.recording import places
from ledger.cli.render import talk, tell
from ledger.cli.surroundings import office
from ledger.cli.verbs import Verb
from ledger.cli.wording import instant_words
from ledger.domain.authority import Role
from ledger.errors import LedgerError, MalformedError, NotPermittedError
from ledger.register.opening import new_once, open_register
from ledger.register.rehearsing import rehearse
from ledger.store.drafts import Draft, DraftFile, draft_of
from ledger.tlog.canonical import Json
from ledger.tlog.entry import format_instant

# What a verb says of a command that leaves something open.
OPEN = frozenset(
    (
        "usage.facility-without-name",
        "usage.instrument-needs",
        "usage.missing-argument",
        "usage.missing-choice",
        "usage.missing-option",
        "usage.needs-facility-zone",
        "usage.nothing-to-correct",
        "usage.per-without-amount",
        "usage.receive-from",
        "usage.receive-what",
        "usage.renew-until-or-for",
        "usage.report-needs",
        "usage.responsibility-needs",
    )
)


def guided(ask: Globals, verb: Verb, typed: Sequence[str]) -> int:
    """Do what a writing verb was asked, and ask for what was left open.

    Args:
        ask: This run.
        verb: One that has a table of questions.
        typed: Its words.

    Returns:
        The exit code of the verb; that of an interruption if the person stopped.

    Raises:
        LedgerError: Whatever the verb raises that no answer can mend.
    """
    command = parse.command_of(ask, verb)
    try:
        return parse.call(command, typed)
    except LedgerError as error:
        if not _is_open(error, verb):
            raise
    given = parse.given(command, typed)
    with draft_of(places(ask).memory, verb=verb.name) as file:
        return Guide(ask, verb, given, file).run()


def _is_open(error: LedgerError, verb: Verb) -> bool:
    """Return whether somebody who is asked could complete the command."""
    if error.code == "value.time-without-zone":
        member = error.values.get("member")
        return any(q.option == member and q.is_timed for q in TABLES[verb.name])
    return error.code in OPEN


class Guide:
    """One entry on its way from questions to a signature.

    Args:
        ask: This run.
        verb: The verb.
        given: What the command itself gave, by option.
        file: Where the draft is kept.
    """

    def __init__(
        self,
        ask: Globals,
        verb: Verb,
        given: Mapping[str, tuple[str, ...]],
        file: DraftFile,
    ) -> None:
        self._ask = ask
        self._verb = verb
        self._file = file
        own = office(ask)
        self._table = possible(
            TABLES[verb.name], met_unannounced=own.met_unannounced, given=given
        )
        asked = {question.option for question in self._table}
        self._given = frozenset(asked & set(given))
        self._extra = {name: given[name] for name in given if name not in asked}
        self._start = {name: given[name] for name in given if name in asked}
        self._answers: dict[str, tuple[str, ...]] = {}
        self._before: dict[str, tuple[str, ...]] = {}
        self._asked: list[str] = []
        self._once = new_once(ask.now)
        self._kept = False
        self._shown: dict[str, tuple[str, ...]] | None = None
        self._possible = False
        self._talk = Dialogue(ask, own)

    def run(self) -> int:
        """Hold the conversation; return the exit code."""
        try:
            self._talk.tell("guide.welcome")
            self._resume()
            self._answers |= implied(self._table, self._start)
            self._check_given()
            self._fill()
            while not self._is_signed():
                pass
        except (KeyboardInterrupt, EOFError):
            tell(self._ask, [""])
            self._talk.tell("guide.kept" if self._kept else "main.interrupted")
            return INTERRUPTED
        except LedgerError:
            if self._kept:
                self._talk.tell("guide.kept-for-later")
            raise
        self._finish()
        return 0

    def _resume(self) -> None:
        """Offer what is kept of an entry that was not finished."""
        try:
            draft = self._file.read()
        except MalformedError:
            self._talk.tell("guide.damaged")
            return
        if draft is None:
            return
        self._kept = True
        at = instant_words(self._ask, draft.at)
        self._talk.tell("guide.draft", at=at)
        known = {question.option: question for question in self._table}
        for option, values in draft.answers.items():
            if values and option in known:
                label = self._talk.label(known[option])
                shown = ", ".join(map(self._talk.shown, values))
                self._talk.tell("guide.draft-line", label=label, value=shown)
        while True:
            typed = self._talk.line(self._talk.words("guide.prompt.resume"))
            if self._talk.agrees(typed) or typed == "":
                found = {o: v for o, v in draft.answers.items() if o in known}
                self._answers = found
                self._once = draft.once
                return
            if typed.casefold() in self._ask.say("guide.no-answers").split():
                return
            self._talk.tell("guide.yes-or-no")

    def _check_given(self) -> None:
        """Take what the flags said, as far as it can be taken."""
        seen: set[str] = set()
        for question in self._table:
            option = question.option
            if option not in self._start or option in seen:
                continue
            seen.add(option)
            try:
                values = tuple(
                    self._talk.checked(question, value, self._answers)
                    for value in self._start[option]
                    if not self._is_gap(question, value)
                )
            except WRONG as error:
                label = self._talk.label(question)
                self._talk.tell("guide.given-wrong", option=option, label=label)
                self._talk.complain(error)
                self._answers.pop(option, None)
            else:
                self._answers[option] = values

    @staticmethod
    def _is_gap(question: Question, value: str) -> bool:
        return value == "unknown" and not question.literal

    def _questions(self) -> list[Question]:
        return active(self._table, self._answers, self._given)

    def _fill(self) -> None:
        """Ask every question that is open, back and forth."""
        while True:
            left = [q for q in self._questions() if q.option not in self._answers]
            if not left:
                return
            question = left[0]
            before = self._before.get(question.option)
            values = self._talk.put(question, self._answers, before=before)
            if values is not None:
                self._take(question, values)
            elif not self._went_back():
                self._talk.tell("guide.first")

    def _take(self, question: Question, values: tuple[str, ...]) -> None:
        """Take an answer, and keep all of them on the disk."""
        self._answers[question.option] = values
        if question.option not in self._asked:
            self._asked.append(question.option)
        draft = Draft(
            verb=self._verb.name,
            at=format_instant(self._ask.now),
            once=self._once,
            answers=self._answers,
        )
        self._file.keep(draft)
        self._kept = True

    def _went_back(self) -> bool:
        """Open the question that was answered last; return whether there is one."""
        if not self._asked:
            return False
        option = self._asked.pop()
        self._before[option] = self._answers.pop(option)
        return True

    def _argv(self) -> list[str]:
        """Return the words of the command that the answers say."""
        extra = [f"{name}={v}" for name, values in self._extra.items() for v in values]
        return [*words(self._questions(), self._answers), *extra]

    def _is_signed(self) -> bool:
        """Show the entry once more; return whether it is recorded now."""
        questions = self._questions()
        if self._shown != self._answers:
            self._show(questions)
            self._possible = self._is_possible()
            self._shown = dict(self._answers)
        if not (self._possible and self._ask.yes):
            typed = self._talk.line(self._talk.words("guide.prompt.sign"))
            if not self._talk.agrees(typed):
                self._mend(questions, typed)
                return False
        argv = self._argv()
        if "--once" not in self._extra:
            argv.append(f"--once={self._once}")
        try:
            parse.call(parse.command_of(self._ask, self._verb), argv)
        except WRONG as error:
            if isinstance(error, NotPermittedError):
                raise
            self._talk.complain(error)
            self._possible = False
            return False
        return True

    def _show(self, questions: Sequence[Question]) -> None:
        self._talk.tell("guide.whole")
        for number, question in enumerate(questions, 1):
            values = self._answers[question.option]
            shown = ", ".join(map(self._talk.shown, values))
            self._talk.tell(
                "guide.line",
                n=number,
                label=self._talk.label(question),
                value=shown or self._ask.say("guide.unknown"),
            )
            for value in values:
                meaning = self._talk.meaning(question, value, self._answers)
                self._talk.write(
                    self._talk.words("guide.line-means", words=each) for each in meaning
                )

    def _is_possible(self) -> bool:
        """Ask the verb and every rule about the entry; return whether they allow it."""
        taken: list[tuple[str, Mapping[str, Json]]] = []

        def take(kind: str, request: Mapping[str, Json]) -> None:
            taken.append((kind, request))

        trial = replace(self._ask, take=take)
        role: Role = "state" if self._verb.name == "acknowledge" else "clerk"
        try:
            parse.call(parse.command_of(trial, self._verb), self._argv())
            ((kind, request),) = taken
            with open_register(places(self._ask)) as register, naming_options(kind):
                earlier = rehearse(
                    register,
                    kind=kind,
                    request=request,
                    role=role,
                    named=self._ask.as_key if role == "clerk" else None,
                    now=self._ask.now,
                )
        except WRONG as error:
            self._talk.complain(error)
            return False
        tell_shortened(self._ask, earlier)
        return True

    def _mend(self, questions: Sequence[Question], typed: str) -> None:
        """Do what was asked for instead of signing."""
        if typed == BACK:
            if self._went_back():
                self._fill()
            else:
                self._talk.tell("guide.first")
        elif typed == EXPLAIN:
            self._talk.tell("guide.why.sign")
        elif typed in {str(n) for n in range(1, len(questions) + 1)}:
            question = questions[int(typed) - 1]
            before = self._answers[question.option]
            values = self._talk.put(question, self._answers, before=before)
            if values is not None:
                self._take(question, values)
                self._fill()
        else:
            self._talk.tell("guide.number-or-yes", n=len(questions))

    def _finish(self) -> None:
        """Forget the draft, and show the command for the next time."""
        try:
            self._file.drop()
        except NotPermittedError as error:
            self._talk.tell("guide.not-dropped", path=error.values["path"])
        globals_ = (
            ("--ledger", self._ask.ledger),
            ("--as", self._ask.as_key),
            ("--state-key", self._ask.state_key),
            ("--passphrase-file", self._ask.passphrase_file),
        )
        named = [f"{name}={value}" for name, value in globals_ if value is not None]
        argv = [PROGRAM, self._verb.name, *self._argv(), *named]
        talk(self._ask, "guide.command")
        talk(self._ask, "guide.command-line", command=shlex.join(argv))
