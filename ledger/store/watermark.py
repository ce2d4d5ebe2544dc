"""The anti-rollback file: how far a book had come when this user last signed it.

It lies in the user's state folder and never beside the book, so that whoever puts an
older copy of the book in place does not put an older memory there as well. It only
moves forwards. Where it is absent nothing is known, and the reader says so; a damaged
one is never taken for an absent one.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import MalformedError, RewrittenError, TamperedError
from ledger.store import smallfiles
from ledger.tlog.canonical import Json, decode, encode
from ledger.tlog.note import check_name

SCHEMA = "transfer-ledger/watermark/1"
LARGEST = 1024 * 1024
"""Bytes of the largest file that is read: some thousand mirrors."""

_HASH = re.compile(r"[0-9a-f]{64}")


def place(state_folder: Path, location: str) -> Path:
    """Return the folder of what is remembered about one book.

    Args:
        state_folder: The user's state folder of this program.
        location: Absolute path or URL of the book, always spelled the same way.
    """
    name = sha256(location.encode("utf-8", "surrogateescape")).hexdigest()
    return state_folder / name


class Head(Struct, frozen=True):
    """How far a book had come.

    Attributes:
        size: Number of entries.
        root: Root hash of their tree, 64 hex digits.
    """

    size: int
    root: str

    def __post_init__(self) -> None:
        """Refuse what the file could not hold."""
        if type(self.size) is not int or self.size < 0:
            raise MalformedError("watermark.unfit")
        _check_hash(self.root)


class Watermark(Struct, frozen=True):
    """What is remembered about one book.

    Attributes:
        book: Name of the book.
        genesis: Leaf hash of entry 0, 64 hex digits.
        size: The largest size that was signed.
        root: Root hash at that size, 64 hex digits.
        mirrors: By the name of a mirrored book, its last cosigned head.
    """

    book: str
    genesis: str
    size: int
    root: str
    mirrors: Mapping[str, Head] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what the file could not hold."""
        for name in (self.book, *self.mirrors):
            check_name(name)
        _check_hash(self.genesis)
        Head(self.size, self.root)

    @classmethod
    def parse(cls, content: bytes) -> "Watermark":
        """Read exactly what `format` writes.

        Raises:
            MalformedError: The bytes are anything else.
        """
        match decode(content):
            case {
                "schema": str(),
                "book": str(book),
                "genesis": str(genesis),
                "size": int(size),
                "root": str(root),
                "mirrors": list(mirrors),
            }:
                heads = dict(map(_parse_mirror, mirrors))
                mark = cls(book, genesis, size, root, heads)
            case _:
                raise MalformedError("watermark.unfit")
        if mark.format() != content:
            raise MalformedError("watermark.unfit")
        return mark

    def format(self) -> bytes:
        """Return the contents of the file, canonical JSON."""
        mirrors: list[Json] = [
            {"name": name, "root": head.root, "size": head.size}
            for name, head in sorted(self.mirrors.items())
        ]
        return encode(
            {
                "schema": SCHEMA,
                "book": self.book,
                "genesis": self.genesis,
                "size": self.size,
                "root": self.root,
                "mirrors": mirrors,
            }
        )


class WatermarkFile:
    """The file of one book; any number of programs may use it at once.

    Args:
        folder: The `place` of the book; made when the first mark is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "watermark"

    def read(self) -> Watermark | None:
        """Return what is remembered, or None: ABSENT.

        Raises:
            TamperedError: The file is damaged, or is no file.
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._file, most=LARGEST)
        if content is None:
            return None
        try:
            return Watermark.parse(content)
        except MalformedError:
            raise TamperedError("watermark.damaged") from None

    def advance(self, mark: Watermark) -> None:
        """Remember a mark that is at or beyond the one there is.

        A mirror that the mark does not name is kept as it is. Once this returns, the
        mark is on disk; if it raises, the old one is.

        Raises:
            RewrittenError: The mark is of another book, lies before the one there is,
                or has another root at the same size; or one of its mirrors does.
            TamperedError: The file is damaged.
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._folder):
            smallfiles.make_folder(self._folder)
            with smallfiles.locked(self._folder / "watermark.lock"):
                kept = self.read()
                ahead = mark if kept is None else _ahead(kept, mark)
                if ahead != kept:
                    smallfiles.replace(
                        self._file,
                        ahead.format(),
                        temporary=self._folder / "watermark.new",
                    )
                else:  # whoever wrote it may have died before this
                    smallfiles.sync_folder(self._folder)

    def remember(self, mark: Watermark) -> None:
        """Advance to a mark, unless another program of this user is already beyond.

        For a mark that was consistent with the file while the book was locked: two
        programs that commit one after the other may come here the other way round.

        Raises:
            RewrittenError, TamperedError, NotPermittedError: As `advance`.
        """
        try:
            self.advance(mark)
        except RewrittenError as error:
            if error.code != "watermark.backwards":
                raise


def _ahead(kept: Watermark, mark: Watermark) -> Watermark:
    """Return the mark with the mirrors that only the kept one has."""
    if (mark.book, mark.genesis) != (kept.book, kept.genesis):
        raise RewrittenError("watermark.other-book")
    if mark.size < kept.size:
        raise RewrittenError("watermark.backwards", size=mark.size, kept=kept.size)
    if mark.size == kept.size and mark.root != kept.root:
        raise RewrittenError("watermark.other-root", size=mark.size)
    for name, head in mark.mirrors.items():
        old = kept.mirrors.get(name, head)
        if head.size < old.size:
            raise RewrittenError(
                "watermark.mirror-backwards", size=head.size, kept=old.size
            )
        if head.size == old.size and head.root != old.root:
            raise RewrittenError("watermark.mirror-other-root", size=head.size)
    return replace(mark, mirrors={**kept.mirrors, **mark.mirrors})


def _parse_mirror(value: Json) -> tuple[str, Head]:
    """Return the name and the head of one mirror in the file."""
    match value:
        case {"name": str(name), "root": str(root), "size": int(size)}:
            return name, Head(size, root)
        case _:
            raise MalformedError("watermark.unfit")


def _check_hash(text: str) -> None:
    """Raise unless the text is a hash in 64 lowercase hex digits."""
    if not _HASH.fullmatch(text):
        raise MalformedError("watermark.unfit")
