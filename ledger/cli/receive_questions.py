"""What the guide asks of an arrival."""

from msgspec.structs import replace

from ledger.cli.questions import NO, YES, Question, Table
from ledger.cli.shared_questions import (
    FACILITY,
    MANIFEST,
    OPERATOR,
    REF,
    SOURCE,
    WHERE,
    ZONE,
    behind,
    when_left_out,
    when_said,
)

RECEIVE: Table = (
    Question(
        option="--unannounced",
        key="unannounced",
        kind="flag",
        default=NO,
        implied=(("REF", (NO,)), ("--from", (YES,))),
    ),
    replace(REF, key="received-ref", when=when_said("--unannounced", NO)),
    Question(
        option="--from",
        key="from-unannounced",
        kind="state",
        required=True,
        when=when_said("--unannounced", YES),
    ),
    Question(
        option="--is",
        key="is",
        kind="ref",
        names="R",
        when=when_said("--unannounced", NO),
    ),
    Question(
        option="--persons",
        key="persons-arrived",
        kind="persons",
        required=True,
        when=when_left_out("--is"),
    ),
    Question(
        option="--arrived",
        key="arrived",
        kind="when",
        zone="custody",
        when=when_left_out("--is"),
    ),
    Question(
        option="--admitted",
        key="admitted",
        kind="when",
        zone="custody",
        when=when_said("--arrived"),
    ),
    Question(
        option="--admitted",
        key="admitted",
        kind="when",
        zone="custody",
        required=True,
        when=(*when_left_out("--arrived"), *when_left_out("--is")),
    ),
    Question(option="--refused", key="refused", kind="refusal", repeated=True),
    Question(option="--more-to-come", key="more-to-come", kind="flag", default=NO),
    Question(option="--authority", key="receiving-authority"),
    Question(option="--commitment-order", key="commitment-order"),
    *behind(
        "place",
        FACILITY,
        *(replace(q, when=when_said("--facility")) for q in (WHERE, ZONE, OPERATOR)),
    ),
    *behind(
        "detail",
        Question(option="--admitted-persons", key="admitted-persons", kind="whole"),
        MANIFEST,
    ),
    *SOURCE,
)
