import os
import stat
import sys
from pathlib import Path

import pytest

from ledger.cli.bugs import hook, report, write
from ledger.cli.verbs import find

TYPED = "María at cell 5"


def broken() -> BaseException:
    try:
        try:
            find([TYPED], [TYPED])  # type: ignore[list-item]
        except AttributeError as error:
            message = TYPED
            raise ValueError(message) from error
    except ValueError as error:
        return error
    raise AssertionError


def test_a_report_has_types_places_and_versions_and_no_value() -> None:
    error = broken()
    text = report(error, error.__traceback__)

    assert TYPED not in text
    assert "transfer-ledger " in text
    assert "builtins.ValueError" in text
    assert "builtins.AttributeError" in text
    assert "  ledger/cli/verbs.py:" in text
    assert "test_bugs" not in text
    assert text.isascii()


def endless(depth: int) -> BaseException:
    error: BaseException = ValueError(TYPED)
    for _ in range(depth):
        later = ValueError(TYPED)
        later.__cause__ = error
        error = later
    return error


def test_a_report_of_many_causes_stays_short() -> None:
    text = report(endless(500), None)

    assert text.count("\n") < 70


def test_a_report_is_for_its_owner_only_and_overwrites_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    paths = [write("one", folder=folder), write("two", folder=folder)]

    assert paths == [folder / "bug-1.txt", folder / "bug-2.txt"]
    assert (folder / "bug-1.txt").read_text() == "one"
    assert stat.S_IMODE((folder / "bug-2.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_report_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "bug-1.txt").symlink_to(tmp_path / "elsewhere")

    assert write("x", folder=tmp_path) == tmp_path / "bug-2.txt"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_takes_no_report_is_no_second_bug(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for number in range(1, 1000):
        (tmp_path / f"bug-{number}.txt").touch()

    assert write("x", folder=tmp_path / "file") is None
    assert write("x", folder=tmp_path) is None


def test_the_hook_says_where_the_report_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["transfer-ledger", "due"])
    error = broken()
    hook(type(error), error, error.__traceback__)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    hook(type(error), error, None)
    hook(KeyboardInterrupt, KeyboardInterrupt(), None)

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert os.fspath(tmp_path / "transfer-ledger" / "bug-1.txt") in said[0]
    assert "no report" in said[1]
