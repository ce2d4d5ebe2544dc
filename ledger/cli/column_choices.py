"""What a column offers to choose from: read off the records that it ends up in."""

from typing import Final, get_args

from ledger.cli.columns import Column, Kind
from ledger.domain.agreements import CompensationTerms, RenewalClause, Term
from ledger.domain.notation import Model
from ledger.domain.schemas import KINDS
from ledger.domain.shapes import members_of

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
        return get_args(members_of(KINDS[kind.name])[column.name].form)
    if found := _OF_METAVAR.get(column.metavar):
        model, member = found
        return get_args(members_of(model)[member].form)
    return ()
