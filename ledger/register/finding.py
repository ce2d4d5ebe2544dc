"""Finding words in a book: in all text of the valid entries, as it was recorded.

Case and accents make no difference. Corrections change no text; what was corrected or
retracted is marked.
"""

import unicodedata
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ledger.domain.history import Logged, own_refs
from ledger.errors import UsageError
from ledger.register.mirrored import reading
from ledger.register.opening import Head, Register
from ledger.store.joined import JoinedRecall
from ledger.store.journal import SLICE, Journal
from ledger.store.recall import Recall
from ledger.tlog.canonical import Json


class Hit(Struct, frozen=True):
    """One member of an entry in which the words stand.

    Attributes:
        entry: The entry, as it was recorded.
        ref: The reference that it gives, else the first that it concerns, if any.
        path: The member of its data, as a path (RFC 6901).
        text: The whole text of the member.
        start, stop: Where the words first stand in the text.
        corrected_by: The standing corrections of the entry.
        retracted_by: The retraction that strikes the entry out.
        book: The book that it stands in.
    """

    entry: Logged
    ref: str | None
    path: str
    text: str
    start: int
    stop: int
    corrected_by: tuple[int, ...] = ()
    retracted_by: int | None = None
    book: str = ""


class Found(Struct, frozen=True):
    """Where some words stand, book by book, each in its order."""

    hits: tuple[Hit, ...]
    heads: tuple[Head, ...]


def find(register: Register, words: str, *, each: int = SLICE) -> Found:
    """Return every member of a valid entry in whose text the words stand.

    Args:
        register: The book.
        words: What to look for.
        each: How many entries are kept in memory at a time.

    Raises:
        UsageError: If nothing is left of the words without accents.
    """
    wanted, _ = folded(words)
    if not wanted.strip():
        raise UsageError("usage.nothing-to-find")
    of = reading(register)
    hits: list[Hit] = []
    if isinstance(of.recall, JoinedRecall):
        pairs = zip(of.recall.journals, of.recall.recalls, strict=True)
        for journal, recall in pairs:
            hits += _search(journal, recall.size, wanted, each=each)
    else:
        hits += _search(register.journal, of.recall.size, wanted, each=each)
    return Found(tuple(hits), of.heads)


def _search(journal: Journal, size: int, wanted: str, *, each: int) -> list[Hit]:
    """Return where words stand in the entries of one book."""
    hits: list[Hit] = []
    for first in range(0, size, each):
        # A reader keeps what it read, so that each slice has its own.
        recall = Recall(journal, before=size)
        for seq in range(first, min(first + each, size)):
            entry = recall.entry(seq)
            if entry is not None:
                hits.extend(_hits(recall, entry, wanted))
    found = _marked(Recall(journal, before=size), hits)
    return [replace(hit, book=journal.book.name) for hit in found]


def folded(text: str) -> tuple[str, list[int]]:
    """Return a text without case and accents, and where each of its characters was.

    Source:
        The Unicode Standard, 3.13, compatibility caseless matching, less marks.
    """
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = unicodedata.normalize("NFKD", character).casefold()
        for part in unicodedata.normalize("NFKD", plain):
            if not unicodedata.combining(part):
                kept.append(part)
                places.append(place)
    return "".join(kept), places


def _hits(recall: Recall, entry: Logged, wanted: str) -> Iterator[Hit]:
    for path, text in _texts(dict(entry.data), ""):
        known, places = folded(text)
        at = known.find(wanted)
        if at >= 0:
            start, stop = places[at], places[at + len(wanted) - 1] + 1
            yield Hit(entry, _ref(recall, entry), path, text, start, stop)


def _ref(recall: Recall, entry: Logged) -> str | None:
    own = own_refs(entry.record)
    concerned = [ref for ref in recall.refs_of(entry.seq) if ref[0] in "TRI"]
    # A transfer that is concerned comes before the instruments that it names.
    others = sorted(concerned, key=lambda ref: (ref[0] == "I", ref))
    return next(iter([*own, *others]), None)


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text within a value, with its path."""
    match value:
        case str():
            yield path, value
        case dict():
            for name, inner in value.items():
                yield from _texts(inner, f"{path}/{name}")
        case list():
            for number, inner in enumerate(value):
                yield from _texts(inner, f"{path}/{number}")
        case _:
            return


def _marked(recall: Recall, hits: list[Hit]) -> Iterator[Hit]:
    """Yield the hits, each with what became of its entry."""
    seqs = {hit.entry.seq for hit in hits}
    refs = {ref for seq in seqs for ref in recall.refs_of(seq)}
    history = recall.history(refs, seqs=seqs)
    for hit in hits:
        seq = hit.entry.seq
        yield replace(
            hit,
            corrected_by=tuple(history.corrections.get(seq, ())),
            retracted_by=history.retracted.get(seq),
        )
