"""What the program did to its files, in order, as `strace` saw it.

The run itself is the real one: its SQLite, its small files, its answer. Only what
happens below one folder is kept, and the answer on standard output.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cli.desk import Desk
from tests.faults.processes import PROGRAM, environ

WRITES = (
    *("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile"),
    *("copy_file_range", "fallocate", "truncate", "ftruncate", "lseek"),
)
NAMES = (
    *("openat", "open", "creat", "unlink", "unlinkat", "rename", "renameat"),
    *("renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink"),
    *("symlinkat", "mknod", "mknodat"),
)
SYNCS = ("fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "msync")
LONGEST = 1 << 20
"""Bytes of a write that are shown; a page of SQLite and its journal are far shorter."""

_CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)(?:<.*>)?(?: .*)?")
_OPEN_FILE = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2})*|[^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True)
class Write:
    """Bytes that were written into a file, or a new length of it."""

    path: str
    offset: int
    data: bytes = b""
    length: int | None = None


@dataclass(frozen=True)
class Name:
    """A change of a name: `create`, `mkdir`, `unlink`, or `rename` from an old one."""

    what: str
    path: str
    old: str = ""


@dataclass(frozen=True)
class Sync:
    """A file, or a folder's names, were brought to the disk."""

    path: str


@dataclass(frozen=True)
class Answer:
    """The program answered whoever asked."""


Step = Write | Name | Sync | Answer


def traced(
    desk: Desk, argv: Sequence[str], *, program: Sequence[str] = PROGRAM
) -> list[Step]:
    """Run the program, which must do what it is asked; return what it did.

    Args:
        desk: Where it runs.
        argv: What it is asked.
        program: Another program than ours.
    """
    log, said = desk.folder / "strace.log", desk.folder / "answer"
    reader = _Reader(desk.folder, said)
    with said.open("wb") as out:
        subprocess.run(
            [
                *("strace", "-f", "-qq", "-y", "-xx", "-s", str(LONGEST)),
                *("-o", str(log), "-e", "signal=none"),
                *("-e", f"trace={','.join((*WRITES, *NAMES, *SYNCS))}"),
                *(*program, *argv),
            ],
            cwd=desk.folder,
            env=environ(desk),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )
    steps = list(reader.read(log.read_text()))
    log.unlink()
    said.unlink()
    return steps


class _Reader:
    """Reads a log; refuses what it does not understand, so that nothing is missed."""

    def __init__(self, folder: Path, said: Path) -> None:
        self._folder = folder
        self._said = str(said)
        self._offsets: dict[int, int] = {}
        self._plain: set[int] = set()
        self._here = {str(path) for path in (folder, *folder.rglob("*"))}

    def read(self, log: str) -> Iterator[Step]:
        """Yield the steps that concern the folder."""
        for line in log.splitlines():
            match = _CALL.fullmatch(line)
            assert match is not None, line[:200]
            call, arguments, result = match[1], match[2], int(match[3])
            if result >= 0:
                yield from self._steps(call, arguments, result)

    def _steps(self, call: str, arguments: str, result: int) -> Iterator[Step]:
        file = _OPEN_FILE.match(arguments)
        texts = [_bytes(text) for text in _TEXT.findall(arguments)]
        if call == "openat":
            yield from self._opened(self._full(texts[0]), arguments, result)
        elif file is not None:
            number, path = int(file[1]), os.fsdecode(_bytes(file[2]))
            last = arguments.rpartition(", ")[2]
            if path == self._said:
                yield from [Answer()] if call == "write" else []
            elif call == "lseek":
                self._offsets[number] = result
            elif self._is_ours(path):
                yield self._to(call, number, path, texts, last=last, result=result)
        else:
            paths = [self._full(text) for text in texts]
            if any(map(self._is_ours, paths)):
                yield self._name(call, paths)

    def _opened(self, path: str, arguments: str, number: int) -> Iterator[Step]:
        self._offsets[number] = 0
        if not self._is_ours(path):
            return
        assert "O_APPEND" not in arguments, arguments
        self._plain.discard(number)
        if "O_WRONLY" in arguments:
            self._plain.add(number)
        if path not in self._here:
            assert "O_CREAT" in arguments, arguments
            self._here.add(path)
            yield Name("create", self._short(path))
        elif "O_TRUNC" in arguments:
            yield Write(self._short(path), 0, length=0)

    def _to(
        self,
        call: str,
        number: int,
        path: str,
        texts: Sequence[bytes],
        *,
        last: str,
        result: int,
    ) -> Step:
        assert "(deleted)" not in path, (call, path)
        name = self._short(path)
        match call:
            case "fsync" | "fdatasync":
                return Sync(name)
            case "ftruncate":
                return Write(name, 0, length=int(last))
            case "pwrite64":
                return Write(name, int(last), texts[0][:result])
            case "write":
                # What is read moves the place to write at as well, and is not traced.
                assert number in self._plain, path
                offset = self._offsets[number]
                self._offsets[number] = offset + result
                return Write(name, offset, texts[0][:result])
            case _:
                raise AssertionError(call, path)

    def _name(self, call: str, paths: Sequence[str]) -> Step:
        match call:
            case "unlink" | "mkdir":
                self._here.symmetric_difference_update(paths)
                return Name(call, self._short(paths[0]))
            case "rename":
                old, new = paths
                self._here.discard(old)
                self._here.add(new)
                return Name(call, self._short(new), old=self._short(old))
            case _:
                raise AssertionError(call, paths)

    def _full(self, text: bytes) -> str:
        return os.path.normpath(self._folder / os.fsdecode(text))

    def _is_ours(self, path: str) -> bool:
        ours = (str(self._folder), path)
        return path != self._said and os.path.commonpath(ours) == ours[0]

    def _short(self, path: str) -> str:
        return os.path.relpath(path, self._folder)


def _bytes(text: str) -> bytes:
    """Return what `strace -xx` wrote in hex, or a plain path as it is."""
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", ""))
    return text.encode()
