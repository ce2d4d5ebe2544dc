"""The law: a request keeps its first id until its outcome is known."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    MalformedError,
    NotPermittedError,
    TamperedError,
    UsageError,
)
from ledger.store.pending import (
    LARGEST,
    Pending,
    PendingFolder,
    make_once,
    request_digest,
)
from ledger.tlog.canonical import Json
from tests.surroundings import (
    files,
    files_of_at_most,
    in_the_way,
    open_folder,
    without_power,
)

FIRST, SECOND = "1" * 64, "2" * 64
ONCE, OTHER = "a" * 32, "b" * 32
AT, LATER = "2026-11-20T09:05:00Z", "2026-11-20T09:06:00Z"
FILE = Pending(FIRST, ONCE, "transfer", AT).format()

digits = "0123456789abcdef"


def kept(folder: Path) -> PendingFolder:
    """Return a folder with one pending transfer in it."""
    pending = PendingFolder(folder)
    pending.keep(FIRST, once=ONCE, kind="transfer", at=AT)
    return pending


@given(
    digest=st.text(digits, min_size=64, max_size=64),
    once=st.text(digits, min_size=32, max_size=32),
    kind=st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True),
    at=st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")),
)
def test_what_is_pending_reads_back(digest: str, once: str, kind: str, at: str) -> None:
    pending = Pending(digest, once, kind, at)

    assert Pending.parse(digest, pending.format()) == pending


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_no_changed_byte_reads_as_the_same(at: int, flip: int) -> None:
    content = bytearray(FILE)
    content[at] ^= flip

    try:
        found = Pending.parse(FIRST, bytes(content))
    except MalformedError:
        return

    assert found != Pending(FIRST, ONCE, "transfer", AT)


def test_nothing_is_pending_at_first(tmp_path: Path) -> None:
    pending = PendingFolder(tmp_path / "place")

    assert list(pending.list()) == []
    assert pending.find(FIRST) is None
    assert not (tmp_path / "place").exists()


def test_what_is_kept_is_found_until_it_is_dropped(tmp_path: Path) -> None:
    pending = kept(tmp_path / "state" / "place")
    request = Pending(FIRST, ONCE, "transfer", AT)

    assert pending.find(FIRST) == request
    assert pending.find(SECOND) is None
    assert list(pending.list()) == [request]
    pending.drop(FIRST)
    assert pending.find(FIRST) is None
    assert list(pending.list()) == []


def test_a_pending_request_is_one_private_file(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "place"

    kept(folder)

    assert files(folder) == {f"pending/{FIRST}", "pending.lock"}
    assert (folder / "pending" / FIRST).read_bytes() == (
        b'{"at":"2026-11-20T09:05:00Z","kind":"transfer",'
        b'"once":"' + ONCE.encode() + b'","schema":"transfer-ledger/pending/1"}'
    )
    modes = [
        path.stat().st_mode & 0o777
        for path in (folder, folder / "pending", folder / "pending" / FIRST)
    ]
    assert modes == [0o700, 0o700, 0o600]


def test_a_request_keeps_its_first_id(tmp_path: Path) -> None:
    pending = kept(tmp_path)

    pending.keep(FIRST, once=OTHER, kind="transfer", at=LATER)

    assert list(pending.list()) == [Pending(FIRST, ONCE, "transfer", AT)]


def test_writers_at_the_same_time_agree_on_one_id(tmp_path: Path) -> None:
    def keep(number: int) -> Pending | None:
        pending = PendingFolder(tmp_path)
        pending.keep(FIRST, once=f"{number:032x}", kind="transfer", at=AT)
        return pending.find(FIRST)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(keep, range(40)))

    assert len(found) == 1


def test_what_is_pending_is_listed_oldest_first(tmp_path: Path) -> None:
    pending = PendingFolder(tmp_path)
    pending.keep(FIRST, once=OTHER, kind="renewal", at=LATER)
    pending.keep(SECOND, once=ONCE, kind="transfer", at=AT)

    assert [request.digest for request in pending.list()] == [SECOND, FIRST]


def test_dropping_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    kept(tmp_path).drop(SECOND)
    PendingFolder(tmp_path / "none").drop(FIRST)

    assert files(tmp_path) == {f"pending/{FIRST}", "pending.lock"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        FILE[:-1],
        FILE + b"\n",
        FILE.replace(b"/1", b"/2"),
        FILE.replace(b'"kind"', b'"kinds"'),
        FILE.replace(b"transfer", b"Transfer", 1),
        FILE.replace(ONCE.encode(), ONCE.upper().encode()),
        FILE.replace(b"09:05", b"9:05"),
        FILE.replace(b"2026", "\uff12026".encode()),
        FILE.replace(b'"transfer"', b"7"),
        FILE.ljust(LARGEST + 1),
    ],
)
def test_a_damaged_file_is_said_and_can_be_dropped(
    tmp_path: Path, content: bytes
) -> None:
    pending = kept(tmp_path)
    (tmp_path / "pending" / FIRST).write_bytes(content)

    for use in (
        pending.list,
        lambda: pending.find(FIRST),
        lambda: pending.keep(FIRST, once=ONCE, kind="transfer", at=AT),
    ):
        with pytest.raises(MalformedError) as refusal:
            use()

        assert refusal.value.code == "pending.damaged"
        assert refusal.value.values == {"digest": FIRST}
    pending.drop(FIRST)
    assert list(pending.list()) == []


@pytest.mark.parametrize("kind", ["pipe", "folder", "socket"])
def test_what_is_no_file_is_damage(tmp_path: Path, kind: str) -> None:
    (tmp_path / "pending").mkdir()
    in_the_way(tmp_path / "pending" / FIRST, kind=kind)

    with pytest.raises(MalformedError, match=r"pending\.damaged"):
        PendingFolder(tmp_path).list()


def test_a_link_is_damage(tmp_path: Path) -> None:
    kept(tmp_path / "real")
    (tmp_path / "pending").mkdir()
    (tmp_path / "pending" / FIRST).symlink_to(tmp_path / "real" / "pending" / FIRST)

    with pytest.raises(MalformedError, match=r"pending\.damaged"):
        PendingFolder(tmp_path).find(FIRST)


@pytest.mark.parametrize("name", ["x", FIRST[:-1], FIRST + "~", "A" * 64])
def test_a_stray_file_is_said(tmp_path: Path, name: str) -> None:
    pending = kept(tmp_path)
    (tmp_path / "pending" / name).write_bytes(FILE)

    with pytest.raises(MalformedError) as refusal:
        pending.list()

    assert refusal.value.code == "pending.stray-file"
    assert refusal.value.values == {}


def test_a_crash_in_mid_write_keeps_nothing(tmp_path: Path) -> None:
    pending = kept(tmp_path)
    (tmp_path / "pending.new").write_bytes(FILE[:20])

    assert pending.find(SECOND) is None
    pending.keep(SECOND, once=OTHER, kind="transfer", at=AT)
    assert len(pending.list()) == 2


def test_a_full_disk_keeps_nothing(tmp_path: Path) -> None:
    pending = PendingFolder(tmp_path)

    with (
        pytest.raises(NotPermittedError, match=r"no-room.*EFBIG"),
        files_of_at_most(20),
    ):
        pending.keep(FIRST, once=ONCE, kind="transfer", at=AT)

    assert list(pending.list()) == []
    assert files(tmp_path) == {"pending.lock"}


def test_a_folder_in_the_place_of_the_lock_is_said(tmp_path: Path) -> None:
    (tmp_path / "pending.lock").mkdir()

    with pytest.raises(TamperedError, match=r"store\.lock-not-a-file"):
        kept(tmp_path)


def test_a_folder_that_may_not_be_used_is_said() -> None:
    with open_folder() as folder:
        pending = kept(folder)
        (folder / "pending").chmod(0)

        uses: list[Callable[[], object]] = [
            pending.list,
            lambda: pending.find(FIRST),
            lambda: pending.drop(FIRST),
            lambda: kept(folder),
        ]

        for use in uses:
            with pytest.raises(NotPermittedError) as refusal, without_power():
                use()

            assert refusal.value.code == "system.forbidden"
        (folder / "pending").chmod(0o700)


@pytest.mark.parametrize("digest", ["", "../watermark", "1" * 63, "A" * 64])
def test_a_digest_cannot_leave_the_folder(tmp_path: Path, digest: str) -> None:
    pending = PendingFolder(tmp_path)

    uses: list[Callable[[], object]] = [
        lambda: pending.find(digest),
        lambda: pending.drop(digest),
        lambda: pending.keep(digest, once=ONCE, kind="transfer", at=AT),
    ]

    for use in uses:
        with pytest.raises(UsageError) as refusal:
            use()

        assert refusal.value.code == "pending.unfit"


@pytest.mark.parametrize(
    ("once", "kind", "at"),
    [
        ("a" * 31, "transfer", AT),
        (ONCE.upper(), "transfer", AT),
        (ONCE, "", AT),
        (ONCE, "a b", AT),
        (ONCE, "transfer", "2026-11-20"),
        (ONCE, "transfer", AT + "\n"),
    ],
)
def test_a_value_that_no_file_could_hold_is_refused(
    tmp_path: Path, once: str, kind: str, at: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        PendingFolder(tmp_path).keep(FIRST, once=once, kind=kind, at=at)

    assert refusal.value.code == "pending.unfit"
    assert files(tmp_path) == set()


def test_a_request_is_known_by_its_hash() -> None:
    request: Json = {"from": "US", "persons": 3, "notes": ["ñ"]}

    digest = request_digest(kind="transfer", key="us.example/clerk-07", request=request)

    whole = {"kind": "transfer", "key": "us.example/clerk-07", "request": request}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == sha256(text.encode()).hexdigest()


def test_another_kind_key_or_request_is_another_hash() -> None:
    requests: list[Json] = [{}, {"e": 1}, {"e": True}]

    hashes = {
        request_digest(kind=kind, key=key, request=request)
        for kind in ("a", "b")
        for key in ("c", "d")
        for request in requests
    }

    assert len(hashes) == 12


def test_a_request_outside_of_json_is_refused() -> None:
    with pytest.raises(MalformedError, match=r"json\.bad-member-name"):
        request_digest(kind="a", key="b", request={"C": 1})


def test_an_id_is_laid_out_as_the_standard_says() -> None:
    random = bytes.fromhex("0cc318c4dc0c0c07398f")

    once = make_once(milliseconds=0x017F22E279B0, random=random)

    # RFC 9562, appendix A.6.
    assert once == uuid.UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F").hex


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid_of_version_7(milliseconds: int, random: bytes) -> None:
    once = make_once(milliseconds=milliseconds, random=random)

    found = uuid.UUID(once)
    assert found.hex == once
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == milliseconds
    kept_bits = ~((0xF << 76) | (0b11 << 62)) & (2**80 - 1)
    assert found.int & kept_bits == int.from_bytes(random) & kept_bits


@pytest.mark.parametrize(
    ("milliseconds", "size"), [(-1, 10), (2**48, 10), (0, 9), (0, 11)]
)
def test_an_id_of_other_parts_is_refused(milliseconds: int, size: int) -> None:
    with pytest.raises(UsageError) as refusal:
        make_once(milliseconds=milliseconds, random=bytes(size))

    assert refusal.value.code == "pending.unfit-once"
