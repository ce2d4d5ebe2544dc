"""The bundle: what is written is read; whatever else is refused, each with a code."""

import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from ledger.errors import MalformedError, NotPermittedError, RefusedError
from ledger.exchange import bundle
from ledger.exchange.bundle import Bundle, Header, opened_bundle, write_bundle

GENESIS = "ab" * 32
HEADER = Header(book="us.example/book", genesis=GENESIS, start=1, stop=3)
NOTES = [b"one\n", "zwei — \xe9\n".encode()]
LINES = [HEADER.format(), b'"one\\n"\n', b'"two"\n', b'"checkpoint"\n', b'"answer"\n']


def read(content: bytes) -> tuple[list[bytes], bytes, tuple[bytes, ...]]:
    made = Bundle(BytesIO(content))
    notes = list(made.notes())
    return notes, made.checkpoint, made.answers


def refused(content: bytes) -> str:
    with pytest.raises(MalformedError) as caught:
        read(content)
    return caught.value.code


@given(
    notes=st.lists(st.binary(min_size=1, max_size=40), max_size=5),
    answers=st.lists(st.binary(min_size=1, max_size=40), max_size=3),
    start=st.integers(0, 9),
)
def test_what_is_written_is_read_whatever_the_bytes(
    notes: list[bytes],
    answers: list[bytes],
    start: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    stop = start + len(notes)
    header = Header(book="us.example/book", genesis=GENESIS, start=start, stop=stop + 1)

    written = write_bundle(
        folder, header, notes=[*notes, b"x"], checkpoint=b"c", answers=answers
    )
    with opened_bundle(written.path) as made:
        assert made.header == header
        assert list(made.notes()) == [*notes, b"x"]
        assert (made.checkpoint, made.answers) == (b"c", tuple(answers))

    assert written.path.read_bytes().isascii()
    assert [path.name for path in folder.iterdir()] == [written.path.name]


def test_the_same_contents_are_written_once(tmp_path: Path) -> None:
    first = write_bundle(tmp_path, HEADER, notes=NOTES, checkpoint=b"c")
    again = write_bundle(tmp_path, HEADER, notes=NOTES, checkpoint=b"c")
    other = write_bundle(tmp_path, HEADER, notes=NOTES, checkpoint=b"d")

    assert (first.new, again.new, again.path) == (True, False, first.path)
    assert other.path != first.path
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPermittedError, match=r"file\.not-written"):
        write_bundle(tmp_path / "none", HEADER, notes=NOTES, checkpoint=b"c")


def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def notes() -> list[bytes]:
        raise MalformedError("entry.too-big", size=1, limit=1)

    with pytest.raises(MalformedError):
        write_bundle(
            tmp_path, HEADER, notes=(n for _ in "x" for n in notes()), checkpoint=b"c"
        )

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "members",
    [
        {"genesis": "AB" * 32},
        {"start": -1},
        {"start": 4},
        {"start": 0, "stop": 0},
        {"stop": 2**53},
        {"stop": True, "start": 0},
    ],
)
def test_a_header_that_no_bundle_can_have(members: dict[str, int | str]) -> None:
    usual: dict[str, int | str] = {
        "book": "us.example/book",
        "genesis": GENESIS,
        "start": 1,
        "stop": 3,
    }
    with pytest.raises(MalformedError, match=r"bundle\.bad-header"):
        Header(**{**usual, **members})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "bundle.truncated"),
        (b"{}\n", "bundle.not-a-bundle"),
        (b"nothing\n", "bundle.not-a-bundle"),
        (b"\xff\n", "bundle.not-a-bundle"),
        (b"[" * 1000 + b"\n", "bundle.not-a-bundle"),
        (b'{"schema":"transfer-ledger/bundle/2"}\n', "bundle.not-a-bundle"),
        (b'{"schema":"transfer-ledger/bundle/1"}\n', "bundle.bad-header"),
        (HEADER.format().replace(b":1,", b": 1,"), "bundle.bad-header"),
        (
            HEADER.format().replace(b'"from":1', b'"from":1,"from":1'),
            "bundle.bad-header",
        ),
        (HEADER.format().replace(b'"from":1', b'"from":1.0'), "bundle.bad-header"),
        (HEADER.format().replace(b'"from":1', b'"from":true'), "bundle.bad-header"),
        (HEADER.format()[:-1] + b" " * 2000 + b"\n", "bundle.line-too-long"),
        (HEADER.format()[:-1], "bundle.truncated"),
    ],
)
def test_a_first_line_that_is_none(line: bytes, code: str) -> None:
    assert refused(line) == code


@pytest.mark.parametrize(
    "line",
    [
        b"17\n",
        b'""\n',
        b'["one"]\n',
        b'"one" \n',
        b' "one"\n',
        b'"\\u006fne"\n',
        '"é"\n'.encode(),
        b'"\\udcc3\\udca9"\n',
        b'"\\ud800"\n',
        b'"one"\r\n',
        b'"a\n',
    ],
)
def test_a_line_has_one_spelling(line: bytes) -> None:
    assert refused(b"".join([LINES[0], line, *LINES[2:]])) == "bundle.bad-line"


def test_a_deep_line_is_refused() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000 + b"\n"

    assert refused(LINES[0] + deep) == "bundle.bad-line"


@pytest.mark.parametrize("size", range(1, len(b"".join(LINES[:4]))))
def test_a_truncated_bundle_is_refused_wherever_it_was_cut(size: int) -> None:
    assert refused(b"".join(LINES[:4])[:size]) == "bundle.truncated"


def test_endless_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = LINES[0] + b'"' + b"x" * (bundle.LONGEST_LINE + 10)
    assert refused(endless) == "bundle.line-too-long"

    many = b"".join(LINES[:4]) + LINES[4] * (bundle.MOST_ANSWERS + 1)
    assert refused(many) == "bundle.too-many-answers"

    assert len(read(b"".join(LINES[:4]) + LINES[4] * bundle.MOST_ANSWERS)[2]) == 100
    monkeypatch.setattr(bundle, "LARGEST", 200)
    assert refused(many) == "bundle.too-big"


def test_more_entries_than_the_header_says_are_no_answers_of_anybody() -> None:
    notes, checkpoint, answers = read(b"".join([*LINES, b'"more"\n']))

    assert (notes, checkpoint) == ([b"one\n", b"two"], b"checkpoint")
    assert answers == (b"answer", b"more")


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"".join(LINES))
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(RefusedError), opened_bundle(tmp_path / name):
            pass


def test_a_disk_that_does_not_read_is_said() -> None:
    class Broken(BytesIO):
        @override
        def readline(self, size: int | None = -1, /) -> bytes:
            raise OSError(size, "no")

    with pytest.raises(NotPermittedError, match=r"file\.not-read"):
        Bundle(Broken())


def test_an_export_of_a_book_is_a_bundle() -> None:
    header = {"schema": bundle.SCHEMA, "book": "us.example/book", "genesis": GENESIS}
    line = json.dumps({**header, "from": 0, "to": 1}, separators=(",", ":"))

    assert Header.parse(line.encode() + b"\n").stop == 1
