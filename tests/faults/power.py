"""A disk that loses its power: what may be on it after each step of a program.

What was brought to the disk (`fsync` of a file for its bytes, of a folder for its
names) stays. Of everything since then any part may be there and any part not: each
write and each change of a name by itself, whatever came first; the last one that was
begun may be torn in the middle, and where a file grew there may be anything. This is
stricter than any usual file system, which writes names in their order.

Two writes to one place are never swapped: the system keeps one copy of a page.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePath
from shutil import rmtree

from tests.faults.tracing import Answer, Name, Step, Sync, Write

FOLDER = -1
"""What stands for a folder where a file would have its number."""

BY_CHANCE = 4
"""Images of one moment that keep a part by chance."""

Image = Mapping[str, bytes | None]
"""What is below a folder: bytes of each file, None for a folder."""


@dataclass
class Disk:
    """Names and bytes, as they are after some steps."""

    names: dict[str, int]
    files: dict[int, bytes]

    @classmethod
    def of(cls, image: Image) -> "Disk":
        """Return a disk that holds an image."""
        disk = cls({".": FOLDER}, {})
        for number, (path, content) in enumerate(image.items()):
            disk.names[path] = FOLDER if content is None else number
            disk.files[number] = content or b""
        return disk

    def copy(self) -> "Disk":
        """Return another disk that holds the same."""
        return Disk(dict(self.names), dict(self.files))

    def image(self) -> Image:
        """Return what somebody finds who goes from folder to folder."""
        found: dict[str, bytes | None] = {".": None}
        for path, number in sorted(self.names.items()):
            if found.get(str(PurePath(path).parent), b"") is None:
                found[path] = None if number == FOLDER else self.files[number]
        return found

    def do(self, change: "Change") -> None:
        """Do one write, or change one name."""
        step, file = change.step, change.file
        if isinstance(step, Write):
            old = self.files.get(file, b"")
            if step.length is not None:
                self.files[file] = old[: step.length].ljust(step.length, b"\0")
                return
            start, end = step.offset, step.offset + len(step.data)
            self.files[file] = old[:start].ljust(start, b"\0") + step.data + old[end:]
            return
        if step.what == "unlink":
            self.names.pop(step.path, None)
            return
        if step.what == "rename":
            self.names.pop(step.old, None)
        self.names[step.path] = file
        self.files.setdefault(file, b"")


@dataclass(frozen=True)
class Change:
    """A step that is not known to be on the disk yet, and the file it is about."""

    step: Write | Name
    file: int

    def is_settled_by(self, path: str, number: int) -> bool:
        """Return whether the sync of a file or a folder brings it to the disk."""
        if isinstance(self.step, Write):
            return self.file == number
        return str(PurePath(self.step.path).parent) == path


@dataclass(frozen=True)
class Cut:
    """A moment at which the power may fail.

    Attributes:
        number: How many steps were done.
        last: The one that was done last.
        answered: Whether the program had answered.
        settled: What is on the disk for certain.
        loose: What may be there, in order.
    """

    number: int
    last: Step | None
    answered: bool
    settled: Disk
    loose: Sequence[Change]

    def kept_all(self) -> Image:
        """Return what is there where the power does not fail."""
        return self._with(self.loose)

    def images(self, chance: random.Random) -> Iterator[Image]:
        """Yield what may be on the disk; first all, then the least."""
        loose = self.loose
        yield self.kept_all()
        if not loose:
            return
        yield self._with(())
        yield self._with(loose[:-1])
        yield self._with(loose[-1:])
        yield self._with(self._torn(loose, len(loose) - 1, chance))
        for _ in range(BY_CHANCE):
            share = chance.random()
            kept = [change for change in loose if chance.random() < share]
            yield self._with(kept)
            if kept:
                yield self._with(self._torn(kept, chance.randrange(len(kept)), chance))

    def _with(self, changes: Iterable[Change]) -> Image:
        disk = self.settled.copy()
        for change in changes:
            disk.do(change)
        return disk.image()

    def _torn(
        self, changes: Sequence[Change], number: int, chance: random.Random
    ) -> Sequence[Change]:
        """Return the changes, one of which was only begun, if it is one of bytes.

        Its first bytes or its last ones are missing, or where the file grew there is
        anything.

        Source:
            SQLite, Atomic Commit, section 2: a sector is written from one end to the
            other; a file that grows may hold garbage before its bytes are written.
        """
        step, file = changes[number].step, changes[number].file
        if not isinstance(step, Write) or not step.data:
            return changes
        at = chance.randrange(len(step.data) + 1)
        begun = replace(step, data=step.data[:at])
        if chance.random() < 1 / 2:
            begun = replace(step, offset=step.offset + at, data=step.data[at:])
        elif step.offset >= len(self.settled.files.get(file, b"")):
            begun = replace(step, data=step.data[:at] + chance.randbytes(512))
        torn = list(changes)
        torn[number] = Change(begun, file)
        return torn


def _parts(step: Write | Name, file: int) -> list["Change"]:
    """Return a step as changes that are on the disk or not, each by itself.

    From one folder to another a file gets one name and loses the other.
    """
    if isinstance(step, Write) or step.what != "rename":
        return [Change(step, file)]
    if PurePath(step.old).parent == PurePath(step.path).parent:
        return [Change(step, file)]
    names = (Name("create", step.path), Name("unlink", step.old))
    return [Change(name, file) for name in names]


def cuts(image: Image, steps: Iterable[Step]) -> Iterator[Cut]:
    """Yield every moment between two steps, the first and the last one as well.

    Args:
        image: What was below the folder, all of it on the disk.
        steps: What the program did there.
    """
    settled, now = Disk.of(image), Disk.of(image)
    loose: list[Change] = []
    answered, free = False, len(image)
    yield Cut(0, None, answered, settled.copy(), ())
    for number, step in enumerate(steps, 1):
        match step:
            case Answer():
                answered = True
            case Sync(path):
                about = now.names[path]
                for change in loose:
                    if change.is_settled_by(path, about):
                        settled.do(change)
                loose = [c for c in loose if not c.is_settled_by(path, about)]
            case Name("create" | "mkdir" as what):
                free += 1
                loose.append(Change(step, free if what == "create" else FOLDER))
                now.do(loose[-1])
            case Write() | Name():
                name = step.old if isinstance(step, Name) and step.old else step.path
                changes = _parts(step, now.names[name])
                for change in changes:
                    now.do(change)
                loose.extend(changes)
        yield Cut(number, step, answered, settled.copy(), tuple(loose))


def digest(image: Image) -> bytes:
    """Return a hash by which the same image is known again."""
    found = sha256()
    for path, content in image.items():
        length = -1 if content is None else len(content)
        found.update(f"{path}\0{length}\0".encode() + (content or b""))
    return found.digest()


def taken(folder: Path, *within: str) -> Image:
    """Return what is below a folder, in the folders of it that are named."""
    found: dict[str, bytes | None] = {}
    for name in within:
        for path in (folder / name, *sorted((folder / name).rglob("*"))):
            content = None if path.is_dir() else path.read_bytes()
            found[str(path.relative_to(folder))] = content
    return found


def put_back(folder: Path, image: Image, *within: str) -> None:
    """Lay an image into a folder, in place of what those folders of it held."""
    for name in within:
        rmtree(folder / name)
    for path, content in image.items():
        if content is None:
            (folder / path).mkdir(mode=0o700, exist_ok=True)
        else:
            (folder / path).touch(mode=0o600)
            (folder / path).write_bytes(content)
