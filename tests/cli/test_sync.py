"""Two states exchange books by files and by database, and are lied to."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from ledger.cli.main import main
from ledger.exchange.card import open_card, sign_card
from ledger.keys.files import load_signer
from tests.cli.desk import MORNING, RECORD, REMARK, Desk, answer
from tests.cli.program import Terminal
from tests.cli.two_states import US, later, mark_of, moved, opened
from tests.register.stored import tampering

States = tuple[Desk, Desk]


@pytest.fixture(name="states")
def _states(befriended: Path, tmp_path: Path) -> States:
    """Return two desks that trust each other; the books lie where they were made."""
    return moved(befriended, tmp_path, now=MORNING.replace(day=20))


def exchanged(*desks: Desk, rounds: int = 1) -> None:
    for _ in range(rounds):
        for desk in desks:
            desk.done("sync")
        later(*desks)


def results(desk: Desk, *argv: str, code: int = 0) -> list[str]:
    found = answer(desk, "sync", *argv, code=code)
    return [file["result"] for peer in found["peers"] for file in peer["files"]]


def test_two_books_reach_each_other_and_come_to_rest(states: States) -> None:
    us, sv = states
    exchanged(us, sv, rounds=4)
    found = answer(us, "sync")
    (peer,) = found["peers"]

    assert (found["entries"], found["seal"]) == (4, None)
    assert (peer["mirrored"], peer["cosigned"]["size"]) == (3, 3)
    assert (peer["cosigned"]["new"], peer["cosigned_by_peer"]) == (False, 4)
    report = answer(us, "verify", "--require", "cosignatures", "--require", "time")
    assert report["cosigned"] == {"size": 4, "by": ["sv.example/witness"]}
    assert (report["beyond_last_cosigned"], report["beyond_since"]) == (0, None)
    mirror = answer(sv, "verify", "--book", "us.example/book")
    assert (mirror["verdict"], mirror["entries"]) == ("verified", 4)
    assert mirror["memory"] == "pass"


def test_without_a_cosignature_it_is_absent_and_can_be_required(
    states: States,
) -> None:
    us, _ = states
    report = answer(us, "verify", "--require", "cosignatures", code=14)

    levels = {level["level"]: level["result"] for level in report["levels"]}
    assert (levels["cosignatures"], levels["time"]) == ("absent", "absent")
    assert report["required_missing"] == ["cosignatures"]
    assert report["beyond_last_cosigned"] == 3


def test_the_card_of_a_stranger_vouches_for_nothing(states: States) -> None:
    us, _ = states
    stranger = us.folder.parent / "zz"
    stranger.mkdir()
    desk = Desk(stranger)
    desk.write_passphrase()
    desk.done(
        *("init", "book", "--name", "zz.example/book", "--state", "CR"),
        *("--clerk", "clerk-01", "--zone", "UTC"),
    )
    desk.done("card", "--out", "own.card")
    card = str(stranger / "own.card")

    assert us.run("verify", "--trust", card).code == 3
    us.done("checkpoint", "--out", "us.ckpt")
    assert us.run("verify", "us.ckpt", "--trust", card, "--trust", card).code == 2
    trusted = answer(us, "verify", "--trust", "own.card", "--trust", sv_card(us))
    assert trusted["verdict"] == "verified"


def sv_card(us: Desk) -> str:
    return str(us.folder.parent / "sv" / "own.card")


def test_a_peers_card_alone_makes_it_verified_once_it_cosigned(
    states: States,
) -> None:
    us, sv = states
    card = ("verify", "--trust", sv_card(us))
    assert answer(us, *card)["verdict"] == "consistent"
    exchanged(us, sv)
    us.done("sync")

    assert answer(us, *card)["verdict"] == "verified"
    assert us.run("verify", "--resume", "--book", "sv.example/book").code == 2


def test_lost_repeated_reordered_and_old_files_do_no_harm(states: States) -> None:
    us, sv = states
    us.done("sync")
    out = us.folder / "out"
    (first,) = out.iterdir()
    lost = first.rename(us.folder / "lost")
    later(us, sv)
    us.done(*REMARK)
    us.done("sync")
    assert results(sv) == ["taken"]
    lost.rename(out / "zz.bundle")
    shutil.copy(out / "zz.bundle", out / "aa.bundle")

    assert results(sv) == ["known"] * 3
    assert results(sv, "--inbox", str(sv.folder / "out"), "--outbox", "out") == ["own"]


def test_a_file_that_must_wait_is_said(states: States) -> None:
    us, sv = states
    exchanged(us, sv)
    us.done("sync")
    for path in (us.folder / "out").glob("*-0-3-*"):
        path.unlink()
    fresh = replace_book(sv)

    found = answer(fresh, "sync", code=14)

    (file,) = found["peers"][0]["files"]
    assert (file["result"], file["code"]) == ("refused", "sync.gap")


def replace_book(sv: Desk) -> Desk:
    """Return the desk with its book as it was before it mirrored anything."""
    there = sv.folder / "elsewhere"
    there.mkdir()
    image = sv.folder.parent / "early.sqlite"
    with closing(sqlite3.connect(sv.database)) as book:
        book.execute("VACUUM INTO ?", (str(image),))
    with tampering(image) as book:
        for table in ("entry", "node", "checkpoint", "heading", "subject", "counter"):
            book.execute(f"DELETE FROM {table} WHERE book = 2")  # noqa: S608
        book.execute("DELETE FROM book WHERE id = 2")
    shutil.copy(image, there / "book.sqlite")
    desk = replace(sv, environ={**sv.environ, "TRANSFER_LEDGER": "elsewhere"})
    card = str(sv.folder.parent / "us" / "own.card")
    inbox = str(sv.folder.parent / "us" / "out")
    desk.done("peer", "add", card, "--inbox", inbox, "--outbox", "out2")
    return desk


def trust_again(desk: Desk, us: Desk, sv: Desk) -> None:
    """Tell a desk whose memory or place is another one where its peer's files are."""
    ways = ("--inbox", str(sv.folder / "out"), "--outbox", "out")
    desk.done("peer", "add", sv_card(us), *ways)


def fork_of(us: Desk) -> Desk:
    """Return another desk with the same book and keys: the other history."""
    place = us.folder.parent / "fork"
    shutil.copytree(us.folder, place)
    return Desk(place, now=us.now)


def test_a_rewritten_history_becomes_evidence_that_anyone_can_check(
    states: States,
) -> None:
    us, sv = states
    other = fork_of(us)
    exchanged(us, sv)
    later(other)
    us.done(*RECORD)
    us.done("sync")
    sv.done("sync")
    other.done(*REMARK)
    for text in ("once more", "and again"):
        other.done(*REMARK[:-1], text)
    other.done("peer", "add", sv_card(us), "--inbox", "none", "--outbox", "out")
    other.done("sync")
    for path in (other.folder / "out").iterdir():
        shutil.copy(path, us.folder / "out" / f"z{path.name}")
    before = entries(sv)

    found = answer(sv, "sync", code=11)

    (peer,) = found["peers"]
    (path,) = {file["evidence"] for file in peer["files"]} - {None}
    assert (peer["withheld"], peer["cosigned"]) == (True, None)
    assert entries(sv) == before
    card = ("--trust", str(us.folder / "own.card"))
    report = answer(us, "verify", path, *card)
    assert (report["verdict"], report["exit_code"]) == ("verified", 0)
    assert answer(us, "verify", path, code=13)["code"] == "evidence.no-card"
    said = us.run("verify", path, *card)
    assert "two histories" in said.err
    assert "is another one in each" in said.err
    told = sv.run("sync")
    assert told.code == 11
    assert "nothing more of us.example/book is cosigned" in told.err
    (explained,) = [line for line in told.err.splitlines() if "plain words" in line]
    assert f"{path}.en.html" in explained
    assert f"{path}.es.html" in explained
    report = answer(sv, "verify", "--book", "us.example/book", code=11)
    assert report["verdict"] == "rewritten"
    duties = answer(sv, "today")["duties"]
    (duty,) = [each for each in duties if each["task"] == "histories"]
    assert (duty["n"], duty["detail"]) == (1, "us.example/book")
    assert duty["command"] == "transfer-ledger verify --book us.example/book"
    assert "its log signed two histories" in replace(sv, columns=300).run("today").out
    assert not [each for each in answer(us, "today")["duties"] if each == duty]


def entries(desk: Desk) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(desk.database)) as book:
        return book.execute("SELECT * FROM entry ORDER BY book, seq").fetchall()


def test_a_cut_own_book_is_told_by_the_peer(states: States) -> None:
    us, sv = states
    old = us.database.read_bytes()
    later(us, sv)
    us.done(*REMARK)
    exchanged(us, sv)
    us.database.write_bytes(old)
    assert us.run("sync").code == 11

    shutil.rmtree(us.folder / "state")
    trust_again(us, us, sv)
    found = answer(us, "sync", code=11)

    assert found["peers"][0]["files"][0]["code"] == "sync.answer-beyond-book"


def test_another_history_of_the_own_book_takes_no_entry_once_it_is_seen(
    states: States,
) -> None:
    """A whole machine was put back, and went on before it heard of the peer."""
    us, sv = states
    other = fork_of(us)
    later(us, other, sv)
    us.done(*REMARK)
    us.done("sync")
    sv.done("sync")
    other.done(*RECORD)
    other.done(*REMARK)
    trust_again(other, us, sv)
    found = answer(other, "sync", code=11)
    codes = {file["code"] for peer in found["peers"] for file in peer["files"]}
    assert "sync.answer-other-root" in codes
    before = entries(other)

    for path in (sv.folder / "out").iterdir():
        path.unlink()

    assert other.run(*REMARK[:-1], "and on").code == 11
    assert other.run("sync").code == 11
    assert entries(other) == before
    assert answer(other, "verify", code=11)["verdict"] == "rewritten"
    assert "la raíz en el tamaño" in other.run("verify", "--lang", "es").err
    assert answer(other, "today")["read_only"] == "memory.two-histories"
    repaired = other.run("repair", "--from", str(sv.database), "--yes")
    assert repaired.code == 11
    assert "repair --from" not in repaired.err
    assert "--successor-of" in repaired.err
    made = ("init", "new", "--name", "us.example/2/book", *US[4:])
    assert "it follows" in other.done(*made, "--successor-of", "book").err


def test_a_copy_at_another_path_does_not_forget_what_a_peer_has_seen(
    states: States,
) -> None:
    us, sv = states
    other = fork_of(us)
    later(us, other, sv)
    us.done(*REMARK)
    us.done("sync")
    sv.done("sync")
    trust_again(other, us, sv)
    other.run("sync")
    (other.folder / "copy").mkdir()
    shutil.copy(other.database, other.folder / "copy" / "book.sqlite")

    assert other.run(*REMARK, "--ledger", "copy").code == 11
    assert answer(other, "verify", "--ledger", "copy", code=11)["findings"]


def test_what_an_older_copy_recorded_and_never_signed_is_named_when_given_up(
    states: States,
) -> None:
    us, sv = states
    back = fork_of(us)
    later(us, back, sv)
    us.done(*REMARK)
    us.done(*REMARK[:-1], "and on")
    us.done("sync")
    sv.done("sync")
    back.done(*REMARK[:-1], "on the older copy")
    trust_again(back, us, sv)
    assert back.run("sync").code == 11
    repaired = back.done("repair", "--from", str(sv.database), "--yes").err

    assert "the log never signed them" in repaired
    assert back.done("verify", "-q").code == 0


def test_a_database_that_can_be_read_needs_no_files(states: States) -> None:
    us, sv = states
    us.done("checkpoint", "--out", "us.ckpt")
    there = ("--mirror", str(us.database.parent))

    assert results(sv, *there)[-1] == "taken"
    later(us, sv)
    assert results(us, "--mirror", str(sv.database))[-1] == "known"
    assert results(us, "--mirror", str(sv.database))[-1] == "known"
    report = answer(us, "verify")
    assert report["cosigned"]["size"] == 3


def test_a_peer_may_have_a_database_and_no_folders(states: States) -> None:
    us, sv = states
    us.done("checkpoint", "--out", "us.ckpt")
    shutil.rmtree(sv.folder / "state")

    found = answer(sv, "sync", "--mirror", str(us.database))

    (peer,) = found["peers"]
    assert [file["result"] for file in peer["files"]] == ["taken"]
    assert peer["written"] is None


def test_databases_that_are_no_peers(states: States) -> None:
    us, sv = states

    def code(path: str) -> str:
        found = answer(sv, "sync", "--mirror", path, code=code_of[path])
        return str(found["peers"][0]["files"][-1]["code"])

    code_of = {str(us.database): 14, str(sv.database): 3, "nowhere": 20}
    assert [code(path) for path in code_of] == [
        "sync.no-checkpoint-there",
        "sync.another-book-there",
        "sync.no-book-there",
    ]


def test_a_rewritten_database_is_read_from_its_beginning(states: States) -> None:
    us, sv = states
    other = fork_of(us)
    us.done(*REMARK)
    us.done("checkpoint", "--out", "us.ckpt")
    there = ("--mirror", str(us.database))
    assert results(sv, *there)[-1] == "taken"
    for text in ("another", "and another"):
        other.done(*REMARK[:-1], text)
    other.done("checkpoint", "--out", "us.ckpt")

    assert results(sv, "--mirror", str(other.database), code=11)[-1] == "evidence"


def test_a_database_that_fits_no_tree_is_refused(states: States) -> None:
    us, sv = states
    us.done("checkpoint", "--out", "us.ckpt")
    assert results(sv, "--mirror", str(us.database))[-1] == "taken"
    us.done(*REMARK)
    us.done("checkpoint", "--out", "us2.ckpt")
    with tampering(us.database) as book:
        book.execute("UPDATE entry SET note = CAST(note || 'x' AS BLOB) WHERE seq > 1")

    found = answer(sv, "sync", "--mirror", str(us.database), code=11)

    assert found["peers"][0]["files"][-1]["code"] == "sync.other-root"


def test_without_keys_what_came_is_mirrored_and_not_cosigned(states: States) -> None:
    us, sv = states
    us.done("sync")
    for name in ("book", "witness"):
        (sv.keys / "sv.example" / f"{name}.pem").rename(sv.folder / f"{name}.pem")

    outcome = sv.run("sync")

    assert outcome.code == 0
    assert "the log key is not at hand" in outcome.err
    assert "the witness key is not at hand" in outcome.err
    found = answer(sv, "sync")["peers"][0]
    assert (found["mirrored"], found["cosigned"], found["written"]) == (3, None, None)


def test_a_wrong_passphrase_is_no_missing_key(states: States) -> None:
    _, sv = states
    sv.write_passphrase("another one, and wrong")

    assert sv.run("sync").code == 22


def test_what_is_asked_must_be_known(states: States) -> None:
    us, _ = states
    assert us.run("sync", "--peer", "zz.example/book").code == 3
    assert us.run("sync", "--inbox", "", "--outbox", "out").code == 2
    assert us.run("sync", "--inbox", "nowhere", "--outbox", "out").code == 4
    assert answer(us, "sync", "--peer", "sv.example/book")["peers"]
    shutil.rmtree(us.folder / "state")
    assert us.run("sync").code == 2


def test_a_second_card_must_be_of_the_same_history(states: States) -> None:
    us, sv = states
    again = us.folder.parent / "again"
    again.mkdir()
    desk = Desk(again)
    desk.write_passphrase()
    desk.done(
        *("init", "book", "--name", "sv.example/book", "--state", "SV"),
        *("--clerk", "clerk-01", "--zone", "UTC"),
    )
    desk.done("card", "--out", "own.card")
    before = us.bytes()
    card = str(again / "own.card")
    mark = mark_of(us, card)

    outcome = us.run("peer", "add", card, "--fingerprint", mark)

    assert outcome.code == 3
    assert mark in outcome.err
    assert mark_of(us, sv_card(us)) in outcome.err
    genesis = str(answer(us, "verify", sv_card(us), code=13)["genesis"])
    forged = desk.folder / "forged.card"
    sign_with_genesis(desk, forged, genesis)
    outcome = us.run("peer", "add", str(forged), "--fingerprint", mark)
    assert (outcome.code, "not signed by a state key" in outcome.err) == (3, True)
    exchanged(sv, us)
    outcome = us.run("peer", "add", str(forged), "--fingerprint", mark)
    assert (outcome.code, "not signed by a state key" in outcome.err) == (3, True)
    assert us.done("peer", "add", sv_card(us)).code == 0
    assert us.bytes() != before


def sign_with_genesis(desk: Desk, path: Path, genesis: str) -> None:
    """Sign a card that names the first entry of another book."""
    opened_card = open_card((desk.folder / "own.card").read_bytes())
    signer = load_signer(
        desk.keys, key=opened_card.signed_by, passphrase=b"correct horse battery"
    )
    path.write_bytes(
        sign_card(structs.replace(opened_card.card, genesis=genesis), signer)
    )


def test_another_fingerprint_is_not_trusted(states: States) -> None:
    us, _ = states
    card = sv_card(us)
    other = mark_of(us, str(us.folder / "own.card"))

    assert us.run("peer", "add", card, "--fingerprint", other).code == 13
    assert us.run("peer", "add", card, "--fingerprint", "SHA256:x").code == 2
    assert us.run("peer", "add", card, "--mirror", "x://y").code == 2


def typed(desk: Desk, answered: str, *argv: str) -> int:
    """Run a command whose questions are answered so; return its exit code."""
    out, err = Terminal(), Terminal()
    code = main(
        argv,
        environ=desk.environ,
        stdin=Terminal(answered),
        stdout=out,
        stderr=err,
        now=desk.now,
    )
    assert "SHA256:" in err.getvalue()
    return code


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 3), ("", 3)])
def test_a_person_compares_the_fingerprint(
    said: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    us, sv = opened(tmp_path)
    sv.done("card", "--out", "own.card")
    monkeypatch.chdir(us.folder)
    before = us.bytes()
    card = str(sv.folder / "own.card")

    found = typed(us, said, "peer", "add", card, "--inbox", "in", "--outbox", "out")

    assert found == code
    assert (us.bytes() == before) == (code != 0)
    if code == 0:
        peers = answer(us, "peer", "list")["peers"]
        assert [peer["outbox"] for peer in peers] == [str(us.folder / "out")]
        assert us.done("peer", "list").out.count("\n") == 2


def test_folders_that_cannot_be_made_are_refused(states: States) -> None:
    us, _ = states
    (us.folder / "file").write_text("x")

    def code(outbox: str) -> int:
        ways = ("--inbox", "in", "--outbox", outbox)
        return us.run("peer", "add", sv_card(us), *ways).code

    assert [code("file"), code("nowhere/out")] == [3, 24]


def test_several_peers_are_served_one_after_the_other(states: States) -> None:
    us, _ = states
    other = us.folder.parent / "cr"
    other.mkdir()
    desk = Desk(other, now=us.now)
    desk.write_passphrase()
    desk.done(
        *("init", "book", "--name", "cr.example/book", "--state", "CR"),
        *("--clerk", "clerk-01", "--zone", "UTC"),
    )
    desk.done("card", "--out", "own.card")
    card = str(other / "own.card")
    us.done(
        *("peer", "add", card, "--fingerprint", mark_of(us, card), "--json"),
        *("--inbox", str(other), "--outbox", "out-cr"),
    )

    found = answer(us, "sync", code=3)

    assert [peer["peer"] for peer in found["peers"]] == [
        "cr.example/book",
        "sv.example/book",
    ]
    assert us.run("sync", "--inbox", "a", "--outbox", "b").code == 2
    assert Path(found["peers"][0]["written"]).parent.name == "out-cr"


def test_the_same_card_again_is_said_in_json(states: States) -> None:
    us, _ = states
    kept = answer(us, "peer", "add", sv_card(us), "--mirror", "sv.sqlite")

    assert kept["mirror"] == str(us.folder / "sv.sqlite")
