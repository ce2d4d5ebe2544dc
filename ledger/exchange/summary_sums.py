"""Whether the parts of a summary fit one another: sums, bounds, days and lists.

Without the book nobody can tell whether a row is what the entries come to: that rests
on whoever signed. But a total must be the sum of its rows, nobody is held who never
came, what is overdue must be said, and the days must follow from each other; a summary
where that is not so was made by nobody who read the book, and is caught here. The laws
are those of the balance (`ledger.domain.custody`) and of the terms
(`ledger.domain.terms`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, TypeAlias, cast

from ledger.domain.qualifying import plus
from ledger.domain.values import Qualifier
from ledger.exchange.summary_accrual import accrual_oddities
from ledger.exchange.summary_form import Oddity

Row: TypeAlias = Mapping[str, Any]
"""An object whose form was checked (`summary_form`): its members are there."""

_SUMMED = ("departed", "surplus", "arrived", "unaccounted")
_HAPPENED = ("payments", "claims", "remarks", "corrections")


def sum_oddities(summary: Row, *, size: int) -> list[Oddity]:
    """Return where the parts of a summary do not fit one another.

    Args:
        summary: What it says, in its form.
        size: How many entries its checkpoint covers.
    """
    found = [
        *_equal("/books/0/entries", "checkpoint", size, summary["books"][0]["entries"]),
        *_known(summary, size=size),
        *_lists(summary),
        *_totals(summary),
    ]
    on = summary["on"]
    for number, row in enumerate(summary["transfers"]):
        at = f"/transfers/{number}"
        found += [*_balance(row, at), *_flags(row, at), *_row_lists(row, at)]
        if row["departed_on"] > on:
            found.append(
                Oddity(f"{at}/departed_on", "after-day", on, row["departed_on"])
            )
        found += [*_terms(row, at, on=on), *accrual_oddities(row, at, on=on)]
    return found


def _known(summary: Row, *, size: int) -> Iterator[Oddity]:
    """Check that a summary of an earlier day's knowledge has nothing of later ones."""
    if ("known_on" in summary) != ("known_entries" in summary):
        yield Oddity("/known_on", "known")
    elif "known_entries" in summary:
        there = summary["known_entries"]
        yield from _at_most("/known_entries", size, there)
        proved = [summary, *summary["transfers"]]
        last = max((e["seq"] for row in proved for e in row["entries"]), default=0)
        yield from _at_most("/entries", there - 1, last)


def _equal(at: str, code: str, expected: object, found: object) -> Iterator[Oddity]:
    if expected != found:
        yield Oddity(at, code, str(expected), str(found))


def _at_most(at: str, most: int, found: int) -> Iterator[Oddity]:
    if found > most:
        yield Oddity(at, "too-many", str(most), str(found))


def _at_least(at: str, least: int, found: int) -> Iterator[Oddity]:
    if found < least:
        yield Oddity(at, "too-few", str(least), str(found))


def _persons(leaves: Iterable[Row]) -> int:
    return sum(leave["persons"] for leave in leaves)


def _remaining(row: Row) -> tuple[int, int]:
    """Return the bounds of those who are in transit or held."""
    return (
        row["in_transit_min"] + row["held_min"],
        row["in_transit_max"] + row["held_max"],
    )


def _came(row: Row) -> int:
    """Return how many persons of a transfer could be in custody, if nobody left."""
    return max(0, int(row["departed"] + row["surplus"] - row["unaccounted"]))


def _left_beyond(rows: Iterable[Row]) -> bool:
    """Return whether more are said to have left than ever came: a variance."""
    return any(f["flag"] == "beyond-count" for row in rows for f in row["open"])


def _bounds(
    least: int, most: int, *, came: int, gone: int, shared: int, beyond: bool, at: str
) -> Iterator[Oddity]:
    """Compare bounds of who remains with who came and who left.

    Args:
        least: The lower bound that is said.
        most: The upper one.
        came: Who departed or were counted beyond those, and are accounted for.
        gone: Who certainly left from among them.
        shared: Who left from among them and others.
        beyond: More are said to have left than came.
        at: Where the bounds are, without `_min` and `_max`.
    """
    yield from _at_most(f"{at}_min", most, least)
    yield from _at_most(f"{at}_max", came if beyond else max(0, came - gone), most)
    yield from _at_least(f"{at}_min", came - gone - shared, least)


def _balance(row: Row, at: str) -> Iterator[Oddity]:
    """Check the balance of a transfer on the day."""
    least, most = _remaining(row)
    for name in ("in_transit", "held"):
        yield from _at_most(f"{at}/{name}_min", row[f"{name}_max"], row[f"{name}_min"])
    yield from _bounds(
        least,
        most,
        came=_came(row),
        gone=_persons(row["exits"]),
        shared=_persons(row["shared_exits"]),
        beyond=_left_beyond([row]),
        at=f"{at}/held",
    )
    yield from _at_most(f"{at}/departed", row["persons"]["n"], row["departed"])
    yield from _at_most(f"{at}/surplus", row["arrived"], row["surplus"])
    over = row["arrived"] - row["departed"]
    yield from _at_least(f"{at}/surplus", over, row["surplus"])
    known = row["departed"] + row["arrived"]
    yield from _at_most(f"{at}/unaccounted", known, row["unaccounted"])
    hows = [leave["how"] for leave in row["exits"]]
    yield from _equal(f"{at}/exits", "repeated", len(set(hows)), len(hows))


def _flags(row: Row, at: str) -> Iterator[Oddity]:
    """Check that what is wrong by the figures is among what is said to be wrong."""
    due: Counter[tuple[str, int]] = Counter()
    for flag, name in (
        ("surplus", "surplus"),
        ("unaccounted", "unaccounted"),
        ("not-received", "in_transit_max"),
    ):
        if row[name]:
            due[flag, row[name]] += 1
    if not row["acknowledged"] and row["ref"].startswith("T-"):
        due["unacknowledged", 0] += 1
    for part in row["terms"]:
        if "days_over" in part:
            due["overdue", part["days_over"]] += 1
        if "without_recorded_authority" in part:
            due["no-authority", part["persons_max"]] += 1
        if part["provisional"]:
            due["provisional", part["persons_max"]] += 1
    said = Counter((flag["flag"], flag["n"]) for flag in row["open"])
    for flag, n in sorted((due - said).elements()):
        yield Oddity(f"{at}/open", "flag-missing", f"{flag} {n}" if n else flag)


def _terms(row: Row, at: str, *, on: str) -> Iterator[Oddity]:
    """Check days, counts and overstays of the parts of a transfer."""
    least, most = _remaining(row)
    parts = row["terms"]
    yield from _at_least(f"{at}/terms", most, sum(p["persons_max"] for p in parts))
    yield from _at_most(f"{at}/terms", least, sum(p["persons_min"] for p in parts))
    if not row["shared_exits"]:
        yield from _at_most(f"{at}/terms", most, sum(p["persons_max"] for p in parts))
    for number, part in enumerate(parts):
        yield from _part(part, f"{at}/terms/{number}", on=on)


def _part(part: Row, at: str, *, on: str) -> Iterator[Oddity]:
    yield from _at_most(f"{at}/persons_min", part["persons_max"], part["persons_min"])
    until = part.get("authorised_until")
    unknown = "without_recorded_authority" in part
    if (until is None) != unknown:
        yield Oddity(f"{at}/authorised_until", "authority")
    if until is not None and until < part["start"]:
        # Both are days: their text is in the order of time.
        yield Oddity(f"{at}/authorised_until", "before-start", part["start"], until)
    over = None
    if until is not None and until < on:
        over = (date.fromisoformat(on) - date.fromisoformat(until)).days
    yield from _equal(
        f"{at}/days_over", "days-over", over or 0, part.get("days_over", 0)
    )
    days = ("person_days_min", "person_days_max")
    if any((name in part) != ("days_over" in part) for name in days):
        yield Oddity(f"{at}/person_days_max", "person-days")
    elif "days_over" in part:
        yield from _at_most(f"{at}/{days[0]}", part[days[1]], part[days[0]])
    if "gap_days" in part and not part["renewals"]:
        yield Oddity(
            f"{at}/gap_days", "gap-without-renewal", "0", str(part["gap_days"])
        )


def _row_lists(row: Row, at: str) -> Iterator[Oddity]:
    """Check that what a row cites is among the entries that it proves."""
    seqs = [entry["seq"] for entry in row["entries"]]
    yield from _ordered(f"{at}/entries", seqs)
    for name in ("late", "shared_exits"):
        for number, each in enumerate(row[name]):
            if each["seq"] not in seqs:
                yield Oddity(
                    f"{at}/{name}/{number}", "not-of-row", "", str(each["seq"])
                )


def _ordered(at: str, seqs: list[int]) -> Iterator[Oddity]:
    """Check that entries are listed once each and in their order."""
    for before, after in pairwise(seqs):
        if after <= before:
            yield Oddity(at, "order", f"> {before}", str(after))
            return


def _lists(summary: Row) -> Iterator[Oddity]:
    """Check what is listed beside the rows: each once, and nothing of later days."""
    refs = [row["ref"] for row in summary["transfers"]]
    scope = summary["scope"]["transfers"]
    if scope != refs or len(set(refs)) != len(refs):
        yield Oddity("/scope/transfers", "scope", ", ".join(refs), ", ".join(scope))
    for name in (*_HAPPENED, "void", "late", "later", "entries"):
        yield from _ordered(f"/{name}", [each["seq"] for each in summary[name]])
    in_rows = {e["seq"] for row in summary["transfers"] for e in row["entries"]}
    for entry in summary["entries"]:
        if entry["seq"] in in_rows:
            yield Oddity("/entries", "repeated", "", str(entry["seq"]))
    later = {each["seq"] for each in summary["later"]}
    for name in _HAPPENED:
        for number, each in enumerate(summary[name]):
            if each["seq"] in later:
                yield Oddity(f"/{name}/{number}", "later", "", str(each["seq"]))


def _totals(summary: Row) -> Iterator[Oddity]:
    """Check the totals against the rows."""
    rows, totals = summary["transfers"], summary["totals"]
    yield from _equal("/totals/transfers", "sum", len(rows), totals["transfers"])
    for name in _SUMMED:
        due = sum(row[name] for row in rows)
        yield from _equal(f"/totals/{name}", "sum", due, totals[name])
        said = plus(*(_said(row, name) for row in rows))
        yield from _equal(f"/totals/{name}_qualifier", "sum", said, _said(totals, name))
    yield from _total_exits(rows, totals)
    bounds = [_remaining(row) for row in rows]
    least = totals["in_transit_or_held_min"]
    most = totals["in_transit_or_held_max"]
    at = "/totals/in_transit_or_held"
    yield from _at_least(f"{at}_min", sum(low for low, _ in bounds), least)
    yield from _at_most(f"{at}_max", sum(high for _, high in bounds), most)
    yield from _bounds(
        least,
        most,
        came=sum(map(_came, rows)),
        gone=_persons(totals["exits"]),
        shared=_persons(totals["shared_exits"]),
        beyond=_left_beyond(rows),
        at=at,
    )


def _said(holder: Row, name: str) -> Qualifier:
    """Return how exact a number is said to be."""
    return cast("Qualifier", holder.get(f"{name}_qualifier", "exact"))


def _total_exits(rows: list[Row], totals: Row) -> Iterator[Oddity]:
    """Check who left, all told: an exit of several transfers counts once."""
    shared: dict[int, Row] = {}
    for number, row in enumerate(rows):
        for place, leave in enumerate(row["shared_exits"]):
            known = shared.setdefault(leave["seq"], leave)
            at = f"/transfers/{number}/shared_exits/{place}"
            yield from _equal(at, "sum", known["persons"], leave["persons"])
            yield from _equal(at, "exit-how", known["how"], leave["how"])
    outside = set()
    for place, leave in enumerate(totals["shared_exits"]):
        outside.add(leave["seq"])
        if shared.get(leave["seq"]) != leave:
            at = f"/totals/shared_exits/{place}"
            yield Oddity(at, "not-of-rows", "", str(leave["seq"]))
    due: Counter[str] = Counter()
    for leave in [leave for row in rows for leave in row["exits"]]:
        due[leave["how"]] += leave["persons"]
    for seq, leave in shared.items():
        if seq not in outside:
            due[leave["how"]] += leave["persons"]
    said: Counter[str] = Counter()
    for leave in totals["exits"]:
        said[leave["how"]] += leave["persons"]
    for how in sorted(due.keys() | said.keys()):
        yield from _equal(
            "/totals/exits", "exit-sum", f"{due[how]} {how}", f"{said[how]} {how}"
        )


def left_out(summary: Row, proved: Iterable[int], *, size: int) -> int | None:
    """Return the first entry that a summary of a whole book leaves out, or None."""
    if not summary["scope"]["whole"]:
        return None
    there = summary.get("known_entries", size)
    return min(set(range(there)) - set(proved), default=None)
