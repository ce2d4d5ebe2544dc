"""Where a peer's files come from and go to, on this machine.

Paths are this user's business and not the book's: the file lies beside the
anti-rollback file, in the user's state folder.
"""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import MalformedError, TamperedError
from ledger.store import smallfiles
from ledger.tlog.canonical import Json, decode, encode
from ledger.tlog.note import check_name

SCHEMA = "transfer-ledger/peerings/1"
LARGEST = 1024 * 1024


class Peering(Struct, frozen=True):
    """The ways to one peer; empty texts where there is none.

    Attributes:
        book: Name of the peer's book.
        inbox: Folder of the files that come from it.
        outbox: Folder of the files that go to it.
        mirror: Database of the peer that can be read from here.
    """

    book: str
    inbox: str = ""
    outbox: str = ""
    mirror: str = ""


class PeeringFile:
    """The file of the ways to all peers of one book.

    Args:
        folder: The `place` of the book; made when the first way is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "peerings"

    def read(self) -> dict[str, Peering]:
        """Return the ways by the name of the peer's book; empty if none are kept.

        Raises:
            TamperedError: The file is damaged, or is no file.
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._file, most=LARGEST)
        if content is None:
            return {}
        try:
            return _parse(content)
        except MalformedError:
            raise TamperedError("peerings.damaged") from None

    def keep(self, peering: Peering) -> None:
        """Remember the ways to one peer, in place of those that were known.

        Raises:
            TamperedError: The file is damaged.
            NotPermittedError: This user cannot write there.
        """
        with smallfiles.permitted(self._folder):
            smallfiles.make_folder(self._folder)
            with smallfiles.locked(self._folder / "peerings.lock"):
                kept = self.read()
                kept[peering.book] = peering
                smallfiles.replace(
                    self._file,
                    _format(kept.values()),
                    temporary=self._folder / "peerings.new",
                )


def _parse(content: bytes) -> dict[str, Peering]:
    match decode(content):
        case {"schema": "transfer-ledger/peerings/1", "peers": list(peers)}:
            found = list(map(_parse_one, peers))
        case _:
            raise MalformedError("peerings.unfit")
    if _format(found) != content:
        raise MalformedError("peerings.unfit")
    return {peering.book: peering for peering in found}


def _parse_one(value: Json) -> Peering:
    match value:
        case {
            "book": str(book),
            "inbox": str(inbox),
            "outbox": str(outbox),
            "mirror": str(mirror),
        }:
            check_name(book)
            return Peering(book, inbox, outbox, mirror)
        case _:
            raise MalformedError("peerings.unfit")


def _format(peerings: Iterable[Peering]) -> bytes:
    peers: list[Json] = [
        {
            "book": each.book,
            "inbox": each.inbox,
            "outbox": each.outbox,
            "mirror": each.mirror,
        }
        for each in sorted(peerings, key=lambda each: each.book)
    ]
    return encode({"schema": SCHEMA, "peers": peers})


def merged(old: Peering, new: Peering) -> Peering:
    """Return the old ways with what the new ones name."""
    return replace(
        old,
        inbox=new.inbox or old.inbox,
        outbox=new.outbox or old.outbox,
        mirror=new.mirror or old.mirror,
    )
