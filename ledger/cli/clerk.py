"""A clerk's every day: record, receive, renew, end."""

from typing import Annotated

import typer

from ledger.cli import request as read
from ledger.cli.options import Globals
from ledger.cli.recording import write
from ledger.errors import RefusedError, UsageError

AssertedBy = Annotated[
    str | None, typer.Option(help="option.asserted-by", metavar="WHO")
]
Status = Annotated[str | None, typer.Option(help="option.status", metavar="STATUS")]
Evidence = Annotated[
    list[str] | None,
    typer.Option(help="option.evidence", metavar="TITLE,DATE[,URL|FILE]"),
]
Remark = Annotated[str | None, typer.Option(help="option.text", metavar="TEXT")]
Once = Annotated[str | None, typer.Option(help="option.once", metavar="HEX")]
FacilityName = Annotated[
    str | None, typer.Option("--facility", help="option.facility", metavar="TEXT")
]
FacilityPlace = Annotated[
    str | None, typer.Option(help="option.facility-place", metavar="TEXT")
]
FacilityZone = Annotated[
    str | None, typer.Option(help="option.facility-zone", metavar="ZONE")
]
Operator = Annotated[
    str | None, typer.Option(help="option.facility-operator", metavar="TEXT")
]
Manifest = Annotated[
    str | None, typer.Option(help="option.manifest", metavar="ROOT:COUNT")
]


def record(
    ask: Globals,
    *,
    from_: Annotated[
        str, typer.Option("--from", help="option.record.from", metavar="STATE")
    ],
    to: Annotated[str, typer.Option(help="option.record.to", metavar="STATE")],
    group: Annotated[str, typer.Option(help="option.record.group", metavar="TEXT")],
    group_by: Annotated[
        str, typer.Option(help="option.record.group-by", metavar="WHO")
    ],
    persons: Annotated[str, typer.Option(help="option.persons", metavar="N")],
    departed: Annotated[
        list[str], typer.Option(help="option.record.departed", metavar="WHEN[=N]")
    ],
    facility: Annotated[str, typer.Option(help="option.facility", metavar="TEXT")],
    facility_zone: FacilityZone = None,
    facility_place: FacilityPlace = None,
    facility_operator: Operator = None,
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
    renewable: Annotated[
        str, typer.Option(help="option.record.renewable", metavar="yes|no|unknown")
    ] = "unknown",
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
    breakdown: Annotated[
        list[str] | None,
        typer.Option(help="option.record.breakdown", metavar="LABEL=N"),
    ] = None,
    legal_basis: Annotated[
        str | None, typer.Option(help="option.record.legal-basis", metavar="TEXT")
    ] = None,
    ordered_by: Annotated[
        str | None, typer.Option(help="option.record.ordered-by", metavar="WHO")
    ] = None,
    transferred_by: Annotated[
        str | None, typer.Option(help="option.record.transferred-by", metavar="WHO")
    ] = None,
    arrangement: Annotated[
        str | None, typer.Option(help="option.arrangement", metavar="NAME")
    ] = None,
    instrument: Annotated[
        list[str] | None,
        typer.Option(help="option.record.instrument", metavar="I-n"),
    ] = None,
    manifest: Manifest = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record the departure of a group."""
    destination = read.state(to)
    request: read.Data = {
        "origin": read.state(from_),
        "destination": destination,
        "group": {"label": group, "said_by": group_by},
        "persons": read.persons(persons),
        "departures": read.departures(departed),
        "term": read.term(
            term,
            reading=term_reading,
            trigger=term_from,
            until=term_until,
            text=term_text,
            language=term_language,
        ),
        "renewable": renewable,
        **read.given(
            facility=read.facility(
                facility,
                place=facility_place,
                zone=facility_zone,
                state=destination,
                operator=facility_operator,
            ),
            compensation=read.compensation(
                compensation, per=per, basis=basis, payer=payer, payee=payee
            ),
            breakdown=read.shares(breakdown or (), option="--breakdown") or None,
            legal_basis=legal_basis,
            ordering_authority=ordered_by,
            transferring_authority=transferred_by,
            arrangement=arrangement,
            instruments=list(instrument) if instrument else None,
            manifest=read.manifest(manifest),
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "transfer", request, once=once)


def receive(
    ask: Globals,
    ref: Annotated[
        str | None, typer.Argument(help="argument.receive", metavar="REF")
    ] = None,
    *,
    arrived: Annotated[
        str | None, typer.Option(help="option.receive.arrived", metavar="WHEN")
    ] = None,
    admitted: Annotated[
        str | None, typer.Option(help="option.receive.admitted", metavar="WHEN")
    ] = None,
    persons: Annotated[
        str | None, typer.Option(help="option.receive.persons", metavar="N")
    ] = None,
    admitted_persons: Annotated[
        str | None, typer.Option(help="option.receive.admitted-persons", metavar="N")
    ] = None,
    refused: Annotated[
        list[str] | None,
        typer.Option(help="option.receive.refused", metavar="N:REASON"),
    ] = None,
    more_to_come: Annotated[
        bool, typer.Option("--more-to-come", help="option.receive.more-to-come")
    ] = False,
    unannounced: Annotated[
        bool, typer.Option("--unannounced", help="option.receive.unannounced")
    ] = False,
    from_: Annotated[
        str | None,
        typer.Option("--from", help="option.receive.from", metavar="STATE"),
    ] = None,
    is_: Annotated[
        str | None, typer.Option("--is", help="option.receive.is", metavar="R-n")
    ] = None,
    facility: FacilityName = None,
    facility_zone: FacilityZone = None,
    facility_place: FacilityPlace = None,
    facility_operator: Operator = None,
    authority: Annotated[
        str | None, typer.Option(help="option.receive.authority", metavar="WHO")
    ] = None,
    commitment_order: Annotated[
        str | None,
        typer.Option(help="option.receive.commitment-order", metavar="TEXT"),
    ] = None,
    manifest: Manifest = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record the arrival and admission of a group."""
    if unannounced == (ref is not None):
        raise UsageError("usage.receive-what")
    if unannounced != (from_ is not None):
        raise UsageError("usage.receive-from")
    if persons is None and is_ is None:
        raise UsageError("usage.missing-option", option="--persons")
    # Those of an arrival that is now identified were counted when they arrived.
    counted = None if persons is None else read.persons(persons)
    if counted is not None and not unannounced and counted["qualifier"] != "exact":
        n = str(counted["n"])
        raise RefusedError("value.counted-exactly", option="--persons", n=n)
    request: read.Data = {
        **read.given(
            arrived_persons=None if counted is None else counted["n"],
            transfer=ref,
            origin=None if from_ is None else read.state(from_),
            persons=counted if unannounced else None,
            formerly=is_,
            arrived=read.maybe_when(arrived),
            admitted=read.maybe_when(admitted),
            admitted_persons=read.maybe_whole(admitted_persons),
            refused=read.refusals(refused or ()) or None,
            more_to_come=True if more_to_come else None,
            facility=read.facility(
                facility,
                place=facility_place,
                zone=facility_zone,
                state=None,
                operator=facility_operator,
            ),
            receiving_authority=authority,
            commitment_order=commitment_order,
            manifest=read.manifest(manifest),
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "receipt", request, once=once)


def renew(
    ask: Globals,
    ref: Annotated[str, typer.Argument(help="argument.transfer", metavar="REF")],
    *,
    persons: Annotated[str, typer.Option(help="option.renew.persons", metavar="N")],
    agreed_on: Annotated[
        str, typer.Option(help="option.renew.agreed-on", metavar="DATE")
    ],
    until: Annotated[
        str | None, typer.Option(help="option.renew.until", metavar="DATE")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", help="option.renew.for", metavar="LENGTH")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="option.renew.from", metavar="DATE")
    ] = None,
    requested_on: Annotated[
        str | None, typer.Option(help="option.renew.requested-on", metavar="DATE")
    ] = None,
    counted_on: Annotated[
        str | None, typer.Option(help="option.renew.counted-on", metavar="DATE")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(help="option.authority", metavar="WHO")
    ] = None,
    instrument: Annotated[
        str | None, typer.Option(help="option.renew.instrument", metavar="I-n")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(help="option.renew.reviewer", metavar="WHO")
    ] = None,
    compensation: Annotated[
        str | None, typer.Option(help="option.compensation", metavar="AMOUNT")
    ] = None,
    per: Annotated[str | None, typer.Option(help="option.per", metavar="UNIT")] = None,
    basis: Annotated[
        str | None, typer.Option(help="option.basis", metavar="BASIS")
    ] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record that the authority to hold persons was extended."""
    if (until is None) == (for_ is None):
        raise UsageError("usage.renew-until-or-for")
    count = read.persons(persons)
    counted = read.maybe_day(counted_on)
    request: read.Data = {
        "transfer": ref,
        "persons": count,
        "agreed_on": read.day(agreed_on),
        **read.given(
            from_=read.maybe_day(from_),
            until=read.maybe_day(until),
            length=read.maybe_length(for_),
            requested_on=read.maybe_day(requested_on),
            counted=None if counted is None else {"n": count["n"], "on": counted},
            authority=authority,
            instrument=instrument,
            reviewer=reviewer,
            compensation=read.compensation(
                compensation, per=per, basis=basis, payer=None, payee=None
            ),
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "renewal", request, once=once)


def end(
    ask: Globals,
    refs: Annotated[list[str], typer.Argument(help="argument.end", metavar="REF")],
    *,
    how: Annotated[str, typer.Option(help="option.end.how", metavar="HOW")],
    persons: Annotated[str, typer.Option(help="option.end.persons", metavar="N")],
    at: Annotated[str, typer.Option(help="option.at", metavar="WHEN")],
    to: Annotated[
        str | None, typer.Option(help="option.end.to", metavar="STATE")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="option.end.split", metavar="REF=N")
    ] = None,
    part: Annotated[
        str | None, typer.Option(help="option.end.part", metavar="DATE")
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="option.end.place", metavar="TEXT")
    ] = None,
    authority: Annotated[
        str | None, typer.Option(help="option.authority", metavar="WHO")
    ] = None,
    second_attester: Annotated[
        str | None, typer.Option(help="option.end.second-attester", metavar="WHO")
    ] = None,
    asserted_by: AssertedBy = None,
    status: Status = None,
    evidence: Evidence = None,
    text: Remark = None,
    once: Once = None,
) -> None:
    """Record how custody of persons ended."""
    request: read.Data = {
        "transfers": list(refs),
        "how": how.replace("-", "_"),
        "persons": read.persons(persons),
        "occurred": read.when(at),
        **read.given(
            to=read.maybe_state(to),
            split=read.portions(split or ()) or None,
            part=read.maybe_day(part),
            place=place,
            authority=authority,
            second_attester=second_attester,
        ),
        **read.fact(
            asserted_by=asserted_by, status=status, evidence_=evidence, text=text
        ),
    }
    write(ask, "exit", request, once=once)
