"""What the auditor's verbs do beyond what the conversations show."""

import json
import shutil

import pytest

from ledger.exchange.card import open_card
from ledger.exchange.sshsig import fingerprint, sign_file
from ledger.tlog import canonical
from tests.cli.conversing import insert
from tests.cli.desk import REMARK, Desk, answer
from tests.office import signer

ENTRY = ("--entry", "1.tlog-proof.note")
TRUST = ("--trust", "us.card")


def without_log_key(desk: Desk) -> None:
    """Take the log key away; its public part stays."""
    (desk.keys / "us.example/book.pem").unlink()


def handed(desk: Desk) -> None:
    """Make a card, a checkpoint and a proof."""
    desk.done("card", "--out", "us.card")
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done("prove", "1", "--out", "1.tlog-proof")


# --- history, find, variances, explain


def test_a_history_leaves_out_what_is_no_reference(after_departure: Desk) -> None:
    outcome = after_departure.run("history", "1")

    assert outcome.code != 0
    assert outcome.out == ""


def test_a_void_entry_is_in_no_history_and_nothing_is_found_in_it(
    after_departure: Desk,
) -> None:
    insert(after_departure, "a group T-1")

    history = answer(after_departure, "history", "T-1")
    found = answer(after_departure, "find", "a group")

    assert [entry["seq"] for entry in history["entries"]] == [1]
    assert [hit["seq"] for hit in found["found"]] == [1]
    assert history["complete_under"][0]["size"] == 3


def test_a_found_text_that_a_clerk_typed_is_shown_as_text(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("remark", "T-1", "--type", "notice", "--text", "=1+1 [red]x[/red]")
    desk.columns = 100
    drawn = desk.done("find", "red")
    desk.columns = None
    cells = desk.done("find", "red", "--csv")

    assert "[red]x[/red]" in drawn.out
    assert "'=1+1" in cells.out


def test_a_long_text_is_cut_on_a_terminal_only(after_departure: Desk) -> None:
    desk = after_departure
    desk.done(
        "remark", "T-1", "--type", "notice", "--text", f"{'x' * 90} mid {'y' * 90}"
    )

    piped = desk.done("find", "mid").out
    desk.columns = 200
    drawn = desk.done("find", "mid").out

    assert f"{'x' * 90} mid {'y' * 90}" in piped
    assert f"…{'x' * 29} mid {'y' * 29}…" in drawn


# --- prove


def test_with_the_log_key_away_the_last_checkpoint_is_used(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done(*REMARK)
    without_log_key(desk)

    proved = answer(desk, "prove", "T-1", "--out", "proofs")
    told = desk.done("prove", "T-1", "--out", "again")
    late = desk.run("prove", "2", "--out", "2.tlog-proof")

    assert ([e["seq"] for e in proved["entries"]], proved["left_out"]) == ([1], [2])
    assert "entry 2 came after the last checkpoint" in told.err
    assert "the log key is not at hand" in told.err
    assert late.code == 14
    assert not (desk.folder / "2.tlog-proof.note").exists()


def test_nobody_to_ask_for_the_passphrase_is_like_a_key_away(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    desk.done(*REMARK)

    nobody = {"TRANSFER_LEDGER_PASSPHRASE_FILE": ""}
    outcome = desk.run("prove", "1", "--out", "1.tlog-proof", environ=nobody)

    assert outcome.code == 0
    assert "under a checkpoint of 2 entries" in outcome.err


def test_a_wrong_passphrase_is_said_and_nothing_is_written(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.write_passphrase("wrong horse battery")

    outcome = desk.run("prove", "1", "--out", "1.tlog-proof")

    assert outcome.code == 22
    assert not (desk.folder / "1.tlog-proof").exists()


def test_a_book_that_a_checkpoint_covers_needs_no_passphrase(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    without_log_key(desk)

    outcome = desk.done("prove", "T-1", "--out", "proofs")

    assert "not at hand" not in outcome.err
    assert sorted(p.name for p in (desk.folder / "proofs").iterdir()) == [
        *("entry-1.note", "entry-1.tlog-proof")
    ]


def test_a_note_that_is_in_the_way_stops_the_proof(after_departure: Desk) -> None:
    desk = after_departure
    (desk.folder / "1.tlog-proof.note").write_text("mine")

    outcome = desk.run("prove", "1", "--out", "1.tlog-proof")

    assert outcome.code == 3
    assert not (desk.folder / "1.tlog-proof").exists()


@pytest.mark.parametrize("verb", [("prove", "1"), ("card",)])
@pytest.mark.parametrize("out", [".", "/", "..", "passphrase"])
def test_nothing_is_written_over_what_is_there(
    verb: tuple[str, ...], out: str, after_departure: Desk
) -> None:
    assert after_departure.run(*verb, "--out", out).code == 3


def test_the_next_command_can_be_typed_as_it_is_printed(
    after_departure: Desk,
) -> None:
    outcome = after_departure.done("prove", "1", "--out", "the first")

    assert "verify 'the first' --entry 'the first.note'" in outcome.err


# --- export


def test_an_export_says_what_it_leaves_out(after_departure: Desk) -> None:
    desk = after_departure
    desk.done("checkpoint", "--out", "us.ckpt")
    insert(desk, "not an entry")
    sheet = desk.done("export", "--format", "csv", "--out", "book.csv")
    without_log_key(desk)

    lines = answer(desk, "export", "--format", "lines", "--out", "book.jsonl")
    told = desk.done("export", "--format", "tiles", "--out", "tiles")

    assert "1 void entry is left out" in sheet.err
    assert (lines["entries"], lines["left_out"]) == (2, 1)
    assert "1 entry beyond the last checkpoint is left out" in told.err


def test_a_book_without_checkpoint_and_log_key_is_not_exported(
    after_departure: Desk,
) -> None:
    without_log_key(after_departure)

    outcome = after_departure.run("export", "--format", "lines", "--out", "b.jsonl")

    assert outcome.code == 14


# --- card


def test_the_card_is_signed_by_the_state_key_wherever_it_is_kept(
    after_departure: Desk,
) -> None:
    desk = after_departure
    (desk.folder / "usb").mkdir(mode=0o700)
    shutil.move(desk.keys / "us.example/state.pem", desk.folder / "usb" / "state.pem")

    refused = desk.run("card", "--out", "us.card")
    made = answer(desk, "card", "--out", "us.card", "--state-key", "usb/state.pem")

    opened = open_card((desk.folder / "us.card").read_bytes())
    assert refused.code == 22
    assert made["fingerprint"] == opened.fingerprint
    assert [key["fingerprint"] for key in made["keys"]] == [
        fingerprint(key.public) for _, key in opened.card.keys
    ]


# --- verify FILE


def test_a_card_is_verified_by_the_fingerprint_that_came_by_another_road(
    after_departure: Desk,
) -> None:
    desk = after_departure
    handed(desk)
    mark = open_card((desk.folder / "us.card").read_bytes()).fingerprint

    for what in (["us.card"], ["us.ckpt", *TRUST], ["1.tlog-proof", *ENTRY, *TRUST]):
        report = answer(desk, "verify", *what, "--fingerprint", mark)
        assert (report["verdict"], report["fingerprint"]) == ("verified", mark)
    assert desk.done("verify", *TRUST, "--fingerprint", mark).code == 0


def test_a_card_of_another_signer_is_not_trusted(after_departure: Desk) -> None:
    desk = after_departure
    handed(desk)
    other = "SHA256:" + "A" * 43

    card = answer(desk, "verify", "us.card", "--fingerprint", other, code=13)
    book = desk.run("verify", *TRUST, "--fingerprint", other)
    nothing = desk.run("verify", "--fingerprint", other)

    assert (card["verdict"], card["code"]) == ("untrusted", "card.other-signer")
    assert (book.code, book.out) == (13, "")
    assert (nothing.code, nothing.out) == (2, "")


def test_a_card_that_was_changed_is_not_verified(after_departure: Desk) -> None:
    desk = after_departure
    handed(desk)
    note = (desk.folder / "us.card").read_bytes()
    (desk.folder / "us.card").write_bytes(note.replace(b"state US", b"state MX"))

    desk.columns = 100
    drawn = desk.run("verify", "us.card")
    desk.columns = None
    trusted = desk.run("verify", *TRUST)

    assert drawn.code == trusted.code == 12
    assert drawn.out.startswith("NOT verified")


def test_a_proof_with_a_changed_signature_is_not_verified(
    after_departure: Desk,
) -> None:
    desk = after_departure
    handed(desk)
    path = desk.folder / "1.tlog-proof"
    text = path.read_text()
    path.write_text(text.replace("\n2\n", "\n3\n"))

    outcome = desk.run("verify", "1.tlog-proof", *ENTRY, *TRUST)

    assert outcome.code == 12
    assert "rests on nobody" not in outcome.err


def test_a_checkpoint_is_checked_where_there_is_no_book(after_departure: Desk) -> None:
    desk = after_departure
    handed(desk)
    desk.database.rename(desk.folder / "gone")

    report = answer(desk, "verify", "us.ckpt", *TRUST)
    told = desk.done("verify", "us.ckpt", *TRUST)

    assert (report["verdict"], report["book_at_hand"]) == ("verified", None)
    assert "no such book is at hand" in told.err


def test_a_checkpoint_shows_that_a_book_was_made_anew(desk: Desk) -> None:
    first = desk.database.read_bytes()
    noted = ("remark", "0", "--type", "notice", "--text")
    desk.done(*noted, "what was said")
    handed(desk)
    desk.database.write_bytes(first)
    shutil.rmtree(desk.folder / "state")
    desk.done(*noted, "what is said now")

    report = answer(desk, "verify", "us.ckpt", *TRUST, code=11)

    assert report["verdict"] == "rewritten"
    assert report["code"] == "checkpoint.not-this-book"
    assert report["book_at_hand"] == "other"


def test_the_card_of_another_book_pins_nothing(
    after_departure: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = after_departure
    handed(desk)
    other = Desk(tmp_path_factory.mktemp("other"))
    other.write_passphrase()
    other.done(
        *("init", "book", "--name", "sv.example/book", "--state", "SV"),
        *("--clerk", "clerk-01", "--zone", "America/El_Salvador"),
    )
    other.done("card", "--out", "sv.card")
    shutil.copy(other.folder / "sv.card", desk.folder)
    trust = ("--trust", "sv.card")

    assert desk.run("verify", *trust).code == 3
    assert answer(desk, "verify", "us.ckpt", *trust, code=13)["code"] == (
        "checkpoint.card-of-another-book"
    )
    assert answer(desk, "verify", "1.tlog-proof", *ENTRY, *trust, code=13)["code"] == (
        "proof.card-of-another-book"
    )


# --- as it was known on a day


@pytest.mark.parametrize("verb", ["due", "overdue", "list", "held"])
def test_every_answer_says_as_of_when_it_was_known(
    verb: str, after_departure: Desk
) -> None:
    known = answer(after_departure, verb, "--known-on", "2025-03-20")
    now = answer(after_departure, verb)

    assert (known["known_on"], now["known_on"]) == ("2025-03-20", None)
    assert known["transfers"] == now["transfers"]


def test_one_thing_is_shown_as_it_was_known(received: Desk) -> None:
    received.now = received.now.replace(day=25)
    received.done("correct", "T-1", "--set", "/persons/n=240", "--reason", "r")

    known = answer(received, "show", "T-1", "--known-on", "2025-03-24")
    entry = answer(received, "show", "1", "--known-on", "2025-03-24")
    late = received.run("show", "3", "--known-on", "2025-03-24")

    assert (known["known_on"], known["data"]["persons"]["n"]) == ("2025-03-24", 238)
    assert entry["corrected_by"] == []
    assert late.code == 4
    assert json.dumps(known["complete_under"]).count('"size": 3') == 1


def test_a_day_of_knowledge_is_a_day(after_departure: Desk) -> None:
    outcome = after_departure.run("history", "T-1", "--known-on", "2025-02-30")

    assert outcome.code == 3


# --- what a check is asked for, and what it says where it could not go on


@pytest.mark.parametrize(
    "mark",
    [
        "",
        "abc",
        "SHA256:",
        "SHA256:" + "A" * 42,
        "SHA256:" + "A" * 44,
        "SHA256:" + "A" * 42 + "B",
        "SHA256:" + "A" * 42 + "=",
        "SHA256:" + "A" * 42 + "é",
        "sha256:" + "A" * 43,
        "MD5:" + "A" * 43,
        "A" * 43,
    ],
)
def test_a_fingerprint_that_no_key_has_is_wrong_use(
    after_departure: Desk, mark: str
) -> None:
    desk = after_departure
    handed(desk)

    for what in (["us.card"], [*TRUST]):
        outcome = desk.run("verify", *what, f"--fingerprint={mark}")
        assert (outcome.code, outcome.out) == (2, "")
        assert "SHA256: and 43" in outcome.err


def test_damage_is_said_in_sentences_and_what_it_stopped_is_not_passed(
    after_departure: Desk,
) -> None:
    desk = after_departure
    image = desk.database.read_bytes()
    at = image.index(b'"kind":"transfer"') // 4096 * 4096
    desk.database.write_bytes(image[:at] + b"\xff" * 4096 + image[at + 4096 :])

    told = desk.run("verify")
    desk.columns = 100
    drawn = desk.run("verify")
    desk.columns = None
    document = answer(desk, "verify", code=10)

    assert told.code == drawn.code == 10
    for text in (told.err, drawn.out):
        assert "it was cut, damaged or changed (code 11)" in text
        assert "store.damaged" not in text
    assert "the damage stopped the verification after 0 entries" in told.err
    results = {level["level"]: level["result"] for level in document["levels"]}
    assert results["bytes"] == "fail"
    assert "pass" not in results.values()
    assert {level["covers"] for level in document["levels"]} == {0}
    assert document["memory"] == "skipped"


def test_a_summary_that_cannot_be_is_altered_whoever_signed_it(
    after_departure: Desk,
) -> None:
    desk = after_departure
    desk.done("checkpoint")
    desk.done("summary", "--out", "out", "--format", "json")
    path = desk.folder / "out" / "summary.json"
    summary = json.loads(path.read_bytes())
    summary["totals"]["departed"] = 7
    summary["transfers"][0]["held_max"] = 900
    summary["remarks"] = [{"seq": 1}]
    key = signer("us.example/auditor", 90)
    mark = fingerprint(key.key.public)

    reports, told = [], desk.run("verify", str(path))
    for change in (lambda _: None, lambda said: said["remarks"].clear()):
        change(summary)
        content = canonical.encode(summary)
        path.write_bytes(content)
        path.with_name("summary.json.sig").write_text(sign_file(content, key))
        command = ("verify", str(path), "--fingerprint", mark)
        reports.append(answer(desk, *command, code=10))
        told = desk.run(*command)
        assert told.code == 10
        assert "cannot be drawn from any book" in told.err
        assert "/totals" in told.err or "/remarks/0" in told.err

    first, second = reports
    assert first["verdict"] == second["verdict"] == "altered"
    assert {row["at"] for row in first["findings"]} >= {"/remarks/0/open"}
    assert {
        "at": "/totals/departed",
        "code": "sum",
        "expected": "238",
        "found": "7",
    } in second["findings"]
    assert "/transfers/0/held_max: 1138 is said" in told.err


def test_of_many_oddities_some_are_told_and_all_are_in_the_document(
    after_departure: Desk,
) -> None:
    desk = after_departure
    key = signer("us.example/auditor", 90)
    content = canonical.encode(
        {"schema": "transfer-ledger/summary/1", **{f"m{n}": n for n in range(40)}}
    )
    (desk.folder / "s.json").write_bytes(content)
    (desk.folder / "s.json.sig").write_text(sign_file(content, key))

    document = answer(desk, "verify", "s.json", code=10)
    told = desk.run("verify", "s.json")

    assert len(document["findings"]) > 40
    assert "more findings; --json lists all" in told.err
    assert told.err.count("no summary has such a member") <= 20


def test_an_altered_paper_is_said_to_be_altered(received: Desk) -> None:
    received.done("checkpoint", "--out", "us.ckpt")
    paper = received.folder / "us.ckpt"
    note = paper.read_text(encoding="utf-8")
    paper.write_text(note.replace("\n3\n", "\n4\n", 1), encoding="utf-8")
    received.done("card", "--out", "us.card")

    outcome = received.run("verify", "us.ckpt", "--trust", "us.card")

    assert outcome.code == 12
    assert "altered or damaged after they were signed" in outcome.err
