"""Whoever asks for what was recorded later is told of that day, not that it is not."""

import pytest

from tests.cli.desk import Desk

THEN = ("--known-on", "2025-03-14")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("show", "T-1"), "there was no T-1 in this book at the end of 2025-03-14"),
        (("history", "T-1"), "there was no T-1 in this book"),
        (("explain", "T-1"), "there was no T-1 in this book"),
        (("show", "1"), "there was no entry 1 in this book at the end of 2025-03-14"),
        (
            ("history", "--key", "clerk-07"),
            "at the end of 2025-03-14 (UTC) neither this book nor a mirror here had",
        ),
    ],
)
def test_what_was_not_there_then_is_not_said_to_be_missing_now(
    argv: tuple[str, ...], said: str, after_departure: Desk
) -> None:
    assert after_departure.run(*argv).code == 0

    refused = after_departure.run(*argv, *THEN)

    assert (refused.code, refused.out) == (4, "")
    assert said in refused.err
    assert "leave --known-on out" in refused.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("show", "T-9"), "there is no T-9 in this book"),
        (("history", "I-1", *THEN), "there was no I-1 in this book"),
    ],
)
def test_what_never_was_is_missing_on_each_day(
    argv: tuple[str, ...], said: str, after_departure: Desk
) -> None:
    refused = after_departure.run(*argv)

    assert refused.code == 4
    assert said in refused.err


def test_another_refusal_is_told_as_ever(after_departure: Desk) -> None:
    refused = after_departure.run("show", "sv:T-1", *THEN)

    assert refused.code == 4
    assert "at the end of" not in refused.err
