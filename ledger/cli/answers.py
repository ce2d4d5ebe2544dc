"""The rows and objects that answers are shown as, and nothing about how.

Members of `--json` objects are added within `/1`, never removed; the same names head
the columns of tables.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from ledger.domain.cases import Case
    from ledger.domain.flows import Range
    from ledger.domain.terms import Part
    from ledger.domain.variances import Flag
    from ledger.exchange.card import Card
    from ledger.register.asking import CustodyLine, TermLine
    from ledger.register.opening import Head

Object = dict[str, Any]


def heads(found: Iterable["Head"]) -> list[Object]:
    """Return the books that an answer is complete under."""
    return [_head(head) for head in found]


def _head(head: "Head") -> Object:
    """Return a book that an answer is complete under; of a mirror, how old it is."""
    row: Object = {"book": head.book, "size": head.size, "root": head.root.hex()}
    if head.mirror is not None:
        row["mirror"] = {
            "size": head.mirror.size,
            "root": head.mirror.root.hex() or None,
            "day": iso(head.mirror.day),
        }
    return row


def at_home(ref: str, own: str) -> Object:
    """Return a reference in its book, and the book's name.

    Args:
        ref: The reference, as it is among all books.
        own: The own book's name.
    """
    local, _, book = ref.partition("@")
    return {"ref": local, "book": book or own}


def bounds(name: str, persons: "Range") -> Object:
    """Return the two members of a range, and how exact they are if they are not."""
    row: Object = {f"{name}_min": persons.least, f"{name}_max": persons.most}
    if persons.qualifier != "exact":
        row[f"{name}_qualifier"] = persons.qualifier
    return row


def maybe_bounds(name: str, persons: "Range | None") -> Object:
    """Return the two members of a range, which there may not be."""
    if persons is None:
        return {f"{name}_min": None, f"{name}_max": None}
    return bounds(name, persons)


def number(name: str, n: int) -> Object:
    """Return a number of persons, and how exact it is if it is not."""
    from ledger.domain.qualifying import qualifier_of  # noqa: PLC0415 - start-up

    said = qualifier_of(n)
    return {name: int(n)} | ({} if said == "exact" else {f"{name}_qualifier": said})


def inexact(name: str, numbers: "Mapping[str, int]") -> Object:
    """Return how exact those of some numbers are that are not; nothing if all are."""
    from ledger.domain.qualifying import qualifier_of  # noqa: PLC0415 - start-up

    found = {key: qualifier_of(n) for key, n in numbers.items()}
    said = {key: each for key, each in found.items() if each != "exact"}
    return {f"{name}_qualifier": said} if said else {}


def between(persons: "Range") -> str:
    """Return a range as people read it: one number, or two, with its sign."""
    from ledger.domain.values import SIGNS  # noqa: PLC0415 - start-up

    sign = SIGNS[persons.qualifier]
    if persons.exact:
        return f"{sign}{persons.least}"
    return f"{sign}{persons.least}–{persons.most}"  # noqa: RUF001 (a range)


def flag_names(flags: Iterable["Flag"]) -> list[str]:
    """Return the codes of flags, each once, in order of first appearance."""
    return list(dict.fromkeys(flag.code for flag in flags))


def marks(case: "Case") -> Object:
    """Return how late the departure was recorded, and whether anything was corrected.

    An unannounced arrival is as late as its first entry.
    """
    from ledger.domain.starting import delay_from  # noqa: PLC0415 - start-up
    from ledger.domain.variances import delay_days  # noqa: PLC0415 - start-up

    said = (case.opening, *case.receipts, *case.renewals, *case.exits)
    day = delay_from(case.opening.record, case.zone, case.opening_day())
    return {
        "late_days": delay_days(case.opening.entry.at, day),
        "corrected": any(item.corrected for item in said),
    }


def term_object(line: "TermLine", *, book: str, overdue: bool) -> Object:
    """Return one row of `due` or `overdue`.

    Args:
        line: The term.
        book: The own book's name.
        overdue: Whether the row tells by how much the term is over.
    """
    case, part = line.case, line.part
    transfer, facility = case.transfer, case.facility
    row: Object = {
        **at_home(case.ref, book),
        "origin": case.origin,
        "destination": case.custodian,
        "group": None if transfer is None else transfer.group.label,
        "group_said_by": None if transfer is None else transfer.group.said_by,
        "facility": None if facility is None else facility.name,
        "zone": case.zone,
        **bounds("held", part.persons),
        **part_object(case, part),
        "days_left": line.days_left,
        "renewable": "unknown" if transfer is None else transfer.renewable,
        "status": case.opening.record.status,
        "asserted_by": case.opening.record.asserted_by,
        "acknowledged": case.acknowledged(),
        **marks(case),
        "flags": flag_names(line.flags),
    }
    if overdue:
        over = line.over
        row["days_over"] = None if over is None else over.days.most
        row["days_over_min"] = None if over is None else over.days.least
        row["person_days_min"] = row["person_days_max"] = None
        if over is not None:
            row.update(bounds("person_days", over.person_days))
    return row


def part_object(case: "Case", part: "Part") -> Object:
    """Return what a term is: its start, its end, and how it came about."""
    from ledger.domain.starting import start_of  # noqa: PLC0415 - start-up

    start = start_of(case, part)
    return {
        "start": part.start.isoformat(),
        "counted_from": part.trigger,
        "starts_with": start.trigger,
        "start_event": start.event,
        "start_said": list(start.said),
        "start_latest": start.last.isoformat(),
        "reading": part.reading,
        "authorised_until": iso(part.last_day),
        "authorised_until_latest": iso(start.end_latest),
        "provisional": part.provisional,
        "renewals": part.renewals,
        "gap_days": sum(period.gap_days for period in part.periods),
        "month_clipped": part.clipped,
        "capped_by": part.capped_by,
        "assumed": part.assumed,
    }


def iso(day: "date | None") -> str | None:
    """Return a day as it is printed; None where there is none."""
    return None if day is None else day.isoformat()


def custody_object(line: "CustodyLine", *, book: str) -> Object:
    """Return one row of `list` or `held`; `book` is the own book's name."""
    case, balance = line.case, line.balance
    transfer, facility = case.transfer, case.facility
    ends = [p.last_day for p in line.parts if p.last_day is not None]
    open_end = any(p.last_day is None for p in line.parts)
    return {
        **at_home(case.ref, book),
        "departed_on": case.opening_day().isoformat(),
        "departed_at": opened_at(case),
        "origin": case.origin,
        "destination": case.custodian,
        "group": None if transfer is None else transfer.group.label,
        "facility": None if facility is None else facility.name,
        "persons": case.persons.n,
        "qualifier": case.persons.qualifier,
        **number("departed", balance.departed),
        **number("arrived", balance.arrived),
        **number("unaccounted", balance.missing),
        **bounds("in_transit", balance.in_transit),
        **bounds("held", balance.held),
        "authorised_until": None if open_end else iso(min(ends, default=None)),
        "authorised_until_latest": None if open_end else latest_end(line),
        "renewable": "unknown" if transfer is None else transfer.renewable,
        "status": case.opening.record.status,
        "asserted_by": case.opening.record.asserted_by,
        "acknowledged": case.acknowledged(),
        **marks(case),
        "flags": flag_names(line.flags),
    }


def opened_at(case: "Case") -> str:
    """Return when persons left or came, as recorded: the time that `departed_on` is of.

    A month stays a month.
    """
    from ledger.domain.starting import said_time  # noqa: PLC0415 - start-up

    when = said_time(case.opening.record, case.zone)
    return "" if when is None else when.text


def latest_end(line: "CustodyLine") -> str | None:
    """Return the first last day of a transfer, each counted from its latest start."""
    from ledger.domain.starting import start_of  # noqa: PLC0415 - start-up

    ends = [start_of(line.case, part).end_latest for part in line.parts]
    return iso(min((end for end in ends if end is not None), default=None))


def card_keys(card: "Card") -> list[Object]:
    """Return the keys of a card, each with the fingerprint that is read aloud."""
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up

    return [
        {
            "role": role,
            "name": key.name,
            "fingerprint": fingerprint(key.public),
            "vkey": key.format(),
        }
        for role, key in card.keys
    ]


def cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[str | int | None]:
    """Return the cells of some columns: lists joined, yes and no for true and false."""
    found: list[str | int | None] = []
    for name in columns:
        # Beside a number that is exact nothing is said in an object, but in a table.
        value = row.get(name, "exact") if name.endswith("_qualifier") else row[name]
        match value:
            case bool():
                found.append("yes" if value else "no")
            case list():
                found.append(" ".join(str(item) for item in value))
            case _:
                found.append(value)
    return found
