"""The JSON Schemas of what care of the book answers, from today to doctor."""

from collections.abc import Callable, Mapping
from typing import get_args

from ledger.register.checking import Verdict
from ledger.register.duties import TASKS
from ledger.register.health import Result
from tests.schema_parts import (
    COUNT,
    DATA,
    DAY,
    HASH,
    MIRRORED,
    REF,
    TEXT,
    TRUTH,
    Schema,
    answer,
    closed,
    many,
    maybe,
    one_of,
    placed,
    within,
)


def today() -> Schema:
    duty = placed(
        {
            "urgency": COUNT,
            "task": one_of(*TASKS),
            "ref": maybe(REF),
            "entry": maybe(COUNT),
            **within("persons", maybe(COUNT)),
            "n": COUNT,
            "day": maybe(DAY),
            "days": maybe(COUNT),
            "notice_by": maybe(DAY),
            "detail": maybe(TEXT),
            "command": TEXT,
        }
    )
    return answer(
        "today",
        book=TEXT,
        on=DAY,
        known_on=maybe(DAY),
        within_days=COUNT,
        read_only=maybe(TEXT),
        duties=many(duty),
        complete_under=many(MIRRORED),
    )


def calendar() -> Schema:
    return answer(
        "calendar",
        book=TEXT,
        on=DAY,
        known_on=maybe(DAY),
        file=TEXT,
        replaced=TRUTH,
        events=COUNT,
        provisional=COUNT,
        cancelled=COUNT,
        complete_under=many(MIRRORED),
    )


def backup() -> Schema:
    return answer(
        "backup",
        book=TEXT,
        file=TEXT,
        size=COUNT,
        head=HASH,
        root=HASH,
        same_disk=TRUTH,
    )


def restore() -> Schema:
    return answer(
        "restore",
        book=TEXT,
        file=TEXT,
        size=COUNT,
        root=HASH,
        remembered=maybe(COUNT),
        read_only=TRUTH,
        aside=maybe(TEXT),
        next=TEXT,
    )


def doctor() -> Schema:
    check = closed(
        {
            "check": TEXT,
            "result": one_of(*get_args(Result)),
            "code": TEXT,
            "values": DATA,
            "error": maybe(TEXT),
            "command": maybe(TEXT),
        }
    )
    verified = closed({"verdict": one_of(*get_args(Verdict)), "exit_code": COUNT})
    return answer(
        "doctor",
        book=maybe(TEXT),
        exit_code=COUNT,
        recovered=TRUTH,
        verify=maybe(verified),
        checks=many(check),
    )


MAKERS: Mapping[str, Callable[[], Schema]] = {
    "today": today,
    "calendar": calendar,
    "backup": backup,
    "restore": restore,
    "doctor": doctor,
}
