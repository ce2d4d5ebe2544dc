"""The way to a folder: whether something else lies where a folder has to be."""

import os
import stat
from pathlib import Path

from ledger.errors import NotPermittedError


def check_way(folder: Path) -> None:
    """Check that a folder can be there: it, and all above it, are folders or missing.

    A link that leads nowhere, or in a circle, is neither.

    Raises:
        NotPermittedError: With the first path on the way that is something else.
    """
    for place in (*reversed(folder.parents), folder):
        try:
            mode = place.stat().st_mode
        except PermissionError:
            return  # whoever reads or writes there is told
        except OSError:
            if not os.path.islink(place):  # noqa: PTH114 (it takes a name that is too long)
                return  # nothing is there, and so nothing below it
            mode = 0
        if not stat.S_ISDIR(mode):
            raise NotPermittedError("system.not-a-folder", path=str(place))
