"""What the readable files of a summary say of one transfer, as sentences with values.

The text and the page draw the same sentences in the same order, so that neither says
less than the other. Every member of a row of `summary.json` is in one of them.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from ledger.exchange.summary_members import (
    bounds,
    counted,
    mapping,
    number,
    rows,
    texts,
    word,
)
from ledger.exchange.time_words import (
    Sentence,
    days_words,
    is_month,
    start_sentences,
    time_words,
)
from ledger.tlog.canonical import Json

# What a sentence of the row says of term and payment: the rest is told by member.
_OF_TERM = frozenset(("text", "reading"))
_SOURCE = {
    "url": "page.source-address",
    "sha256": "page.source-hash",
    "media_type": "page.source-type",
}
_OF_MONEY = frozenset(
    ("amount", "currency", "per", "payer", "payee", "basis", "refund_clause")
)


# What the sentence of an entry says of it: the rest is told by member, beside it.
OF_INSTRUMENT = frozenset(
    ("seq", "id", "title", "stage", "status", "asserted_by", "occurred")
)
OF_CLAIM = frozenset(
    ("seq", "kind", "asserted_by", "status", "path", "value", "target")
)
OF_UNCOUNTED = frozenset(("seq", "kind", "asserted_by", "status", "evidence"))
OF_REMARK = frozenset(("seq", "open", "asserted_by", "status", "text"))
OF_VOID = frozenset(("seq", "acknowledged"))
OF_PAYMENT = frozenset(
    (
        *("seq", "stage", "amount", "currency", "payer", "payee", "occurred"),
        *("status", "asserted_by"),
    )
)


class Telling(Protocol):
    """What says sentences of a catalogue, and values as people read them."""

    def plain(self, key: str, /, **values: str | int) -> str:
        """Return a sentence as text."""
        ...

    def said(self, value: Json, *, member: str = "") -> str:
        """Return a value as a person reads it."""
        ...

    def member(self, name: str) -> str:
        """Return the name of a member in words."""
        ...


def heading(row: Mapping[str, Json], *, state: str, say: Telling) -> Sentence:
    """Return what is said above a row: who, from where to where, and when.

    Args:
        row: The transfer, or the arrival.
        state: The state that keeps the book: who came unannounced came there.
        say: Says sentences.
    """
    said = word(row, "departed_at")
    key = "transfer" if "destination" in row else "arrival"
    day = time_words(said, say.plain) if is_month(said) else word(row, "departed_on")
    return f"summary.{key}-month" if is_month(said) else f"summary.{key}", {
        "ref": word(row, "ref"),
        "origin": word(row, "origin"),
        "destination": word(row, "destination") or state,
        "day": day,
    }


def who(row: Mapping[str, Json]) -> Iterator[Sentence]:
    """Yield how many persons, on whose word, of which group, held where."""
    persons, group = mapping(row["persons"]), mapping(row.get("group"))
    qualifier, author = word(persons, "qualifier"), word(row, "asserted_by")
    n = number(persons, "n")
    yield f"summary.persons.{qualifier}", {"n": n, "author": author}
    yield f"summary.status.{word(row, 'status')}", {}
    if group:
        label, by = word(group, "label"), word(group, "said_by")
        yield "summary.group", {"label": label, "author": by}
    if "facility" in row:
        yield "summary.facility", {"name": word(row, "facility")}
    else:
        yield "summary.facility-unknown", {}
    if row["acknowledged"] is True:
        yield "page.acknowledged", {}
    elif all(word(flag, "flag") != "unacknowledged" for flag in rows(row, "open")):
        yield "flag.unacknowledged", {}


def recorded(row: Mapping[str, Json], say: Telling) -> Iterator[Sentence]:
    """Yield what else the first entry says: times, authorities, legal basis, papers."""
    said = mapping(row["recorded"])
    for name in sorted(said.keys() - {"departures", "evidence"}):
        value = said[name]
        text = say.said(value, member=name)
        if name in {"arrived", "admitted", "occurred"}:
            text = time_words(text, say.plain)
        yield f"summary.recorded.{name}", {"value": text}
    for departure in rows(said, "departures"):
        at = time_words(word(departure, "at"), say.plain)
        more = {name: value for name, value in departure.items() if name != "at"}
        if more:
            yield "summary.departure-more", {"at": at, "more": say.said(more)}
        else:
            yield "summary.departure", {"at": at}


def sources(holder: Mapping[str, Json]) -> Iterator[list[Sentence]]:
    """Yield for each source its title and date, then what else is known of it."""
    for source in rows(holder, "evidence"):
        title, day = word(source, "title"), word(source, "date")
        lines: list[Sentence] = [("page.source", {"title": title, "date": day})]
        for name, key in _SOURCE.items():
            if name in source:
                lines.append((key, {name: word(source, name)}))
        yield lines


def beside(
    row: Mapping[str, Json], *, told: Collection[str], say: Telling
) -> Iterator[Sentence]:
    """Yield what an entry says beside its sentence, member by member.

    Args:
        row: The entry's members; its sources are not among what is yielded.
        told: The members that the sentence has.
        say: Says values.
    """
    if "text" in row and "text" not in told:
        yield "summary.note", {"seq": number(row, "seq"), "text": word(row, "text")}
    for name, value in sorted(row.items()):
        if name not in told and name not in ("text", "evidence"):
            shown = say.said(value, member=name)
            yield "page.member", {"path": say.member(name), "value": shown}


def left(row: Mapping[str, Json], say: Telling) -> Iterator[Sentence]:
    """Yield who left, when, by which entry; who came back; and parts left too late."""
    for each in rows(row, "left"):
        refs = texts(each, "transfers")
        key = f"summary.left.{word(each, 'how')}"
        yield (
            key if len(refs) == 1 else f"{key}-shared",
            {
                "n": counted(each, "persons"),
                "day": time_words(word(each, "said"), say.plain),
                "refs": ", ".join(refs),
                "seq": number(each, "seq"),
            },
        )
        if word(each, "day") not in word(each, "said"):
            day: dict[str, str | int] = {
                "day": word(each, "day"),
                "seq": number(each, "seq"),
            }
            yield "summary.left-counted", day
    for back in rows(row, "recovered"):
        yield (
            f"summary.back.{word(back, 'how')}",
            {
                "n": counted(back, "persons"),
                "day": word(back, "day"),
                "exit": number(back, "exit"),
                "seq": number(back, "seq"),
            },
        )
    for part in rows(row, "emptied"):
        yield (
            "summary.emptied",
            {
                "n": counted(part, "persons_max"),
                "persons": bounds(part, "persons"),
                "last": word(part, "authorised_until"),
                "until": word(part, "held_until"),
                "days": bounds(part, "person_days"),
            },
        )


def term(
    row: Mapping[str, Json], part: Mapping[str, Json], say: Telling
) -> Iterator[Sentence]:
    """Yield how one term is counted, until when, how renewed, and what is over."""
    yield f"reading.{word(part, 'reading')}", {}
    yield from start_sentences(part, say.plain)
    persons, n = bounds(part, "persons"), number(part, "persons_max")
    zone = word(row, "deciding_zone")
    if "authorised_until" in part:
        first = word(part, "authorised_until")
        last = word(part, "authorised_until_latest") or first
        day = days_words(first, last, say.plain)
        values: dict[str, str | int] = {"persons": persons, "n": n}
        yield "summary.term", {**values, "day": day, "zone": zone}
    else:
        yield "summary.no-term", {"persons": persons, "n": n}
        yield "page.zone", {"zone": zone}
    if part["provisional"] is True:
        yield "page.bar.provisional", {}
    if "capped_by" in part:
        yield "summary.capped", {"ref": word(part, "capped_by")}
    if part.get("assumed") is True:
        yield "flag.part-assumed", {}
    if number(part, "renewals"):
        yield "summary.renewed", {"n": number(part, "renewals")}
    for period in rows(part, "periods"):
        yield from _period(period)
    for gap in rows(part, "gaps"):
        yield "summary.gap", {"first": word(gap, "first"), "last": word(gap, "last")}
    if "gap_days" in part:
        yield "summary.gap-days", {"n": number(part, "gap_days")}
    if "days_over" in part:
        days = bounds(part, "person_days")
        yield "summary.overstay", {"n": number(part, "days_over"), "days": days}


def _period(period: Mapping[str, Json]) -> Iterator[Sentence]:
    seq = number(period, "seq")
    yield (
        "summary.period",
        {
            "seq": seq,
            "first": word(period, "begins"),
            "last": word(period, "last_day"),
            "agreed": word(period, "agreed_on"),
        },
    )
    yield f"summary.notice.{word(period, 'notice')}", {"seq": seq}
    if number(period, "gap_days"):
        yield "flag.renewal-gap", {"n": number(period, "gap_days"), "seq": seq}
    if period["beyond_limit"] is True:
        yield "flag.renewal-beyond-limit", {"seq": seq}


def quoted(row: Mapping[str, Json], say: Telling) -> Iterator[Sentence]:
    """Yield the words of the term, and each member of it beside them."""
    agreed = mapping(row.get("term"))
    if "text" in agreed:
        yield "summary.term-quoted", {"text": word(agreed, "text")}
    for name in sorted(agreed.keys() - _OF_TERM):
        yield f"summary.term.{name}", {"value": say.said(agreed[name], member=name)}


def money(row: Mapping[str, Json], say: Telling) -> Iterator[Sentence]:
    """Yield what was agreed to be paid, by whom, and what it has earned by the day."""
    if "renewable" in row:
        yield f"summary.renewable.{word(row, 'renewable')}", {}
    agreed = mapping(row.get("compensation"))
    if not agreed:
        return
    amount = f"{word(agreed, 'amount')} {word(agreed, 'currency')}"
    yield f"summary.agreed.{word(agreed, 'per')}", {"amount": amount}
    for name in ("payer", "payee", "basis", "refund_clause"):
        if name in agreed:
            yield f"summary.agreed-{name}", {"value": word(agreed, name)}
        else:
            yield f"summary.agreed-no-{name}", {}
    for name in sorted(agreed.keys() - _OF_MONEY):
        yield (
            "page.member",
            {
                "path": say.member(name),
                "value": say.said(agreed[name], member=name),
            },
        )
    yield from _accrual(row, mapping(row.get("accrual")), say)


def _accrual(
    row: Mapping[str, Json], accrual: Mapping[str, Json], say: Telling
) -> Iterator[Sentence]:
    if not accrual:
        yield "summary.accrual-none", {}
        return
    currency, first = word(accrual, "currency"), word(accrual, "first")
    if "last" in accrual:
        key = "term" if "unused_max" in accrual else "until"
        last = word(accrual, "last")
        yield f"summary.accrual-{key}", {"first": first, "last": last}
    else:
        yield "summary.accrual-no-end", {"first": first}
    if accrual["provisional"] is True:
        yield "summary.accrual-provisional", {}
    basis = word(accrual, "basis").lower().replace("/", "-")
    assumed = "-assumed" if accrual["basis_assumed"] is True else ""
    yield f"summary.accrual-basis.{basis}{assumed}", {}
    if "persons_max" in accrual:
        n = number(accrual, "persons_max")
        persons, days = bounds(accrual, "persons"), bounds(accrual, "person_days")
        yield "summary.accrual-persons", {"n": n, "persons": persons, "days": days}
    if word(mapping(row["persons"]), "qualifier") != "exact":
        yield "summary.accrual-about", {}
    yield f"summary.accrual-state.{word(accrual, 'course')}", {}
    yield "summary.accrued", {"amount": _amounts(accrual, "accrued", currency, say)}
    for each in rows(accrual, "steps") if "steps" in accrual else ():
        right = "" if each["authorised"] is True else "-unauthorised"
        yield (
            f"summary.accrual-step{right}",
            {
                "first": word(each, "first"),
                "last": word(each, "last"),
                "persons": bounds(each, "persons"),
                "amount": f"{word(each, 'amount')} {currency}",
                "seq": number(each, "seq"),
            },
        )
    if accrual.get("unauthorised_person_days_max"):
        days = bounds(accrual, "unauthorised_person_days")
        amount = _amounts(accrual, "unauthorised", currency, say)
        yield "summary.accrual-unauthorised", {"amount": amount, "days": days}
    if "unused_max" in accrual:
        yield "summary.unused", {"amount": _amounts(accrual, "unused", currency, say)}


def _amounts(holder: Mapping[str, Json], name: str, currency: str, say: Telling) -> str:
    least, most = (
        f"{word(holder, f'{name}_{end}')} {currency}" for end in ("min", "max")
    )
    return days_words(least, most, say.plain)


def instrument(row: Mapping[str, Json], say: Telling) -> Sentence:
    """Return what one entry of an instrument says in one sentence: its stage."""
    values: dict[str, str | int] = {
        "ref": word(row, "id"),
        "title": word(row, "title"),
        "stage": say.plain(f"history.instrument.{word(row, 'stage')}"),
        "status": say.plain(f"summary.word.{word(row, 'status')}"),
        "author": word(row, "asserted_by"),
        "seq": number(row, "seq"),
    }
    if "occurred" not in row:
        return "summary.instrument-no-day", values
    day = time_words(word(row, "occurred"), say.plain)
    return "summary.instrument", {**values, "day": day}
