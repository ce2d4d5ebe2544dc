"""What a clerk has answered so far, kept until the entry is recorded.

One file for each verb of each book, in the state folder and for this user alone. It is
replaced after every answer, down to the disk, so that Ctrl-C and a power cut lose
nothing. A second program that asks for the same verb meanwhile gets a file of its own.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from ledger.errors import MalformedError, NotPermittedError
from ledger.store import smallfiles
from ledger.tlog.canonical import Json, decode, encode

SCHEMA = "transfer-ledger/draft/1"
LARGEST = 4 * 1024 * 1024
"""Bytes of the largest file that is read."""

MOST_AT_ONCE = 64
"""How many programs may ask for the same verb of a book at the same time."""

_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC

Answers = Mapping[str, tuple[str, ...]]
"""By option, what was answered: nothing where the answer was `unknown`."""


class Draft(Struct, frozen=True, kw_only=True):
    """An entry that is not recorded yet.

    Attributes:
        verb: The verb that asked (`record`).
        at: When it was answered last, `YYYY-MM-DDTHH:MM:SSZ`.
        once: The id of the request: whoever goes on with a draft that was recorded
            after all finds the entry, and records nothing twice.
        answers: The values of each option that was answered.
    """

    verb: str
    at: str
    once: str
    answers: Answers

    @classmethod
    def parse(cls, content: bytes) -> "Draft":
        """Read exactly what `format` writes.

        Raises:
            MalformedError: The bytes are anything else.
        """
        try:
            value = decode(content)
        except MalformedError:
            raise MalformedError("draft.damaged") from None
        match value:
            case {
                "verb": str(verb),
                "at": str(at),
                "once": str(once),
                "answers": list(answers),
            }:
                found = dict(map(_answer, answers))
                draft = cls(verb=verb, at=at, once=once, answers=found)
            case _:
                raise MalformedError("draft.damaged")
        if draft.format() != content:
            raise MalformedError("draft.damaged")
        return draft

    def format(self) -> bytes:
        """Return the contents of the file, canonical JSON."""
        answers: list[Json] = [
            {"option": option, "values": list(values)}
            for option, values in self.answers.items()
        ]
        return encode(
            {
                "schema": SCHEMA,
                "verb": self.verb,
                "at": self.at,
                "once": self.once,
                "answers": answers,
            }
        )


def _answer(value: Json) -> tuple[str, tuple[str, ...]]:
    match value:
        case {"option": str(option), "values": list(values)}:
            texts = tuple(text for text in values if isinstance(text, str))
            return option, texts
        case _:
            raise MalformedError("draft.damaged")


class DraftFile:
    """The draft of one verb, held by this program.

    Args:
        path: The file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Draft | None:
        """Return what is kept, or None.

        Raises:
            MalformedError: The file is damaged; the next `keep` replaces it.
            NotPermittedError: This user cannot read it.
        """
        content = smallfiles.read(self._path, most=LARGEST)
        return None if content is None else Draft.parse(content)

    def keep(self, draft: Draft) -> None:
        """Keep a draft; it is on the disk once this returns.

        Raises:
            NotPermittedError: The disk is full, or may not be written.
        """
        with smallfiles.permitted(self._path):
            smallfiles.replace(
                self._path, draft.format(), temporary=self._path.with_suffix(".new")
            )

    def drop(self) -> None:
        """Delete what is kept, if anything is.

        Raises:
            NotPermittedError: It may not be deleted.
        """
        with smallfiles.permitted(self._path):
            self._path.unlink(missing_ok=True)
            smallfiles.sync_folder(self._path.parent)


@contextmanager
def draft_of(folder: Path, *, verb: str) -> Iterator[DraftFile]:
    """Hold the draft of a verb; of those that nobody holds, the first.

    Args:
        folder: The `watermark.place` of the book; made if it is not there.
        verb: The verb, as typed.

    Raises:
        NotPermittedError: The folder may not be written, or all are held.
    """
    files = folder / "drafts"
    with smallfiles.permitted(files):
        smallfiles.make_folder(files)
    for number in range(1, MOST_AT_ONCE + 1):
        path = files / f"{verb}-{number}.json"
        with smallfiles.permitted(path):
            descriptor = os.open(path.with_suffix(".lock"), _LOCK, 0o600)
        try:
            with smallfiles.permitted(path):
                if not _is_free(descriptor):
                    continue
            yield DraftFile(path)
            return
        finally:
            os.close(descriptor)
    raise NotPermittedError("draft.too-many", verb=verb, most=MOST_AT_ONCE)


def _is_free(descriptor: int) -> bool:
    """Lock a file unless another program holds it; return whether it worked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
