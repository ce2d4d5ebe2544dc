"""The package around a workbook: judged by stated limits before anything opens it.

A workbook is a ZIP archive of XML files. Archives that unpack to far more than they
are, and XML that defines entities, make readers run out of memory; so sizes are
checked as the archive states them (Python's reader never unpacks more than that), and
a document type definition in any part is refused. No part of an honest workbook has
one.
"""

import zlib
from typing import BinaryIO, Final
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ledger.errors import RefusedError

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes of the largest workbook that is read; it is kept in memory."""

MOST_PARTS: Final = 2000
LARGEST_PART: Final = 16 * 1024 * 1024
LARGEST_STRINGS: Final = 32 * 1024 * 1024
LARGEST_SHEET: Final = 512 * 1024 * 1024
LARGEST_WHOLE: Final = 1024 * 1024 * 1024
"""Bytes that parts may have when they are unpacked."""

_CHUNK: Final = 16 * 1024
_LONGEST_PROLOG: Final = 256 * 1024
_ENCRYPTED: Final = 0x1


def check_package(file: BinaryIO) -> None:
    """Refuse a workbook that is none, or that unpacks to more than can be meant.

    Args:
        file: The file; it is left at any place.

    Raises:
        RefusedError: With the limit that it breaks.
    """
    try:
        with ZipFile(file) as package:
            _check_parts(package)
            for part in package.infolist():
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    _check_prolog(package, part)
    except (BadZipFile, zlib.error, EOFError, expat.ExpatError, OSError, ValueError):
        raise RefusedError("import.workbook-broken") from None
    except NotImplementedError:  # a way to pack that nobody uses here
        raise RefusedError("import.not-a-workbook") from None


def _check_parts(package: ZipFile) -> None:
    parts = package.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or len(names) != len(parts):
        raise RefusedError("import.workbook-parts", most=MOST_PARTS)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise RefusedError("import.not-a-workbook")
    for part in parts:
        odd = part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}
        if odd or part.flag_bits & _ENCRYPTED:
            raise RefusedError("import.not-a-workbook")
        most = _limit(part.filename)
        if part.file_size > most:
            raise RefusedError("import.workbook-too-large", most=most)
    if sum(part.file_size for part in parts) > LARGEST_WHOLE:
        raise RefusedError("import.workbook-too-large", most=LARGEST_WHOLE)


def _limit(name: str) -> int:
    """Return how many bytes a part may have."""
    if name.startswith("xl/worksheets/"):
        return LARGEST_SHEET
    return LARGEST_STRINGS if name == "xl/sharedStrings.xml" else LARGEST_PART


def _check_prolog(package: ZipFile, part: ZipInfo) -> None:
    """Refuse a document type definition; it can stand before the first element only."""
    parser = expat.ParserCreate()
    begun = False

    def begin(*_: object) -> None:
        nonlocal begun
        begun = True

    def refuse(*_: object) -> None:
        raise RefusedError("import.workbook-doctype")

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    read = 0
    with package.open(part) as content:
        while not begun:
            chunk = content.read(_CHUNK)
            parser.Parse(chunk, not chunk)
            read += len(chunk)
            if read > _LONGEST_PROLOG:
                raise RefusedError("import.workbook-broken")
