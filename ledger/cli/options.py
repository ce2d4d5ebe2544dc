"""What every verb gets: the global options, the streams, the folders, the only clock.

This is the composition root. No other module reads the clock, the environment or the
terminal; they are handed the `Globals` of this run, or values taken from it.
"""

import shlex
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TextIO, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ledger.cli import PROGRAM
from ledger.cli.arguments import Lifted
from ledger.cli.homes import Homes
from ledger.cli.plaintext import clean
from ledger.errors import LockedError, RefusedError, UsageError
from ledger.exchange.catalogue import Catalogue, choose_language
from ledger.tlog.canonical import Json

if TYPE_CHECKING:
    from ledger.domain.joining import Books

BOOK = "book.sqlite"

Take: TypeAlias = Callable[[str, Mapping[str, Json]], None]
"""Takes the kind and the request that a verb made of what was typed."""


class Globals(Struct, frozen=True):
    """One run of the program, as its verb sees it.

    Attributes:
        ledger: What `--ledger` said; use `ledger_location`.
        as_key: The key to act as (`--as`), or None.
        json: Answer with one JSON object.
        csv: Answer with CSV.
        plain: Answer with tab-separated values, even on a terminal.
        languages: What `--lang` listed, for documents in several languages; empty
            when it was not given. The sentences are in the first.
        quiet: Say nothing but the answer and errors.
        verbose: Say more.
        no_input: Never ask.
        yes: Take every confirmation as given.
        color: `auto`, `always` or `never`; use `render.coloured`.
        passphrase_file: What `--passphrase-file` said; use `passphrase`.
        state_key: What `--state-key` said, or None.
        now: The instant this run began, UTC, whole seconds.
        clock: Tells the time anew, for work that takes long; UTC, whole seconds.
        catalogue: What the program says, in the language of this run.
        environ: The environment.
        stdin: Where answers to questions come from.
        stdout: Where results go; use `render`.
        stderr: Where everything else goes; use `render.talk`.
        hidden: Shows a prompt and reads a line that is not echoed.
        elapsed: Tells seconds since some instant before this run, to measure by.
        take: Takes what a writing verb would record, instead of the book.
        accessible: Speak in whole sentences, without symbols and tables.
        homes: Where what is said is at home, if an answer is of several books.
        rounds: Other rounds of PBKDF2 than the usual; use `key_rounds`.
    """

    ledger: str | None
    as_key: str | None
    json: bool
    csv: bool
    plain: bool
    languages: tuple[str, ...]
    quiet: bool
    verbose: bool
    no_input: bool
    yes: bool
    color: str
    passphrase_file: str | None
    state_key: str | None
    now: datetime
    clock: Callable[[], datetime]
    catalogue: Catalogue
    environ: Mapping[str, str]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    hidden: Callable[[str], str]
    elapsed: Callable[[], float] = monotonic
    take: Take | None = None
    accessible: bool = False
    homes: Homes | None = None
    rounds: int | None = None

    def over(self, books: "Books") -> "Globals":
        """Return the same run, which speaks of several books."""
        return replace(self, homes=Homes(books)) if len(books.names) > 1 else self

    def say(self, key: str, /, **values: str | int) -> str:
        """Return a sentence of the catalogue; its values cannot carry controls.

        Raises:
            KeyError: There is no such sentence, or a value is missing: a bug.
        """
        if self.homes is not None:
            values = {name: self.at_home(value) for name, value in values.items()}
        return self.catalogue.say(
            key,
            **{
                name: clean(value) if isinstance(value, str) else value
                for name, value in values.items()
            },
        )

    def at_home(self, value: str | int) -> str | int:
        """Return the number of an entry, or a reference, as a person reads it."""
        if self.homes is None:
            return value
        said: str | int = self.homes.said(value)
        return said

    @property
    def can_ask(self) -> bool:
        """Return whether somebody is there to answer and may be asked."""
        return not self.no_input and self.stdin.isatty() and self.stderr.isatty()


def compose(
    lifted: Lifted,
    *,
    environ: Mapping[str, str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    now: datetime | None = None,
    hidden: Callable[[str], str] | None = None,
    rounds: int | None = None,
) -> Globals:
    """Return the globals of a run.

    Args:
        lifted: The global options, as `arguments.lift` found them.
        environ: The environment.
        stdin: The stream of answers.
        stdout: The stream of results.
        stderr: The stream of talk.
        now: Another instant than the clock's, for tests.
        hidden: Another way to read a passphrase than the terminal, for tests.
        rounds: Other rounds of PBKDF2 for the files of keys it writes, for tests.
    """
    given, flags = lifted.values, lifted.flags
    languages = tuple(filter(None, given.get("--lang", "").split(",")))
    first = languages[0] if languages else None
    return Globals(
        ledger=given.get("--ledger"),
        as_key=given.get("--as"),
        json="--json" in flags,
        csv="--csv" in flags,
        plain="--plain" in flags,
        accessible="--accessible" in flags,
        languages=languages,
        quiet="--quiet" in flags,
        verbose="--verbose" in flags,
        no_input="--no-input" in flags,
        yes="--yes" in flags,
        color=given.get("--color", "auto"),
        passphrase_file=given.get("--passphrase-file"),
        state_key=given.get("--state-key"),
        now=now or _clock(),
        clock=_clock if now is None else lambda: now,
        catalogue=Catalogue.load(choose_language(first, environ)),
        environ=environ,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        hidden=hidden or _getpass,
        rounds=rounds,
    )


def _clock() -> datetime:
    # The one reading of the clock in this program.
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251


def _getpass(prompt: str) -> str:
    from getpass import getpass  # noqa: PLC0415 - only where somebody is asked

    return getpass(prompt)


class Folders(Struct, frozen=True):
    """Where this user's own files are; none of them need exist yet.

    Attributes:
        keys: Key files of this user.
        state: Drafts, pending entries, memory of heads seen, bug reports.
    """

    keys: Path
    state: Path


def folders(ask: Globals) -> Folders:
    """Return the folders of the user who runs this.

    Source:
        XDG Base Directory Specification: a relative path in a variable is ignored.
    """
    home = Path(ask.environ.get("HOME") or Path.home())

    def base(variable: str, otherwise: str) -> Path:
        given = Path(ask.environ.get(variable, ""))
        return given if given.is_absolute() else home / otherwise

    return Folders(
        keys=base("XDG_DATA_HOME", ".local/share") / PROGRAM / "keys",
        state=base("XDG_STATE_HOME", ".local/state") / PROGRAM,
    )


def ledger_location(ask: Globals) -> Path:
    """Return the file of the book that is asked for; it need not exist.

    That is `--ledger`, else TRANSFER_LEDGER, else the current folder. A folder means
    its `book.sqlite`.

    Raises:
        UsageError: It is empty or a URL.
    """
    return location(ask.ledger, ask.environ)


def in_book(ask: Globals, command: str) -> str:
    """Return a command that is printed to be typed, for the book of this run.

    Whoever named the book by `--ledger` is in no folder where it would be found again.
    """
    if ask.ledger is None:
        return command
    return f"{command} --ledger {shlex.quote(ask.ledger)}"


def location(asked: str | None, environ: Mapping[str, str]) -> Path:
    """Return the file of the book; the arguments are `--ledger` and the environment.

    Raises:
        UsageError: It is empty or a URL.
    """
    asked = asked or environ.get("TRANSFER_LEDGER") or "."
    if asked.startswith(("postgresql:", "postgres:", "postgresql+")):
        raise UsageError("usage.no-server-yet")
    if "://" in asked or "\0" in asked:
        raise UsageError("usage.not-a-path")
    path = Path(asked)
    return path / BOOK if _is_folder(path) else path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long to be one
        return False


def passphrase(ask: Globals, *, key_name: str, confirm: bool = False) -> bytes:
    """Return the passphrase of a key: from its file, else from the person.

    The file is `--passphrase-file`, else TRANSFER_LEDGER_PASSPHRASE_FILE.

    Args:
        ask: This run.
        key_name: The key's name, for the prompt.
        confirm: Ask twice, for a new passphrase.

    Raises:
        LockedError: There is no file and nobody may be asked, or no answer came.
        RefusedError: The two answers differ.
    """
    file = ask.passphrase_file or ask.environ.get("TRANSFER_LEDGER_PASSPHRASE_FILE")
    if file:
        from ledger.keys.files import read_passphrase  # noqa: PLC0415 - start-up

        return read_passphrase(Path(file))
    if not ask.can_ask:
        raise LockedError("keys.no-passphrase")
    try:
        answer = ask.hidden(_question(ask, key_name, new=confirm))
        if confirm and ask.hidden(ask.say("ask.passphrase-again")) != answer:
            raise RefusedError("keys.passphrases-differ")
    except EOFError:
        raise LockedError("keys.no-passphrase") from None
    return answer.encode("utf-8", "surrogateescape")


def _question(ask: Globals, key_name: str, *, new: bool) -> str:
    if not new:
        return ask.say("ask.passphrase", key=key_name)
    from ledger.keys.files import SHORTEST_PASSPHRASE  # noqa: PLC0415 - start-up

    return ask.say("ask.new-passphrase", key=key_name, least=SHORTEST_PASSPHRASE)


def key_rounds(ask: Globals) -> int:
    """Return the rounds of PBKDF2 for a file of a key that this run writes."""
    from ledger.keys.pkcs8 import ROUNDS  # noqa: PLC0415 - start-up

    return ROUNDS if ask.rounds is None else ask.rounds


def confirm(ask: Globals, question: str, /, **values: str | int) -> bool:
    """Return whether the person says yes; `--yes` says it beforehand.

    Args:
        ask: This run.
        question: A key of the catalogue.
        values: What fills the question.

    Raises:
        UsageError: Nobody may be asked, and `--yes` was not given.
    """
    if ask.yes:
        return True
    if not ask.can_ask:
        raise UsageError("usage.needs-yes")
    ask.stderr.write(f"{ask.say(question, **values)} {ask.say('ask.yes-or-no')} ")
    ask.stderr.flush()
    answer = ask.stdin.readline().strip().casefold()
    return answer in ask.say("ask.yes-answers").split()
