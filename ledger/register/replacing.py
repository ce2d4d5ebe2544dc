"""Putting a new file in the place of a damaged one, which stays as evidence."""

import errno
import os
import secrets
import shutil
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from ledger.errors import RefusedError
from ledger.exchange.outbox import put_in_place
from ledger.store.recovery import SIDE_FILES
from ledger.store.smallfiles import sync_folder

_NO_LINKS = frozenset(
    (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL)
)
"""How file systems say that a file has one name only: FAT, exFAT, some of networks."""


def put_anew(draft: Path, place: Path, *, now: datetime) -> Path | None:
    """Put a new book in its place in one step, and keep the old file beside it.

    At every moment the place holds the old file or the new one. The old one gets its
    second name as a hard link; where the medium has none, it is copied.

    Returns:
        Where the old file is now; None if there was none.

    Raises:
        RefusedError: If the name for the old file is taken.
        OSError: If the folder does not take it; the place is as it was then.
    """
    if not os.path.lexists(place):
        draft.replace(place)
        sync_folder(place.parent)
        return None
    aside = place.with_name(f"{place.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    beside = [("", place)]
    for suffix in SIDE_FILES:
        path = place.with_name(place.name + suffix)
        if os.path.lexists(path):
            beside.append((suffix, path))
    if any(os.path.lexists(aside.with_name(aside.name + s)) for s, _ in beside):
        raise RefusedError("file.exists")
    with ExitStack() as held:
        for suffix, path in beside:
            _name_again(path, aside.with_name(aside.name + suffix), held)
        sync_folder(place.parent)
        # SQLite would play what lies beside the old file into the new one.
        for _, path in beside[1:]:
            path.unlink()
        draft.replace(place)
        sync_folder(place.parent)
    return aside


def _name_again(path: Path, name: Path, held: ExitStack) -> None:
    """Give a file a second name, or a copy of it where no file has two.

    Args:
        path: The file.
        name: The new name, in the same folder; nothing has it.
        held: Closes what was read, afterwards: to close a database lets go the lock
            that SQLite has on it.
    """
    try:
        os.link(path, name, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    old = held.enter_context(os.fdopen(source, "rb"))
    draft = name.with_name(f".{name.name}.{secrets.token_hex(4)}")
    mode = os.fstat(source).st_mode & 0o777
    try:
        copied = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
        with os.fdopen(copied, "wb") as file:
            shutil.copyfileobj(old, file)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(draft, name)
    finally:
        draft.unlink(missing_ok=True)
