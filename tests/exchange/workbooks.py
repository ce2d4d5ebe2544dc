"""Workbooks for tests: honest ones by openpyxl, and others made by hand."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows: Sequence[Sequence[Any]], **more: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with a sheet `rows`, and further sheets by name."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "rows"
    for row in rows:
        first.append(list(row))
    for name, others in more.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Mapping[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a package of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with another part of that name."""
    return packed({**parts_of(content), name: part})


def with_sheet(data: str) -> bytes:
    """Return a workbook whose only sheet has this XML between its rows' tags."""
    xml = (
        f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{data}'
        "</sheetData></worksheet>"
    )
    return with_part(workbook([["a"]]), "xl/worksheets/sheet1.xml", xml.encode())
