"""From argv to one verb and an exit code.

Nothing heavy is imported here: the help needs no Typer, and only the module of the
verb that was asked for is imported.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, TextIO, cast

import ledger
from ledger.cli import BROKEN_PIPE, BUG, DONE, EXIT_CODES, INTERRUPTED, PROGRAM
from ledger.cli.arguments import Lifted, lift
from ledger.cli.faults import FORKED, LACKING, faults, others, words
from ledger.cli.help import (
    family_screen,
    first_screen,
    topic_screen,
    topics,
    verb_screen,
    whole_screen,
)
from ledger.cli.options import Globals, compose, ledger_location
from ledger.cli.plaintext import clean
from ledger.cli.render import complain, emit, is_drawn, silence, tell
from ledger.cli.verbs import VERBS, Verb, family, find
from ledger.cli.words import for_programs
from ledger.errors import LedgerError, NotPermittedError


def run() -> NoReturn:
    """Run the program on this process's argv, environment and streams, and exit."""
    sys.excepthook = _report_bug
    # Nobody else's code looks at records; to search for plugins takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(
        main(
            sys.argv[1:],
            environ=os.environ,
            stdin=_open(sys.stdin, "r"),
            stdout=_open(sys.stdout, "w"),
            stderr=_open(sys.stderr, "w"),
        )
    )


def main(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    now: datetime | None = None,
    hidden: Callable[[str], str] | None = None,
    verbs: Sequence[Verb] = VERBS,
    rounds: int | None = None,
) -> int:
    """Do what argv asks and return the exit code.

    Args:
        argv: The words after the program's name.
        environ: The environment.
        stdin: Where answers to questions come from.
        stdout: Where results go.
        stderr: Where everything else goes.
        now: Another instant than the clock's, for tests.
        hidden: Another way to read a passphrase than the terminal, for tests.
        verbs: Another table of verbs, for tests.
        rounds: Other rounds of PBKDF2 for the files of keys it writes, for tests.

    Raises:
        Exception: A bug; `run` has it reported and exits with 1.
    """
    if list(argv[:1]) == ["--complete"]:
        from ledger.cli.completing import complete  # noqa: PLC0415 - only for a shell

        return complete(argv[1:], environ=environ, stdout=stdout, verbs=verbs)
    lifted = lift(argv)
    _adapt(stdin, stdout, stderr, lifted=lifted)
    try:
        ask = compose(
            lifted,
            environ=environ,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            now=now,
            hidden=hidden,
            rounds=rounds,
        )
    except OSError as error:  # of the program's own files: there are no sentences
        refused = NotPermittedError.of(error, path=_path_of(error))
        stderr.write(f"{PROGRAM}: {clean(str(refused))}\n")
        return exit_code(refused)
    try:
        try:
            code = _answer(ask, lifted, verbs)
            stdout.flush()
        except LedgerError as error:
            code = _complain(ask, error)
        except KeyboardInterrupt:
            code = INTERRUPTED
            tell(ask, ["", ask.say("main.interrupted")])
    except BrokenPipeError:
        silence(stdout)
        silence(stderr)
        return BROKEN_PIPE
    except OSError as error:
        # Whatever the system refuses is no bug, wherever it was asked.
        silence(stdout)
        return _complain(ask, NotPermittedError.of(error, path=_path_of(error)))
    return code


def _path_of(error: OSError) -> str:
    name = error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes) else "?"


def _complain(ask: Globals, error: LedgerError) -> int:
    # What a program reads does not change with the language.
    complain(ask, _document(for_programs(ask), error), _sentences(ask, error))
    return exit_code(error)


def exit_code(error: LedgerError) -> int:
    """Return the exit code of an error, that of its nearest kind in the table."""
    kinds = (kind for kind in type(error).__mro__ if kind in EXIT_CODES)
    return next((EXIT_CODES[kind] for kind in kinds), BUG)


def _answer(ask: Globals, lifted: Lifted, verbs: Sequence[Verb]) -> int:
    words = lifted.rest
    if lifted.problem:
        raise lifted.problem
    if "--version" in lifted.flags:
        emit(ask, f"{PROGRAM} {ledger.__version__}\n")
        return DONE
    if words[:1] == ("help",):
        return _help(ask, words[1:], verbs, otherwise=whole_screen)
    if not words and "--help" not in lifted.flags and _has_book(ask):
        words = ("today",)
    if "--help" in lifted.flags or not words:
        return _help(ask, words, verbs, otherwise=first_screen)
    verb, own = find(words, verbs)
    if verb.is_guided and ask.can_ask and is_drawn(ask):
        from ledger.cli.guide import guided  # noqa: PLC0415 - only for people

        return guided(ask, verb, own)
    from ledger.cli import parse  # noqa: PLC0415 - Typer costs start-up time

    return parse.call(parse.command_of(ask, verb), own)


def _has_book(ask: Globals) -> bool:
    """Return whether there is a file where the book of this run would be."""
    return os.path.isfile(ledger_location(ask))  # noqa: PTH113 (no path is an error)


def _help(
    ask: Globals,
    words: Sequence[str],
    verbs: Sequence[Verb],
    *,
    otherwise: Callable[[Globals, Sequence[Verb]], str],
) -> int:
    """Show the help of the verb or topic that the words name, else the other one."""
    if not words:
        emit(ask, otherwise(ask, verbs))
    elif len(words) == 1 and words[0] in topics(ask) and not _is_verb(words[0], verbs):
        emit(ask, topic_screen(ask, words[0]))
    elif len(words) == 1 and (members := family(words[0], verbs)):
        emit(ask, family_screen(ask, words[0], members))
    else:
        verb, _ = find(words, verbs)
        from ledger.cli import parse  # noqa: PLC0415 - Typer costs start-up time

        parameters = parse.describe(parse.command_of(ask, verb))
        emit(ask, verb_screen(ask, verb, parameters))
    return DONE


def _is_verb(name: str, verbs: Sequence[Verb]) -> bool:
    return any(verb.name == name for verb in verbs)


def _sentences(ask: Globals, error: LedgerError) -> list[str]:
    named = f" [{error.code}]" if ask.verbose else ""
    first, *others = faults(ask, error)
    ways: list[str] = []
    if error.code in LACKING | FORKED:
        from ledger.cli.ways_out import ways_out  # noqa: PLC0415 - seldom needed

        ways = ways_out(ask, forked=error.code in FORKED)
    return [f"{PROGRAM}: {first}{named}", *(f"  {other}" for other in others), *ways]


def _document(ask: Globals, error: LedgerError) -> dict[str, Any]:
    return {
        "schema": f"{PROGRAM}/error/1",
        "code": error.code,
        "exit_code": exit_code(error),
        "message": words(ask, error),
        "values": error.values,
        "others": [
            {
                "code": other.code,
                "message": words(ask, other),
                "values": other.values,
            }
            for other in others(error)
        ],
    }


def _adapt(stdin: TextIO, stdout: TextIO, stderr: TextIO, *, lifted: Lifted) -> None:
    """Let the streams take every character; a CSV is UTF-8 wherever it goes."""
    _reconfigure(stdin, errors="surrogateescape")
    for stream in (stdout, stderr):
        _reconfigure(stream, errors=_for_lacking(stream))
    if "--csv" in lifted.flags:
        _reconfigure(stdout, encoding="utf-8", errors="backslashreplace")


def _for_lacking(stream: TextIO) -> str:
    """Return what is done for a letter that a stream lacks."""
    if not stream.isatty() or (stream.encoding or "utf-8").lower() == "utf-8":
        return "backslashreplace"
    from ledger.cli.fallback import register  # noqa: PLC0415 - few terminals need it

    return register()


def _reconfigure(stream: TextIO, **settings: str) -> None:
    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(**settings)


def _open(stream: TextIO | None, mode: str) -> TextIO:
    """Return the stream; one that was closed before the start is empty."""
    if stream is not None:
        return stream
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123


def _report_bug(*what_happened: Any) -> None:
    from ledger.cli.bugs import hook  # noqa: PLC0415 - only after a bug

    hook(*what_happened)
