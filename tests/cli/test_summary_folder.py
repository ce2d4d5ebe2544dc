"""Where a summary cannot be written, it is said which folder, and what to type."""

from pathlib import Path

import pytest

from ledger.cli import certify
from ledger.errors import NotPermittedError
from tests.cli.desk import Desk
from tests.surroundings import files_of_at_most, open_folder, without_power


def refusal(desk: Desk, out: str) -> str:
    """Return what is said where nothing can be written; nothing was signed then."""
    outcome = desk.run("summary", "--out", out)

    assert outcome.code == 24
    return outcome.err


@pytest.mark.parametrize("out", ["locked", "locked/new", "locked/new/newer"])
def test_a_folder_without_permission_is_named_before_the_book_is_opened(
    out: str,
) -> None:
    with open_folder() as place:
        locked = place / "locked"
        locked.mkdir(mode=0o555)
        with without_power():
            said = refusal(Desk(place), out)

        assert list(locked.iterdir()) == []

    assert f"the folder {out} does not take files" in said
    assert "--out ~/summary" in said


def test_a_folder_that_fills_up_is_named(received: Desk) -> None:
    """Let the system refuse what is written once the summary is made."""
    out = str(received.folder / "out")

    with files_of_at_most(0), pytest.raises(NotPermittedError) as refused:
        certify.write_files(Path(out), {"summary.json": b"{}"})

    assert refused.value.code == "summary.folder-not-written"
    assert refused.value.values == {"folder": out}


def test_a_file_that_stands_for_a_folder_is_named(received: Desk) -> None:
    (received.folder / "file").touch()

    assert "the folder file/x does not take files" in refusal(received, "file/x")
