"""The law: whatever lies in the place of this user's folders ends in a sentence."""

from pathlib import Path

import pytest

from ledger.cli import PROGRAM
from ledger.cli.bugs import write
from ledger.store.watermark import place
from tests.cli.desk import REMARK, Desk

VERBS = (
    ("verify",),
    REMARK,
    ("checkpoint",),
    ("key", "list"),
)
PLACES = {
    "XDG_STATE_HOME": ("", PROGRAM),
    "XDG_DATA_HOME": ("", PROGRAM, f"{PROGRAM}/keys"),
}


def put(at: Path, kind: str) -> None:
    """Put something in the place of a folder."""
    at.parent.mkdir(parents=True, exist_ok=True)
    if kind == "file":
        at.write_bytes(b"")
    elif kind == "nowhere":
        at.symlink_to(at.with_name("none"))
    else:
        at.symlink_to(at)


@pytest.mark.parametrize("kind", ["file", "nowhere", "circle"])
@pytest.mark.parametrize(
    ("variable", "below"), [(name, below) for name in PLACES for below in PLACES[name]]
)
def test_what_is_no_folder_is_named_and_nothing_is_written(
    after_departure: Desk, variable: str, below: str, kind: str
) -> None:
    desk = after_departure
    home = desk.folder / "elsewhere"
    put(home / below, kind)
    before = desk.bytes()

    outcomes = [desk.run(*verb, environ={variable: str(home)}) for verb in VERBS]

    assert desk.bytes() == before
    codes = [outcome.code for outcome in outcomes]
    told = [outcome for outcome in outcomes if outcome.code == 24]
    assert set(codes) <= {0, 24}
    assert codes[1] == 24
    assert all(str(home / below) in outcome.err for outcome in told)


@pytest.mark.parametrize("kind", ["file", "nowhere", "circle"])
@pytest.mark.parametrize("below", ["", "pending"])
def test_what_is_no_folder_below_the_state_folder_is_named_too(
    after_departure: Desk, kind: str, below: str
) -> None:
    desk = after_departure
    state = Path(desk.environ["XDG_STATE_HOME"]) / PROGRAM
    at = place(state, str(desk.database.resolve())) / below
    if at.exists():
        at.rename(state / "moved")
    put(at, kind)

    outcome = desk.run(*REMARK)

    assert outcome.code == 24
    assert str(at) in outcome.err


def test_a_report_of_a_bug_that_finds_no_folder_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    assert write("a report\n", folder=tmp_path / "file" / "state") is None
