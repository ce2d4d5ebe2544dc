"""From what is typed to what is recorded, and what is said of it."""

from hashlib import sha256

from ledger.store.pending import PendingFolder, request_digest
from ledger.store.watermark import place
from tests.cli.conversing import insert
from tests.cli.desk import RECORD, REMARK, Desk, answer

ONCE = "0" * 31 + "1"


def test_a_file_as_evidence_is_kept_as_its_digest(received: Desk) -> None:
    (received.folder / "letter.pdf").write_bytes(b"a letter")
    (received.folder / "letter").write_bytes(b"a letter")
    url = "https://example.org/a,2025-01-01,b"
    received.done(
        *REMARK,
        *("--evidence", "a letter, signed,2025-03-01,letter.pdf"),
        *("--evidence", "a letter,2025-03-01,letter"),
        *("--evidence", f"a page,2025-03-01,{url}"),
    )
    first, second, third = answer(received, "show", "3")["data"]["evidence"]

    assert first["title"] == "a letter, signed"
    assert first["media_type"] == "application/pdf"
    assert first["sha256"] == second["sha256"] == sha256(b"a letter").hexdigest()
    assert "media_type" not in second
    assert (third["title"], third["url"]) == ("a page", url)


def test_unknown_is_left_out_but_never_in_the_place_of_an_author(
    after_departure: Desk,
) -> None:
    desk = after_departure
    gaps = ("--manifest", "--legal-basis", "--term-until", "--compensation")
    words = [word for name in gaps for word in (name, "unknown")]
    desk.done(*RECORD, *words, "--facility-zone", "unknown", "--asserted-by", "unknown")
    data = answer(desk, "show", "2")["data"]

    assert data["asserted_by"] == "unknown"
    assert data["facility"] == {"name": "CECOT"}
    assert {"manifest", "legal_basis", "compensation"}.isdisjoint(data)
    assert desk.run(*RECORD, "--status", "unknown").code == 3


def test_a_manifest_and_a_trigger_are_recorded(after_departure: Desk) -> None:
    desk = after_departure
    desk.done(*RECORD, "--term-from", "2025-03-16", "--manifest", f"{'a' * 64}:238")
    desk.done(*RECORD, "--term-from", "in-force", "--term-reading", "up-to")
    first, second = (answer(desk, "show", name)["data"] for name in ("T-2", "T-3"))

    assert first["manifest"] == {"root": "a" * 64, "count": 238}
    assert first["term"] == {
        "length": "P1Y",
        "reading": "fixed",
        "trigger": "2025-03-16",
    }
    assert second["term"]["trigger"] == "in_force"
    assert second["term"]["reading"] == "up_to"


def test_a_term_until_a_day_and_only_a_day(after_departure: Desk) -> None:
    words = list(RECORD)
    words[words.index("--term") : words.index("--renewable")] = [
        "--term-until",
        "2025-12-31",
    ]
    after_departure.done(*words)

    assert answer(after_departure, "show", "T-2")["data"]["term"] == {
        "reading": "until_date",
        "until": "2025-12-31",
    }


def left(desk: Desk, digest: str, *, once: str, kind: str) -> None:
    """Leave a request behind as a program does that dies before its answer."""
    pending = PendingFolder(
        place(
            desk.folder / "state" / "transfer-ledger",
            str(desk.database.resolve()),
        )
    )
    pending.keep(digest, once=once, kind=kind, at="2025-03-20T12:00:00Z")
    pending.let_go()


def test_a_request_that_was_left_unanswered_is_found(received: Desk) -> None:
    at = ("--at", "2025-03-18")
    once = answer(received, *REMARK, *at)["once"]
    left(received, "2" * 64, once=once, kind="remark")
    outcome = received.done(*REMARK)

    assert "an earlier request that was left unanswered is recorded, as entry 3" in (
        outcome.err
    )


def test_a_request_that_was_lost_is_told(received: Desk) -> None:
    other = request_digest(kind="transfer", key="us.example/clerk-07", request={})
    left(received, other, once=ONCE, kind="transfer")
    outcome = received.done(*REMARK)

    assert "is not recorded: departure" in outcome.err


def test_the_same_request_with_its_id_is_recorded_once(received: Desk) -> None:
    first, second = (answer(received, *REMARK, "--once", ONCE) for _ in range(2))

    assert (first["repeated"], second["repeated"]) == (False, True)
    assert second["seq"] == first["seq"]
    assert second["root"] == first["root"]


def test_a_clock_that_is_behind_the_book_is_told(received: Desk) -> None:
    received.now = received.now.replace(day=19)
    outcome = received.done(*REMARK)

    assert "2025-03-20T12:00:00Z" in outcome.err


def test_an_entry_that_went_round_the_program_is_told_on_the_next_write(
    received: Desk,
) -> None:
    insert(received, "not an entry")
    outcome = received.done(*REMARK)

    assert "entry 3 was written round this program" in outcome.err
    assert answer(received, "verify", code=10)["void"][0]["acknowledged"] is False


def test_what_is_recorded_is_told_to_people(desk: Desk) -> None:
    desk.now = desk.now.replace(day=20)
    desk.columns = 80
    out = desk.done(*RECORD).out
    about = desk.done(*REMARK).out
    desk.columns = None
    insert(desk, "not an entry")
    desk.columns = 80
    bare = desk.done("acknowledge", "3", "--reason", "seen").out

    assert "recorded as entry 1: departure T-1\n" in out
    assert "recorded as entry 2: remark, about T-1\n" in about
    assert "recorded as entry 4: acknowledgement\n" in bare
