"""What a book answers about money: its accounts on a day."""

from dataclasses import dataclass
from datetime import date

from ledger.domain.accounts import Account, accounts, arrangements
from ledger.errors import NotFoundError
from ledger.register.gathering import whole
from ledger.register.opening import Head, Register


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of a book at the end of a day."""

    on: date
    accounts: tuple[Account, ...]
    heads: tuple[Head, ...]


def money(register: Register, *, on: date, arrangement: str | None = None) -> Accounts:
    """Return the accounts of a book: of all arrangements, or of one.

    Raises:
        NotFoundError: If no entry names the arrangement.
    """
    book = whole(register)
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
        heads=(register.head(),),
    )
