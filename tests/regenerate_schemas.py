"""Write the JSON Schemas under `schemas/` anew: `python -m tests.regenerate_schemas`.

`SCHEMAS` says which file holds what; a test compares each with what it should be.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ledger.domain.schemas import KINDS, json_schema
from tests.output_schemas import MAKERS, output_schema

ROOT = Path(__file__).resolve().parent.parent / "schemas"
PACKAGED = ROOT.parent / "ledger" / "exchange" / "summary.schema.json"

SCHEMAS: dict[str, Callable[[], Mapping[str, object]]] = {
    f"kinds/{kind}.json": partial(json_schema, kind) for kind in KINDS
}
SCHEMAS.update({f"output/{name}.json": partial(output_schema, name) for name in MAKERS})


def spelled(schema: Mapping[str, object]) -> str:
    """Return the text of a schema file."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def regenerate(root: Path = ROOT) -> None:
    """Write every schema file under a folder."""
    for name, make in SCHEMAS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(spelled(make()), encoding="utf-8")
    if root == ROOT:
        # The verifier of summaries reads its own copy.
        PACKAGED.write_text(spelled(output_schema("summary")), encoding="utf-8")


if __name__ == "__main__":
    regenerate()
