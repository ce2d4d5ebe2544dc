"""What came by a trusted road and pins a book: a card, a checkpoint."""

from ledger.errors import MalformedError, SignatureError
from ledger.exchange.card import Card
from ledger.register.levels import Work
from ledger.store.journal import Journal
from ledger.store.recall import Recall
from ledger.tlog.checkpoint import Checkpoint, log_signature


def check_card(card: Card | None, *, book: str) -> None:
    """Refuse the card of another book.

    Raises:
        MalformedError: If the card is of another book than this one.
    """
    if card is not None and card.book != book:
        raise MalformedError("verify.card-of-another-book")


def check_since(
    journal: Journal, note: bytes, checkpoint: Checkpoint, *, card: Card | None
) -> None:
    """Refuse a checkpoint that the log did not sign: it says nothing of the book.

    To compare a book with a forged paper would accuse whoever keeps it.

    Args:
        journal: The book.
        note: The checkpoint as it was handed in.
        checkpoint: What it says.
        card: A card of the book that the caller trusts.

    Raises:
        SignatureError: A log key's line does not hold, or there is none.
        MalformedError: There are two different lines of one key.
    """
    # The keys of that time: what follows may be damaged, and is looked at later.
    at = max(checkpoint.size, 1)  # entry 0 lists the key that signs an empty tree
    before = min(at, journal.size())
    ring = Recall(journal, before=before).history(()).ring
    keys = [
        *(card.of_role("log") if card is not None else ()),
        *(standing.key for standing in ring.active("log", seq=at)),
    ]
    try:
        line = log_signature(note, keys)
    except SignatureError as error:
        raise SignatureError("verify.since-altered") from error
    if line is None:
        raise SignatureError("verify.since-not-signed")


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
