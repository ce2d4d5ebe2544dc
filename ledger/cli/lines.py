"""What `show` says of a thing, line by line: what it is, its value, its entry.

The first of the three is a key: `show.<key>` in the catalogue, the key itself in a
pipe. Everything that was said is there, whatever became of it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ledger.cli import answers
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn
from ledger.exchange.catalogue import placeholders

if TYPE_CHECKING:
    from ledger.register.showing import Shown, ShownEntry, ShownInstrument

Line = tuple[str, str | int | None, int | None]


def transfer_lines(ask: Globals, found: "Shown") -> Iterator[Line]:
    """Return the lines of a transfer."""
    yield from _opening(found)
    yield from _balance(found)
    yield from _terms(found)
    yield from _money(found)
    yield from _said(found)
    for flag in found.flags:
        text = f"{flag.code} {flag.n}" if flag.n else flag.code
        if is_drawn(ask):
            text = ask.say(f"flag.{flag.code}", seq=flag.seq, n=flag.n)
        yield "flag", text, flag.seq
    yield from _entries(found)


def _opening(found: "Shown") -> Iterator[Line]:
    from ledger.domain.values import format_persons  # noqa: PLC0415 - start-up

    case, seq = found.case, found.case.opening.seq
    yield "ref", found.ref, seq
    yield "origin", case.origin, seq
    yield "destination", case.destination, seq
    yield "persons", format_persons(case.persons.n, case.persons.qualifier), seq
    yield "asserted_by", case.opening.record.asserted_by, seq
    yield "status", case.opening.record.status, seq
    transfer = case.transfer
    if transfer is not None:
        yield "group", transfer.group.label, seq
        yield "group_said_by", transfer.group.said_by, seq
        for share in transfer.breakdown or ():
            yield "breakdown", f"{share.label}: {share.n}", seq
        for departure in transfer.departures:
            yield "departed_at", departure.at.text, seq
        if transfer.legal_basis is not None:
            yield "legal_basis", transfer.legal_basis, seq
        if transfer.term.text is not None:
            yield "term_text", transfer.term.text, seq
    facility = case.facility
    yield "facility", None if facility is None else facility.name, seq
    yield "deciding_zone", case.zone, None


def _balance(found: "Shown") -> Iterator[Line]:
    balance = found.balance
    yield "on", found.on.isoformat(), None
    yield "departed", balance.departed, None
    yield "arrived", balance.arrived, None
    if balance.surplus:
        yield "surplus", balance.surplus, None
    yield "in_transit", answers.between(balance.in_transit), None
    yield "held", answers.between(balance.held), None
    if balance.missing:
        yield "unaccounted", balance.missing, None
    for leave in found.pool.leaves:
        if found.ref in leave.refs and leave.day <= found.on:
            how = "left_shared" if len(leave.refs) > 1 else "left"
            yield how, f"{leave.n} {leave.how} {leave.day.isoformat()}", leave.seq


def _terms(found: "Shown") -> Iterator[Line]:
    for part in found.parts:
        end = None if part.last_day is None else part.last_day.isoformat()
        yield "term_persons", answers.between(part.persons), None
        yield "term_start", f"{part.start.isoformat()} ({part.trigger})", None
        yield "authorised_until", end, None
        for period in part.periods:
            text = f"{period.begins.isoformat()}/{period.last_day.isoformat()}"
            yield "renewed", text, period.seq


def _money(found: "Shown") -> Iterator[Line]:
    if found.accrual is not None:
        least, most = found.accrual
        yield "agreed", least.agreed.format(), found.case.opening.seq
        yield "accrued_min", least.accrued.format(), None
        yield "accrued_max", most.accrued.format(), None
    for payment in found.case.payments:
        text = f"{payment.record.stage} {payment.record.money.format()}"
        yield "payment", text, payment.seq


def _said(found: "Shown") -> Iterator[Line]:
    from ledger.exchange.summary_text import shown  # noqa: PLC0415 - start-up

    for claim in found.case.claims:
        record = claim.record
        value = shown(record.value)
        text = f"{record.asserted_by} ({record.status}): {record.path} = {value}"
        yield "claim", text, claim.seq
    for remark in found.case.remarks:
        text = f"{remark.record.asserted_by}: {remark.record.text}"
        yield "remark", text, remark.seq


def _entries(found: "Shown") -> Iterator[Line]:
    from ledger.register.showing import delays  # noqa: PLC0415 - start-up

    for seq, days in sorted(delays(found).items()):
        yield "late", days, seq
    for seq in sorted(found.history.by_ref[found.ref]):
        yield "entry", found.history.entries[seq].kind, seq


def instrument_lines(found: "ShownInstrument") -> Iterator[Line]:
    """Return the lines of an instrument: each stage, and what was said of it."""
    from ledger.exchange.summary_text import shown  # noqa: PLC0415 - start-up

    yield "ref", found.ref, None
    for item in found.stages:
        record = item.record
        yield "title", record.title, item.seq
        yield "type", record.type, item.seq
        yield "stage", record.stage, item.seq
        if record.occurred is not None:
            yield "occurred", record.occurred.text, item.seq
        yield "binding", record.binding, item.seq
        yield "text_public", record.text_public, item.seq
        yield "parties", ", ".join(record.parties), item.seq
        if record.term is not None and record.term.text is not None:
            yield "term_text", record.term.text, item.seq
        for duty in record.reports or ():
            yield "report", f"{duty.what}: {duty.rule}", item.seq
    for claim in found.claims:
        value = shown(claim.record.value)
        text = f"{claim.record.asserted_by}: {claim.record.path} = {value}"
        yield "claim", text, claim.seq
    for ref in found.transfers:
        yield "transfer", ref, None


def reason(ask: Globals, code: str, values: Mapping[str, str | int]) -> str:
    """Return why an entry is void, in words.

    Of one that was judged long ago only the code is kept: where its sentence needs
    more, the code stands for it, and `verify` has the sentence.
    """
    for key in (f"fault.{code}", f"error.{code}"):
        sentence = ask.catalogue.sentences.get(key)
        if sentence is not None and placeholders(sentence) <= values.keys():
            return ask.say(key, **values)
    return code


def entry_lines(ask: Globals, found: "ShownEntry") -> Iterator[Line]:
    """Return the lines of one entry, member by member."""
    from ledger.domain.history import Void  # noqa: PLC0415 - start-up
    from ledger.exchange.summary_text import shown  # noqa: PLC0415 - start-up
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    seq, entry = found.seq, found.entry
    yield "leaf", entry.leaf.hex(), seq
    if isinstance(entry, Void):
        for fault in entry.faults:
            text = f"{fault.level} {fault.code}"
            if is_drawn(ask):
                level = ask.say(f"level.{fault.level}")
                text = f"{level}: {reason(ask, fault.code, fault.values)}"
            yield "void", text, seq
        return
    yield "kind", entry.kind, seq
    yield "at", format_instant(entry.at), seq
    yield "by", entry.by, seq
    for member, value in entry.data.items():
        yield "member", f"{member}: {shown(value)}", seq
    if found.retracted_by is not None:
        yield "retracted", None, found.retracted_by
    for number in found.corrected_by:
        yield "corrected", None, number
