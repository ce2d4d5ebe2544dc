'''The verbs: one row each, and how to write one.

A verb is a function whose first parameter is `ask`, the global options of this run;
`main` passes it. The others are read from argv by Typer, from their annotations:

```python
def due(
    ask: Globals,
    *,
    within: Annotated[str, typer.Option(help="option.due.within")] = "90d",
    on: Annotated[str | None, typer.Option(help="option.on", metavar="DATE")] = None,
) -> int | None:
    """Show the transfers whose authority ends soon."""
```

It returns an exit code, or None for 0. Its `help=` texts are keys of the catalogue
(`option.NAME`, `option.VERB.NAME`, `argument.NAME`), and the catalogue has
`verb.VERB.summary` (one line, for the list) and `verb.VERB.about` (for its own help),
with `-` for the space of a verb of two words. It raises what `ledger.errors` has and
shows results through `ledger.cli.render` only: `show_table`, or `show_json` where
`ask.json` is set. The module imports its rooms inside the function where they cost
start-up time (sqlmodel, rich, cryptography).
No option may have the name of a global one (`ledger.cli.arguments`). A bool is a flag
with a twin: `--x/--no-x`; `typer.Option("--x", help=…)` leaves the twin out.
'''

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from ledger.errors import UsageError

Group = Literal["every-day", "clerk", "look", "auditor", "between", "care"]
GROUPS: tuple[Group, ...] = (
    "every-day",
    "clerk",
    "look",
    "auditor",
    "between",
    "care",
)


# The modules whose verbs record an entry, and so are asked for on a terminal.
WRITING = frozenset(("ledger.cli.clerk", "ledger.cli.papers", "ledger.cli.amend"))


class Verb(Struct, frozen=True):
    """One thing that can be asked.

    Attributes:
        name: As typed, of one or two words (`due`, `key list`).
        module: The one module that is imported to do it.
        function: Its function there.
        group: Who asks for it, where it stands in the help.
    """

    name: str
    module: str
    function: str
    group: Group

    @property
    def key(self) -> str:
        """Return the verb's part of a catalogue key (`key-list`)."""
        return self.name.replace(" ", "-")

    @property
    def is_guided(self) -> bool:
        """Return whether a person is asked for what the verb needs."""
        return self.module in WRITING


def _rows(group: Group, module: str, names: str) -> Iterable[Verb]:
    for name in names.split(", "):
        function = name.replace(" ", "_").replace("-", "_")
        yield Verb(name, f"ledger.cli.{module}", _unreserved(function), group)


def _unreserved(function: str) -> str:
    return f"{function}_" if function in ("import", "list") else function


VERBS: tuple[Verb, ...] = (
    *_rows("every-day", "today", "today"),
    *_rows("every-day", "clerk", "record, receive, renew, end"),
    *_rows("every-day", "amend", "correct"),
    *_rows("every-day", "look", "due"),
    *_rows("every-day", "audit", "verify"),
    *_rows("clerk", "papers", "pay, instrument, remark, claim"),
    *_rows("clerk", "amend", "retract, confirm, recover"),
    *_rows("clerk", "importing", "import"),
    *_rows("look", "look", "list"),
    *_rows("look", "showing", "show"),
    *_rows("look", "course", "history"),
    *_rows("look", "searching", "find"),
    *_rows("look", "look", "overdue, held"),
    *_rows("look", "mismatching", "variances"),
    *_rows("look", "conflicts", "conflicts"),
    *_rows("look", "money", "money"),
    *_rows("look", "timeline", "timeline"),
    *_rows("look", "course", "explain"),
    *_rows("look", "diff", "diff"),
    *_rows("look", "totals", "totals"),
    *_rows("look", "agenda", "calendar"),
    *_rows("auditor", "certify", "checkpoint"),
    *_rows("auditor", "handing", "prove"),
    *_rows("auditor", "certify", "summary"),
    *_rows("auditor", "compare", "compare"),
    *_rows("auditor", "handing", "export"),
    *_rows("between", "handing", "card"),
    *_rows("between", "peers", "peer add, peer list"),
    *_rows("between", "sync", "sync"),
    *_rows("between", "reconciling", "reconcile"),
    *_rows("between", "repairing", "repair"),
    *_rows("care", "care", "init, key list"),
    *_rows("care", "keys", "key new, key add, key retire, key revoke, key approve"),
    *_rows("care", "keys", "key passphrase"),
    *_rows("care", "amend", "acknowledge"),
    *_rows("care", "keeping", "backup, restore"),
    *_rows("care", "doctor", "doctor"),
    *_rows("care", "completion", "completion"),
    *_rows("care", "demo", "demo"),
)


def find(words: Sequence[str], verbs: Sequence[Verb]) -> tuple[Verb, list[str]]:
    """Return the verb that these words start with, and the words after it.

    Args:
        words: At least one word.
        verbs: The table to look in.

    Raises:
        UsageError: There is no such verb; the closest names are its values.
    """
    for size in (2, 1):
        name = " ".join(words[:size])
        for verb in verbs:
            if verb.name == name and len(words) >= size:
                return verb, list(words[size:])
    if words[0].startswith("-"):
        raise UsageError("usage.option-before-verb")
    if seconds := [verb.name.split(" ", 1)[1] for verb in family(words[0], verbs)]:
        raise UsageError("usage.which", verb=words[0], choices=", ".join(seconds))
    from difflib import get_close_matches  # noqa: PLC0415 - only after a slip

    near = get_close_matches(" ".join(words[:2]), [verb.name for verb in verbs])
    near += get_close_matches(words[0], [verb.name for verb in verbs])
    if near:
        raise UsageError("usage.no-such-verb-near", near=", ".join(dict.fromkeys(near)))
    raise UsageError("usage.no-such-verb")


def family(first: str, verbs: Iterable[Verb]) -> list[Verb]:
    """Return the verbs of two words that start with this word."""
    return [verb for verb in verbs if verb.name.startswith(f"{first} ")]
