"""What a book answers about money: its accounts on a day."""

from datetime import date

from msgspec import Struct

from ledger.domain.accounts import Account, accounts, arrangements
from ledger.domain.joining import Books
from ledger.errors import NotFoundError
from ledger.register.gathering import whole
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register


class Accounts(Struct, frozen=True):
    """The accounts of the books at the end of a day."""

    on: date
    accounts: tuple[Account, ...]
    heads: tuple[Head, ...]
    books: Books


def money(register: Register, *, on: date, arrangement: str | None = None) -> Accounts:
    """Return the accounts of the books: of all arrangements, or of one.

    Raises:
        NotFoundError: If no entry names the arrangement.
    """
    of = reading(register)
    book = whole(of)
    if arrangement is not None and arrangement not in arrangements(book.history):
        raise NotFoundError("money.no-such-arrangement")
    found = accounts(book.history, book.pools, on=on)
    return Accounts(
        on=on,
        accounts=tuple(
            account
            for account in found
            if arrangement is None or arrangement in account.arrangements
        ),
        heads=of.heads,
        books=of.books,
    )
