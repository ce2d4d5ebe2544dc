"""What a card that came by a trusted road pins: the first entry and the log key."""

from ledger.errors import MalformedError
from ledger.exchange.card import Card
from ledger.register.levels import Work


def check_card(card: Card | None, *, book: str) -> None:
    """Refuse the card of another book.

    Raises:
        MalformedError: If the card is of another book than this one.
    """
    if card is not None and card.book != book:
        raise MalformedError("verify.card-of-another-book")


def compare_card(work: Work, card: Card | None) -> None:
    """Compare the log keys of a book with the one that its card lists.

    A card stays true when a key is retired; a key that the book never had is of
    another history.
    """
    if card is None:
        return
    known = {
        standing.key.format()
        for standing in work.audit.history.ring.standings
        if standing.role == "log"
    }
    for key in card.of_role("log"):
        if key.format() not in known:
            work.add(
                None,
                "chain",
                "log-key-not-in-book",
                field="log",
                expected=key.name,
            )
