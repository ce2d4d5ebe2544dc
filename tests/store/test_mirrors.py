"""Mirrors beside the own book, and what this machine knows of the ways to peers."""

from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import NoBookError, TamperedError
from ledger.store.headings import seqs_of_kind
from ledger.store.journal import Journal
from ledger.store.mirrors import add_mirror, book_named, mirror_of, mirrors
from ledger.store.peerings import Peering, PeeringFile, merged
from tests.register.stored import lay, opened, tampering, usual_image

SV = {"name": "sv.example/book", "state": "SV", "genesis": b"\1" * 32}


def test_a_mirror_is_found_by_its_name(tmp_path: Path) -> None:
    with opened(lay(tmp_path, usual_image())) as register:
        own = register.journal
        assert (mirrors(own), mirror_of(own, "sv.example/book")) == ([], None)
        with own.writing():
            made = add_mirror(own, **SV)  # type: ignore[arg-type]

        assert [each.book for each in mirrors(own)] == [made.book]
        assert book_named(own, None) is own
        assert book_named(own, own.book.name) is own
        assert book_named(own, "sv.example/book").book == made.book
        assert made.size() == 0
        with pytest.raises(NoBookError, match="no-such-mirror"):
            book_named(own, "zz.example/book")


def test_two_mirrors_of_one_book_are_damage(tmp_path: Path) -> None:
    with opened(lay(tmp_path, usual_image())) as register:
        own = register.journal
        with own.writing():
            add_mirror(own, **SV)  # type: ignore[arg-type]
            add_mirror(own, **SV)  # type: ignore[arg-type]

        with pytest.raises(TamperedError, match="two-mirrors"):
            mirror_of(own, "sv.example/book")


def test_a_row_of_another_type_is_damage(tmp_path: Path) -> None:
    there = lay(tmp_path, usual_image())
    with opened(there) as register, register.journal.writing():
        add_mirror(register.journal, **SV)  # type: ignore[arg-type]
    with tampering(there.database) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') "
            "WHERE name = 'book'"
        )
        connection.commit()
    with tampering(there.database) as connection:
        connection.execute("UPDATE book SET genesis = 'text' WHERE own = 0")
        connection.commit()
    with opened(there, write=False) as register, pytest.raises(TamperedError):
        mirrors(register.journal)


def test_a_number_of_another_type_is_damage(tmp_path: Path) -> None:
    there = lay(tmp_path, usual_image())
    with tampering(there.database) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') "
            "WHERE name = 'heading'"
        )
        connection.commit()
    with tampering(there.database) as connection:
        connection.execute("UPDATE heading SET seq = 'x' WHERE kind = 'genesis'")
    with (
        closing(Journal.open(there.database, write=False)) as journal,
        pytest.raises(TamperedError, match="projection-unfit"),
    ):
        seqs_of_kind(journal, "genesis")


def test_entries_of_a_kind_are_found(tmp_path: Path) -> None:
    with opened(lay(tmp_path, usual_image())) as register:
        assert seqs_of_kind(register.journal, "genesis") == [0]
        assert seqs_of_kind(register.journal, "genesis", start=1) == []


def test_the_ways_to_peers_are_remembered(tmp_path: Path) -> None:
    file = PeeringFile(tmp_path / "state")
    assert file.read() == {}
    one = Peering("sv.example/book", inbox="/in", outbox="/out")
    two = Peering("cr.example/book", mirror="/cr.sqlite")

    for each in (one, two, one):
        file.keep(each)

    assert file.read() == {each.book: each for each in (one, two)}
    assert merged(one, Peering(one.book, mirror="/m")) == Peering(
        one.book, "/in", "/out", "/m"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"peers":[],"schema":"transfer-ledger/peerings/1"} ',
        b'{"peers":[{"book":"x"}],"schema":"transfer-ledger/peerings/1"}',
        b'{"added":1,"peers":[],"schema":"transfer-ledger/peerings/1"}',
    ],
)
def test_a_damaged_file_is_never_taken_for_an_absent_one(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "peerings").write_bytes(content)

    with pytest.raises(TamperedError, match=r"peerings\.damaged"):
        PeeringFile(tmp_path).read()
