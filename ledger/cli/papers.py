"""What a clerk records besides custody: instruments, money, claims, remarks."""

from typing import Annotated

import typer

from ledger.cli import request as read
from ledger.cli.changing import claimed
from ledger.cli.clerk import AssertedBy, Evidence, Once, Remark, Status
from ledger.cli.options import Globals
from ledger.cli.recording import write
from ledger.errors import UsageError
from ledger.tlog.canonical import Json


def instrument(
    ask: Globals,
    ref: Annotated[
        str | None, typer.Argument(help="argument.instrument", metavar="I-n")
    ] = None,
    *,
    stage: Annotated[
        str, typer.Option(help="option.instrument.stage", metavar="STAGE")
    ],
    at: Annotated[str | None, typer.Option(help="option.at", metavar="WHEN")] = None,
    title: Annotated[
        str | None, typer.Option(help="option.instrument.title", metavar="TEXT")
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option("--type", help="option.instrument.type", metavar="TYPE"),
    ] = None,
    binding: Annotated[
        str | None, typer.Option(help="option.instrument.binding", metavar="ANSWER")
    ] = None,
    text_public: Annotated[
        str | None,
        typer.Option(help="option.instrument.text-public", metavar="ANSWER"),
    ] = None,
    party: Annotated[
        list[str] | None, typer.Option(help="option.instrument.party", metavar="WHO")
    ] = None,
    arrangement: Annotated[
        str | None, typer.Option(help="option.arrangement", metavar="NAME")
    ] = None,
    headcount: Annotated[
        str | None, typer.Option(help="option.instrument.headcount", metavar="N")
    ] = None,
    term: Annotated[
        str | None, typer.Option(help="option.record.term", metavar="LENGTH")
    ] = None,
    term_from: Annotated[
        str | None, typer.Option(help="option.record.term-from", metavar="EVENT|DATE")
    ] = None,
    term_reading: Annotated[
        str | None, typer.Option(help="option.record.term-reading", metavar="READING")
    ] = None,
    term_until: Annotated[
        str | None, typer.Option(help="option.record.term-until", metavar="DATE")
    ] = None,
    term_text: Annotated[
        str | None, typer.Option(help="option.record.term-text", metavar="TEXT")
    ] = None,
    term_language: Annotated[
        str | None, typer.Option(help="option.record.term-language", metavar="LANG")
    ] = None,
    renewal: Annotated[
        str | None, typer.Option(help="option.instrument.renewal", metavar="CLAUSE")
    ] = None,
    renewal_max: Annotated[
        str | None, typer.Option(help="option.instrument.renewal-max", metavar="N")
    ] = None,
    outer_limit: Annotated[
        str | None, typer.Option(help="option.instrument.outer-limit", metavar="DATE")
    ] = None,
    notice_lead: Annotated[
        str | None,
        typer.Option(help="option.instrument.notice-lead", metavar="LENGTH"),
    ] = None,
    notice_day: Annotated[
        str | None, typer.Option(help="option.instrument.notice-day", metavar="DATE")
    ] = None,
    compensation: Annotated[
        str | None, typer.Option(help="option.compensation", metavar="AMOUNT")
    ] = None,
    per: Annotated[str | None, typer.Option(help="option.per", metavar="UNIT")] = None,
    basis: Annotated[
        str | None, typer.Option(help="option.basis", metavar="BASIS")
    ] = None,
    payer: Annotated[
        str | None, typer.Option(help="option.payer", metavar="WHO")
    ] = None,
    payee: Annotated[
        str | None, typer.Option(help="option.payee", metavar="WHO")
    ] = None,
    report: Annotated[
        str | None, typer.Option(help="option.instrument.report", metavar="TEXT")
    ] = None,
    report_by: Annotated[
        str | None, typer.Option(help="option.instrument.report-by", metavar="WHO")
    ] = None,
    report_to: Annotated[
        str | None, typer.Option(help="option.instrument.report-to", metavar="WHO")
    ] = None,
    report_rule: Annotated[
        str | None, typer.Option(help="option.instrument.report-rule", metavar="TEXT")
    ] = None,
    report_due: Annotated[
        str | None, typer.Option(help="option.instrument.report-due", metavar="DATE")
    ] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record an agreement or another instrument, or a later stage of one."""
    if ref is None and None in (title, type_, binding, text_public):
        raise UsageError("usage.instrument-needs")
    if ref is None and not party:
        raise UsageError("usage.instrument-needs")
    terms = (term, term_from, term_reading, term_until, term_text, term_language)
    has_term = any(word is not None for word in terms)
    request: read.Data = {
        "stage": stage.replace("-", "_"),
        **read.given(
            id=ref,
            occurred=read.maybe_when(at),
            title=title,
            type=None if type_ is None else type_.replace("-", "_"),
            arrangement=arrangement,
            parties=list(party) if party else None,
            headcount=None if headcount is None else read.persons(headcount),
            term=read.term(
                term,
                reading=term_reading,
                trigger=term_from,
                until=term_until,
                text=term_text,
                language=term_language,
            )
            if has_term
            else None,
            renewal=_renewal(
                renewal,
                most=renewal_max,
                outer_limit=outer_limit,
                lead=notice_lead,
                day=notice_day,
            ),
            compensation=read.compensation(
                compensation, per=per, basis=basis, payer=payer, payee=payee
            ),
            reports=_report(
                report, by=report_by, to=report_to, rule=report_rule, due=report_due
            ),
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    # `unknown` is one of the answers here, not a gap.
    request.update({"binding": binding} if binding is not None else {})
    request.update({"text_public": text_public} if text_public is not None else {})
    write(ask, "instrument", request, once=once)


def _renewal(
    clause: str | None,
    *,
    most: str | None,
    outer_limit: str | None,
    lead: str | None,
    day: str | None,
) -> read.Data | None:
    notice = read.given(lead=read.maybe_length(lead), last_day=read.maybe_day(day))
    rest = read.given(
        max=read.maybe_whole(most),
        outer_limit=read.maybe_day(outer_limit),
        notice=notice or None,
    )
    if clause is None and not rest:
        return None
    return {"clause": clause or read.UNKNOWN, **rest}


def _report(
    what: str | None,
    *,
    by: str | None,
    to: str | None,
    rule: str | None,
    due: str | None,
) -> list[Json] | None:
    if what is None and not any((by, to, rule, due)):
        return None
    if what is None or by is None or rule is None:
        raise UsageError("usage.report-needs")
    duty: read.Data = {"what": what, "by": by, "rule": rule}
    return [{**duty, **read.given(to=to, first_due=read.maybe_day(due))}]


def pay(
    ask: Globals,
    *,
    for_: Annotated[
        list[str], typer.Option("--for", help="option.pay.for", metavar="REF")
    ],
    stage: Annotated[str, typer.Option(help="option.pay.stage", metavar="STAGE")],
    amount: Annotated[str, typer.Option(help="option.pay.amount", metavar="AMOUNT")],
    at: Annotated[str, typer.Option(help="option.at", metavar="WHEN")],
    payer: Annotated[str, typer.Option(help="option.payer", metavar="WHO")],
    payee: Annotated[str, typer.Option(help="option.payee", metavar="WHO")],
    per: Annotated[str | None, typer.Option(help="option.per", metavar="UNIT")] = None,
    account_holder: Annotated[
        str | None, typer.Option(help="option.pay.account-holder", metavar="WHO")
    ] = None,
    value_on: Annotated[
        str | None, typer.Option(help="option.pay.value-on", metavar="DATE")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(help="option.pay.purpose", metavar="TEXT")
    ] = None,
    restriction: Annotated[
        list[str] | None, typer.Option(help="option.pay.restriction", metavar="TEXT")
    ] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record money promised or moved."""
    instruments = [ref for ref in for_ if ref.startswith("I-")]
    transfers: list[Json] = [ref for ref in for_ if not ref.startswith("I-")]
    if len(instruments) > 1:
        raise UsageError("usage.one-instrument")
    request: read.Data = {
        "stage": stage,
        "occurred": read.when(at),
        "payer": payer,
        "payee": payee,
        "for": read.given(
            transfers=transfers or None,
            instrument=instruments[0] if instruments else None,
        ),
        **read.money(amount),
        **read.given(
            per=None if per is None else per.replace("-", "_"),
            account_holder=account_holder,
            value_on=read.maybe_day(value_on),
            purpose=purpose,
            restrictions=list(restriction) if restriction else None,
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "payment", request, once=once)


def claim(
    ask: Globals,
    target: Annotated[str, typer.Argument(help="argument.target", metavar="REF|ENTRY")],
    *,
    field: Annotated[str, typer.Option(help="option.claim.field", metavar="PATH")],
    value: Annotated[str, typer.Option(help="option.claim.value", metavar="VALUE")],
    by: Annotated[str, typer.Option(help="option.claim.by", metavar="WHO")],
    status: Status = "reported",
    at: Annotated[str | None, typer.Option(help="option.at", metavar="WHEN")] = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record a rival value."""
    request: read.Data = {
        "target": target,
        "path": field,
        **claimed(value),
        **read.given(occurred=read.maybe_when(at)),
        **read.fact(asserted_by=by, status=status, evidence_=evidence, text=text),
    }
    write(ask, "claim", request, once=once)


def remark(
    ask: Globals,
    about: Annotated[
        list[str], typer.Argument(help="argument.about", metavar="REF|ENTRY")
    ],
    *,
    text: Annotated[str, typer.Option(help="option.remark.text", metavar="TEXT")],
    type_: Annotated[
        str, typer.Option("--type", help="option.remark.type", metavar="TYPE")
    ],
    resolves: Annotated[
        str | None, typer.Option(help="option.remark.resolves", metavar="ENTRY")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="option.remark.state", metavar="STATE")
    ] = None,
    accepted: Annotated[
        bool | None,
        typer.Option("--accepted/--denied", help="option.remark.accepted"),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="option.remark.from", metavar="DATE")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="option.remark.to", metavar="DATE")
    ] = None,
    capacity: Annotated[
        str | None, typer.Option(help="option.remark.capacity", metavar="N")
    ] = None,
    population: Annotated[
        str | None, typer.Option(help="option.remark.population", metavar="N")
    ] = None,
    annual_cost: Annotated[
        str | None, typer.Option(help="option.remark.annual-cost", metavar="AMOUNT")
    ] = None,
    enrolment: Annotated[
        str | None, typer.Option(help="option.remark.enrolment", metavar="N")
    ] = None,
    at: Annotated[str | None, typer.Option(help="option.at", metavar="WHEN")] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    once: Once = None,
) -> None:
    """Record something that was said about entries."""
    responsibility = None
    if any(word is not None for word in (state, accepted, from_, to)):
        if state is None or accepted is None:
            raise UsageError("usage.responsibility-needs")
        responsibility = {
            "state": read.state(state),
            "accepted": accepted,
            **read.given(from_=read.maybe_day(from_), to=read.maybe_day(to)),
        }
    statement = read.given(
        capacity=read.maybe_whole(capacity),
        population=read.maybe_whole(population),
        annual_cost=None if annual_cost is None else read.money(annual_cost),
        programme_enrolment=read.maybe_whole(enrolment),
    )
    request: read.Data = {
        "about": list(about),
        "type": type_.replace("-", "_"),
        **read.given(
            resolves=resolves,
            responsibility=responsibility,
            facility_statement=statement or None,
            occurred=read.maybe_when(at),
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "remark", request, once=once)
