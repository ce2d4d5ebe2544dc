"""Which days of a record must have come, and which may lie ahead.

What happened, was agreed, counted or published has a day that has come; an end, a last
day for notice or the first day of a new period may lie ahead. The clock is handed in.
Verification never asks this again: the entry's own `at` shows when it was recorded.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from ledger.domain.times import When, surely_before
from ledger.errors import RefusedError
from ledger.tlog.canonical import Json

LATEST_YEARS: Final = 60

# By kind; a star stands for every item of a list. Facts share the first two.
SHARED: Final = ("/occurred", "/evidence/*/date")
PAST: Final[Mapping[str, tuple[str, ...]]] = {
    "instrument": SHARED,
    "transfer": (*SHARED, "/departures/*/at"),
    "receipt": (*SHARED, "/arrived", "/admitted"),
    "renewal": (*SHARED, "/requested_on", "/agreed_on", "/counted/on"),
    "exit": SHARED,
    "recovery": SHARED,
    "payment": SHARED,
    "claim": SHARED,
    "remark": SHARED,
    "key": ("/suspect_from",),
}
AHEAD: Final[Mapping[str, tuple[str, ...]]] = {
    "instrument": (
        "/term/trigger",
        "/term/until",
        "/renewal/outer_limit",
        "/renewal/notice/last_day",
        "/reports/*/first_due",
    ),
    "transfer": ("/term/trigger", "/term/until"),
    "renewal": ("/from", "/until"),
    "exit": ("/part",),
    # Of money promised; money that moved has its day behind it.
    "payment": ("/value_on",),
    "remark": ("/responsibility/from", "/responsibility/to"),
}
PROMISED: Final = frozenset(("pledge", "commitment"))


def date_faults(
    kind: str,
    data: Mapping[str, Json],
    *,
    now: datetime,
    asked: Callable[[str], str | None] = str,
) -> Iterator[RefusedError]:
    """Yield which days of a record cannot be.

    Args:
        kind: The kind of the record.
        data: The record.
        now: The clock.
        asked: Where in what was asked for a member of the record is; None where it
            was not asked for.

    Yields:
        A refusal for a day that has not come anywhere on earth though it must have,
        and for one beyond sixty years.
    """
    must = list(PAST.get(kind, ()))
    may = list(AHEAD.get(kind, ()))
    if kind == "payment" and data.get("stage") not in PROMISED:
        must, may = [*must, *may], []
    minute = When.parse(now.strftime("%Y-%m-%dT%H:%M+00:00"))
    for pattern in (*must, *may):
        for path, text in _texts(data, pattern.split("/")[1:], ""):
            member = asked(path)
            when = None if member is None else _when(text)
            if member is None or when is None:
                continue
            if when.latest("UTC") > _latest(now):
                yield RefusedError(
                    "value.too-far-ahead", member=member, years=LATEST_YEARS
                )
            elif pattern in must and surely_before(minute, when):
                yield RefusedError("value.still-to-come", member=member)


def _texts(value: object, way: list[str], path: str) -> Iterator[tuple[str, str]]:
    """Yield the paths that fit a pattern, and the texts there."""
    match value, way:
        case str(), []:
            yield path, value
        case list(), ["*", *rest]:
            for index, item in enumerate(value):
                yield from _texts(item, rest, f"{path}/{index}")
        case dict(), [step, *rest] if step in value:
            yield from _texts(value[step], rest, f"{path}/{step}")
        case _:
            pass


def _when(text: str) -> When | None:
    """Return the time that a text is; the schema says what else is wrong with it."""
    try:
        return When.parse(text)
    except RefusedError:
        return None


def _latest(now: datetime) -> date:
    return (now + timedelta(days=366 * LATEST_YEARS)).date()
