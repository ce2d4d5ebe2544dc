"""What `show` says of a thing, line by line: what it is, its value, its entry.

The first of the three is a key: `show.<key>` in the catalogue, the key itself in a
pipe. Everything that was said is there, whatever became of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ledger.cli import answers, words
from ledger.cli.agreed_lines import (
    Line,
    compensation_lines,
    earning_lines,
    joined,
    member_lines,
    step_lines,
)
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn
from ledger.exchange.catalogue import placeholders
from ledger.exchange.time_words import start_sentences, time_words

if TYPE_CHECKING:
    from ledger.domain.cases import Item
    from ledger.domain.records import Claim, Payment, Remark
    from ledger.domain.terms import Period
    from ledger.register.showing import Shown, ShownEntry

# What the lines of a transfer say of its first entry in words of their own.
_TOLD = frozenset(
    (
        *("ref", "origin", "destination", "persons", "asserted_by", "status", "group"),
        *("compensation", "arrived", "admitted", "occurred", "departures"),
    )
)


def transfer_lines(ask: Globals, found: "Shown") -> Iterator[Line]:
    """Return the lines of a transfer."""
    yield from _opening(ask, found)
    yield from _balance(ask, found)
    yield from _terms(ask, found)
    yield from _money(ask, found)
    yield from _said(ask, found)
    for flag in found.flags:
        text = f"{flag.code} {flag.n}" if flag.n else flag.code
        if is_drawn(ask):
            text = ask.say(f"flag.{flag.code}", seq=flag.seq, n=flag.n)
        yield "flag", text, flag.seq
    yield from _entries(ask, found)


def told(ask: Globals, said: str) -> str:
    """Return a recorded time: on a terminal a month by its name."""
    return time_words(said, ask.say) if is_drawn(ask) else said


def _opening(ask: Globals, found: "Shown") -> Iterator[Line]:
    from ledger.domain.schemas import data_of  # noqa: PLC0415 - start-up
    from ledger.domain.values import format_persons  # noqa: PLC0415 - start-up

    case, seq = found.case, found.case.opening.seq
    data = data_of(case.opening.record)
    yield "ref", found.ref, seq
    yield "origin", case.origin, seq
    yield "destination", case.custodian, seq
    yield "persons", format_persons(case.persons.n, case.persons.qualifier), seq
    yield "asserted_by", case.opening.record.asserted_by, seq
    yield "status", words.code(ask, "status", case.opening.record.status), seq
    yield "acknowledged", words.truth(ask, yes=case.acknowledged()), None
    yield "corrected_opening", words.truth(ask, yes=case.opening.corrected), None
    transfer = case.transfer
    if transfer is not None:
        yield "group", transfer.group.label, seq
        yield "group_said_by", transfer.group.said_by, seq
        for departure in transfer.departures:
            yield "departed_at", told(ask, departure.at.text), seq
            more = {k: v for k, v in data_of(departure).items() if k != "at"}
            if more:
                yield "departure", joined(ask, more), seq
    for name in ("arrived", "admitted", "occurred"):
        if name in data:
            yield f"{name}_at", told(ask, str(data[name])), seq
    yield from member_lines(ask, data, seq, told=_TOLD)
    facility = case.facility
    yield "facility", None if facility is None else facility.name, None
    yield "deciding_zone", case.zone, None
    yield "deciding_zone_assumed", words.truth(ask, yes=case.zone_assumed), None


def _balance(ask: Globals, found: "Shown") -> Iterator[Line]:
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
    for leave in found.left():
        shared = len(leave.refs) > 1
        if is_drawn(ask):
            text = ask.say(
                "show.left-shared-words" if shared else "show.left-words",
                n=leave.n,
                how=ask.say(f"page.figure.how.{leave.how}"),
                day=told(ask, found.said_at(leave.seq)),
                refs=", ".join(leave.refs),
            )
        else:
            text = f"{leave.n} {leave.how} {found.said_at(leave.seq)}"
            text += f" {'+'.join(leave.refs)}" if shared else ""
        yield "left_shared" if shared else "left", text, leave.seq
    for back in found.back():
        text = f"{back.n} {back.how} {back.day} #{back.exit}"
        if is_drawn(ask):
            text = ask.say(
                "show.recovered-words",
                n=back.n,
                how=ask.say(f"guide.choice.{back.how}"),
                day=told(ask, back.day.isoformat()),
                exit=back.exit,
            )
        yield "recovered", text, back.seq


def _terms(ask: Globals, found: "Shown") -> Iterator[Line]:
    for part in found.parts:
        row = answers.part_object(found.case, part)
        yield "term_persons", answers.between(part.persons), None
        if is_drawn(ask):
            for key, values in start_sentences(row, ask.say):
                yield "term_start", ask.say(key, **values), None
            yield "reading", ask.say(f"reading.{part.reading}"), None
        else:
            event, trigger = row["start_event"], row["starts_with"]
            stands = "unknown" if event is None else event
            basis = event if event == trigger else f"{stands} for {trigger}"
            yield "term_start", f"{row['start']} ({basis})", None
            if row["start_said"]:
                yield "term_start_said", " ".join(row["start_said"]), None
            if row["start_latest"] != row["start"]:
                yield "term_start_latest", row["start_latest"], None
            yield "reading", part.reading, None
        yield "authorised_until", row["authorised_until"], None
        if row["authorised_until_latest"] != row["authorised_until"]:
            yield "authorised_until_latest", row["authorised_until_latest"], None
        for name in ("provisional", "month_clipped", "assumed"):
            if row[name]:
                yield name, words.truth(ask, yes=True), None
        if part.capped_by is not None:
            yield "capped_by", part.capped_by, None
        for period in part.periods:
            yield from _period(ask, period)


def _period(ask: Globals, period: "Period") -> Iterator[Line]:
    first, last = period.begins.isoformat(), period.last_day.isoformat()
    agreed = period.agreed_on.isoformat()
    if not is_drawn(ask):
        yield "renewed", f"{first}/{last}", period.seq
        yield "renewal_agreed_on", agreed, period.seq
        yield "renewal_notice", period.notice, period.seq
        if period.gap_days:
            yield "renewal_gap_days", period.gap_days, period.seq
        if period.beyond_limit:
            yield "renewal_beyond_limit", "yes", period.seq
        return
    text = ask.say("period.renewed", first=first, last=last, agreed=agreed)
    yield "renewed", text, period.seq
    yield "renewal_notice", ask.say(f"period.notice.{period.notice}"), period.seq
    if period.gap_days:
        gap = ask.say("flag.renewal-gap", n=period.gap_days, seq=period.seq)
        yield "renewed", gap, period.seq
    if period.beyond_limit:
        beyond = ask.say("flag.renewal-beyond-limit", seq=period.seq)
        yield "renewed", beyond, period.seq


def _money(ask: Globals, found: "Shown") -> Iterator[Line]:
    from ledger.domain.instrument_sums import stated, sum_of  # noqa: PLC0415 - start-up
    from ledger.domain.schemas import data_of  # noqa: PLC0415 - start-up

    agreed = stated(found.case, on=found.on)
    for each in agreed:
        yield from compensation_lines(ask, data_of(each.terms), each.seq)
        if each.instrument is not None:
            yield "agreed_in", each.instrument, each.seq
    own = sum_of(found.case, on=found.on)
    if own is not None and found.earning is None:
        nothing = ask.say("accrual.nothing") if is_drawn(ask) else None
        yield "accrued_min", nothing, None
        yield "accrued_max", nothing, None
    if found.earning is not None:
        for what, value, seq in earning_lines(found.earning):
            if is_drawn(ask) and what in {"accrual_basis", "accrual_state"}:
                assumed = found.earning.assumed and what == "accrual_basis"
                key = f"{what}.{value}".replace("_", ".").replace("/", "-").lower()
                yield what, ask.say(f"{key}-assumed" if assumed else key), seq
            else:
                yield what, value, seq
        yield from step_lines(ask, found.earning)
    yield from payment_lines(ask, found.case.payments)


def payment_lines(ask: Globals, payments: "Iterable[Item[Payment]]") -> Iterator[Line]:
    """Yield the money that was promised or moved: who paid whom, when, who says so."""
    for item in payments:
        record = item.record
        money, day = record.money.format(), told(ask, record.occurred.text)
        if is_drawn(ask):
            text = ask.say(
                f"summary.stage.{record.stage}",
                amount=money,
                payer=record.payer,
                payee=record.payee,
                day=day,
                status=ask.say(f"summary.word.{record.status}"),
                author=record.asserted_by,
                seq=item.seq,
            )
        else:
            by = f"{record.payer}>{record.payee} {day}"
            text = f"{record.stage} {money} {by} {record.status} {record.asserted_by}"
        yield "payment", text, item.seq
        if record.per is not None:
            yield "payment_per", words.code(ask, "per", record.per), item.seq


def _said(ask: Globals, found: "Shown") -> Iterator[Line]:
    yield from claim_lines(ask, found.case.claims)
    yield from remark_lines(found.case.remarks)


def claim_lines(ask: Globals, claims: "Iterable[Item[Claim]]") -> Iterator[Line]:
    """Yield rival values, with whose they are."""
    for claim in claims:
        record = claim.record
        value = words.value(ask, record.path.rpartition("/")[2], record.value)
        status = words.code(ask, "status", record.status)
        text = f"{record.asserted_by} ({status}): {record.path} = {value}"
        yield "claim", text, claim.seq


def remark_lines(remarks: "Iterable[Item[Remark]]") -> Iterator[Line]:
    """Yield what was remarked, with whose words they are."""
    for remark in remarks:
        text = f"{remark.record.asserted_by}: {remark.record.text}"
        yield "remark", text, remark.seq


def _entries(ask: Globals, found: "Shown") -> Iterator[Line]:
    from ledger.exchange.entry_sentence import (  # noqa: PLC0415 - start-up
        entry_sentence,
    )
    from ledger.register.showing import delays  # noqa: PLC0415 - start-up

    for seq, days in sorted(delays(found).items()):
        yield "late", days, seq
    for seq in sorted(found.history.by_ref[found.ref]):
        entry = found.history.entries[seq]
        kind = entry_sentence(entry, ask.say) if is_drawn(ask) else entry.kind
        yield "entry", kind, seq


def reason(ask: Globals, code: str, values: Mapping[str, str | int]) -> str:
    """Return why an entry is void, or why a check failed, in words.

    Of an entry that was judged long ago only the code is kept: where its sentence
    needs more, another one stands for it, and sends the reader to `verify`.
    """
    for key in (f"fault.{code}", f"error.{code}"):
        sentence = ask.catalogue.sentences.get(key)
        if sentence is not None and placeholders(sentence) <= values.keys():
            return ask.say(key, **words.spoken(ask, values))
    return ask.say("fault.no-details")


def entry_lines(ask: Globals, found: "ShownEntry") -> Iterator[Line]:
    """Return the lines of one entry, member by member."""
    from ledger.domain.history import Void  # noqa: PLC0415 - start-up
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
    yield "kind", words.code(ask, "kind", entry.kind), seq
    yield "at", format_instant(entry.at), seq
    yield "by", entry.by, seq
    for member, value in entry.data.items():
        text = words.value(ask, member, value)
        yield "member", f"{words.name(ask, member)}: {text}", seq
    if found.retracted_by is not None:
        yield "retracted", None, found.retracted_by
    for number in found.corrected_by:
        yield "corrected", None, number
    if found.doubt is not None:
        yield "suspect_since", found.doubt.since.isoformat(), found.doubt.revoked_by
        if found.doubt.confirmed_by is not None:
            by = found.doubt.confirmed_by
            yield "confirmed", by, by
