"""A missing option that takes one of a few words names them."""

import pytest

from tests.cli.desk import Desk


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ("remark", "T-1", "--text", "as read"),
            "--type is missing; it takes one of: variance, responsibility, inspection,",
        ),
        (("end", "T-1", "--at", "2025-04-01"), "--how is missing; it takes one of: "),
        (("totals",), "--by is missing; it takes one of: corridor, facility, year"),
        (
            ("export", "--out", "e"),
            "--format is missing; it takes one of: lines, csv, tiles",
        ),
        (
            ("remark", "T-1", "--type", "notice"),
            "--text is missing; see --help",
        ),
        (("find",), "see --help"),
    ],
)
def test_a_missing_choice_is_said_with_what_it_can_be(
    desk: Desk, argv: tuple[str, ...], said: str
) -> None:
    refused = desk.run(*argv)

    assert refused.code == 2
    assert said in refused.err
