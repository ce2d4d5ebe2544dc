"""The table of books: whatever its rows say, verification names them and goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit import Audit
from ledger.domain.history import History
from ledger.errors import NoBookError, TamperedError
from ledger.register.checking import verify
from ledger.register.levels import Work
from ledger.register.opening import Places
from ledger.register.registered import compare_books
from ledger.store.journal import Journal
from ledger.store.listed import open_found, was_ledger
from tests.register.neighbours import Receiver, packet, us
from tests.register.stored import (
    LENGTH,
    remember,
    tampering,
    usual,
    usual_office,
)


@pytest.fixture(name="receiver")
def _receiver(tmp_path: Path) -> Receiver:
    receiver = Receiver(tmp_path, us())
    receiver.take(packet(receiver.sender))
    return receiver


def found(there: Places, *statements: str) -> list[tuple[str, str | None, str | None]]:
    """Return code, column and row of each finding after some statements."""
    with tampering(there.database) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.execute(statement)
    report = verify(there)
    assert report.exit_code == (report.findings[0].exit_code if report.findings else 0)
    return [(f.code, f.field, f.row) for f in report.findings]


def test_an_honest_mirror_is_no_finding(receiver: Receiver) -> None:
    assert found(receiver.there) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "'XX'"),
        ("genesis", "zeroblob(32)"),
        ("genesis", "x''"),
        ("own", "2"),
    ],
)
def test_a_cell_of_a_mirror_that_is_not_its_peers_is_named(
    receiver: Receiver, column: str, value: str
) -> None:
    sql = f"UPDATE book SET {column} = {value} WHERE id = 2"  # noqa: S608 (of the test)

    assert found(receiver.there, sql) == [("book-differs", column, "id=2")]


@pytest.mark.parametrize("value", ["'zz.example/book'", "CAST(x'ff' AS TEXT)"])
def test_a_mirror_of_another_name_is_of_nobody(receiver: Receiver, value: str) -> None:
    sql = f"UPDATE book SET name = {value} WHERE id = 2"  # noqa: S608 (of the test)

    assert ("book-extra", "name", "id=2") in found(receiver.there, sql)


def test_a_second_mirror_of_one_book_is_named(receiver: Receiver) -> None:
    sql = "INSERT INTO book SELECT 5, name, state, own, genesis FROM book WHERE id = 2"

    assert ("book-extra", "name", "id=5") in found(receiver.there, sql)


def test_a_mirror_whose_row_is_gone_leaves_rows_of_no_book(receiver: Receiver) -> None:
    rows = found(receiver.there, "DELETE FROM book WHERE id = 2")

    assert {(code, field) for code, field, _ in rows} == {("row-of-no-book", "book")}
    assert ("row-of-no-book", "book", "book=2, seq=0") in rows


def test_of_many_unknown_numbers_some_are_named(tmp_path: Path) -> None:
    there = usual(tmp_path)
    sql = (
        "WITH RECURSIVE n(i) AS (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < 99) "
        "INSERT INTO counter SELECT i, 'T', 1 FROM n"
    )

    rows = found(there, sql)

    assert len(rows) == 20
    assert rows[0] == ("row-of-no-book", "book", "book=5, letter=T")


def test_a_mirror_whose_rows_cannot_be_listed_is_answered_all_the_same(
    receiver: Receiver,
) -> None:
    found(receiver.there, "UPDATE book SET name = CAST(x'ff' AS TEXT) WHERE id = 2")

    report = verify(receiver.there, book=receiver.sender.book)

    assert (report.exit_code, report.verdict) == (10, "altered")
    assert {level.result for level in report.levels} == {"fail", "skipped"}


def test_the_row_of_the_own_book_is_gone_and_its_entries_are_judged(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    rows = found(there, "DELETE FROM book")

    assert ("book-missing", "name", None) in rows
    assert verify(there).entries == LENGTH


def test_without_a_row_and_an_entry_there_is_no_book(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("DELETE FROM book")
        connection.execute("UPDATE entry SET note = x'00' WHERE seq = 0")

    with pytest.raises(NoBookError):
        open_found(there.database)
    report = verify(there)
    assert report.findings[0].code == "store:store.no-own-book"


def test_an_entry_0_that_is_no_page_says_nothing_of_the_name(tmp_path: Path) -> None:
    there = usual(tmp_path)
    rows = found(there, "UPDATE entry SET note = x'00' WHERE seq = 0")

    assert "book-differs" not in {code for code, _, _ in rows}


def test_a_file_that_was_cut_is_answered_with_a_finding(tmp_path: Path) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    image = there.database.read_bytes()
    for size in (0, 50, 100, 4096, len(image) // 2):
        there.database.write_bytes(image[:size])
        report = verify(there)
        assert report.exit_code == 10, size
        assert "pass" not in {level.result for level in report.levels if size < 5000}
        assert report.book == usual_office().book


def test_another_file_is_no_book_unless_one_is_remembered_there(tmp_path: Path) -> None:
    there = usual(tmp_path)
    there.database.write_bytes(b"")

    assert not was_ledger(there.database)
    assert not was_ledger(tmp_path / "none")
    with pytest.raises(NoBookError):
        verify(there)


def test_a_memory_that_is_damaged_is_a_finding_beside_the_others(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    remember(there, usual_office(), size=LENGTH)
    (there.memory / "watermark").write_bytes(b"{}")

    report = verify(there)

    assert [f.code for f in report.findings] == ["store:watermark.damaged"]
    assert (report.exit_code, report.memory) == (10, "skipped")


def test_a_byte_that_is_no_text_is_named_by_table_column_and_row(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        (ref,) = connection.execute("SELECT min(ref) FROM transfer").fetchone()
        sql = "UPDATE transfer SET status = CAST(x'61ff' AS TEXT) WHERE ref = ?"
        connection.execute(sql, (ref,))
        connection.execute("UPDATE payment SET day = '1999-01-01'")

    report = verify(there)

    (broken,) = [f for f in report.findings if f.table == "transfer"]
    assert (broken.code, broken.field, broken.row) == (
        "column-differs",
        "status",
        f"ref={ref}",
    )
    assert (broken.found, broken.ref) == ("a\\xff", ref)
    assert broken.seq is not None
    assert "payment" in {f.table for f in report.findings}
    assert {"guards", "tree"} <= {r.level for r in report.levels if r.result == "pass"}


def test_a_reference_that_is_no_text_is_a_row_too_much(tmp_path: Path) -> None:
    there = usual(tmp_path)
    rows = found(there, "INSERT INTO subject VALUES (1, CAST(x'54ff' AS TEXT), 3)")

    assert ("row-extra", "seq", "ref=T\\xff, seq=3") in rows


def test_a_table_whose_pages_are_gone_is_named_and_the_next_is_looked_at(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        select = "SELECT rootpage FROM sqlite_schema WHERE name = 'transfer'"
        (page,) = connection.execute(select).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    image = bytearray(there.database.read_bytes())
    image[(page - 1) * size : page * size] = b"\xff" * size
    there.database.write_bytes(image)

    report = verify(there)

    assert ("store:store.damaged", "transfer") in {
        (f.code, f.table) for f in report.findings
    }
    assert {"guards", "tree"} <= {r.level for r in report.levels if r.result == "pass"}


def test_a_table_of_books_that_is_gone_is_damage(tmp_path: Path) -> None:
    there = usual(tmp_path)
    with closing(sqlite3.connect(there.database)) as connection:
        connection.execute("DROP TABLE book")

    report = verify(there)

    assert (report.exit_code, report.findings[0].code) == (10, "store:store.damaged")


def test_an_own_book_whose_cells_have_other_types_is_no_book_to_open(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    with tampering(there.database) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') "
            "WHERE name = 'book'"
        )
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute("UPDATE book SET genesis = 'text'")

    with pytest.raises(TamperedError):
        Journal.open(there.database, write=False)
    codes = [(f.code, f.field) for f in verify(there).findings]
    assert ("other-genesis", "genesis") in codes


def test_a_table_of_books_that_goes_while_it_is_verified_is_named(
    tmp_path: Path,
) -> None:
    there = usual(tmp_path)
    book = Journal.open(there.database, write=False)
    work = Work(book, Audit(History(book=book.book.name)))
    with closing(sqlite3.connect(there.database)) as connection:
        connection.execute("DROP TABLE book")
    compare_books(work)
    book.close()

    finding = work.findings[0]
    assert (finding.code, finding.table) == ("store:store.damaged", "book")
