"""Tree: cut tails, older copies, second histories, whole rewrites, other geneses."""

import sqlite3
from contextlib import closing

from ledger.store.projections import TABLES
from ledger.store.watermark import Watermark, WatermarkFile
from ledger.tlog import merkle
from tests.corpus.base import ENTRIES, SIGNED
from tests.corpus.desk import Cases, Desk
from tests.corpus.keys_and_signatures import genesis_with
from tests.office import Office, signer

CASES = Cases()


def cut(desk: Desk, size: int) -> None:
    """Delete entries from the end, nothing else."""
    desk.run("DELETE FROM entry WHERE seq >= ?", size)


def other_history(desk: Desk, keep: int, until: int) -> list[bytes]:
    """Return the first entries, and others by the same clerk after them."""
    notes = desk.notes()[:keep]
    for n in range(keep, until):
        body = desk.body(ENTRIES - 1)
        body |= {"seq": n, "once": f"{n + 1000:032x}"}
        body["prev"] = merkle.leaf_hash(notes[-1]).hex()
        body["data"]["text"] = "another story"
        body["data"]["about"] = body["data"]["about"][:1]
        notes.append(desk.sign(body))
    return notes


def other_book(desk: Desk, *, name: str = "us.example/book") -> list[bytes]:
    """Return a whole book by the same name with other keys."""
    del desk
    office = Office(book=name, seed=120)
    office.instrument()
    for n in range(1, ENTRIES - 1):
        office.transfer(persons={"n": n, "qualifier": "exact"})
    return office.notes


@CASES.tampered(11, "tree", ENTRIES - 1)
def the_last_entry_is_cut_off(desk: Desk) -> None:
    """One row is deleted at the end; this machine remembers 40."""
    cut(desk, ENTRIES - 1)


@CASES.tampered(11, "tree", 30)
def ten_entries_are_cut_off(desk: Desk) -> None:
    """The tail beyond the checkpoint is cut; this machine remembers."""
    cut(desk, 30)


@CASES.tampered(11, "tree", 20)
def entries_below_the_checkpoint_are_cut_off(desk: Desk) -> None:
    """The tail is cut below the last checkpoint."""
    cut(desk, 20)


@CASES.tampered(11, "tree", 20, memory=False)
def entries_below_the_checkpoint_are_cut_off_unremembered(desk: Desk) -> None:
    """The tail is cut below the last checkpoint; only that checkpoint tells."""
    cut(desk, 20)


@CASES.tampered(10, "projections", 30, memory=False)
def the_tail_is_cut_but_not_what_is_derived(desk: Desk) -> None:
    """The tail beyond the checkpoint is cut; derived rows and tree hashes stay."""
    cut(desk, 30)


@CASES.tampered(11, "tree", 0)
def all_entries_are_deleted(desk: Desk) -> None:
    """The table of entries is emptied."""
    cut(desk, 0)


@CASES.tampered(11, "tree", 0, memory=False)
def all_rows_of_everything_are_deleted(desk: Desk) -> None:
    """Entries, tree hashes, checkpoints and derived rows go; the book row stays."""
    tables = ("entry", "node", "checkpoint", *(table.name for table in TABLES))
    desk.run_many(
        *((f"DELETE FROM {name}", ()) for name in tables)  # noqa: S608 (names are ours)
    )


@CASES.tampered(11, "tree", 30)
def the_tail_is_cut_with_all_that_follows_from_it(desk: Desk) -> None:
    """The database is rebuilt from 30 entries; this machine remembers 40."""
    desk.rewrite(desk.notes()[:30], keep=True)


@CASES.tampered(11, "tree", 20, memory=False)
def a_rebuilt_book_is_shorter_than_its_checkpoint(desk: Desk) -> None:
    """The database is rebuilt from 20 entries, with the checkpoint of 24."""
    desk.rewrite(desk.notes()[:20], keep=True)


@CASES.tampered(11, "tree", 30)
def an_older_copy_is_put_back(desk: Desk) -> None:
    """A sound copy of last month takes the place of the database."""
    desk.rewrite(desk.notes()[:30], signed=SIGNED)


@CASES.tampered(11, "tree", None)
def an_older_copy_is_continued_to_the_same_length(desk: Desk) -> None:
    """From an older copy on, the clerk's key writes another history."""
    desk.rewrite(other_history(desk, 30, ENTRIES), signed=SIGNED)


@CASES.tampered(11, "tree", None)
def an_older_copy_is_continued_beyond_the_old_length(desk: Desk) -> None:
    """A second history that is longer than the first."""
    desk.rewrite(other_history(desk, 30, ENTRIES + 6), signed=ENTRIES + 6)


@CASES.tampered(11, "tree", 35)
def an_older_copy_is_continued_but_stays_shorter(desk: Desk) -> None:
    """A second history that is shorter than the first."""
    desk.rewrite(other_history(desk, 30, 35), signed=35)


@CASES.tampered(11, "tree", None, memory=False)
def a_second_history_parts_from_the_first_below_the_checkpoint(desk: Desk) -> None:
    """A second history from entry 19 on; the old checkpoints are still there."""
    desk.rewrite(other_history(desk, 19, ENTRIES), keep=True)


@CASES.tampered(11, "chain", 0)
def the_whole_book_is_written_by_other_keys(desk: Desk) -> None:
    """All keys are new, the name is the same; this machine remembers."""
    log = signer("us.example/book", 121)
    desk.rewrite(other_book(desk), signed=SIGNED, log=log)


@CASES.tampered(11, "chain", 0, memory=False, pin=True)
def the_whole_book_is_written_by_other_keys_but_was_pinned(desk: Desk) -> None:
    """All keys are new; the genesis is known from elsewhere."""
    log = signer("us.example/book", 121)
    desk.rewrite(other_book(desk), signed=SIGNED, log=log)


@CASES.tampered(12, "signatures", None, memory=False)
def the_whole_book_is_written_by_other_keys_beside_old_checkpoints(desk: Desk) -> None:
    """All keys are new, the kept checkpoints are the old ones."""
    desk.rewrite(other_book(desk), keep=True)


@CASES.tampered(11, "chain", 0)
def another_book_is_put_in_the_place(desk: Desk) -> None:
    """The sound book of another state takes the place of the database."""
    name = "sv.example/book"
    desk.rewrite(other_book(desk, name=name), name=name)


@CASES.tampered(11, "chain", 0, memory=False)
def the_genesis_is_replaced(desk: Desk) -> None:
    """A genesis by other keys is put at number 0, its leaf as it should be."""
    desk.replace(0, other_book(desk)[0])


@CASES.tampered(11, "chain", 0, memory=False)
def the_genesis_is_signed_anew_by_the_state(desk: Desk) -> None:
    """The state key changes the zone in entry 0."""
    body = genesis_with(desk, zone="America/Denver")
    desk.replace(0, desk.sign(body, signer("us.example/state", 10)))


@CASES.tampered(11, "chain", 0)
def the_row_of_the_book_names_another_genesis(desk: Desk) -> None:
    """The genesis column of the table of books is changed."""
    desk.run("UPDATE book SET genesis = ?", bytes(32))


@CASES.tampered(11, "chain", 0, memory=False)
def the_row_of_the_book_has_another_name(desk: Desk) -> None:
    """The name column of the table of books is changed."""
    desk.run("UPDATE book SET name = 'us.example/other'")


@CASES.tampered(10, "projections", 0)
def the_row_of_the_book_has_another_state(desk: Desk) -> None:
    """The state column of the table of books is changed."""
    desk.run("UPDATE book SET state = 'SV'")


@CASES.tampered(11, "tree", 0, memory=False)
def the_row_of_the_book_has_another_number(desk: Desk) -> None:
    """The id column of the table of books is changed: no entry is in that book."""
    desk.run("UPDATE book SET id = 7")


@CASES.tampered(10, "projections", None)
def the_row_of_the_book_is_no_longer_the_own_one(desk: Desk) -> None:
    """The own book is made a mirror: its entries say still whose it is."""
    desk.run("UPDATE book SET own = 0")


@CASES.tampered(10, "projections", None)
def the_row_of_the_book_is_deleted(desk: Desk) -> None:
    """The row of the table of books is deleted."""
    desk.run("DELETE FROM book")


@CASES.tampered(10, "projections", None)
def a_second_own_book_is_put_before_the_first(desk: Desk) -> None:
    """A row of the table of books with a lower number claims to be the own one."""
    desk.run("INSERT INTO book VALUES (0, 'us.example/book', 'US', 1, ?)", bytes(32))


@CASES.tampered(10, "projections", None)
def a_second_own_book_is_put_behind_the_first(desk: Desk) -> None:
    """A row of the table of books with a higher number claims to be the own one."""
    desk.run("INSERT INTO book VALUES (9, 'us.example/fake', 'US', 1, ?)", bytes(32))


@CASES.tampered(10, "guards", None)
def the_memory_is_damaged(desk: Desk) -> None:
    """The anti-rollback file is overwritten: that is not the same as absent."""
    (desk.places.memory / "watermark").write_bytes(b"{}")


def _remember(desk: Desk, *, book: str, genesis: str, root: str) -> None:
    file = desk.places.memory / "watermark"
    file.unlink()
    mark = Watermark(book, genesis, ENTRIES, root)
    WatermarkFile(desk.places.memory).advance(mark)


@CASES.tampered(11, "tree", None)
def the_memory_has_another_root(desk: Desk) -> None:
    """The anti-rollback file remembers other entries."""
    genesis = merkle.leaf_hash(desk.notes()[0]).hex()
    _remember(desk, book=desk.office.book, genesis=genesis, root="ab" * 32)


@CASES.tampered(11, "chain", 0)
def the_memory_is_of_another_book(desk: Desk) -> None:
    """The anti-rollback file remembers another genesis."""
    _remember(desk, book=desk.office.book, genesis="cd" * 32, root="ab" * 32)


@CASES.tampered(11, "tree", None, memory=False)
def a_trusted_checkpoint_has_another_root(desk: Desk) -> None:
    """A second history without memory; a checkpoint kept elsewhere tells."""
    desk.trusted = desk.checkpoints()[-1][1]
    desk.rewrite(other_history(desk, 19, ENTRIES))


@CASES.tampered(11, "tree", 20, memory=False)
def a_trusted_checkpoint_is_longer_than_the_book(desk: Desk) -> None:
    """A cut tail without memory; a checkpoint kept elsewhere tells."""
    desk.trusted = desk.checkpoints()[-1][1]
    desk.rewrite(desk.notes()[:20])


@CASES.tampered(10, "bytes", None)
def the_database_is_emptied(desk: Desk) -> None:
    """The file is there and has no bytes."""
    desk.database.write_bytes(b"")


@CASES.tampered(10, "bytes", None)
def the_database_is_another_program_s(desk: Desk) -> None:
    """The file is a database without the mark of a ledger."""
    desk.run("PRAGMA application_id=0")


@CASES.tampered(21, None, None)
def the_database_is_of_a_newer_program(desk: Desk) -> None:
    """The file says that a newer program made it."""
    desk.run("PRAGMA user_version=2")


@CASES.tampered(20, None, None)
def the_database_is_a_link(desk: Desk) -> None:
    """The file is a symbolic link to a copy."""
    elsewhere = desk.folder / "elsewhere"
    desk.database.rename(elsewhere)
    desk.database.symlink_to(elsewhere)


@CASES.tampered(10, "bytes", None)
def the_database_is_overwritten_at_its_start(desk: Desk) -> None:
    """The first hundred bytes of the file are zeros."""
    image = desk.database.read_bytes()
    desk.database.write_bytes(bytes(100) + image[100:])


@CASES.tampered(10, "bytes", None)
def a_table_is_dropped(desk: Desk) -> None:
    """The table of entries is gone."""
    with closing(sqlite3.connect(desk.database)) as connection:
        connection.execute("DROP TABLE entry")
        connection.commit()


@CASES.tampered(20, None, None, memory=False)
def the_database_is_emptied_where_no_book_is_remembered(desk: Desk) -> None:
    """The file has no bytes, and this machine never saw a book there."""
    desk.database.write_bytes(b"")
