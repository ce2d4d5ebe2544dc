"""The JSON Schemas of what `import` answers."""

from collections.abc import Callable, Mapping

from ledger.cli.columns import VERB_OF
from ledger.exchange.text_lines import ENCODINGS
from tests.schema_parts import (
    COUNT,
    HASH,
    TEXT,
    TRUTH,
    Schema,
    answer,
    closed,
    many,
    matching,
    maybe,
    one_of,
)


def import_() -> Schema:
    run = {
        "first_row": COUNT,
        "last_row": COUNT,
        "first_seq": COUNT,
        "last_seq": COUNT,
        "added": TRUTH,
    }
    problem = {
        "row": COUNT,
        "column": maybe(TEXT),
        "value": maybe(TEXT),
        "code": matching("^[a-z0-9-]+[.][a-z0-9-]+$"),
        "message": TEXT,
    }
    return answer(
        "import",
        result=one_of("recorded", "nothing-new", "checked", "refused"),
        book=TEXT,
        file=TEXT,
        form=one_of("csv", "jsonl", "xlsx"),
        sheet=maybe(TEXT),
        encoding=maybe(one_of(*ENCODINGS)),
        separator=maybe(one_of("comma", "semicolon", "tab")),
        sha256=HASH,
        dry_run=TRUTH,
        rows=COUNT,
        added=COUNT,
        found=COUNT,
        refused=COUNT,
        left_out=COUNT,
        headings_left_out=COUNT,
        runs=many(closed(run)),
        problems=many(closed(problem)),
        problems_total=COUNT,
        size=COUNT,
        root=HASH,
    )


def template() -> Schema:
    return answer("template", file=TEXT, kind=one_of(*VERB_OF), columns=many(TEXT))


MAKERS: Mapping[str, Callable[[], Schema]] = {"import": import_, "template": template}
