"""Looking at key files without reading what is in them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.errors import NotPermittedError
from ledger.keys.files import Fault, fault

Unsafe: TypeAlias = Literal["link", "kind", "owner", "mode", "folder-mode"]

_NAMES: dict[Fault, Unsafe] = {
    Fault.KIND: "kind",
    Fault.OWNER: "owner",
    Fault.MODE: "mode",
}


class UnsafeFile(Struct, frozen=True):
    """A private file, or a folder of such files, that must not be trusted.

    Attributes:
        path: Where it is.
        why: It is a link, or no file; others own it or can read it; others can put
            files in the folder.
    """

    path: Path
    why: Unsafe


def private_files(folder: Path) -> list[Path]:
    """Return the private files of a folder of keys, sorted.

    Raises:
        NotPermittedError: This user cannot read it.
    """

    def stop(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise NotPermittedError.of(error, path=str(folder)) from error

    return sorted(
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=stop)
        for name in names
        if name.endswith(".pem")
    )


def unsafe_files(folder: Path) -> Iterator[UnsafeFile]:
    """Yield what is unsafe in a folder of keys.

    Raises:
        NotPermittedError: This user cannot read it.
    """
    files = private_files(folder)
    for path in files:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            yield UnsafeFile(path, "link")
        elif (found := fault(status, user=os.geteuid())) is not None:
            yield UnsafeFile(path, _NAMES[found])
    for parent in sorted({path.parent for path in files} | {folder}):
        if parent.is_dir() and parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield UnsafeFile(parent, "folder-mode")
