"""Whether a book takes entries at all, and what a book after it would be made of.

A book that is not what this machine remembers of it can be read, and takes no entry.
"""

import re

from msgspec import Struct

from ledger.errors import LedgerError, RewrittenError, TamperedError
from ledger.register.opening import Register

_NUMBERED = re.compile(r"(?P<office>.+)/(?P<number>[1-9][0-9]{0,5})")


class Following(Struct, frozen=True, kw_only=True):
    """What `init` would be told of the book that follows one.

    Attributes:
        name: A name that no other book of the office has.
        state: The state's code.
        zone: Its zone; None if the first entry cannot be read.
    """

    name: str
    state: str
    zone: str | None


def why_read_only(register: Register) -> LedgerError | None:
    """Return why no entry can be recorded in a book; None if it takes entries.

    Raises:
        NotPermittedError: This user cannot read what is remembered.
    """
    try:
        register.check_memory()
    except (RewrittenError, TamperedError) as error:
        return error
    return None


def following(register: Register) -> Following:
    """Return what a book is made of that follows this one."""
    book = register.journal.book
    try:
        zone = register.recall().history(()).zone or None
    except LedgerError:  # this book is damaged besides
        zone = None
    return Following(name=following_name(book.name), state=book.state, zone=zone)


def following_name(name: str) -> str:
    """Return the name of the book that follows: `a/book`, `a/2/book`, `a/3/book`."""
    office, _, last = name.rpartition("/")
    if not office:
        return f"{last}/2"
    numbered = _NUMBERED.fullmatch(office)
    if numbered is None:
        return f"{office}/2/{last}"
    return f"{numbered['office']}/{int(numbered['number']) + 1}/{last}"
