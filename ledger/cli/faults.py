"""What is wrong, in words of the catalogue."""

from collections.abc import Mapping

from ledger.cli.options import Globals
from ledger.cli.plaintext import clean
from ledger.cli.words import spoken
from ledger.errors import LedgerError, RefusedError
from ledger.exchange.catalogue import placeholders

LACKING = frozenset(
    (
        *("memory.cut", "memory.other-root"),
        *("watermark.backwards", "sync.answer-beyond-book"),
    )
)
"""Errors of a book that lacks entries which it had: it takes none."""

FORKED = frozenset(("memory.two-histories", "repair.signed-here"))
"""Errors of a book of which two histories exist: it takes no entry, for good."""

MOST_TOLD = 20
"""Faults that are named: who strikes out what fifty entries rest on need not scroll."""


def faults(ask: Globals, error: LedgerError) -> list[str]:
    """Return what is wrong in words, a sentence for each fault, and how many more."""
    every = (error, *others(error))
    said = [words(ask, each) for each in every[:MOST_TOLD]]
    more = len(every) - len(said)
    return [*said, ask.say("main.more-faults", n=more)] if more else said


def others(error: LedgerError) -> tuple[RefusedError, ...]:
    """Return the further refusals of the same request."""
    return error.others if isinstance(error, RefusedError) else ()


def words(ask: Globals, error: LedgerError) -> str:
    """Return what is wrong in words, after its option or file; never a value."""
    key = f"error.{error.code}"
    try:
        what = ask.say(key, **_spoken(ask, error.values))
    except KeyError:
        # A sentence is missing (tests/exchange/test_catalogue.py finds these); the
        # exit code and what happened matter more than the bug.
        return clean(str(error))
    held = placeholders(ask.catalogue.sentences[key])
    for name in ("file", "member"):
        where = error.values.get(name)
        if where not in {None, "/"} and name not in held:
            what = ask.say("main.of-member", member=str(where), what=what)
    return what


def _spoken(ask: Globals, values: Mapping[str, str | int]) -> dict[str, str | int]:
    """Return the values of an error with words in the place of codes."""
    said = spoken(ask, values)
    if "because" in values:
        inner = {
            name.removeprefix("because_"): value
            for name, value in values.items()
            if name.startswith("because_")
        }
        code = f"error.{values['because']}"
        said["because"] = ask.say(code, **_spoken(ask, inner))
    return said
