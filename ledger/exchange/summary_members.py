"""How members of a summary are read: a missing one is empty, and never an error."""

from collections.abc import Mapping

from ledger.domain.qualifying import number as qualified
from ledger.domain.values import QUALIFIERS, SIGNS, Qualifier
from ledger.tlog.canonical import Json


def mapping(value: Json | None) -> Mapping[str, Json]:
    """Return an object; an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def rows(holder: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    """Return the objects of a list; none where there is no list."""
    found = holder.get(name)
    return [mapping(row) for row in found] if isinstance(found, list) else []


def word(holder: Mapping[str, Json], name: str) -> str:
    """Return a text; an empty one where there is none."""
    return str(holder.get(name, ""))


def number(holder: Mapping[str, Json], name: str) -> int:
    """Return a number that must be there."""
    value = holder[name]
    return value if isinstance(value, int) else 0


def counted(holder: Mapping[str, Json], name: str) -> int:
    """Return a number of persons that must be there; it is written with its sign."""
    return qualified(number(holder, name), said(holder, name))


def figure(holder: Mapping[str, Json], name: str) -> str:
    """Return a number of persons as people read it."""
    return str(counted(holder, name))


def said(holder: Mapping[str, Json], name: str) -> Qualifier:
    """Return how exact a number is; where nothing is said it is exact."""
    found = holder.get(f"{name}_qualifier")
    return next((each for each in QUALIFIERS if each == found), "exact")


def texts(holder: Mapping[str, Json], name: str) -> list[str]:
    """Return the texts of a list; none where there is no list."""
    found = holder.get(name)
    return [str(each) for each in found] if isinstance(found, list) else []


def bounds(holder: Mapping[str, Json], name: str) -> str:
    """Return one number, or two with an en dash between them."""
    least, most = number(holder, f"{name}_min"), number(holder, f"{name}_max")
    sign = SIGNS[said(holder, name)]
    return f"{sign}{least}" if least == most else f"{sign}{least}–{most}"  # noqa: RUF001 (a range)


def last(path: str) -> str:
    """Return the name of the member that a path leads to (`/persons/n` leads to n)."""
    return path.rpartition("/")[2]
