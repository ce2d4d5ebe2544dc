"""The law: what is remembered only moves forwards, and damage is never absence."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    MalformedError,
    NotPermittedError,
    RewrittenError,
    TamperedError,
)
from ledger.store.watermark import LARGEST, Head, Watermark, WatermarkFile, place
from tests.surroundings import (
    files,
    files_of_at_most,
    in_the_way,
    open_folder,
    without_power,
)

GENESIS = "ab" * 32
ROOT = "cd" * 32
OTHER = "ef" * 32
PEER = "sv.example/book"


def mark(
    size: int = 7,
    root: str = ROOT,
    *,
    book: str = "us.example/book",
    genesis: str = GENESIS,
    mirrors: dict[str, Head] | None = None,
) -> Watermark:
    return Watermark(book, genesis, size, root, mirrors or {})


hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
names = st.from_regex(r"[a-z0-9.-]{1,9}(/[a-z0-9.-]{1,9}){0,2}", fullmatch=True)
heads = st.builds(Head, size=st.integers(0, 2**53 - 1), root=hashes)
marks = st.builds(
    Watermark,
    book=names,
    genesis=hashes,
    size=st.integers(0, 2**53 - 1),
    root=hashes,
    mirrors=st.dictionaries(names, heads, max_size=3),
)


@given(marks)
def test_a_mark_reads_back_as_it_was_written(written: Watermark) -> None:
    assert Watermark.parse(written.format()) == written


@given(marks, st.data())
def test_no_changed_byte_reads_as_the_same_mark(
    written: Watermark, data: st.DataObject
) -> None:
    content = bytearray(written.format())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))

    try:
        found = Watermark.parse(bytes(content))
    except MalformedError:
        return

    assert found != written


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path / "place")

    assert file.read() is None
    assert not (tmp_path / "place").exists()


def test_what_was_advanced_to_is_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "place"

    WatermarkFile(folder).advance(mark(mirrors={PEER: Head(3, OTHER)}))

    assert WatermarkFile(folder).read() == mark(mirrors={PEER: Head(3, OTHER)})
    assert files(folder) == {"watermark", "watermark.lock"}
    assert (folder / "watermark").read_bytes() == (
        b'{"book":"us.example/book","genesis":"' + GENESIS.encode() + b'",'
        b'"mirrors":[{"name":"sv.example/book","root":"' + OTHER.encode() + b'",'
        b'"size":3}],"root":"' + ROOT.encode() + b'",'
        b'"schema":"transfer-ledger/watermark/1","size":7}'
    )


def test_only_the_owner_can_read_what_is_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "place"

    WatermarkFile(folder).advance(mark())

    modes = [
        path.stat().st_mode & 0o777
        for path in (folder.parent, folder, folder / "watermark")
    ]
    assert modes == [0o700, 0o700, 0o600]


def test_each_book_has_its_place(tmp_path: Path) -> None:
    places = [place(tmp_path, text) for text in ("/a/book.db", "/a/book", "\udcff")]

    assert [path.parent for path in places] == [tmp_path] * 3
    assert len(set(places)) == 3
    assert places[0].name == (
        "99112097ddb0548eb98ea488849f3643bb779b72c56f4c6daa8b8ed2240709d0"
    )


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([ROOT, OTHER]))))
def test_the_remembered_size_never_falls(steps: list[tuple[int, str]]) -> None:
    with open_folder() as folder:
        file = WatermarkFile(folder)
        kept = mark(0)
        file.advance(kept)
        for size, root in steps:
            try:
                file.advance(mark(size, root))
            except RewrittenError:
                assert size < kept.size or (size == kept.size and root != kept.root)
            else:
                assert size > kept.size or (size, root) == (kept.size, kept.root)
                kept = mark(size, root)
            assert file.read() == kept


@pytest.mark.parametrize(
    ("later", "code"),
    [
        (mark(6), "watermark.backwards"),
        (mark(7, OTHER), "watermark.other-root"),
        (mark(9, genesis=OTHER), "watermark.other-book"),
        (mark(9, book="us.example/other"), "watermark.other-book"),
        (mark(9, mirrors={PEER: Head(2, OTHER)}), "watermark.mirror-backwards"),
        (mark(9, mirrors={PEER: Head(3, ROOT)}), "watermark.mirror-other-root"),
    ],
)
def test_another_history_is_refused_and_the_old_mark_stays(
    tmp_path: Path, later: Watermark, code: str
) -> None:
    file = WatermarkFile(tmp_path)
    file.advance(mark(mirrors={PEER: Head(3, OTHER)}))

    with pytest.raises(RewrittenError) as refusal:
        file.advance(later)

    assert refusal.value.code == code
    assert file.read() == mark(mirrors={PEER: Head(3, OTHER)})


def test_the_same_mark_again_changes_nothing(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path)
    file.advance(mark())
    before = (tmp_path / "watermark").stat().st_ino

    file.advance(mark())

    assert (tmp_path / "watermark").stat().st_ino == before


def test_mirrors_that_a_mark_does_not_name_are_kept(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path)
    file.advance(mark(mirrors={PEER: Head(3, OTHER)}))

    file.advance(mark(8))
    file.advance(mark(8, mirrors={"hn.example/book": Head(1, ROOT)}))
    file.advance(mark(8, mirrors={PEER: Head(4, ROOT)}))

    assert file.read() == mark(
        8, mirrors={"hn.example/book": Head(1, ROOT), PEER: Head(4, ROOT)}
    )


WHOLE = mark(mirrors={PEER: Head(3, OTHER), "a": Head(1, ROOT)}).format()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        WHOLE + b"\n",
        WHOLE[:-1],
        WHOLE.replace(b"/1", b"/2"),
        WHOLE.replace(b'"size":7', b'"size":-7'),
        WHOLE.replace(b'"size":7', b'"size":true'),
        WHOLE.replace(b'"size":7', b'"size":"7"'),
        WHOLE.replace(b'"size":7}', b'"size":7,"v":1}'),
        WHOLE.replace(b'"name":"a",', b""),
        WHOLE.replace(b'"name":"a"', b'"name":"A"'),
        WHOLE.replace(b'"name":"a"', b'"name":"sv.example/book"'),
        WHOLE.replace(b'"name":"a"', b'"name":"z"'),
        WHOLE.replace(b"us.example/book", b"us.example//book"),
        WHOLE.replace(GENESIS.encode(), GENESIS.upper().encode()),
        WHOLE.replace(ROOT.encode(), ROOT.encode()[:-2]),
        WHOLE.ljust(LARGEST + 1),
    ],
)
def test_a_damaged_file_is_neither_absent_nor_replaced(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "watermark").write_bytes(content)

    for use in (WatermarkFile.read, lambda file: file.advance(mark(9))):
        with pytest.raises(TamperedError) as refusal:
            use(WatermarkFile(tmp_path))

        assert refusal.value.code == "watermark.damaged"
    assert (tmp_path / "watermark").read_bytes() == content


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_what_is_no_file_is_damage(tmp_path: Path, kind: str) -> None:
    in_the_way(tmp_path / "watermark", kind=kind)

    with pytest.raises(TamperedError, match=r"watermark\.damaged"):
        WatermarkFile(tmp_path).read()


def test_a_link_is_damage(tmp_path: Path) -> None:
    WatermarkFile(tmp_path / "real").advance(mark())
    (tmp_path / "watermark").symlink_to(tmp_path / "real" / "watermark")

    with pytest.raises(TamperedError, match=r"watermark\.damaged"):
        WatermarkFile(tmp_path).read()


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "watermark.lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(TamperedError) as refusal:
        WatermarkFile(tmp_path).advance(mark())

    assert refusal.value.code == "store.lock-not-a-file"
    assert not (tmp_path / "elsewhere").exists()


def test_a_link_left_in_the_place_of_the_new_file_is_not_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "watermark.new").symlink_to(tmp_path / "elsewhere")

    WatermarkFile(tmp_path).advance(mark())

    assert WatermarkFile(tmp_path).read() == mark()
    assert files(tmp_path) == {"watermark", "watermark.lock"}


def test_a_crash_in_mid_write_leaves_the_old_mark(tmp_path: Path) -> None:
    WatermarkFile(tmp_path).advance(mark())
    (tmp_path / "watermark.new").write_bytes(mark(9).format()[:20])

    assert WatermarkFile(tmp_path).read() == mark()
    WatermarkFile(tmp_path).advance(mark(8))
    assert WatermarkFile(tmp_path).read() == mark(8)


def test_a_full_disk_leaves_the_old_mark(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path)
    file.advance(mark())

    with (
        pytest.raises(NotPermittedError, match=r"no-room.*EFBIG"),
        files_of_at_most(20),
    ):
        file.advance(mark(8))

    assert file.read() == mark()
    assert files(tmp_path) == {"watermark", "watermark.lock"}


def test_writers_at_the_same_time_end_at_the_largest(tmp_path: Path) -> None:
    def advance(size: int) -> None:
        with suppress(RewrittenError):
            WatermarkFile(tmp_path).advance(mark(size))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(advance, range(40)))

    assert WatermarkFile(tmp_path).read() == mark(39)


def test_a_folder_that_may_not_be_used_is_said() -> None:
    with open_folder() as folder:
        file = WatermarkFile(folder)
        file.advance(mark())
        (folder / "watermark").chmod(0)
        (folder / "watermark.lock").chmod(0)
        folder.chmod(0o555)

        for use in (file.read, lambda: file.advance(mark(8))):
            with pytest.raises(NotPermittedError) as refusal, without_power():
                use()

            assert refusal.value.code == "system.forbidden"


def test_other_failures_of_the_system_name_the_path(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path / ("x" * 300))

    with pytest.raises(NotPermittedError, match=r"x.*ENAMETOOLONG"):
        file.read()
    with pytest.raises(NotPermittedError, match=r"x.*ENAMETOOLONG"):
        file.advance(mark())


def test_a_lock_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    os.close(os.open(tmp_path / "file", os.O_CREAT))

    with pytest.raises(NotPermittedError, match=r"not-a-folder.*file"):
        WatermarkFile(tmp_path / "file").advance(mark())
    with pytest.raises(NotPermittedError, match=r"not-a-folder.*file"):
        WatermarkFile(tmp_path / "file").read()


@pytest.mark.parametrize(
    ("book", "genesis", "size", "root"),
    [
        ("us.example/book", GENESIS, -1, ROOT),
        ("us.example/book", GENESIS, True, ROOT),
        ("us.example/book", GENESIS, 1, ROOT.upper()),
        ("us.example/book", GENESIS, 1, ROOT + "\n"),
        ("us.example/book", GENESIS[2:], 1, ROOT),
        ("US", GENESIS, 1, ROOT),
    ],
)
def test_a_mark_that_no_file_could_hold_is_refused(
    book: str, genesis: str, size: int, root: str
) -> None:
    with pytest.raises(MalformedError):
        Watermark(book, genesis, size, root)


def test_a_mirror_without_a_name_of_ours_is_refused() -> None:
    with pytest.raises(MalformedError, match=r"name\.bad-form"):
        mark(mirrors={"": Head(1, ROOT)})


def test_a_size_beyond_the_profile_is_not_written() -> None:
    with pytest.raises(MalformedError, match=r"json\.integer-too-big"):
        mark(2**53).format()


def test_a_mark_that_another_program_has_passed_is_forgotten(tmp_path: Path) -> None:
    file = WatermarkFile(tmp_path)
    file.remember(mark(9))
    file.remember(mark(8))

    assert file.read() == mark(9)


def test_another_history_is_remembered_no_more_than_it_is_advanced_to(
    tmp_path: Path,
) -> None:
    file = WatermarkFile(tmp_path)
    file.remember(mark(9))

    with pytest.raises(RewrittenError, match=r"watermark\.other-root"):
        file.remember(mark(9, "0" * 64))
    assert file.read() == mark(9)
