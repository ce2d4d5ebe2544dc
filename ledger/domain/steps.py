"""One step of an explanation: a sentence of the catalogue, and its values.

Steps are facts in order, not text: whoever prints them looks up `explain.<code>` and
fills in the values. A step that rests on one entry names it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.domain.cases import Case, Item
from ledger.domain.flows import Range
from ledger.domain.records import Claim
from ledger.domain.times import When
from ledger.tlog import canonical
from ledger.tlog.entry import format_instant


class Step(Struct, frozen=True):
    """One fact or one piece of arithmetic.

    Attributes:
        code: Which sentence says it (`explain.<code>` in the catalogue).
        values: What stands in the sentence; days as YYYY-MM-DD, `n` decides a plural.
        seq: The entry that it rests on, if it is one.
    """

    code: str
    values: Mapping[str, str | int]
    seq: int | None = None


def step(code: str, seq: int | None = None, /, **values: str | int | date) -> Step:
    """Return a step; days are spelled as they are signed."""
    spelled = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
    return Step(code, spelled, seq)


def counted(
    code: str, number: Range, seq: int | None = None, /, **values: str | int | date
) -> Step:
    """Return a step with a number `n`, or `<code>-range` with `least` and `most`."""
    if number.exact:
        return step(code, seq, n=number.upper, **values)
    bounds = {"least": number.lower, "most": number.upper}
    return step(f"{code}-range", seq, **bounds, **values)


def time_steps(
    when: When, case: Case, seq: int, *, day: date | None = None
) -> Iterator[Step]:
    """Yield what a recorded time is at the place of custody and at the origin.

    Args:
        when: The time as recorded.
        case: The transfer: its deciding zone and its departure.
        seq: The entry that records it.
        day: The day that counts; the first on which it can have been, unless given.
    """
    counts_as = day or when.earliest(case.zone)
    instant = when.instant()
    if instant is None:
        code = "time.day" if when.precision == "day" else "time.month"
        yield step(code, seq, recorded=when.text, day=counts_as)
        return
    yield step(
        "time.zones",
        seq,
        recorded=when.text,
        utc=format_instant(instant),
        local=local_time(instant, case.zone),
        zone=case.zone,
        day=counts_as,
    )
    offset = _origin_offset(case)
    if offset is not None:
        at_origin = instant.astimezone(offset.tzinfo)
        if at_origin.utcoffset() != datetime.fromisoformat(when.text).utcoffset():
            yield step(
                "time.origin", seq, origin=at_origin.isoformat(timespec="minutes")
            )


def _origin_offset(case: Case) -> datetime | None:
    """Return a departure that was recorded to the minute, with its offset."""
    departures = () if case.transfer is None else case.transfer.departures
    for departure in departures:
        if departure.at.precision == "minute":
            return datetime.fromisoformat(departure.at.text)
    return None


def local_time(instant: datetime, zone: str) -> str:
    """Return an instant as the clocks of a zone show it, with the offset."""
    return instant.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def rivals(
    claims: Iterable[Item[Claim]], *, paths: tuple[str, ...], of: Iterable[int]
) -> Iterator[Step]:
    """Yield the rival values that some entries have and that nothing is counted with.

    Args:
        claims: The claims.
        paths: The members that matter, with whatever lies below them.
        of: The entries that matter.
    """
    targets = set(of)
    for item in claims:
        claim = item.record
        member = "/" + "".join(claim.path.split("/")[1:2])
        if claim.target.seq in targets and member in paths:
            value = claim.value
            yield step(
                "claim.not-adopted",
                item.seq,
                path=claim.path,
                target=claim.target.seq,
                value=value
                if isinstance(value, str)
                else canonical.encode(value).decode(),
                said_by=claim.asserted_by,
            )
