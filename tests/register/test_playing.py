"""An example is played through the same door as everything else."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import MalformedError, NotFoundError, RefusedError
from ledger.register.founding import Founding
from ledger.register.playing import Example, Step, play, read_example
from ledger.tlog.entry import parse_instant
from tests.register import stored

EXAMPLES = Path(__file__).parents[2] / "examples"
AT = "2026-11-20T09:00:00Z"
SOUND: dict[str, Any] = {
    "schema": "transfer-ledger/example/1",
    "title": "One departure",
    "book": {
        "name": "us.example/book",
        "state": "US",
        "zone": "America/Chicago",
        "clerk": "clerk-07",
    },
    "at": AT,
    "entries": [{"kind": "transfer", "at": AT, "request": stored.TRANSFER}],
}


def read(folder: Path, content: bytes) -> Example:
    path = folder / "entries.json"
    path.write_bytes(content)
    return read_example(path)


def spelled(**members: Any) -> bytes:
    said = {**SOUND, **members}
    return json.dumps({k: v for k, v in said.items() if v is not None}).encode()


def test_an_example_is_read_from_its_file(tmp_path: Path) -> None:
    at = parse_instant(AT)

    assert read(tmp_path, spelled()) == Example(
        title="One departure",
        founding=Founding("us.example/book", "US", "America/Chicago", "clerk-07"),
        at=at,
        steps=(Step("transfer", at, stored.TRANSFER),),
    )


@pytest.mark.parametrize("folder", sorted(EXAMPLES.iterdir()), ids=lambda f: f.name)
def test_every_example_of_the_repository_can_be_read(folder: Path) -> None:
    example = read_example(folder / "entries.json")

    example.founding.check()
    assert example.steps


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="too deep"),
        pytest.param(spelled(schema="transfer-ledger/example/2"), id="a schema"),
        pytest.param(spelled(title=None), id="no title"),
        pytest.param(spelled(book={"name": "us.example/book"}), id="half a book"),
        pytest.param(spelled(at=7), id="a time that is a number"),
        pytest.param(spelled(at="2026-11-20"), id="a time that is a day"),
        pytest.param(spelled(entries={}), id="no list of entries"),
        pytest.param(spelled(entries=[7]), id="an entry that is a number"),
        pytest.param(spelled(entries=[{"kind": "transfer"}]), id="half an entry"),
        pytest.param(
            spelled(entries=[{"kind": "transfer", "at": "now", "request": {}}]),
            id="an entry of no time",
        ),
    ],
)
def test_what_is_no_example_is_malformed(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(MalformedError):
        read(tmp_path, content)


def test_an_example_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"file\.none"):
        read_example(tmp_path / "entries.json")


def test_a_step_is_recorded_at_its_own_time(tmp_path: Path) -> None:
    office = stored.first_office()
    there = stored.lay(tmp_path, stored.first_image())
    example = read(tmp_path, spelled())

    with stored.opened(there) as register:
        (done,) = play(register, example, signer=office.keys["clerk"])

    assert (done.ref, done.size) == ("T-1", 2)
    assert done.entry.at == parse_instant(AT)


def test_a_step_that_is_refused_leaves_those_before_it_recorded(
    tmp_path: Path,
) -> None:
    steps = [
        {"kind": "transfer", "at": AT, "request": stored.TRANSFER},
        {"kind": "transfer", "at": AT, "request": {**stored.TRANSFER, "origin": "QQ"}},
        {"kind": "transfer", "at": AT, "request": stored.TRANSFER},
    ]
    office = stored.first_office()
    there = stored.lay(tmp_path, stored.first_image())
    example = read(tmp_path, spelled(entries=steps))

    with stored.opened(there) as register:
        played = play(register, example, signer=office.keys["clerk"])
        first = next(played)
        with pytest.raises(RefusedError, match=r"value\.not-a-state"):
            next(played)

        assert (first.size, register.journal.size()) == (2, 2)


@pytest.mark.parametrize("value", [None, 1.5, "\ud800"])
def test_a_value_that_no_entry_has_is_never_recorded(
    tmp_path: Path, value: object
) -> None:
    request = {**stored.TRANSFER, "text": value}
    steps = [{"kind": "transfer", "at": AT, "request": request}]
    office = stored.first_office()
    there = stored.lay(tmp_path, stored.first_image())
    example = read(tmp_path, spelled(entries=steps))

    with stored.opened(there) as register:
        with pytest.raises((RefusedError, MalformedError)):
            next(play(register, example, signer=office.keys["clerk"]))

        assert register.journal.size() == 1
