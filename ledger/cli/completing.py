"""What may come next on a command line: verbs, options, codes, references, states.

A shell asks at every press of a key, so nothing heavy is imported: what the options of
each verb are lies in `completion.json`, which `python -m tests.regenerate_manual`
writes from the verbs themselves, and the references are read with SQLite alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from itertools import pairwise
from typing import TextIO, TypeAlias

from ledger.cli.arguments import COLORS, FLAGS, VALUED
from ledger.cli.options import location
from ledger.cli.verbs import Verb
from ledger.errors import UsageError
from ledger.exchange.catalogue import languages

Takes: TypeAlias = Mapping[str, Sequence[str]]
"""What each option of a verb takes: codes, or `STATE`, `REF` and the like, or nothing.

The words without an option are under the empty name. An option that takes what nobody
can list has `""` alone.
"""

_STATES = frozenset(("STATE",))
_ZONES = frozenset(("ZONE",))
_REFERENCES = frozenset(("REF", "REF|ENTRY", "ENTRY|REF", "REF=N", "I-n", "R-n"))
_MOST = 200


def complete(
    words: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdout: TextIO,
    verbs: Sequence[Verb],
) -> int:
    """Print what the last word may become, a line each; nothing says: a file.

    Args:
        words: The words after the program's name; the last one is being typed.
        environ: The environment, for the place of the book.
        stdout: Where the lines go.
        verbs: The table of verbs.
    """
    *before, last = words or [""]
    found = sorted(
        x for x in set(_next(before, last, environ, verbs)) if _fits(x, last)
    )
    stdout.write("".join(f"{each}\n" for each in found))
    return 0


def _fits(candidate: str, typed: str) -> bool:
    return candidate.startswith(typed) and candidate != typed


def _next(
    before: Sequence[str], last: str, environ: Mapping[str, str], verbs: Sequence[Verb]
) -> Iterable[str]:
    name, takes = _verb(before, verbs)
    if before and before[-1].startswith("--"):
        option = before[-1]
        if option in VALUED or takes.get(option):
            wanted = {**takes, **_global_takes()}[option]
            return _values(wanted, before, environ)
    if last.startswith("-"):
        return [*(option for option in takes if option), *VALUED, *FLAGS]
    if not name:
        return _names(before, verbs)
    return _values(takes.get("", ()), before, environ)


def _names(before: Sequence[str], verbs: Sequence[Verb]) -> Iterator[str]:
    """Yield the verbs, or the second words after a first one that several share."""
    first = next((word for word in before if not word.startswith("-")), None)
    names = ["help", *(verb.name for verb in verbs)]
    if first == "help":
        yield from {name.split()[0] for name in names}
        yield from _table()["help"][""]
        return
    for name in names:
        start, _, rest = name.partition(" ")
        if first is None:
            yield start
        elif first == start and rest:
            yield rest


def _table() -> Mapping[str, Takes]:
    text = (resources.files("ledger") / "cli" / "completion.json").read_text("utf-8")
    table: dict[str, Takes] = json.loads(text)
    return table


def _verb(before: Sequence[str], verbs: Sequence[Verb]) -> tuple[str, Takes]:
    table = _table()
    names = {verb.name for verb in verbs}
    for at, word in enumerate(before):
        for name in (" ".join(before[at : at + 2]), word):
            if name in names and name in table:
                return name, table[name]
        if not word.startswith("-") and (at == 0 or before[at - 1] not in VALUED):
            break
    return "", {}


def _global_takes() -> Takes:
    takes = {"--color": COLORS, "--lang": languages()}
    return {name: takes.get(name, ()) for name in VALUED}


def _values(
    wanted: Sequence[str], before: Sequence[str], environ: Mapping[str, str]
) -> Iterable[str]:
    if "|".join(wanted) in _REFERENCES:
        return _references(before, environ)
    if set(wanted) == _STATES:
        from ledger.domain.codes import STATES  # noqa: PLC0415 - only where asked

        return STATES
    if set(wanted) == _ZONES:
        from ledger.cli.request import zone_names  # noqa: PLC0415 - only where asked

        return zone_names()
    return [word for word in wanted if word]


def _references(before: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return the references of the book; none where it cannot be read."""
    from ledger.store.references import references  # noqa: PLC0415 - only where asked

    asked = next((b for a, b in pairwise(before) if a == "--ledger"), None)
    try:
        return references(location(asked, environ), most=_MOST)
    except UsageError:
        return []  # a shell has nowhere to show an error
