"""From what a person typed in flags to a request: small readers that verbs share.

Each returns a piece of a record's `data`, or raises what is wrong with the words. A
value `unknown` is left out; `none` is recorded where that means something.
"""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib import resources
from mimetypes import guess_type
from pathlib import Path

from ledger.cli.arguments import named
from ledger.domain.money import read_money
from ledger.domain.times import Duration, check_zone, parse_day, read_when
from ledger.domain.values import parse_count, parse_persons, parse_state
from ledger.errors import RefusedError, UsageError
from ledger.exchange.outbox import read_file
from ledger.tlog.canonical import Json

UNKNOWN = "unknown"
MOST_PERSONS = 10_000_000
LARGEST_EVIDENCE = 256 * 1024 * 1024

_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_dated = re.compile("(.+?),([0-9]{4}-[0-9]{2}-[0-9]{2})(?:,(.+))?", re.DOTALL)
Data = dict[str, Json]


def given(**members: Json | None) -> Data:
    """Return the members that were given; `unknown` is as if it were not there.

    A trailing underscore keeps a name from being a word of Python (`from_`).
    """
    return {
        name.rstrip("_"): value
        for name, value in members.items()
        if value is not None and value != UNKNOWN
    }


def when(text: str) -> str:
    """Return a time in its recorded form; a time without a zone is refused."""
    with named(text):
        return read_when(text, zone=None).text


def maybe_when(text: str | None) -> str | None:
    """Return a time in its recorded form, if there is one."""
    return None if text is None or text == UNKNOWN else when(text)


def day(text: str) -> str:
    """Return a day in its recorded form."""
    with named(text):
        return parse_day(text).isoformat()


def maybe_day(text: str | None) -> str | None:
    """Return a day in its recorded form, if there is one."""
    return None if text is None or text == UNKNOWN else day(text)


def maybe_length(text: str | None) -> str | None:
    """Return a length in its recorded form, if there is one."""
    if text is None or text == UNKNOWN:
        return None
    with named(text):
        return Duration.parse(text).format()


def persons(text: str) -> Data:
    """Return a head count (`238`, `at-least:247`)."""
    with named(text):
        n, qualifier = parse_persons(text)
    return {"n": n, "qualifier": qualifier}


def whole(text: str) -> int:
    """Return a number of persons, 0 or more."""
    with named(text):
        return parse_count(text, first=0, last=MOST_PERSONS)


def maybe_whole(text: str | None) -> int | None:
    """Return a number of persons, if there is one."""
    return None if text is None or text == UNKNOWN else whole(text)


def split_off(text: str, mark: str, *, option: str) -> tuple[str, str]:
    """Return what stands before and after the last mark (`T-1=12`)."""
    before, found, after = text.rpartition(mark)
    if not found or not before or not after:
        raise UsageError("usage.needs-mark", option=option, mark=mark)
    return before, after


def departures(texts: Iterable[str]) -> list[Json]:
    """Return departures (`2025-03-15T19:36-04:00`, `…=60` with its persons)."""
    found: list[Json] = []
    for text in texts:
        time, equals, n = text.partition("=")
        with named(text):
            row: Data = {"at": when(time)}
            if equals:
                row["persons"] = parse_count(n, first=1, last=MOST_PERSONS)
        found.append(row)
    return found


def refusals(texts: Iterable[str]) -> list[Json]:
    """Return persons not admitted (`8:women were not agreed on`)."""
    found: list[Json] = []
    for text in texts:
        n, colon, reason = text.partition(":")
        if not colon:
            raise UsageError("usage.needs-mark", option="--refused", mark=":")
        with named(text):
            count = parse_count(n, first=1, last=MOST_PERSONS)
        found.append({"n": count, "reason": reason})
    return found


def shares(texts: Iterable[str], *, option: str) -> list[Json]:
    """Return labelled parts of a head count (`Alien Enemies Act=137`)."""
    found: list[Json] = []
    for text in texts:
        label, n = split_off(text, "=", option=option)
        with named(text):
            count = parse_count(n, first=1, last=MOST_PERSONS)
        found.append({"label": label, "n": count})
    return found


def portions(texts: Iterable[str]) -> list[Json]:
    """Return how many of each transfer (`T-1=12`)."""
    found: list[Json] = []
    for text in texts:
        ref, n = split_off(text, "=", option="--split")
        with named(text):
            count = parse_count(n, first=1, last=MOST_PERSONS)
        found.append({"transfer": ref, "n": count})
    return found


def money(text: str) -> Data:
    """Return an amount and its currency (`4760000.00 USD`)."""
    with named(text):
        read = read_money(text)
    return {"amount": read.amount, "currency": read.currency}


def compensation(
    amount: str | None,
    *,
    per: str | None,
    basis: str | None,
    payer: str | None,
    payee: str | None,
) -> Data | None:
    """Return terms of compensation, if an amount was given."""
    if amount is None or amount == UNKNOWN:
        if any(word is not None for word in (per, basis, payer, payee)):
            raise UsageError("usage.per-without-amount")
        return None
    unit = per or "total"
    rest = given(basis=basis, payer=payer, payee=payee)
    return {**money(amount), "per": unit.replace("-", "_"), **rest}


def term(
    length: str | None,
    *,
    reading: str | None,
    trigger: str | None,
    until: str | None,
    text: str | None,
    language: str | None,
) -> Data:
    """Return a term: its words, its reading, its trigger, its length or last day."""
    counted = maybe_length(length)
    ends = maybe_day(until)
    if reading is None:
        reading = "fixed" if counted else "until_date" if ends else UNKNOWN
    data: Data = {"reading": reading.replace("-", "_")}
    start = trigger if trigger is None else trigger.replace("-", "_")
    if trigger is not None and _day.fullmatch(trigger):
        start = maybe_day(trigger)
    data.update(given(length=counted, until=ends, trigger=start))
    data.update(given(text=text, language=language))
    return data


def facility(
    name: str | None,
    *,
    place: str | None,
    zone: str | None,
    state: str | None,
    operator: str | None,
) -> Data | None:
    """Return a place of custody; its zone is its state's, where that has only one.

    The state only decides the zone and is no member of what is recorded: nobody said
    in which state the place is, and who corrects the one need not correct the other.

    Raises:
        UsageError: If the state has several zones and none was named, or the place
            itself has no name.
    """
    if name is None:
        if any(word is not None for word in (place, zone, operator)):
            raise UsageError("usage.facility-without-name")
        return None
    found = zone
    if zone is None and state is not None:
        found = zone_of(state)
        if found is None:
            raise UsageError("usage.needs-facility-zone", state=state)
    elif zone is not None and zone != UNKNOWN:
        with named(zone):
            check_zone(zone)
    return {"name": name, **given(place=place, zone=found, operator=operator)}


def zone_of(state: str) -> str | None:
    """Return the zone of a state that has only one.

    Source:
        zone.tab of the tz database.
    """
    zones = _zones_by_country().get(state.partition("-")[0], [])
    return zones[0] if len(zones) == 1 else None


def zone_names() -> list[str]:
    """Return the zones of all states, as the tz database names them."""
    return sorted({zone for zones in _zones_by_country().values() for zone in zones})


@cache  # a file of an import asks once a row
def _zones_by_country() -> dict[str, list[str]]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab")
    found: dict[str, list[str]] = {}
    for line in table.read_text().splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return found


def state(text: str) -> str:
    """Return the code of a state."""
    with named(text):
        return parse_state(text)


def maybe_state(text: str | None) -> str | None:
    """Return the code of a state, if there is one."""
    return None if text is None or text == UNKNOWN else state(text)


def evidence(texts: Iterable[str]) -> list[Json] | None:
    """Return documents (`TITLE,DATE`, `TITLE,DATE,URL` or `TITLE,DATE,FILE`).

    Of a file its digest and media type are kept, never its bytes or its place.
    """
    found: list[Json] = [_document(text) for text in texts]
    return found or None


def _document(text: str) -> Data:
    found = _dated.fullmatch(text)
    if found is None:
        raise UsageError("usage.evidence")
    title, dated, last = found.groups()
    with named(text):
        row: Data = {"title": title, "date": day(dated)}
    if last is None:
        return row
    if last.startswith(("http://", "https://")):
        return {**row, "url": last}
    content = read_file(Path(last), most=LARGEST_EVIDENCE)
    media, _ = guess_type(last)
    return {**row, "sha256": sha256(content).hexdigest(), **given(media_type=media)}


def manifest(text: str | None) -> Data | None:
    """Return a manifest's root and count (`ROOT:COUNT`)."""
    if text is None or text == UNKNOWN:
        return None
    root, n = split_off(text, ":", option="--manifest")
    with named(text):
        return {"root": root, "count": parse_count(n, first=1, last=MOST_PERSONS)}


def fact(
    *,
    asserted_by: str | None,
    status: str | None,
    evidence_: Iterable[str] | None,
    text: str | None,
) -> Data:
    """Return the members that every factual kind shares.

    An author or a status that was given is never left out as unknown: the book would
    put its own state's in its place.
    """
    data = given(text=text, evidence=evidence(evidence_ or ()))
    data.update({} if asserted_by is None else {"asserted_by": asserted_by})
    data.update({} if status is None else {"status": status})
    return data


def check_once(text: str | None) -> str | None:
    """Return a client-made id, if one was given.

    Raises:
        RefusedError: If it is not 32 lowercase hex digits.
    """
    if text is not None and not re.fullmatch("[0-9a-f]{32}", text):
        with named(text):
            raise RefusedError("once.bad-form")
    return text
