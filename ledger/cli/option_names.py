"""Which option a member of a record was given by, so that a refusal can name it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ledger.errors import LedgerError, RefusedError

_FACT = {
    "/occurred": "--at",
    "/asserted_by": "--asserted-by",
    "/status": "--status",
    "/evidence": "--evidence",
    "/text": "--text",
}
_FACILITY = {
    "/facility": "--facility",
    "/facility/place": "--facility-place",
    "/facility/zone": "--facility-zone",
    "/facility/operator": "--facility-operator",
}
_TERM = {
    "/term": "--term",
    "/term/trigger": "--term-from",
    "/term/reading": "--term-reading",
    "/term/until": "--term-until",
    "/term/text": "--term-text",
    "/term/language": "--term-language",
}
_RATE = {
    "/compensation": "--compensation",
    "/compensation/per": "--per",
    "/compensation/basis": "--basis",
}
_COMPENSATION = {
    **_RATE,
    "/compensation/payer": "--payer",
    "/compensation/payee": "--payee",
}
# By kind, what each member is given by; a member within another goes with it.
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "transfer": {
        **_FACT,
        **_FACILITY,
        **_TERM,
        **_COMPENSATION,
        "/origin": "--from",
        "/destination": "--to",
        "/group/label": "--group",
        "/group/said_by": "--group-by",
        "/persons": "--persons",
        "/departures": "--departed",
        "/breakdown": "--breakdown",
        "/renewable": "--renewable",
        "/legal_basis": "--legal-basis",
        "/ordering_authority": "--ordered-by",
        "/transferring_authority": "--transferred-by",
        "/arrangement": "--arrangement",
        "/instruments": "--instrument",
        "/manifest": "--manifest",
    },
    "receipt": {
        **_FACT,
        **_FACILITY,
        "/transfer": "REF",
        "/origin": "--from",
        "/persons": "--persons",
        "/arrived_persons": "--persons",
        "/formerly": "--is",
        "/arrived": "--arrived",
        "/admitted": "--admitted",
        "/admitted_persons": "--admitted-persons",
        "/refused": "--refused",
        "/receiving_authority": "--authority",
        "/commitment_order": "--commitment-order",
        "/manifest": "--manifest",
    },
    "renewal": {
        **_FACT,
        **_RATE,
        "/transfer": "REF",
        "/persons": "--persons",
        "/agreed_on": "--agreed-on",
        "/requested_on": "--requested-on",
        "/counted": "--counted-on",
        "/from": "--from",
        "/until": "--until",
        "/length": "--for",
        "/authority": "--authority",
        "/instrument": "--instrument",
        "/reviewer": "--reviewer",
    },
    "exit": {
        **_FACT,
        "/transfers": "REF",
        "/persons": "--persons",
        "/how": "--how",
        "/to": "--to",
        "/split": "--split",
        "/part": "--part",
        "/place": "--place",
        "/authority": "--authority",
        "/second_attester": "--second-attester",
    },
    "recovery": {
        **_FACT,
        "/exit": "ENTRY",
        "/persons": "--persons",
        "/how": "--how",
        "/split": "--split",
        "/authority": "--authority",
    },
    "instrument": {
        **_FACT,
        **_TERM,
        **_COMPENSATION,
        "/id": "I-n",
        "/stage": "--stage",
        "/title": "--title",
        "/type": "--type",
        "/binding": "--binding",
        "/text_public": "--text-public",
        "/parties": "--party",
        "/arrangement": "--arrangement",
        "/headcount": "--headcount",
        "/renewal/clause": "--renewal",
        "/renewal/max": "--renewal-max",
        "/renewal/outer_limit": "--outer-limit",
        "/renewal/notice/lead": "--notice-lead",
        "/renewal/notice/last_day": "--notice-day",
        "/reports/0/what": "--report",
        "/reports/0/by": "--report-by",
        "/reports/0/to": "--report-to",
        "/reports/0/rule": "--report-rule",
        "/reports/0/first_due": "--report-due",
    },
    "payment": {
        **_FACT,
        "/for": "--for",
        "/stage": "--stage",
        "/amount": "--amount",
        "/currency": "--amount",
        "/payer": "--payer",
        "/payee": "--payee",
        "/per": "--per",
        "/account_holder": "--account-holder",
        "/value_on": "--value-on",
        "/purpose": "--purpose",
        "/restrictions": "--restriction",
    },
    "claim": {
        **_FACT,
        "/asserted_by": "--by",
        "/target": "REF|ENTRY",
        "/path": "--field",
        "/value": "--value",
    },
    "remark": {
        **_FACT,
        "/about": "REF|ENTRY",
        "/type": "--type",
        "/resolves": "--resolves",
        "/responsibility/state": "--state",
        "/responsibility/from": "--from",
        "/responsibility/to": "--to",
        "/responsibility": "--accepted",
        "/facility_statement/capacity": "--capacity",
        "/facility_statement/population": "--population",
        "/facility_statement/annual_cost": "--annual-cost",
        "/facility_statement/programme_enrolment": "--enrolment",
    },
    "correction": {
        "/target": "REF|ENTRY",
        "/reason": "--reason",
        "/changes": "--set",
    },
    "retraction": {"/target": "REF|ENTRY", "/reason": "--reason"},
    "confirmation": {"/targets": "ENTRY", "/text": "--text"},
    "approval": {"/target": "ENTRY", "/text": "--text"},
    "key": {
        "/vkey": "KEY",
        "/reason": "--reason",
        "/suspect_from": "--since",
        "/text": "--text",
    },
    "acknowledgement": {"/targets": "ENTRY", "/reason": "--reason"},
}


def option_of(kind: str, member: str) -> str:
    """Return the option that a member is given by; else the member itself.

    Args:
        kind: The kind of entry.
        member: An RFC 6901 pointer into its data.
    """
    options = OPTIONS.get(kind, {})
    way = member
    while way:
        if way in options:
            return options[way]
        way = way.rpartition("/")[0]
    return member


@contextmanager
def naming_options(kind: str) -> Iterator[None]:
    """Name the options of a verb in what is refused, in the place of members.

    The pointer stays among the values of the error, as `path`.
    """
    try:
        yield
    except RefusedError as error:
        every = [_named(each, kind) for each in (error, *error.others)]
        raise RefusedError.many(every) from None


def _named(error: LedgerError, kind: str) -> RefusedError:
    values = dict(error.values)
    member = values.get("member")
    # What is wrong with another entry, or by a rule, is named by its own members.
    if isinstance(member, str) and values.get("kind", kind) == kind:
        option = option_of(kind, member)
        if option != member:
            values = {"path": member, **values, "member": option}
    return RefusedError(error.code, **values)
