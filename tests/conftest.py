"""What all tests share: a disk in memory, and sweeps that are not measured.

A sweep does one thing with many values: every case of the corpus, every damage, every
seed. It is marked `sweep`. What it reaches is reached by other tests as well, and those
alone count for the coverage. Measured, a sweep takes more than twice as long.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes a folder of its own there)
ROOM = 2**31
"""Bytes that must be free there; the folders of one run take half of it."""


def pytest_configure() -> None:
    """Let the folders of tests lie in memory, where a sync takes no time.

    No test needs a disk. Where there is little room, or pytest was told otherwise,
    they lie where they would.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Run a test, a sweep without measuring it."""
    if item.get_closest_marker("sweep") is not None:
        with unmeasured():
            yield
    else:
        yield


@contextmanager
def unmeasured() -> Iterator[None]:
    """Measure no coverage of what this thread does; a debugger stays as it is."""
    tracer = sys.gettrace()
    if not type(tracer).__module__.startswith("coverage"):
        yield
        return
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
