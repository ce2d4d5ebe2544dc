"""How far long work has come: count, rate and time left, told on stderr.

On a terminal one line is written over and over, at most five times a second; in a
log one line a minute. Work that is over at once says nothing. The clock is that of
this run (`Globals.elapsed`).
"""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from ledger.cli.options import Globals
from ledger.cli.render import talk, width

if TYPE_CHECKING:
    from ledger.register.progress import Progress

ON_TERMINAL, IN_LOG = 0.2, 60.0
AT_FIRST = 1.0
_MINUTE, _HOUR = 60, 3600
_LONG = 2 * _MINUTE


class ProgressLine:
    """Tells one person how far one piece of work has come.

    Args:
        ask: This run.
        stopped: What is said if the work is stopped; it may name `stage`, `done`,
            `total` and `n`, the findings so far.

    Attributes:
        last: What was told last by the work, whether it was shown or not.
    """

    def __init__(self, ask: Globals, *, stopped: str) -> None:
        self.last: Progress | None = None
        self._ask = ask
        self._stopped = stopped
        self._drawn = ask.stderr.isatty()
        self._began = ask.elapsed()
        self._next = self._began + (AT_FIRST if self._drawn else IN_LOG)
        self._written = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wipe the line out; say what is and is not done if the work was stopped."""
        if self._written:
            self._ask.stderr.write("\r" + " " * self._written + "\r")
        if isinstance(error, KeyboardInterrupt) and self.last is not None:
            last = self.last
            talk(
                self._ask,
                self._stopped,
                stage=self._ask.say(f"progress.{last.stage}"),
                done=last.done,
                total=last.total,
                n=last.findings,
            )
        self._ask.stderr.flush()

    def __call__(self, progress: "Progress") -> None:
        """Take how far the work has come, and show it when it is time to."""
        now = self._ask.elapsed()
        last = self.last
        if last is None or last.stage != progress.stage or progress.done < last.done:
            self._began = now  # another stage, or the same from its beginning
        self.last = progress
        if self._ask.quiet or now < self._next:
            return
        self._next = now + (ON_TERMINAL if self._drawn else IN_LOG)
        line = self._line(progress, seconds=now - self._began)
        if not self._drawn:
            self._ask.stderr.write(f"{line}\n")
        else:
            line = line[: width(self._ask) - 1]
            self._ask.stderr.write("\r" + line.ljust(self._written))
            self._written = max(self._written, len(line))
        self._ask.stderr.flush()

    def _line(self, progress: "Progress", *, seconds: float) -> str:
        say = self._ask.say
        stage = say(f"progress.{progress.stage}")
        if not progress.done or seconds <= 0:
            return say("progress.begun", stage=stage, total=progress.total)
        rate = progress.done / seconds
        left = round((progress.total - progress.done) / rate)
        return say(
            "progress.line",
            stage=stage,
            done=progress.done,
            total=progress.total,
            rate=round(rate) or f"{rate:.1f}",
            left=self._duration(left),
        )

    def _duration(self, seconds: int) -> str:
        if seconds < _LONG:
            return self._ask.say("progress.seconds", n=seconds)
        if seconds < _HOUR:
            return self._ask.say("progress.minutes", n=round(seconds / _MINUTE))
        hours, rest = divmod(seconds, _HOUR)
        return self._ask.say("progress.hours", n=hours, minutes=rest // _MINUTE)
