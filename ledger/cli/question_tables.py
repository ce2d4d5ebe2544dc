"""The questions of each writing verb, in the order in which they are asked."""

from collections.abc import Mapping

from msgspec.structs import replace

from ledger.cli.questions import NO, YES, If, Question, Table
from ledger.cli.receive_questions import RECEIVE
from ledger.cli.recovery_questions import RECOVER
from ledger.cli.shared_questions import (
    AUTHORITY,
    ELSEWHERE,
    EVIDENCE,
    FACILITY,
    HOWS,
    MANIFEST,
    OPERATOR,
    PAID,
    PER,
    RATE,
    REASON,
    REF,
    SOURCE,
    SOURCE_OF_REMARK,
    STATED,
    TARGET,
    TERM,
    TEXT,
    WHERE,
    ZONE,
    behind,
    gate,
    when_left_out,
    when_said,
)

_RECORD: Table = (
    Question(
        option="--from", key="from", kind="state", required=True, default="@state"
    ),
    Question(option="--to", key="to", kind="state", required=True),
    Question(option="--group", key="group", required=True),
    Question(option="--group-by", key="group-by", kind="who", required=True),
    Question(option="--persons", key="persons", kind="persons", required=True),
    Question(
        option="--departed",
        key="departed",
        kind="departure",
        required=True,
        repeated=True,
        zone="origin",
    ),
    replace(FACILITY, required=True),
    replace(
        ZONE,
        required=True,
        literal=True,
        when=(If(option="--to", several_zones=True),),
    ),
    WHERE,
    OPERATOR,
    *TERM,
    Question(
        option="--renewable",
        key="renewable",
        kind="choice",
        choices=(YES, NO, "unknown"),
        literal=True,
        required=True,
        default="unknown",
    ),
    Question(option="--ordered-by", key="ordered-by"),
    Question(option="--transferred-by", key="transferred-by"),
    Question(option="--legal-basis", key="legal-basis", none=True),
    *behind("money", *RATE, *PAID),
    *behind(
        "agreement",
        Question(option="--arrangement", key="arrangement"),
        Question(
            option="--instrument",
            key="instrument",
            kind="ref",
            repeated=True,
            names="I",
        ),
        Question(option="--breakdown", key="breakdown", kind="share", repeated=True),
        MANIFEST,
    ),
    *SOURCE,
)

_RENEW: Table = (
    REF,
    Question(
        option="--for", key="renew-for", kind="length", implied=(("--until", ()),)
    ),
    Question(
        option="--until",
        key="renew-until",
        kind="day",
        required=True,
        when=when_left_out("--for"),
    ),
    Question(option="--persons", key="persons-renewed", kind="persons", required=True),
    Question(option="--counted-on", key="counted-on", kind="day"),
    Question(option="--requested-on", key="requested-on", kind="day"),
    Question(option="--agreed-on", key="agreed-on", kind="day", required=True),
    AUTHORITY,
    Question(option="--reviewer", key="reviewer"),
    *behind(
        "agreement",
        Question(option="--instrument", key="renew-instrument", kind="ref", names="I"),
        Question(option="--from", key="renew-from", kind="day"),
    ),
    *behind("money", *RATE),
    *SOURCE,
)

_END: Table = (
    replace(REF, key="end-refs", repeated=True),
    Question(option="--how", key="how", kind="choice", choices=HOWS, required=True),
    Question(
        option="--to", key="end-to", kind="state", when=when_said("--how", *ELSEWHERE)
    ),
    Question(option="--persons", key="persons-left", kind="persons", required=True),
    Question(option="--at", key="end-at", kind="when", required=True, zone="custody"),
    Question(
        option="--split",
        key="split",
        kind="portion",
        repeated=True,
        when=(If(option="REF", more_than=1),),
    ),
    Question(option="--place", key="end-place"),
    AUTHORITY,
    Question(option="--second-attester", key="second-attester"),
    *behind("part", Question(option="--part", key="part", kind="day", required=True)),
    *SOURCE,
)

_PAY: Table = (
    Question(
        option="--for",
        key="pay-for",
        kind="ref",
        names="TRI",
        required=True,
        repeated=True,
    ),
    Question(
        option="--stage",
        key="pay-stage",
        kind="choice",
        choices=("pledge", "commitment", "payment", "expenditure", "refund"),
        required=True,
    ),
    Question(option="--amount", key="amount", kind="money", required=True),
    Question(option="--per", key="per", kind="choice", choices=PER),
    Question(option="--at", key="pay-at", kind="when", required=True),
    Question(option="--payer", key="payer", kind="who", required=True),
    Question(option="--payee", key="payee", kind="who", required=True),
    *behind(
        "account",
        Question(option="--account-holder", key="account-holder"),
        Question(option="--value-on", key="value-on", kind="day"),
        Question(option="--purpose", key="purpose", kind="lines"),
        Question(option="--restriction", key="restriction", repeated=True),
    ),
    *SOURCE,
)

_NEW = when_left_out("I-n")
_DESCRIBED = (
    Question(option="--title", key="title"),
    Question(
        option="--type",
        key="instrument-type",
        kind="choice",
        choices=(
            *("treaty", "agreement", "memorandum", "exchange-of-notes", "letter"),
            *("announcement", "none"),
        ),
        none=True,
    ),
    Question(
        option="--binding",
        key="binding",
        kind="choice",
        choices=(YES, NO, "disputed", "unknown"),
        literal=True,
    ),
    Question(
        option="--text-public",
        key="text-public",
        kind="choice",
        choices=(YES, "partial", NO),
    ),
    Question(option="--party", key="party", kind="who", repeated=True),
)
_INSTRUMENT: Table = (
    Question(option="I-n", key="later-stage", kind="ref", names="I"),
    Question(
        option="--stage",
        key="instrument-stage",
        kind="choice",
        choices=(
            *("announced", "signed", "in-force", "suspended", "resumed"),
            *("terminated", "expired"),
        ),
        required=True,
    ),
    Question(option="--at", key="stage-at", kind="when"),
    *(replace(q, required=True, when=_NEW) for q in _DESCRIBED),
    replace(gate("described"), when=when_said("I-n")),
    # `unknown` says here that nobody knows, so what stays as it was needs no answer.
    *(replace(q, when=when_said("?described", YES)) for q in _DESCRIBED),
    *behind(
        "terms",
        Question(option="--arrangement", key="arrangement"),
        Question(option="--headcount", key="headcount", kind="persons"),
        *TERM,
    ),
    *behind(
        "renewal",
        Question(
            option="--renewal",
            key="renewal",
            kind="choice",
            choices=("express", "tacit", "automatic", "none", "unknown"),
            none=True,
            literal=True,
            required=True,
        ),
        Question(option="--renewal-max", key="renewal-max", kind="whole"),
        Question(option="--outer-limit", key="outer-limit", kind="day"),
        Question(option="--notice-lead", key="notice-lead", kind="length"),
        Question(
            option="--notice-day",
            key="notice-day",
            kind="day",
            when=when_left_out("--notice-lead"),
        ),
    ),
    *behind("money", *RATE, *PAID),
    *behind(
        "report",
        Question(option="--report", key="report", required=True),
        Question(option="--report-by", key="report-by", kind="who", required=True),
        Question(option="--report-to", key="report-to", kind="who"),
        Question(option="--report-rule", key="report-rule", required=True),
        Question(option="--report-due", key="report-due", kind="day"),
    ),
    *SOURCE,
)

_CLAIM: Table = (
    TARGET,
    Question(option="--field", key="field", kind="path", required=True),
    Question(option="--value", key="value", kind="value", required=True),
    Question(option="--by", key="by", kind="who", required=True),
    replace(STATED, required=True, default="reported"),
    Question(option="--at", key="claim-at", kind="when"),
    EVIDENCE,
    TEXT,
)

_ANSWERS_FOR = when_said("--type", "responsibility")
_ABOUT_A_PLACE = when_said("--type", "facility-statement")
_REMARK: Table = (
    replace(TARGET, key="about", repeated=True),
    Question(
        option="--type",
        key="remark-type",
        kind="choice",
        choices=(
            *("variance", "responsibility", "inspection", "notice", "assurance"),
            "facility-statement",
        ),
        required=True,
    ),
    Question(option="--text", key="remark-text", kind="lines", required=True),
    Question(option="--at", key="remark-at", kind="when"),
    Question(option="--resolves", key="resolves", kind="ref", names="remark"),
    Question(
        option="--state",
        key="responsible",
        kind="state",
        required=True,
        when=_ANSWERS_FOR,
    ),
    Question(
        option="--accepted",
        opposite="--denied",
        key="accepted",
        kind="flag",
        required=True,
        when=_ANSWERS_FOR,
    ),
    Question(option="--from", key="responsible-from", kind="day", when=_ANSWERS_FOR),
    Question(option="--to", key="responsible-to", kind="day", when=_ANSWERS_FOR),
    Question(option="--capacity", key="capacity", kind="whole", when=_ABOUT_A_PLACE),
    Question(
        option="--population", key="population", kind="whole", when=_ABOUT_A_PLACE
    ),
    Question(
        option="--annual-cost", key="annual-cost", kind="money", when=_ABOUT_A_PLACE
    ),
    Question(option="--enrolment", key="enrolment", kind="whole", when=_ABOUT_A_PLACE),
    *SOURCE_OF_REMARK,
)

_UNSET = Question(option="--unset", key="unset", kind="path", repeated=True)
_CORRECT: Table = (
    replace(TARGET, key="corrected"),
    Question(option="--set", key="set", kind="change", repeated=True),
    replace(_UNSET, when=when_said("--set")),
    replace(_UNSET, required=True, when=when_left_out("--set")),
    REASON,
)

TABLES: Mapping[str, Table] = {
    "record": _RECORD,
    "receive": RECEIVE,
    "renew": _RENEW,
    "end": _END,
    "pay": _PAY,
    "instrument": _INSTRUMENT,
    "claim": _CLAIM,
    "remark": _REMARK,
    "correct": _CORRECT,
    "recover": RECOVER,
    "retract": (replace(TARGET, key="retracted"), REASON),
    "acknowledge": (
        Question(
            option="ENTRY", key="void-entries", kind="ref", required=True, repeated=True
        ),
        replace(REASON, key="acknowledge-reason"),
    ),
    "confirm": (
        Question(
            option="ENTRY",
            key="doubted-entries",
            kind="ref",
            required=True,
            repeated=True,
        ),
        replace(TEXT, key="confirm-text"),
    ),
}
