"""The attacks on a log that the field has names for, one a test, on the files.

The names are those of python-tuf's tests. The attacker holds the road between two
states, and where it is said the keys of one of them; each attack changes files in the
inbox or in the other office, and `sync` answers. After every refusal the mirror is,
row for row, what it was.

Source:
    theupdateframework.github.io/specification, section 1.5.2 (attacks).
"""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.keys.files import known_keys, load_signer
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.note import Note, Signer, sign_note
from tests.cli.desk import RECORD, REMARK, SECRET, Desk, answer
from tests.cli.two_states import befriend, depart, later, opened

States = tuple[Desk, Desk]
Table = list[tuple[object, ...]]
OWN = '"book":"us.example/book"'
OF_MIRRORS = "SELECT * FROM {} WHERE book <> 1"
TABLES = (
    *("entry", "node", "checkpoint", "heading", "subject", "counter"),
    *("transfer", "term", "movement", "payment"),
)


@pytest.fixture(scope="module", name="met")
def _met(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("met")
    us, sv = opened(folder)
    befriend(us, sv)
    depart(us)
    later(sv, hours=24 * 5)
    return folder


@pytest.fixture(name="states")
def _states(met: Path, tmp_path: Path) -> States:
    """Return two desks; `sv` has mirrored and cosigned what `us` handed over once."""
    found = []
    for name in ("us", "sv"):
        shutil.copytree(met / name, tmp_path / name)
        found.append(Desk(tmp_path / name))
    us, sv = found
    for desk, other in ((us, sv), (sv, us)):
        desk.now = desk.now.replace(day=21)
        desk.done(
            *("peer", "add", str(other.folder / "own.card")),
            *("--inbox", str(other.folder / "out"), "--outbox", "out"),
        )
    us.done("sync")
    sv.done("sync")
    later(us, sv)
    return us, sv


def mirrored(desk: Desk) -> dict[str, Table]:
    """Return every row that a database has of a mirror."""
    with closing(sqlite3.connect(desk.database)) as book:
        return {
            name: book.execute(OF_MIRRORS.format(name)).fetchall() for name in TABLES
        }


def own_entries(desk: Desk) -> Table:
    with closing(sqlite3.connect(desk.database)) as book:
        return book.execute("SELECT * FROM entry WHERE book = 1").fetchall()


def handed(us: Desk) -> Path:
    """Return the newest file on the road from `us` to `sv`."""
    return max((us.folder / "out").iterdir(), key=lambda path: path.stat().st_mtime_ns)


def refused(sv: Desk, *, code: int) -> str:
    """Return why the exchange refuses what came; the mirror is as it was."""
    before = mirrored(sv)
    found = answer(sv, "sync", code=code)
    assert mirrored(sv) == before
    reads = [read for peer in found["peers"] for read in peer["files"]]
    (why,) = {read["code"] for read in reads if read["result"] == "refused"}
    return str(why)


def with_checkpoint(path: Path, note: bytes) -> None:
    """Put another checkpoint into a bundle."""
    lines = path.read_text().splitlines()
    stop = json.loads(lines[0])["to"] - json.loads(lines[0])["from"]
    lines[1 + stop] = json.dumps(note.decode(), separators=(",", ":"))
    path.write_text("".join(f"{line}\n" for line in lines))


def checkpoint_in(path: Path) -> Note:
    lines = path.read_text().splitlines()
    stop = json.loads(lines[0])["to"] - json.loads(lines[0])["from"]
    return Note.parse(json.loads(lines[1 + stop]).encode())


def key_of(desk: Desk, name: str) -> Signer:
    """Unlock a key of an office, as whoever stole it with its passphrase."""
    (key,) = [key for key in known_keys(desk.keys) if key.name == name]
    return load_signer(desk.keys, key=key, passphrase=SECRET.encode())


def test_rollback(states: States) -> None:
    """Whoever holds the road hands over an older file instead of the new one."""
    us, sv = states
    old = handed(us)
    us.done(*REMARK)
    us.done("sync")
    sv.done("sync")
    new = handed(us)
    before = mirrored(sv)
    new.write_bytes(old.read_bytes())

    found = answer(sv, "sync")["peers"][0]

    assert mirrored(sv) == before
    assert {read["result"] for read in found["files"]} == {"known"}
    assert (found["mirrored"], found["cosigned"]["size"]) == (5, 5)


def test_rollback_of_a_whole_office(states: States) -> None:
    """The other office puts an old backup back and goes on: that is another history."""
    us, sv = states
    us.done("backup", "old.sqlite")
    us.done(*REMARK)
    us.done("sync")
    sv.done("sync")
    shutil.copy(us.folder / "old.sqlite", us.database)
    shutil.rmtree(us.folder / "state")
    later(us, sv)
    us.done(*REMARK[:-1], "another one")
    us.done("checkpoint", "--out", "us.ckpt")
    before = mirrored(sv)["entry"]

    found = answer(sv, "sync", "--mirror", str(us.database), code=11)

    assert found["peers"][0]["withheld"]
    assert found["peers"][0]["files"][-1]["result"] == "evidence"
    assert mirrored(sv)["entry"] == before


def test_freeze(states: States) -> None:
    """The road brings the same file for ever: the age of the mirror says so."""
    us, sv = states
    sv.done("sync")
    later(us, sv, hours=24 * 9)
    us.done(*RECORD)
    us.done("sync")
    handed(us).unlink()
    before = mirrored(sv)

    found = answer(sv, "sync")["peers"][0]

    assert mirrored(sv) == before
    assert {read["result"] for read in found["files"]} == {"known"}
    tasks = answer(sv, "today")["duties"]
    (task,) = [task for task in tasks if task["task"] == "mirror"]
    assert (task["detail"], task["days"]) == ("us.example/book", 9)
    verified = answer(us, "verify", "--trust", str(sv.folder / "own.card"))
    assert verified["beyond_last_cosigned"] > 0


def test_fast_forward(states: States) -> None:
    """With the log key, a checkpoint far beyond the entries that there are."""
    us, sv = states
    us.done(*REMARK)
    us.done("sync")
    log = key_of(us, "us.example/book")
    far = Checkpoint("us.example/book", 10**9, b"\1" * 32)
    with_checkpoint(handed(us), sign_note(far.format(), log))

    assert refused(sv, code=3) == "sync.checkpoint-size"

    path = handed(us)
    path.write_text(path.read_text().replace('"to":5', '"to":1000000000', 1))

    assert refused(sv, code=3) == "bundle.truncated"


def test_mix_and_match(states: States) -> None:
    """The entries of one day under the checkpoint of another history."""
    us, sv = states
    fork = Desk(shutil.copytree(us.folder, us.folder.parent / "fork"), now=us.now)
    us.done(*REMARK)
    us.done("sync")
    for text in ("another", "and one more"):
        fork.done(*REMARK[:-1], text)
    fork.done("checkpoint", "--out", "now.ckpt")
    with_checkpoint(handed(us), (fork.folder / "now.ckpt").read_bytes())

    assert refused(sv, code=11) == "sync.other-root"


def test_endless_data(states: States) -> None:
    """A line without an end, and a folder of tiles for which no disk is enough."""
    us, sv = states
    us.done(*REMARK)
    us.done("sync")
    path = handed(us)
    header = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(header + b'"' + b"x" * 500_000)
    assert refused(sv, code=3) == "bundle.line-too-long"

    path.unlink()
    us.done("export", "--format", "tiles", "--out", "out/tiles")
    with (us.folder / "out/tiles/checkpoint").open("ab") as file:
        file.truncate(1 << 40)
    assert refused(sv, code=3) == "tiles.file-too-long"


def test_wrong_role(states: States) -> None:
    """A checkpoint signed by the clerk's key, and by the state's, not by the log's."""
    us, sv = states
    us.done(*REMARK)
    us.done("sync")
    text = checkpoint_in(handed(us)).text
    for name in ("us.example/clerk-07", "us.example/state"):
        with_checkpoint(handed(us), sign_note(text, key_of(us, name)))

        assert refused(sv, code=12) == "sync.checkpoint-not-signed"


def test_replay(states: States) -> None:
    """A file of one book is played back as that of another, and to its own office."""
    us, sv = states
    other = us.folder.parent / "zz"
    other.mkdir()
    desk = Desk(other, now=us.now)
    desk.write_passphrase()
    desk.done(
        *("init", "book", "--name", "zz.example/book", "--state", "CR"),
        *("--clerk", "clerk-01", "--zone", "UTC"),
    )
    desk.done("export", "--format", "lines", "--out", "zz.jsonl")
    played = us.folder / "out" / "zz.bundle"
    shutil.copy(other / "zz.jsonl", played)
    assert refused(sv, code=3) == "sync.unknown-book"

    text = played.read_text().replace('"book":"zz.example/book"', OWN, 1)
    played.write_text(text)
    assert refused(sv, code=11) == "sync.other-genesis"

    played.unlink()
    shutil.copy(max((sv.folder / "out").iterdir()), us.folder / "out" / "own.bundle")
    before = mirrored(sv)
    found = answer(sv, "sync")["peers"][0]["files"]
    assert "own" in {read["result"] for read in found}
    assert mirrored(sv) == before


def test_split_view(states: States) -> None:
    """With all keys, one history for each of two readers: both become evidence."""
    us, sv = states
    fork = Desk(shutil.copytree(us.folder, us.folder.parent / "fork"), now=us.now)
    for desk, text in ((us, "for one"), (fork, "for the other")):
        desk.done(*REMARK[:-1], text)
    us.done("sync")
    sv.done("sync")
    (fork.folder / "in").mkdir()
    fork.done("sync", "--inbox", "in", "--outbox", "out")
    before = mirrored(sv)
    shutil.copy(handed(fork), us.folder / "out" / "zz.bundle")

    found = answer(sv, "sync", code=11)["peers"][0]

    after = mirrored(sv)
    kept = set(after["checkpoint"]) - set(before["checkpoint"])
    assert len(kept) == 1, "the mirror keeps both signed checkpoints"
    assert after | {"checkpoint": []} == before | {"checkpoint": []}
    assert (found["withheld"], found["cosigned"]) == (True, None)
    (path,) = {read["evidence"] for read in found["files"]} - {None}
    card = str(us.folder / "own.card")
    assert answer(us, "verify", path, "--trust", card)["verdict"] == "verified"


def test_an_office_that_lost_entries_records_and_signs_nothing_more(
    states: States,
) -> None:
    """Its own machine forgot; the other state shows what its log had signed."""
    us, sv = states
    us.done("backup", "old.sqlite")
    us.done(*REMARK)
    us.done("sync")
    sv.done("sync")
    shutil.copy(us.folder / "old.sqlite", us.database)
    shutil.rmtree(us.folder / "state")
    us.done(
        *("peer", "add", str(sv.folder / "own.card")),
        *("--inbox", str(sv.folder / "out"), "--outbox", "out"),
    )
    before, sent = own_entries(us), set((us.folder / "out").iterdir())

    told = us.run("sync")

    assert (told.code, own_entries(us)) == (11, before)
    assert set((us.folder / "out").iterdir()) == sent
    assert "NOTHING was recorded, signed or written" in told.err
    assert us.run(*REMARK).code == 11, "what was shown once is remembered"
    us.done("repair", "--from", str(sv.database), "--yes")
    us.done(*REMARK)
    for desk in (us, sv, us):
        later(us, sv)
        assert answer(desk, "sync")["peers"][0]["withheld"] is False
