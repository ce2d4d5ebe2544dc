"""Calendar files (RFC 5545): all-day events that a later file replaces by their UID.

An event says when and of which transfer, and nothing about a person. Clients take a
higher SEQUENCE of one UID for the newer (RFC 5545 section 3.8.7.4). DTSTAMP is when
the information was last revised (section 3.8.7.2), so that one state of a book gives
one file, byte for byte.
"""

import os
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.errors import NotFoundError, NotPermittedError, RefusedError
from ledger.exchange.outbox import read_file, write_new

PRODUCT = "-//transfer-ledger//transfer-ledger calendar 1//EN"
LARGEST = 256 * 1024 * 1024
"""Bytes of the largest calendar that is replaced."""

_OURS = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n"

EventStatus: TypeAlias = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


class AllDay(Struct, frozen=True):
    """One event that lasts a day.

    Attributes:
        uid: What makes it the same event in every later file.
        day: The day.
        summary: Its title.
        description: What to do about it.
        status: Whether it stands, stands provisionally, or is cancelled.
        revision: Grows with every change.
        revised: When it was last changed, UTC.
    """

    uid: str
    day: date
    summary: str
    description: str
    status: EventStatus
    revision: int
    revised: datetime


def calendar_file(events: Iterable[AllDay], *, name: str) -> bytes:
    """Return the bytes of a calendar file.

    Args:
        events: What is in it.
        name: What clients call the calendar.
    """
    from icalendar import Calendar, Event  # noqa: PLC0415 - start-up

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("name", name)  # RFC 7986
    calendar.add("x-wr-calname", name)
    for each in events:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", each.revised)
        event.add("last-modified", each.revised)
        event.add("sequence", each.revision)
        event.add("dtstart", each.day)
        if each.day < date.max:  # without an end it lasts the day as well
            event.add("dtend", each.day + timedelta(days=1))
        event.add("summary", each.summary)
        event.add("description", each.description)
        event.add("status", each.status)
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")  # nobody is busy all day because of it
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def put_calendar(path: Path, content: bytes) -> bool:
    """Write a calendar; one that this program wrote is replaced, in one step.

    Returns:
        Whether there was one.

    Raises:
        RefusedError: Something else has that name.
        NotPermittedError: The folder or the file does not let this user.
    """
    try:
        old = read_file(path, most=LARGEST)
    except NotFoundError:
        write_new(path, content)
        return False
    if not old.startswith(_OURS.encode()):
        raise RefusedError("file.exists")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_new(draft, content)
    try:
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise NotPermittedError.of(error, path=str(path)) from error
    finally:
        draft.unlink(missing_ok=True)
    return True
