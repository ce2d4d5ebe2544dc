"""Files of rows for tests of `import`: the same rows in every form."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.desk import Desk
from tests.exchange.workbooks import workbook

Cells = Mapping[str, str]

DEPARTURE = {
    "from": "US",
    "to": "SV",
    "group": "a group",
    "group_by": "US",
    "persons": "23",
    "departed": "2025-03-15T17:26-04:00",
    "facility": "CECOT",
    "term": "P1Y",
    "renewable": "yes",
}
# A row for each kind, in an order in which all are possible after a departure.
ROWS: dict[str, Cells] = {
    "instrument": {
        "label": "notes",
        "stage": "signed",
        "title": "Exchange of notes",
        "type": "exchange_of_notes",
        "binding": "yes",
        "text_public": "no",
        "party": "US|SV",
        "at": "2025-03-14",
    },
    "transfer": {
        **DEPARTURE,
        "label": "second",
        "instrument": "#notes",
        "departed": "2025-03-15T17:26-04:00=13|2025-03-15T19:26-04:00=10",
        "evidence": "a letter,2025-03-14|a page,2025-03-14,https://example.org/a",
    },
    "receipt": {
        "transfer": "#second",
        "arrived": "2025-03-16T00:05-06:00",
        "admitted": "2025-03-16T03:00-06:00",
        "persons": "23",
        "refused": "2:no papers|1:illness",
        "more_to_come": "yes",
    },
    "renewal": {
        "transfer": "T-1",
        "persons": "238",
        "for": "P1Y",
        "agreed_on": "2025-03-18",
    },
    "exit": {
        "transfer": "T-1|#second",
        "label": "fled",
        "how": "escaped",
        "persons": "5",
        "at": "2025-03-19",
        "split": "T-1=3|#second=2",
    },
    "recovery": {
        "exit": "#fled",
        "how": "recaptured",
        "persons": "1",
        "at": "2025-03-19",
        "split": "T-1=1",
    },
    "payment": {
        "for": "T-1|#notes",
        "stage": "payment",
        "amount": "4760000.00 USD",
        "at": "2025-03-19",
        "payer": "US",
        "payee": "SV",
    },
    "claim": {
        "label": "rival",
        "target": "#second",
        "field": "/persons/n",
        "value": "24",
        "by": "VE",
    },
    "remark": {
        "about": "#second|1",
        "type": "responsibility",
        "text": "it was said",
        "state": "SV",
        "accepted": "no",
    },
    "correction": {
        "target": "#second",
        "reason": "misread",
        "set": "/group/label=another group",
    },
    "retraction": {"target": "#rival", "reason": "withdrawn"},
}


def as_csv(rows: Sequence[Cells], *, separator: str = ",") -> bytes:
    """Return rows as CSV, with a heading for each cell that some row has."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(headings)
    writer.writerows([row.get(name, "") for name in headings] for row in rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_jsonl(rows: Sequence[Cells]) -> bytes:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_xlsx(rows: Sequence[Cells]) -> bytes:
    """Return rows as a workbook; its cells are texts."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[row.get(name) for name in headings] for row in rows]
    return workbook([headings, *cells])


FORMS = {"a.csv": as_csv, "a.jsonl": as_jsonl, "a.xlsx": as_xlsx}


def all_kinds() -> list[Cells]:
    """Return a row of every kind that can be imported."""
    return [{"kind": kind, **row} for kind, row in ROWS.items()]


def put(desk: Desk, name: str, content: bytes | str) -> Path:
    """Put a file on a desk."""
    path = desk.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
