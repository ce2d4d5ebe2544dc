"""The questions of `recover`: who came back, of which exit, and how."""

from ledger.cli.questions import Question, Table
from ledger.cli.shared_questions import AUTHORITY, SOURCE
from ledger.domain.recovery import WAYS

RECOVER: Table = (
    Question(
        option="ENTRY", key="recovered-exit", kind="ref", required=True, names="exit"
    ),
    Question(
        option="--how", key="recovered-how", kind="choice", choices=WAYS, required=True
    ),
    Question(
        option="--persons", key="recovered-persons", kind="persons", required=True
    ),
    Question(
        option="--at", key="recovered-at", kind="when", required=True, zone="custody"
    ),
    Question(option="--split", key="recovered-split", kind="portion", repeated=True),
    AUTHORITY,
    *SOURCE,
)
