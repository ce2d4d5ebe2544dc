"""Desks for the tests of verbs: with a new book, and with one transfer in it."""

from pathlib import Path
from shutil import copytree

import pytest

from tests.cli.desk import INIT, RECEIVE, RECORD, Desk
from tests.cli.two_states import befriend, depart, opened


@pytest.fixture(scope="session")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = Desk(tmp_path_factory.mktemp("opened"))
    desk.write_passphrase()
    desk.done(*INIT)
    return desk.folder


@pytest.fixture(scope="session")
def _departed(tmp_path_factory: pytest.TempPathFactory, _opened: Path) -> Path:
    desk = Desk(_copy(_opened, tmp_path_factory.mktemp("departed")))
    desk.now = desk.now.replace(day=20)
    desk.done(*RECORD)
    return desk.folder


@pytest.fixture(scope="session")
def befriended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two states that trust each other; a transfer has left.

    Copy it by `two_states.moved`, never write there.
    """
    folder = tmp_path_factory.mktemp("befriended")
    us, sv = opened(folder)
    befriend(us, sv)
    depart(us)
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Desk:
    """Return a desk on which there is no book yet."""
    desk = Desk(tmp_path)
    desk.write_passphrase()
    return desk


@pytest.fixture
def desk(_opened: Path, tmp_path: Path) -> Desk:
    """Return a desk with a book that has only its first entry."""
    return Desk(_copy(_opened, tmp_path))


@pytest.fixture
def after_departure(_departed: Path, tmp_path: Path) -> Desk:
    """Return a desk with a book in which T-1 has left, on 20 March 2025."""
    desk = Desk(_copy(_departed, tmp_path))
    desk.now = desk.now.replace(day=20)
    return desk


@pytest.fixture
def received(after_departure: Desk) -> Desk:
    """Return a desk with a book in which T-1 has arrived too."""
    after_departure.done(*RECEIVE)
    return after_departure


def _copy(folder: Path, place: Path) -> Path:
    return copytree(folder, place / "desk")
