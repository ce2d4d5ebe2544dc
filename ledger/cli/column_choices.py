"""What a column offers to choose from: read off the records that it ends up in."""

from typing import Any, Final, Literal, get_args, get_origin

from ledger.cli.columns import Column, Kind
from ledger.domain.agreements import CompensationTerms, RenewalClause, Term
from ledger.domain.forms import Model
from ledger.domain.schemas import KINDS

_OF_METAVAR: Final[dict[str, tuple[type[Model], str]]] = {
    "READING": (Term, "reading"),
    "UNIT": (CompensationTerms, "per"),
    "BASIS": (CompensationTerms, "basis"),
    "CLAUSE": (RenewalClause, "clause"),
}
_OWN: Final = frozenset(("STATUS", "HOW", "STAGE", "TYPE", "ANSWER"))


def choices(kind: Kind, column: Column) -> tuple[str, ...]:
    """Return what a column may hold; nothing if it may hold anything."""
    if column.metavar == "":
        return ("yes", "no")
    if "|" in column.metavar and column.metavar.islower():
        return tuple(column.metavar.split("|"))
    if column.metavar in _OWN:
        return _literals(KINDS[kind.name].model_fields[column.name].annotation)
    if found := _OF_METAVAR.get(column.metavar):
        model, member = found
        return _literals(model.model_fields[member].annotation)
    return ()


def _literals(annotation: Any) -> tuple[str, ...]:
    """Return the words that a type allows."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(word for part in get_args(annotation) for word in _literals(part))
