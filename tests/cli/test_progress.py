"""How far long work has come: count, rate and time left, and not too often."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from msgspec.structs import replace

from ledger.cli.arguments import lift
from ledger.cli.options import Globals, compose
from ledger.cli.progress import ProgressLine
from ledger.register.progress import Progress
from tests.cli.program import NOON, Terminal


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def run(clock: Clock, *argv: str, terminal: bool) -> tuple[Globals, StringIO]:
    stderr = Terminal() if terminal else StringIO()
    ask = compose(
        lift(argv),
        environ={"COLUMNS": "70"},
        stdin=StringIO(),
        stdout=StringIO(),
        stderr=stderr,
        now=NOON,
    )
    return replace(ask, elapsed=clock), stderr


def worked(clock: Clock, total: int, *, each: float) -> Iterator[Progress]:
    """Yield the progress of a hundred steps that each take so many seconds."""
    for done in range(0, total, total // 100):
        yield Progress("entries", done, total)
        clock.seconds += each


def test_in_a_log_there_is_one_line_a_minute() -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=False)

    with ProgressLine(ask, stopped="verify.stopped") as line:
        for progress in worked(clock, 10_000, each=1.5):
            line(progress)

    assert stderr.getvalue().splitlines() == [
        "entries: 4000 of 10000, 67 a second, 90 s left",
        "entries: 8000 of 10000, 67 a second, 30 s left",
    ]


def test_on_a_terminal_one_line_is_written_over_five_times_a_second() -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=True)

    with ProgressLine(ask, stopped="verify.stopped") as line:
        for progress in worked(clock, 10_000, each=0.0625):
            line(progress)

    start, *lines, wiped, end = stderr.getvalue().split("\r")
    assert (start, end, set(wiped)) == ("", "", {" "})
    assert "\n" not in stderr.getvalue()
    assert len(lines) == 21
    assert lines[0] == "entries: 1600 of 10000, 1600 a second, 5 s left"
    assert len(wiped) >= max(map(len, lines))


def test_work_that_is_over_at_once_says_nothing() -> None:
    for terminal, each in ((True, 0.009), (False, 0.5)):
        clock = Clock()
        ask, stderr = run(clock, terminal=terminal)
        with ProgressLine(ask, stopped="verify.stopped") as line:
            for progress in worked(clock, 10_000, each=each):
                line(progress)

        assert stderr.getvalue() == ""


def test_a_quiet_run_says_nothing() -> None:
    clock = Clock()
    ask, stderr = run(clock, "-q", terminal=True)

    with ProgressLine(ask, stopped="verify.stopped") as line:
        for progress in worked(clock, 10_000, each=9):
            line(progress)

    assert stderr.getvalue() == ""


def test_each_stage_is_measured_by_itself() -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=False)

    with ProgressLine(ask, stopped="verify.stopped") as line:
        line(Progress("entries", 0, 100))
        clock.seconds += 100
        line(Progress("projections", 0, 7))
        clock.seconds += 100
        line(Progress("projections", 1, 7))

    assert stderr.getvalue().splitlines() == [
        "derived tables, by transfer: 7 to do",
        "derived tables, by transfer: 1 of 7, 0.0 a second, 10 min left",
    ]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
    ],
)
def test_the_time_left_is_told_as_people_tell_it(left: timedelta, said: str) -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=False)
    total = 2 * int(left.total_seconds())

    with ProgressLine(ask, stopped="verify.stopped") as line:
        line(Progress("entries", 0, total))
        clock.seconds += total / 2
        line(Progress("entries", total // 2, total))

    assert stderr.getvalue().endswith(f", 1 a second, {said} left\n")


def test_a_line_is_no_wider_than_the_terminal() -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=True)

    with ProgressLine(ask, stopped="verify.stopped") as line:
        line(Progress("known", 0, 10**40))
        clock.seconds += 2
        line(Progress("known", 10**30, 10**40))

    assert max(map(len, stderr.getvalue().split("\r"))) == 69


def stop_at(line: ProgressLine, progress: Progress) -> None:
    with line:
        line(progress)
        raise KeyboardInterrupt


def test_who_stops_it_hears_what_is_and_is_not_done() -> None:
    clock = Clock()
    ask, stderr = run(clock, terminal=False)

    with pytest.raises(KeyboardInterrupt):
        stop_at(
            ProgressLine(ask, stopped="verify.stopped"),
            Progress("entries", 300, 1000, findings=2),
        )

    assert stderr.getvalue().startswith(
        "entries: 300 of 1000 done, with 2 findings so far; nothing after that"
    )


def test_what_was_stopped_before_it_began_says_nothing() -> None:
    ask, stderr = run(Clock(), terminal=False)

    with (
        pytest.raises(KeyboardInterrupt),
        ProgressLine(ask, stopped="verify.stopped"),
    ):
        raise KeyboardInterrupt

    assert stderr.getvalue() == ""
