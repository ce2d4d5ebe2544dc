"""The register of books in the file: rows of the table `book`, and rows of no book."""

from functools import partial

from tests.corpus.base import ENTRIES
from tests.corpus.desk import Cases, Desk

CASES = Cases()
STRAYS = {
    "entry": "INSERT INTO entry SELECT 9, seq, once, leaf, note FROM entry",
    "node": "INSERT INTO node SELECT 9, level, number, hash FROM node",
    "checkpoint": "INSERT INTO checkpoint SELECT 99, 9, size, note FROM checkpoint "
    "LIMIT 1",
    "heading": "INSERT INTO heading SELECT 9, seq, at, kind, signer, ref, fault "
    "FROM heading",
    "subject": "INSERT INTO subject SELECT 9, ref, seq FROM subject",
    "counter": "INSERT INTO counter SELECT 9, letter, number FROM counter",
    "movement": "INSERT INTO movement SELECT 9, ref, seq, n, what, day, persons, "
    "shared FROM movement",
    "payment": "INSERT INTO payment SELECT 9, seq, stage, currency, minor, day, "
    "payer, payee, status FROM payment",
}


@CASES.tampered(10, "projections", None)
def a_mirror_of_a_book_that_nobody_trusts_is_listed(desk: Desk) -> None:
    """A row of the table of books claims a mirror of no peer."""
    desk.run("INSERT INTO book VALUES (2, 'xb.example/book', 'XB', 0, ?)", bytes(32))


@CASES.tampered(11, "chain", 0, memory=False)
def the_name_of_the_book_is_no_text(desk: Desk) -> None:
    """The name of the own book gets a byte that is no UTF-8."""
    sql = "UPDATE book SET name = CAST(? AS TEXT)"
    desk.run(sql, b"us.example/book\xff")


@CASES.tampered(10, "projections", 0)
def the_state_of_the_book_is_no_text(desk: Desk) -> None:
    """The state of the own book gets a byte that is no UTF-8."""
    desk.run("UPDATE book SET state = CAST(? AS TEXT)", b"U\xff")


@CASES.tampered(11, "chain", 0)
def the_own_book_is_a_mirror_of_another_name(desk: Desk) -> None:
    """Name and kind of the own book are both changed."""
    desk.run("UPDATE book SET name = 'us.example/other', own = 0")


def _stray(desk: Desk, sql: str) -> None:
    """A row is put in under the number of a book that the file does not list."""
    desk.run(sql)


for _table, _sql in STRAYS.items():
    CASES.add(
        f"rows of the table {_table} belong to no book",
        partial(_stray, sql=_sql),
        (10, "projections", None),
    )


@CASES.tampered(10, "projections", 2)
def the_id_beside_an_entry_is_no_text(desk: Desk) -> None:
    """The column `once` of an entry gets a byte that is no UTF-8."""
    sql = "UPDATE entry SET once = CAST(? AS TEXT) WHERE seq = 2"
    desk.run(sql, b"\xff" * 32)


@CASES.tampered(10, "projections", 2)
def a_facility_is_no_text(desk: Desk) -> None:
    """One byte of a derived row is no UTF-8."""
    sql = "UPDATE transfer SET facility = CAST(? AS TEXT) WHERE seq = 2"
    desk.run(sql, b"CECO\xff")


@CASES.tampered(10, "projections", ENTRIES - 1)
def a_name_of_a_signer_is_no_text(desk: Desk) -> None:
    """One byte of a heading is no UTF-8."""
    sql = "UPDATE heading SET signer = CAST(? AS TEXT) WHERE seq = ?"
    desk.run(sql, b"us.example/clerk-0\xff", ENTRIES - 1)


@CASES.tampered(10, "bytes", None)
def the_file_is_cut_after_its_first_page(desk: Desk) -> None:
    """Of the file only the first page is left, with the schema."""
    desk.database.write_bytes(desk.database.read_bytes()[:4096])


@CASES.tampered(10, "bytes", None)
def the_file_is_cut_inside_its_head(desk: Desk) -> None:
    """Of the file some bytes are left, which are no database; it is remembered."""
    desk.database.write_bytes(desk.database.read_bytes()[:60])


@CASES.tampered(10, "bytes", None)
def the_file_is_emptied(desk: Desk) -> None:
    """Nothing of the file is left, and this machine remembers the book."""
    desk.database.write_bytes(b"")
