"""A whole book comes as a folder of tiles; hostile folders change not a byte.

One hostile folder a test: each is refused with its reason, and the database of the
receiving office, mirror and all, is afterwards what it was before.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.errors import NotFoundError, NotPermittedError, RefusedError
from ledger.exchange import tiled
from ledger.exchange.card import OpenedCard
from ledger.exchange.evidence import check_evidence
from ledger.exchange.tiled import opened_tiles
from ledger.register.exporting import export_tiles
from ledger.register.repairing import repair
from ledger.register.syncing import Read, read_inbox, read_neighbour
from ledger.tlog import merkle, tiles
from ledger.tlog.note import Note, sign_note
from tests.office import Office, signer
from tests.register.neighbours import Receiver, card_of, signed, us
from tests.register.stored import make, opened, places
from tests.register.test_mirroring import forked
from tests.surroundings import in_the_way, open_folder, without_power

EDGE = "tile/entries/000.p/2"
HASHES = "tile/0/000.p/2"
STRANGE = ("sync.another-book-there", "sync.unknown-book")


def lay_tiles(folder: Path, notes: Sequence[bytes], checkpoint: bytes) -> None:
    """Write a book as tiles, by the tlog alone: what a log of anybody serves."""
    made = tiles.hash_tiles(map(merkle.leaf_hash, notes))
    found = {tile.path: tile.data for tile in made}
    for index in range(0, len(notes), tiles.WIDTH):
        some = notes[index : index + tiles.WIDTH]
        path = tiles.entries_path(index=index // tiles.WIDTH, width=len(some))
        found[path] = tiles.entry_bundle(some)
    found[tiles.CHECKPOINT_PATH] = checkpoint
    for path, data in found.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@dataclass(frozen=True)
class Handed:
    """A receiving office, and the folder of tiles that it is handed."""

    receiver: Receiver
    folder: Path

    def lay(self, office: Office | None = None, checkpoint: bytes = b"") -> None:
        """Lay the tiles of an office, the sender if none is named."""
        sender = office or self.receiver.sender
        note = checkpoint or signed(sender, len(sender.notes))
        lay_tiles(self.folder, sender.notes, note)

    def read(self) -> Read:
        """Take the folder in as `sync --mirror FOLDER` does."""
        receiver = self.receiver
        with opened(receiver.there) as register:
            return read_neighbour(
                register, self.folder, peer=receiver.peer(), now=receiver.now
            )

    def found(self) -> Read:
        """Take the folder in as `sync` does with what lies in the inbox."""
        receiver = self.receiver
        peers = {receiver.sender.book: receiver.peer()}
        with opened(receiver.there) as register:
            (read,) = read_inbox(
                register, self.folder.parent, peers=peers, now=receiver.now
            )
        return read

    def refusals(self) -> list[str]:
        """Return why the folder is refused by each road, with no byte changed."""
        before = self.receiver.image()
        reads = [self.read(), self.found()]
        assert self.receiver.image() == before
        assert {read.result for read in reads} == {"refused"}
        return [read.error.code for read in reads if read.error is not None]

    def refused(self) -> str:
        """Return why the folder is refused, which is the same by both roads."""
        (code,) = set(self.refusals())
        return code


@pytest.fixture(name="handed")
def _handed(tmp_path: Path) -> Handed:
    folder = tmp_path / "inbox" / "tiles"
    folder.mkdir(parents=True)
    (tmp_path / "office").mkdir()
    handed = Handed(Receiver(tmp_path / "office", us()), folder)
    handed.lay()
    return handed


def test_what_an_export_wrote_is_mirrored_byte_for_byte(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path, us())
    sender = receiver.sender
    (tmp_path / "sender").mkdir()
    there = places(tmp_path / "sender")
    with_checkpoint = make(sender, there.database)
    with_checkpoint.keep_checkpoint(size=2, note=signed(sender, 2))
    with_checkpoint.close()
    with opened(there) as register:
        export_tiles(register, tmp_path / "tiles")

    read = Handed(receiver, tmp_path / "tiles").read()

    assert (read.result, read.taken and read.taken.added) == ("taken", 2)
    assert receiver.rows() == sender.notes
    made = receiver.cosign()
    assert made is not None
    assert made.size == 2


def test_a_folder_in_the_inbox_is_read_as_a_file_is(handed: Handed) -> None:
    assert handed.found().result == "taken"
    assert handed.found().result == "known"
    assert handed.receiver.rows() == handed.receiver.sender.notes


def long_book(sender: Office, size: int) -> None:
    while len(sender.notes) < size:
        sender.put(f"no entry {len(sender.notes)}".encode())


def test_a_book_of_several_tiles_is_read_whole(handed: Handed) -> None:
    sender = handed.receiver.sender
    shutil.rmtree(handed.folder)
    long_book(sender, 258)
    handed.lay()

    assert handed.read().result == "taken"
    assert handed.receiver.rows() == sender.notes


def test_a_full_tile_may_stand_for_a_part_of_it(handed: Handed) -> None:
    """A log that has grown may drop its partial tiles: C2SP tlog-tiles."""
    sender = handed.receiver.sender
    long_book(sender, 256)
    shutil.rmtree(handed.folder)
    handed.lay(checkpoint=signed(sender, 2))
    assert not (handed.folder / EDGE).exists()

    assert handed.read().result == "taken"
    assert handed.receiver.rows() == sender.notes[:2]


def test_two_histories_as_tiles_are_evidence(handed: Handed) -> None:
    assert handed.read().result == "taken"
    sender = handed.receiver.sender
    shutil.rmtree(handed.folder)
    handed.lay(forked(sender, 1))

    read = handed.read()

    assert read.result == "evidence"
    assert read.evidence is not None
    card = OpenedCard(card_of(sender), sender.keys["state"].key)
    report = check_evidence(read.evidence.read_bytes(), card=card)
    assert report.verdict == "verified"


def test_a_lost_book_is_mended_from_tiles(handed: Handed, tmp_path: Path) -> None:
    sender = handed.receiver.sender
    done = repair(
        places(tmp_path),
        handed.folder,
        now=handed.receiver.now,
        may_replace=lambda: True,
        genesis=merkle.leaf_hash(sender.notes[0]).hex(),
    )

    assert (done.size, done.proven) == (2, 2)


def test_entries_that_disagree_with_the_checkpoint(handed: Handed) -> None:
    """All tiles fit the entries, and the checkpoint is the one of another book."""
    other = forked(handed.receiver.sender, 1)
    handed.lay(checkpoint=signed(other, 2))

    assert handed.refused() == "sync.other-root"


def test_tiles_that_disagree_with_the_checkpoint(handed: Handed) -> None:
    """The entries are those that it signs, the hashes beside them are not."""
    changed = bytearray((handed.folder / HASHES).read_bytes())
    changed[40] ^= 1
    (handed.folder / HASHES).write_bytes(changed)

    assert handed.refused() == "tiles.other-hashes"


def test_entries_that_were_changed_disagree_with_their_tile(handed: Handed) -> None:
    other = forked(handed.receiver.sender, 1)
    (handed.folder / EDGE).write_bytes(tiles.entry_bundle(other.notes))

    assert handed.refused() == "tiles.other-hashes"


@pytest.mark.parametrize("path", ["checkpoint", EDGE, HASHES])
def test_a_missing_tile(handed: Handed, path: str) -> None:
    (handed.folder / path).unlink()

    assert handed.refused() == "tiles.missing"


def test_a_missing_tile_of_a_large_book(handed: Handed) -> None:
    sender = handed.receiver.sender
    long_book(sender, 258)
    handed.lay()
    (handed.folder / "tile/0/000").unlink()
    assert handed.refused() == "tiles.missing"

    handed.lay()
    (handed.folder / "tile/1/000.p/1").unlink()
    assert handed.refused() == "tiles.missing"


@pytest.mark.parametrize("path", ["checkpoint", "tile", "tile/entries", EDGE, HASHES])
def test_a_symlink(handed: Handed, tmp_path: Path, path: str) -> None:
    """What lies outside the folder is never read, even where it is the right thing."""
    outside = tmp_path / "outside"
    (handed.folder / path).rename(outside)
    (handed.folder / path).symlink_to(outside)

    assert handed.refused() == "tiles.unfit"


def test_the_folder_itself_is_a_symlink(handed: Handed, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    handed.folder.rename(outside)
    handed.folder.symlink_to(outside)
    before = handed.receiver.image()

    assert handed.found().result == "refused"
    with (
        pytest.raises(RefusedError, match=r"tiles\.unfit"),
        opened_tiles(handed.folder),
    ):
        pass
    assert handed.receiver.image() == before


@pytest.mark.parametrize(
    "name", ["../../outside/book", "/etc/passwd", "..", "us.example/book/../.."]
)
def test_a_path_that_climbs_out(handed: Handed, name: str, tmp_path: Path) -> None:
    """A checkpoint may name anything: no path is made of what it says."""
    seen = set(tmp_path.rglob("*"))
    text = Note.parse(signed(handed.receiver.sender, 2)).text
    text = text.replace(handed.receiver.sender.book, name, 1)
    log = signer("us.example/book", 11)
    (handed.folder / "checkpoint").write_bytes(sign_note(text, log))

    assert set(handed.refusals()) <= {*STRANGE, "name.bad-form"}
    assert set(tmp_path.rglob("*")) == seen


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
@pytest.mark.parametrize("path", ["checkpoint", EDGE])
def test_what_is_no_file(handed: Handed, path: str, kind: str) -> None:
    (handed.folder / path).unlink()
    in_the_way(handed.folder / path, kind=kind)

    assert handed.refused() == "tiles.unfit"


@pytest.mark.parametrize("path", ["checkpoint", EDGE, HASHES])
def test_an_oversized_file(handed: Handed, path: str) -> None:
    with (handed.folder / path).open("ab") as file:
        file.truncate(1 << 34)

    assert handed.refused() == "tiles.file-too-long"


def test_a_file_that_holds_more_than_its_name_says(handed: Handed) -> None:
    notes = handed.receiver.sender.notes
    (handed.folder / EDGE).write_bytes(tiles.entry_bundle([*notes, b"more"]))
    assert handed.refused() == "tiles.bundle-too-long"

    (handed.folder / EDGE).write_bytes(tiles.entry_bundle(notes[:1]))
    assert handed.refused() == "tiles.bundle-cut"

    (handed.folder / EDGE).write_bytes(tiles.entry_bundle(notes))
    (handed.folder / HASHES).write_bytes((handed.folder / HASHES).read_bytes() + b"x")
    assert handed.refused() == "tiles.other-hashes"


def test_endless_data(handed: Handed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint of as many entries as there can be, and files without end."""
    sender = handed.receiver.sender
    many = signed(sender, 2).replace(b"\n2\n", b"\n9007199254740991\n", 1)
    long_book(sender, 256)
    shutil.rmtree(handed.folder)
    handed.lay(checkpoint=many)
    assert handed.refused() == "tiles.missing"

    monkeypatch.setattr(tiled, "LARGEST", 1000)
    assert handed.refused() == "bundle.too-big"


def test_a_checkpoint_of_nothing(handed: Handed) -> None:
    empty = signed(handed.receiver.sender, 0, root=merkle.root([]))
    (handed.folder / "checkpoint").write_bytes(empty)

    assert handed.refused() == "tiles.no-entries"


def test_a_checkpoint_that_the_log_did_not_sign(handed: Handed) -> None:
    text = Note.parse(signed(handed.receiver.sender, 2)).text
    note = sign_note(text, signer("us.example/book", 77))
    (handed.folder / "checkpoint").write_bytes(note)

    assert handed.refused() == "sync.checkpoint-not-signed"


def test_tiles_of_another_book(handed: Handed) -> None:
    other = Office(book="zz.example/book", state="ZZ", seed=70)
    shutil.rmtree(handed.folder)
    handed.lay(other)

    assert handed.refusals() == list(STRANGE)


def test_a_folder_that_is_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError), opened_tiles(tmp_path / "none"):
        pass
    with (
        open_folder(mode=0o000) as shut,
        without_power(),
        pytest.raises(NotPermittedError),
        opened_tiles(shut),
    ):
        pass
    with open_folder() as folder:
        (folder / "checkpoint").write_bytes(b"x")
        (folder / "checkpoint").chmod(0o000)
        with without_power(), pytest.raises(NotPermittedError), opened_tiles(folder):
            pass
