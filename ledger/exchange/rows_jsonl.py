"""Rows of a file of JSON Lines: one object a line, its members named as columns."""

import json
from collections.abc import Iterator
from typing import Final, NoReturn

from ledger.errors import RefusedError
from ledger.exchange.rows import MOST_COLUMNS, Cell, Row, Rows, check_number
from ledger.exchange.text_lines import Readable, encoding_of, lines_of

_LONGEST_NUMBER: Final = 17


def read_jsonl(file: Readable, *, encoding: str | None) -> Rows:
    """Return the rows of a file of JSON Lines.

    Args:
        file: The file, at its start.
        encoding: What the person says it is in.

    Raises:
        RefusedError: The file as a whole cannot be read; later, while its rows are
            read, what is met there.

    Source:
        https://jsonlines.org, without other values than objects.
    """
    start = file.read(4)
    file.seek(0)
    name = encoding_of(start, stated=encoding)
    rows = _rows(lines_of(file, encoding=name))
    return Rows("jsonl", (), rows, read_as={"encoding": name})


def _rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        check_number(number)
        if not line.strip():
            continue
        try:
            members = _read(line)
        except RefusedError as error:
            yield Row(number, {}, (error,))
            continue
        cells: dict[str, Cell] = {}
        faults = []
        for member, value in members.items():
            try:
                cell = _cell(value)
            except RefusedError as error:
                faults.append(RefusedError(error.code, column=member))
                continue
            if cell:
                cells[member] = cell
        yield Row(number, cells, tuple(faults))


def _read(line: str) -> dict[str, object]:
    """Return the members of the object in a line."""
    try:
        value = _DECODER.decode(line.strip(" \t\r\n"))
    except ValueError as error:
        position = error.pos + 1 if isinstance(error, json.JSONDecodeError) else 1
        raise RefusedError("import.not-json", position=position) from None
    except RecursionError:
        raise RefusedError("import.nested") from None
    if not isinstance(value, dict):
        raise RefusedError("import.not-an-object")
    if len(value) > MOST_COLUMNS:
        raise RefusedError("import.too-many-columns", most=MOST_COLUMNS)
    return value


def _cell(value: object) -> Cell:
    """Return a member's value as a cell; nothing is an empty one."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case int():
            return str(value)
        case list():
            return [_item(item) for item in value]
        case _:
            raise RefusedError("import.nested")


def _item(value: object) -> str:
    match value:
        case bool() | None:
            raise RefusedError("import.nested")
        case str() | int():
            return str(value)
        case _:
            raise RefusedError("import.nested")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError("json.duplicate-member")
    return members


def _number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:  # int() itself refuses 4,300 digits
        raise RefusedError("json.integer-too-big")
    return int(digits)


def _refuse(_: str) -> NoReturn:
    raise RefusedError("json.float")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_number,
    parse_float=_refuse,
    parse_constant=_refuse,
)
