"""Putting a new file in the place of a damaged one, which stays as evidence."""

import os
from datetime import datetime
from pathlib import Path

from ledger.errors import RefusedError
from ledger.store.recovery import SIDE_FILES
from ledger.store.smallfiles import sync_folder


def put_anew(draft: Path, place: Path, *, now: datetime) -> Path | None:
    """Put a new book in its place in one step, and keep the old file beside it.

    At every moment the place holds the old file or the new one. The old one gets its
    second name as a hard link, which removable media may not have.

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
    for suffix, path in beside:
        # Not read: to close the file would let go the lock that SQLite has on it.
        os.link(path, aside.with_name(aside.name + suffix), follow_symlinks=False)
    sync_folder(place.parent)
    # SQLite would play what lies beside the old file into the new one.
    for _, path in beside[1:]:
        path.unlink()
    draft.replace(place)
    sync_folder(place.parent)
    return aside
