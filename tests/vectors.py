"""Where the published test vectors lie: beside the repository, not in it."""

import os
from pathlib import Path

import pytest


def vectors(*parts: str) -> Path:
    """Return the path of published vectors; skip the test where there are none.

    They lie in the folder that TRANSFER_LEDGER_VECTORS names, else in
    ``../shared/vectors`` beside the repository.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "vectors"
    folder = Path(os.environ.get("TRANSFER_LEDGER_VECTORS", beside))
    if not folder.is_dir():
        pytest.skip("no published vectors: set TRANSFER_LEDGER_VECTORS")
    return folder.joinpath(*parts)
