"""What should not have happened, written down without any values.

The report names the exception's type, the lines of this package it went through, and
versions: enough to find the bug, and nothing that anybody typed or recorded. The
exception's message is left out, since it may quote either.
"""

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import ledger
from ledger.cli.arguments import lift
from ledger.cli.options import compose, folders
from ledger.cli.plaintext import clean

_package = Path(ledger.__file__).parent
_most_frames = 60
_most_reports = 1000


def hook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report an exception that nothing caught; `sys.excepthook` of the program."""
    if issubclass(kind, KeyboardInterrupt):
        return
    ask = compose(
        lift(sys.argv[1:]),
        environ=os.environ,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
    )
    path = write(report(error, trace), folder=folders(ask).state)
    sentence = (
        ask.say("main.bug", path=str(path)) if path else ask.say("main.bug-unwritten")
    )
    sys.stderr.write(sentence + "\n")


def report(error: BaseException, trace: TracebackType | None) -> str:
    """Return the report of an exception: types, places and versions only."""
    lines = [f"transfer-ledger {ledger.__version__}"]
    lines.append(f"Python {platform.python_version()} {platform.system()}")
    lines += _places(error, trace)
    cause = error.__cause__ or error.__context__
    while cause is not None and len(lines) < _most_frames:
        lines += ["after", *_places(cause, cause.__traceback__)]
        cause = cause.__cause__ or cause.__context__
    return "\n".join(lines) + "\n"


def write(text: str, *, folder: Path) -> Path | None:
    """Write a report into a folder and return its path, None if it cannot."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, _most_reports):
            path = folder / f"bug-{number}.txt"
            try:
                file = os.open(path, flags, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(file, "w", encoding="utf-8") as out:
                out.write(text)
            return path
    except OSError:
        return None
    return None


def _places(error: BaseException, trace: TracebackType | None) -> Iterator[str]:
    kind = type(error)
    yield clean(f"{kind.__module__}.{kind.__qualname__}")
    shown = 0
    while trace is not None and shown < _most_frames:
        code = trace.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(_package):
            place = path.relative_to(_package.parent)
            yield f"  {place}:{trace.tb_lineno} {code.co_qualname}"
            shown += 1
        trace = trace.tb_next
