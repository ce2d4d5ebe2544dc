"""From what a person typed in flags to a request: small readers that verbs share.

Each returns a piece of a record's `data`, or raises what is wrong with the words. A
value `unknown` is left out; `none` is recorded where that means something.
"""

import json
import re
from collections.abc import Iterable
from hashlib import sha256
from importlib import resources
from mimetypes import guess_type
from pathlib import Path
from typing import NoReturn

from ledger.domain.money import read_money
from ledger.domain.times import Duration, check_zone, parse_day, read_when
from ledger.domain.values import parse_count, parse_persons, parse_state
from ledger.errors import RefusedError, UsageError
from ledger.exchange.outbox import read_file
from ledger.tlog.canonical import MAX_DEPTH, MAX_INTEGER, Json, encode

UNKNOWN = "unknown"
MOST_PERSONS = 10_000_000
LARGEST_EVIDENCE = 256 * 1024 * 1024

_day = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_dated = re.compile("(.+?),([0-9]{4}-[0-9]{2}-[0-9]{2})(?:,(.+))?", re.DOTALL)
_whole = re.compile(r"0|-?[1-9][0-9]*")
# What starts like JSON is read as JSON; `[a remark in brackets]` is a text.
_json = re.compile(
    r'["{]|\[\s*(?:[\[{"\]0-9-]|(?:true|false|null)\s*[,\]])|(?:true|false|null)$'
)

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
    return read_when(text, zone=None).text


def maybe_when(text: str | None) -> str | None:
    """Return a time in its recorded form, if there is one."""
    return None if text in {None, UNKNOWN} else when(str(text))


def day(text: str) -> str:
    """Return a day in its recorded form."""
    return parse_day(text).isoformat()


def maybe_day(text: str | None) -> str | None:
    """Return a day in its recorded form, if there is one."""
    return None if text in {None, UNKNOWN} else day(str(text))


def maybe_length(text: str | None) -> str | None:
    """Return a length in its recorded form, if there is one."""
    return None if text in {None, UNKNOWN} else Duration.parse(str(text)).format()


def persons(text: str) -> Data:
    """Return a head count (`238`, `at-least:247`)."""
    n, qualifier = parse_persons(text)
    return {"n": n, "qualifier": qualifier}


def whole(text: str) -> int:
    """Return a number of persons, 0 or more."""
    return parse_count(text, first=0, last=MOST_PERSONS)


def maybe_whole(text: str | None) -> int | None:
    """Return a number of persons, if there is one."""
    return None if text in {None, UNKNOWN} else whole(str(text))


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
        found.append(
            {"n": parse_count(n, first=1, last=MOST_PERSONS), "reason": reason}
        )
    return found


def shares(texts: Iterable[str], *, option: str) -> list[Json]:
    """Return labelled parts of a head count (`Alien Enemies Act=137`)."""
    found: list[Json] = []
    for text in texts:
        label, n = split_off(text, "=", option=option)
        found.append({"label": label, "n": parse_count(n, first=1, last=MOST_PERSONS)})
    return found


def portions(texts: Iterable[str]) -> list[Json]:
    """Return how many of each transfer (`T-1=12`)."""
    found: list[Json] = []
    for text in texts:
        ref, n = split_off(text, "=", option="--split")
        count = parse_count(n, first=1, last=MOST_PERSONS)
        found.append({"transfer": ref, "n": count})
    return found


def money(text: str) -> Data:
    """Return an amount and its currency (`4760000.00 USD`)."""
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
    if amount in {None, UNKNOWN}:
        if any(word is not None for word in (per, basis, payer, payee)):
            raise UsageError("usage.per-without-amount")
        return None
    named = per or "total"
    rest = given(basis=basis, payer=payer, payee=payee)
    return {**money(str(amount)), "per": named.replace("-", "_"), **rest}


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
    elif zone not in {None, UNKNOWN}:
        check_zone(str(zone))
    return {
        "name": name,
        **given(place=place, zone=found, state=state, operator=operator),
    }


def zone_of(state: str) -> str | None:
    """Return the zone of a state that has only one.

    Source:
        zone.tab of the tz database.
    """
    country = state.partition("-")[0]
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab")
    zones = [
        columns[2]
        for columns in (line.split("\t") for line in table.read_text().splitlines())
        if columns[0] == country
    ]
    return zones[0] if len(zones) == 1 else None


def state(text: str) -> str:
    """Return the code of a state."""
    return parse_state(text)


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
    if text in {None, UNKNOWN}:
        return None
    root, count = split_off(str(text), ":", option="--manifest")
    return {"root": root, "count": parse_count(count, first=1, last=MOST_PERSONS)}


def value(text: str) -> Json:
    """Return what a value means: a whole number, JSON, or else the text itself.

    Raises:
        RefusedError: If it starts like JSON and is not, or names a member twice.
        MalformedError: If it is JSON with what no entry has: null, fractions, numbers
            beyond 2^53 - 1, great depth.
    """
    if not _whole.fullmatch(text) and not _json.match(text):
        return text
    try:
        read: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_number,
            parse_constant=_constant,
        )
    except ValueError:
        raise RefusedError("value.not-json") from None
    except RecursionError:
        raise RefusedError("json.too-deep", limit=MAX_DEPTH) from None
    encode(read)
    return read


def _object(pairs: list[tuple[str, Json]]) -> Data:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError("json.duplicate-member")
    return members


def _number(digits: str) -> int:
    if len(digits) > len(str(-MAX_INTEGER)):  # int() itself refuses 4,300 digits
        raise RefusedError("json.integer-too-big")
    return int(digits)


def _constant(_: str) -> NoReturn:
    raise RefusedError("json.not-a-number")


def changes(sets: Iterable[str], unsets: Iterable[str]) -> list[Json]:
    """Return corrected members (`/persons/n=252`) and those to be left unknown."""
    found: list[Json] = []
    for text in sets:
        path, equals, new = text.partition("=")
        if not equals or not path.startswith("/"):
            raise UsageError("usage.set")
        found.append({"path": path, "new": value(new)})
    for path in unsets:
        if not path.startswith("/"):
            raise UsageError("usage.set")
        found.append({"path": path})
    if not found:
        raise UsageError("usage.nothing-to-correct")
    return found


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
        raise RefusedError("once.bad-form")
    return text
