"""The columns of each kind of row: the words and options of the verb that records it.

They are read off the verb itself, so that a column is there as soon as its option is,
takes what it takes, and is explained by the same sentence.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from ledger.cli import parse
from ledger.cli import request as read
from ledger.cli.changing import changes, claimed
from ledger.cli.options import Globals
from ledger.cli.verbs import VERBS, Verb
from ledger.domain.times import check_zone
from ledger.domain.values import parse_persons, parse_ref_or_entry
from ledger.errors import RefusedError

VERB_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "transfer": "record",
        "receipt": "receive",
        "renewal": "renew",
        "exit": "end",
        "recovery": "recover",
        "payment": "pay",
        "instrument": "instrument",
        "claim": "claim",
        "remark": "remark",
        "correction": "correct",
        "retraction": "retract",
    }
)
"""The verb that records each kind that may be imported."""

SEPARATOR: Final = "|"
"""What stands between several values of one cell."""

OWN: Final = frozenset(("kind", "label", "problem"))
"""Columns that every file may have: what a row is, what later rows call it, and why
it was refused the last time, which is not read."""

# The first words of a verb have no name that a person types.
_FIRST_WORDS: Final[Mapping[str, str]] = {
    "receipt": "transfer",
    "renewal": "transfer",
    "exit": "transfer",
    "recovery": "exit",
    "instrument": "instrument",
}
_NOT_COLUMNS: Final = frozenset(("once",))
_LINKING: Final = frozenset(("REF", "REF|ENTRY", "ENTRY", "REF=N", "I-n", "R-n"))
_DATED: Final = re.compile(".+?,[0-9]{4}-[0-9]{2}-[0-9]{2}(?:,(.+))?", re.DOTALL)
_COUNTED_PERSONS: Final = frozenset(("persons", "headcount"))


class Column(Struct, frozen=True):
    """One column of a kind of row.

    Attributes:
        name: Its heading.
        parameter: The parameter of the verb's function that it fills.
        metavar: What it takes, as the help says (`DATE`); empty for yes or no.
        sentence: The key of the sentence that explains it.
        required: A row without it is refused.
        many: It may have several values, with `|` between them.
    """

    name: str
    parameter: str
    metavar: str
    sentence: str
    required: bool
    many: bool

    @property
    def linking(self) -> bool:
        """Return whether it may name an earlier row (`#label`)."""
        return self.metavar in _LINKING

    def check(self, text: str) -> None:
        """Refuse a value that its verb would refuse, so that the column is known.

        Raises:
            LedgerError: As the reader of such values does.
        """
        if text == read.UNKNOWN or (self.linking and text.startswith("#")):
            return
        reader = _READERS.get(self.metavar)
        if self.metavar == "N" and self.name in _COUNTED_PERSONS:
            reader = parse_persons
        if reader is not None:
            reader(text)


class Kind(Struct, frozen=True):
    """One kind of row.

    Attributes:
        name: The kind of entry.
        record: The verb's function.
        columns: Its columns, by heading, in the order of the verb's help.
    """

    name: str
    record: Callable[..., object]
    columns: Mapping[str, Column]


def kind_of(ask: Globals, name: str) -> Kind:
    """Return a kind of row with its columns.

    Raises:
        KeyError: It is not one of `VERB_OF`.
    """
    verb = next(verb for verb in VERBS if verb.name == VERB_OF[name])
    command = parse.command_of(ask, verb)
    columns = [_column(name, param) for param in command.params]
    return Kind(
        name,
        _function(verb),
        {column.name: column for column in columns if column.name not in _NOT_COLUMNS},
    )


def _function(verb: Verb) -> Callable[..., object]:
    function: Callable[..., object] = getattr(import_module(verb.module), verb.function)
    return function


def _column(kind: str, param: Any) -> Column:
    option = param.param_type_name == "option"
    heading = param.opts[0].strip("-").replace("-", "_")
    if not option:
        heading = _FIRST_WORDS.get(kind, heading)
    return Column(
        name=heading,
        parameter=param.name,
        metavar=param.metavar or "",
        sentence=param.help or "",
        required=param.required,
        many=param.multiple or param.nargs == -1,
    )


def _document(text: str) -> None:
    """Refuse a document that is a file: no row has files of this machine read."""
    found = _DATED.fullmatch(text)
    if found and found[1] and not found[1].startswith(("http://", "https://")):
        raise RefusedError("import.evidence-file")
    read.evidence((text,))


def _yes_or_no(text: str) -> None:
    if text not in {"yes", "no"}:
        raise RefusedError("import.not-yes-or-no")


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "": _yes_or_no,
    "N": read.whole,
    "STATE": read.state,
    "WHEN": read.when,
    "WHEN[=N]": lambda text: read.departures((text,)),
    "DATE": read.day,
    "LENGTH": read.maybe_length,
    "AMOUNT": read.money,
    "ZONE": check_zone,
    "ROOT:COUNT": read.manifest,
    "N:REASON": lambda text: read.refusals((text,)),
    "LABEL=N": lambda text: read.shares((text,), option="breakdown"),
    "REF=N": lambda text: read.portions((text,)),
    "TITLE,DATE[,URL|FILE]": _document,
    "VALUE": claimed,
    "PATH=VALUE": lambda text: changes((text,), ()),
    "PATH": lambda text: changes((), (text,)),
    "REF": parse_ref_or_entry,
    "REF|ENTRY": parse_ref_or_entry,
    "ENTRY": parse_ref_or_entry,
    "I-n": parse_ref_or_entry,
    "R-n": parse_ref_or_entry,
}
