"""Paths into the data of an entry: RFC 6901 pointers, without steps into arrays.

Arrays are replaced whole, so that a correction shows all that changed in them.
"""

from collections.abc import Iterable, Mapping

from ledger.domain.records import Change
from ledger.errors import RefusedError
from ledger.tlog import canonical
from ledger.tlog.canonical import Json


def steps(pointer: str) -> list[str]:
    """Return the member names of a pointer (`/persons/n` → persons, n)."""
    return pointer.split("/")[1:]


def value_at(data: Mapping[str, Json], pointer: str) -> Json | None:
    """Return the value at a pointer, or None where there is none."""
    found: Json | Mapping[str, Json] = data
    for step in steps(pointer):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    assert not isinstance(found, Mapping) or isinstance(found, dict)  # noqa: S101
    return found


def changed(data: Mapping[str, Json], changes: Iterable[Change]) -> dict[str, Json]:
    """Return a copy of `data` with the changes made, one after the other.

    Raises:
        RefusedError: If `old` is not the present value, or the path leads through
            something that is not an object.
    """
    result = dict(data)
    for change in changes:
        if not _same(value_at(result, change.path), change.old):
            raise RefusedError("correction.other-old-value", path=change.path)
        result = _put(result, steps(change.path), change.new, path=change.path)
    return result


def put(data: Mapping[str, Json], pointer: str, value: Json) -> dict[str, Json]:
    """Return a copy of `data` with a value at a pointer.

    Raises:
        RefusedError: If the path leads through something that is not an object, or
            is no pointer to a member.
    """
    if not (way := steps(pointer)):
        raise RefusedError("correction.path-through-value", path=pointer)
    return _put(data, way, value, path=pointer)


def _same(a: Json | None, b: Json | None) -> bool:
    """Return whether two values have one spelling: true is not 1."""
    if a is None or b is None:
        return a is b
    return canonical.encode(a) == canonical.encode(b)


def _put(
    data: Mapping[str, Json], way: list[str], new: Json | None, *, path: str
) -> dict[str, Json]:
    step, *rest = way
    result = dict(data)
    if rest:
        inner = result.get(step, {})
        if not isinstance(inner, dict):
            raise RefusedError("correction.path-through-value", path=path)
        made = _put(inner, rest, new, path=path)
        if made:
            result[step] = made
        else:
            result.pop(step, None)
    elif new is None:
        result.pop(step, None)
    else:
        result[step] = new
    return result
