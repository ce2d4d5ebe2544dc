"""Chain: entries that are moved, repeated, left out, backdated, or of another book."""

from datetime import datetime, timedelta

from ledger.tlog import merkle
from ledger.tlog.entry import format_instant
from tests.corpus.base import ENTRIES, LAST, REMARK, REMARK_AFTER, TRANSFER
from tests.corpus.desk import Cases, Desk
from tests.office import Office

CASES = Cases()
MOVE = "UPDATE entry SET seq = ? WHERE seq = ?"
AWAY = 1_000_000


@CASES.tampered(11, "chain", REMARK)
def two_entries_change_places(desk: Desk) -> None:
    """Two neighbours are swapped, whole rows."""
    desk.run_many(
        (MOVE, (AWAY, REMARK)),
        (MOVE, (REMARK, REMARK + 1)),
        (MOVE, (REMARK + 1, AWAY)),
    )


@CASES.tampered(11, "chain", REMARK)
def two_distant_entries_change_places(desk: Desk) -> None:
    """An entry below the checkpoint is swapped with one beyond it."""
    desk.run_many(
        (MOVE, (AWAY, REMARK)),
        (MOVE, (REMARK, REMARK_AFTER)),
        (MOVE, (REMARK_AFTER, AWAY)),
    )


@CASES.tampered(11, "chain", 0)
def the_genesis_and_entry_1_change_places(desk: Desk) -> None:
    """The first two rows are swapped."""
    desk.run_many((MOVE, (AWAY, 0)), (MOVE, (0, 1)), (MOVE, (1, AWAY)))


@CASES.tampered(11, "chain", REMARK)
def an_entry_is_deleted_from_the_middle(desk: Desk) -> None:
    """One row is deleted; its number is a gap."""
    desk.run("DELETE FROM entry WHERE seq = ?", REMARK)


@CASES.tampered(11, "chain", 0)
def the_genesis_is_deleted(desk: Desk) -> None:
    """The first row is deleted."""
    desk.run("DELETE FROM entry WHERE seq = 0")


@CASES.tampered(11, "chain", 10)
def ten_entries_are_deleted_from_the_middle(desk: Desk) -> None:
    """A run of rows is deleted."""
    desk.run("DELETE FROM entry WHERE seq BETWEEN 10 AND 19")


@CASES.tampered(11, "chain", REMARK)
def an_entry_is_deleted_and_the_gap_closed(desk: Desk) -> None:
    """One row is deleted and every later one moved down by one."""
    shift = "UPDATE entry SET seq = ? WHERE seq = ?"
    desk.run_many(
        ("DELETE FROM entry WHERE seq = ?", (REMARK,)),
        *((shift, (seq - 1, seq)) for seq in range(REMARK + 1, ENTRIES)),
    )


@CASES.tampered(11, "chain", REMARK)
def an_entry_is_put_in_between(desk: Desk) -> None:
    """A copy of an old entry is put between two others, all later ones moved up."""
    note = desk.notes()[5]
    desk.run_many(
        *((MOVE, (seq + 1, seq)) for seq in range(LAST, REMARK - 1, -1)),
        (
            "INSERT INTO entry (book, seq, leaf, note) VALUES (1, ?, ?, ?)",
            (REMARK, merkle.leaf_hash(note), note),
        ),
    )


@CASES.tampered(11, "chain", ENTRIES)
def an_entry_is_numbered_far_beyond_the_end(desk: Desk) -> None:
    """A copy of an entry is put at number 1,000."""
    note = desk.notes()[LAST]
    desk.run(
        "INSERT INTO entry (book, seq, leaf, note) VALUES (1, 1000, ?, ?)",
        merkle.leaf_hash(note),
        note,
    )


@CASES.tampered(11, "chain", ENTRIES)
def an_old_entry_is_replayed(desk: Desk) -> None:
    """The bytes of a payment are inserted again as the next entry."""
    desk.insert(desk.notes()[4])


@CASES.tampered(11, "chain", ENTRIES)
def the_last_entry_is_replayed(desk: Desk) -> None:
    """The bytes of the last entry are inserted again."""
    desk.insert(desk.notes()[LAST])


@CASES.tampered(11, "chain", ENTRIES)
def the_genesis_is_replayed(desk: Desk) -> None:
    """The bytes of entry 0 are inserted again as the next entry."""
    desk.insert(desk.notes()[0])


@CASES.tampered(11, "chain", ENTRIES)
def an_entry_of_another_book_is_inserted(desk: Desk) -> None:
    """An entry of another state's book, as it stands there, becomes the next one."""
    other = Office(book="sv.example/book", state="SV", seed=80)
    other.instrument()
    desk.insert(other.notes[1])


@CASES.tampered(11, "chain", ENTRIES)
def an_entry_for_another_book_is_signed_by_our_clerk(desk: Desk) -> None:
    """The clerk's key signed the next link, but of another book."""
    desk.insert(desk.sign(desk.next_body(ledger="us.example/other")))


@CASES.tampered(11, "chain", REMARK)
def an_entry_is_replaced_by_one_of_another_book(desk: Desk) -> None:
    """A sound entry of another book takes the place of ours."""
    body = desk.body(REMARK)
    desk.replace(REMARK, desk.sign({**body, "ledger": "us.example/other"}))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_is_dated_before_the_last(desk: Desk) -> None:
    """Time travel: `at` lies before the last entry's."""
    desk.insert(desk.sign(desk.next_body(at="2025-03-01T09:00:00Z")))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_is_dated_a_second_before_the_last(desk: Desk) -> None:
    """Time travel by one second."""
    last = datetime.fromisoformat(desk.body(LAST)["at"])
    at = format_instant(last - timedelta(seconds=1))
    desk.insert(desk.sign(desk.next_body(at=at)))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_names_another_prev(desk: Desk) -> None:
    """A fork: `prev` is the leaf of the last entry but one."""
    leaf = merkle.leaf_hash(desk.notes()[LAST - 1]).hex()
    desk.insert(desk.sign(desk.next_body(prev=leaf)))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_has_a_prev_of_zeros(desk: Desk) -> None:
    """`prev` is what only entry 0 has."""
    desk.insert(desk.sign(desk.next_body(prev="0" * 64)))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_skips_a_number(desk: Desk) -> None:
    """`seq` in the body is one too high."""
    desk.insert(desk.sign(desk.next_body(seq=ENTRIES + 1)))


@CASES.tampered(11, "chain", ENTRIES)
def the_next_entry_repeats_a_number(desk: Desk) -> None:
    """`seq` in the body is that of the last entry."""
    desk.insert(desk.sign(desk.next_body(seq=LAST)))


@CASES.tampered(11, "chain", ENTRIES)
def a_second_version_of_the_last_entry_is_added(desk: Desk) -> None:
    """Another entry with the number and prev of the last one, well signed."""
    body = {**desk.body(LAST), "once": "f" * 32}
    desk.insert(desk.sign(body))


@CASES.tampered(11, "tree", REMARK)
def an_entry_is_signed_anew_in_its_place(desk: Desk) -> None:
    """A stolen clerk's key rewrites one entry below the checkpoint."""
    body = desk.body(REMARK)
    body["data"]["text"] = "the lists agree"
    desk.replace(REMARK, desk.sign(body))


@CASES.tampered(11, "tree", REMARK_AFTER)
def an_entry_beyond_the_checkpoint_is_signed_anew(desk: Desk) -> None:
    """A stolen clerk's key rewrites one entry beyond the checkpoint."""
    body = desk.body(REMARK_AFTER)
    body["data"]["text"] = "the lists agree"
    desk.replace(REMARK_AFTER, desk.sign(body))


@CASES.tampered(11, "chain", TRANSFER + 1)
def a_transfer_is_signed_anew_with_fewer_persons(desk: Desk) -> None:
    """A stolen clerk's key makes 238 persons 138."""
    body = desk.body(TRANSFER)
    body["data"]["persons"]["n"] = 138
    desk.replace(TRANSFER, desk.sign(body))


@CASES.tampered(10, "projections", TRANSFER)
def an_entry_is_signed_anew_with_an_earlier_time(desk: Desk) -> None:
    """A stolen clerk's key backdates an entry to the time of the one before."""
    body = desk.body(TRANSFER)
    desk.replace(TRANSFER, desk.sign({**body, "at": desk.body(TRANSFER - 1)["at"]}))


@CASES.tampered(11, "chain", REMARK)
def an_entry_is_signed_anew_to_lie_before_the_one_before(desk: Desk) -> None:
    """A stolen clerk's key sets an entry's time back by a month."""
    body = desk.body(REMARK)
    desk.replace(REMARK, desk.sign({**body, "at": "2025-02-01T00:00:00Z"}))


@CASES.tampered(11, "tree", None, memory=True)
def a_last_entry_is_signed_anew(desk: Desk) -> None:
    """A stolen clerk's key rewrites the very last entry; this machine remembers."""

    def edit(body: dict[str, object]) -> None:
        body["once"] = "e" * 32

    desk.relink(LAST, edit, desk.office.keys["clerk"])
