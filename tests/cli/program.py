"""A run of the program within the test's own process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

from typing_extensions import override

from ledger.cli.main import main
from ledger.cli.verbs import Verb

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

# One verb of each shape. They borrow names that the catalogue has sentences for.
FAKES = (
    Verb("due", "tests.cli.fake_verbs", "due", "every-day"),
    Verb("show", "tests.cli.fake_verbs", "show", "look"),
    Verb("record", "tests.cli.fake_verbs", "record", "every-day"),
    Verb("remark", "tests.cli.fake_verbs", "remark", "clerk"),
    Verb("key new", "tests.cli.fake_verbs", "key_new", "care"),
    Verb("key list", "tests.cli.fake_verbs", "key_list", "care"),
)


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    @override
    def isatty(self) -> bool:
        return True


class Typing(Terminal):
    """The keyboard of a terminal, which shows on its screen what is typed.

    Args:
        answers: What is typed, a line each; then the input ends.
        screen: Where it is shown.
        stop_at: Which line (from 0) is Ctrl-C instead.
    """

    def __init__(
        self, answers: str, screen: StringIO, *, stop_at: int | None = None
    ) -> None:
        super().__init__(answers)
        self._screen = screen
        self._stop_at = stop_at
        self._line = 0

    @override
    def readline(  # type: ignore[override]
        self, size: int | None = -1, /
    ) -> str:
        if self._line == self._stop_at:
            raise KeyboardInterrupt
        self._line += 1
        line = super().readline(-1 if size is None else size)
        self._screen.write(line)
        return line


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


def program(
    *argv: str,
    environ: Mapping[str, str] | None = None,
    answers: str | None = None,
    terminal: bool = False,
    hidden: Callable[[str], str] | None = None,
    verbs: Sequence[Verb] = FAKES,
) -> Outcome:
    """Run the program; with answers or `terminal` its streams are terminals."""
    kind = Terminal if terminal or answers is not None else StringIO
    out, err = kind(), kind()
    code = main(
        argv,
        environ=environ or {},
        stdin=kind(answers or ""),
        stdout=out,
        stderr=err,
        now=NOON,
        hidden=hidden,
        verbs=verbs,
    )
    return Outcome(code, out.getvalue(), err.getvalue())
