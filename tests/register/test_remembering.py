"""A copy at another path is compared with what this machine remembers of its book."""

from copy import copy
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.register.checking import Report, verify
from ledger.register.opening import Places
from tests.register.stored import (
    LENGTH,
    first_office,
    image_of,
    remember,
    usual,
    usual_office,
)


@pytest.fixture
def there(tmp_path: Path) -> Places:
    return usual(tmp_path)


def copied(there: Places, *, cut: int = 0) -> Places:
    """Copy a book to another path of the same machine, without its last entries."""
    office = copy(usual_office())
    office.notes = office.notes[: LENGTH - cut]
    other = replace(there, database=there.database.with_name("copy.ledger"))
    other.database.write_bytes(image_of(office))
    return other


def outcome(report: Report) -> tuple[int, str, int | None, bool]:
    known = report.remembered
    size = None if known.mark is None else known.mark.size
    return report.exit_code, report.memory, size, known.elsewhere


def test_an_older_copy_at_another_path_is_found(there: Places) -> None:
    remember(there, usual_office(), size=LENGTH)

    report = verify(copied(there, cut=10))

    assert outcome(report) == (11, "fail", LENGTH, True)
    assert [(f.code, f.expected, f.found) for f in report.findings] == [
        ("cut", str(LENGTH), str(LENGTH - 10))
    ]


def test_a_whole_copy_at_another_path_fits(there: Places) -> None:
    remember(there, usual_office(), size=LENGTH)

    assert outcome(verify(copied(there))) == (0, "pass", LENGTH, True)


def test_the_furthest_memory_counts_wherever_it_was_made(there: Places) -> None:
    other = copied(there)
    remember(there, usual_office(), size=LENGTH)
    remember(other, usual_office(), size=LENGTH - 20)

    assert outcome(verify(other)) == (0, "pass", LENGTH, True)
    assert outcome(verify(there)) == (0, "pass", LENGTH, False)


def test_nothing_is_remembered_of_a_book_that_was_never_here(there: Places) -> None:
    assert outcome(verify(there)) == (0, "absent", None, False)


def test_what_lay_at_this_path_decides_where_another_book_does_now(
    there: Places,
) -> None:
    other = copied(there)
    remember(there, usual_office(), size=LENGTH)
    remember(other, first_office(), size=1)

    report = verify(other)

    assert outcome(report) == (11, "fail", 1, False)
    assert report.findings[0].code == "other-genesis"
