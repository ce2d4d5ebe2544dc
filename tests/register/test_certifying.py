"""Nothing is signed that was not read and hashed again, and that all can check."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from ledger.errors import (
    IncompleteError,
    LockedError,
    NotFoundError,
    RefusedError,
    RewrittenError,
    TamperedError,
    UsageError,
)
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.sshsig import NAMESPACE, fingerprint
from ledger.exchange.summary_check import check_summary
from ledger.exchange.summary_html import summary_html
from ledger.register.certifying import SummaryFiles, last_signed, sign, summary
from ledger.register.opening import Places, Register
from ledger.register.playing import play, read_example
from ledger.tlog import canonical, merkle
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.note import Signer
from tests.books import FEW_SEEDS, book
from tests.office import Office
from tests.register import stored
from tests.summaries import AUDITOR, FINGERPRINT, summary_of

ENGLISH = Catalogue.load("en")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = date(2025, 12, 20)
SIZE = 12
EXAMPLE = Path(__file__).parents[2] / "examples" / "us-sv-2025" / "entries.json"

Change = Callable[[sqlite3.Connection], object]


@cache
def office() -> Office:
    """Return an office of twelve entries, one of them void: only read it."""
    made = Office()
    for n in range(1, 6):
        made.transfer(persons={"n": n, "qualifier": "exact"})
        made.receipt(f"T-{n}", n)
    made.put(b"not a page\n")
    return made


@cache
def image() -> bytes:
    return stored.image_of(office())


@pytest.fixture
def there(tmp_path: Path) -> Places:
    """Return where the book of the office lies, with nothing signed yet."""
    return stored.lay(tmp_path, image())


LOG = office().keys["log"]
LEAVES = [merkle.leaf_hash(note) for note in office().notes]


def made(
    register: Register,
    *transfers: str,
    log: Signer | None = LOG,
    on: date = DAY,
    formats: tuple[str, ...] = ("json", "txt", "html"),
) -> SummaryFiles:
    return summary(
        register,
        signer=AUDITOR,
        log=log,
        transfers=transfers,
        on=on,
        now=NOW,
        formats=formats,
        catalogues=[ENGLISH],
    )


def verdict(files: SummaryFiles) -> str:
    content = files.files["summary.json"]
    signature = files.files["summary.json.sig"].decode()
    return check_summary(content, signature, expected=FINGERPRINT).verdict


def node_changed(connection: sqlite3.Connection) -> None:
    """Change a hash of the tree that no root is read from directly."""
    connection.execute(
        "UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND number = 1"
    )


def forged(size: int, *, by: Signer, root: bytes | None = None) -> bytes:
    said = Checkpoint(by.key.name, size, root or merkle.root(LEAVES[:size]))
    return sign_checkpoint(said, by)


def test_a_checkpoint_covers_every_entry_and_void_ones(there: Places) -> None:
    with stored.opened(there) as register:
        signed = sign(register, LOG)

        assert open_checkpoint(signed.note, key=LOG.key) == signed.checkpoint
        assert signed.checkpoint.size == SIZE
        assert signed.checkpoint.root == merkle.root(LEAVES)
        assert register.journal.checkpoints() == [(SIZE, signed.note)]
        assert last_signed(register) == signed


def test_what_was_signed_is_remembered(there: Places) -> None:
    with stored.opened(there) as register:
        assert register.marks.read() is None
        signed = sign(register, LOG)
        mark = register.marks.read()

    assert mark is not None
    assert (mark.size, mark.root) == (SIZE, signed.checkpoint.root.hex())


def test_one_size_is_signed_once(there: Places) -> None:
    with stored.opened(there) as register:
        first = sign(register, LOG)
        second = sign(register, LOG)

        assert first == second
        assert len(register.journal.checkpoints()) == 1


def test_a_book_that_grew_is_signed_again(there: Places) -> None:
    with stored.opened(there) as register:
        first = sign(register, LOG)
        stored.insert(register.journal.connection, SIZE, b"more\n")
        second = sign(register, LOG)

        assert second.checkpoint.size == SIZE + 1
        assert [e.seq for e in register.taken_in] == [SIZE]
        assert [size for size, _ in register.journal.checkpoints()] == [SIZE, SIZE + 1]
        assert last_signed(register) == second
        assert first.checkpoint.root != second.checkpoint.root


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(
            lambda c: c.execute(
                "UPDATE entry SET note = CAST(replace(CAST(note AS TEXT),"
                " '\"n\":3', '\"n\":4') AS BLOB) WHERE seq = 5"
            ),
            "checkpoint.bytes-changed",
            id="a digit of an entry",
        ),
        pytest.param(
            lambda c: c.execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 5"),
            "checkpoint.bytes-changed",
            id="a leaf",
        ),
        pytest.param(node_changed, "checkpoint.nodes-changed", id="an inner node"),
        pytest.param(
            lambda c: c.execute(
                "UPDATE node SET hash = zeroblob(32) WHERE level = 3 AND number = 0"
            ),
            "checkpoint.nodes-changed",
            id="a node of the root",
        ),
        pytest.param(
            lambda c: c.execute("DELETE FROM node WHERE level = 1 AND number = 1"),
            "store.node-missing",
            id="a node that is gone",
        ),
        pytest.param(
            lambda c: c.execute("DELETE FROM entry WHERE seq = 5"),
            "checkpoint.nodes-changed",
            id="an entry that is gone",
        ),
        pytest.param(
            lambda c: [
                c.execute(f"DELETE FROM {table} WHERE seq = 10")  # noqa: S608
                for table in ("entry", "heading", "subject")
            ],
            "checkpoint.nodes-changed",
            id="the last entry but one, with all that was derived from it",
        ),
    ],
)
def test_what_was_changed_is_not_signed(
    there: Places, change: Change, code: str
) -> None:
    with stored.tampering(there.database) as connection:
        change(connection)

    with stored.opened(there) as register:
        with pytest.raises(TamperedError) as refusal:
            sign(register, LOG)

        assert refusal.value.code == code
        assert register.journal.checkpoints() == []
        assert register.marks.read() is None


def test_a_tree_that_did_not_grow_out_of_the_last_one_is_not_signed(
    there: Places,
) -> None:
    other = forged(4, by=LOG, root=bytes(32))
    with stored.opened(there) as register:
        register.journal.keep_checkpoint(size=4, note=other)

        with pytest.raises(RewrittenError, match=r"checkpoint\.not-consistent"):
            sign(register, LOG)

        assert len(register.journal.checkpoints()) == 1


def test_a_book_that_was_cut_is_not_signed(there: Places) -> None:
    note = forged(SIZE, by=LOG)
    with stored.tampering(there.database) as connection:
        connection.execute(
            "INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)", (SIZE, note)
        )
        for table in ("entry", "heading", "subject"):
            connection.execute(f"DELETE FROM {table} WHERE seq >= 11")  # noqa: S608

    with stored.opened(there) as register:
        with pytest.raises(RewrittenError, match=r"checkpoint\.not-consistent"):
            sign(register, LOG)

        assert len(register.journal.checkpoints()) == 1


def test_a_book_below_what_is_remembered_is_not_signed(there: Places) -> None:
    longer = Office()
    for _ in range(SIZE + 2):
        longer.remark(0)
    stored.remember(there, longer, size=SIZE + 1)

    with (
        stored.opened(there) as register,
        pytest.raises(RewrittenError, match=r"memory\."),
    ):
        sign(register, LOG)


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"garbage", id="garbage"),
        pytest.param(forged(4, by=Office(seed=77).keys["log"]), id="another key"),
    ],
)
def test_a_row_that_binds_nobody_does_not_stop_the_register(
    there: Places, note: bytes
) -> None:
    with stored.opened(there) as register:
        register.journal.keep_checkpoint(size=99, note=note)
        register.journal.keep_checkpoint(size=98, note=forged(4, by=LOG))

        assert last_signed(register) is None
        assert sign(register, LOG).checkpoint.size == SIZE


def test_a_key_of_another_name_signs_no_checkpoint(there: Places) -> None:
    with stored.opened(there) as register:
        with pytest.raises(UsageError, match=r"checkpoint\.not-the-log-key"):
            sign(register, office().keys["clerk"])

        assert register.journal.checkpoints() == []


def test_a_summary_has_a_signature_for_each_file(there: Places) -> None:
    with stored.opened(there) as register:
        files = made(register)

    assert set(files.files) == {
        *("summary.json", "summary.json.sig"),
        *("summary.en.txt", "summary.en.txt.sig"),
        *("summary.en.html", "summary.en.html.sig"),
    }
    assert canonical.decode(files.files["summary.json"]) == files.summary
    assert rfc8785.dumps(dict(files.summary)) == files.files["summary.json"]
    assert verdict(files) == "verified"


def test_the_page_is_that_of_the_summary_in_each_language(there: Places) -> None:
    with stored.opened(there) as register:
        files = made(register, formats=("html",))

    page = summary_html(files.summary, ENGLISH)
    assert files.files["summary.en.html"] == page.encode()
    assert "summary.en.txt" not in files.files


def test_the_json_is_always_there(there: Places) -> None:
    with stored.opened(there) as register:
        files = made(register, formats=("json",))

    assert set(files.files) == {"summary.json", "summary.json.sig"}


@pytest.mark.parametrize("name", ["summary.json", "summary.en.txt", "summary.en.html"])
def test_ssh_keygen_calls_it_good_until_one_digit_is_changed(
    there: Places, tmp_path: Path, name: str
) -> None:
    if (program := shutil.which("ssh-keygen")) is None:
        pytest.skip("ssh-keygen is not installed")
    with stored.opened(there) as register:
        files = made(register).files
    (tmp_path / "sig").write_bytes(files[f"{name}.sig"])
    words = ["-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(tmp_path / "sig")]
    changed = files[name].replace(b"2025-12-20", b"2025-12-21", 1)

    good, bad = (
        subprocess.run([program, *words], input=content, capture_output=True)  # noqa: PLW1510
        for content in (files[name], changed)
    )

    assert changed != files[name]
    assert good.returncode == 0
    assert good.stdout.startswith(b"Good ")
    assert FINGERPRINT.encode() in good.stdout
    assert bad.returncode != 0


def test_without_the_log_key_later_entries_are_left_out_and_counted(
    there: Places,
) -> None:
    with stored.opened(there) as register:
        sign(register, LOG)
        connection = register.journal.connection
        stored.insert(connection, SIZE, b"more\n")

    with stored.opened(there) as register:
        stored.insert(register.journal.connection, SIZE + 1, b"and more\n")
        files = made(register, log=None)

        assert len(register.journal.checkpoints()) == 1

    (said,) = _rows(files, "books")
    assert (said["entries"], said["entries_beyond_checkpoint"]) == (SIZE, 2)
    assert [row["seq"] for row in _rows(files, "void")] == [11]
    assert b"2 later entries" in files.files["summary.en.txt"]
    assert verdict(files) == "verified"


def test_with_the_log_key_a_new_checkpoint_is_signed_first(there: Places) -> None:
    with stored.opened(there) as register:
        sign(register, LOG)
        stored.insert(register.journal.connection, SIZE, b"more\n")
        files = made(register)

    (said,) = _rows(files, "books")
    assert (said["entries"], said["entries_beyond_checkpoint"]) == (SIZE + 1, 0)
    assert [row["seq"] for row in _rows(files, "void")] == [11, 12]


def test_without_checkpoint_and_log_key_there_is_no_summary(there: Places) -> None:
    with (
        stored.opened(there) as register,
        pytest.raises(IncompleteError, match=r"summary\.no-checkpoint"),
    ):
        made(register, log=None)


@pytest.mark.parametrize("change", ["entry", "node"])
def test_what_was_changed_after_it_was_signed_is_in_no_summary(
    there: Places, change: str
) -> None:
    with stored.opened(there) as register:
        sign(register, LOG)
    with stored.tampering(there.database) as connection:
        if change == "node":
            node_changed(connection)
        else:
            connection.execute(
                "UPDATE entry SET note = CAST(replace(CAST(note AS TEXT),"
                " '\"n\":3', '\"n\":4') AS BLOB) WHERE seq = 5"
            )

    with (
        stored.opened(there) as register,
        pytest.raises(TamperedError, match=r"tree\.not-included"),
    ):
        made(register)


def test_an_entry_that_is_gone_is_in_no_summary(there: Places) -> None:
    with stored.opened(there) as register:
        sign(register, LOG)
    with stored.tampering(there.database) as connection:
        connection.execute("DELETE FROM entry WHERE seq = 11")
        connection.execute("UPDATE checkpoint SET size = 12")

    with stored.opened(there) as register, pytest.raises(TamperedError):
        made(register, log=None)


@pytest.mark.parametrize("name", ["T-2", "us:T-2", "us.example/book:T-2"])
def test_transfers_are_chosen_by_any_name(there: Places, name: str) -> None:
    with stored.opened(there) as register:
        files = made(register, name, "T-2")

    assert files.summary["scope"] == {
        "book": "us.example/book",
        "transfers": ["T-2"],
        "whole": False,
    }
    assert {e["seq"] for e in _rows(files, "entries")} == {0, 11}
    assert verdict(files) == "verified"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("T-9", "cite.no-such-ref"),
        ("sv:T-1", "cite.no-such-book"),
        ("I-1", "cite.no-such-ref"),
    ],
)
def test_a_transfer_that_is_not_there_is_not_found(
    there: Places, name: str, code: str
) -> None:
    with stored.opened(there) as register:
        with pytest.raises(NotFoundError) as refusal:
            made(register, name)

        assert refusal.value.code == code


def test_a_name_that_is_none_is_refused(there: Places) -> None:
    with stored.opened(there) as register, pytest.raises(RefusedError):
        made(register, "transfer one")


def test_the_payments_of_an_instrument_go_with_its_transfers(tmp_path: Path) -> None:
    made_by = Office()
    made_by.instrument()
    made_by.transfer()
    made_by.correct(2, {"path": "/instruments", "new": ["I-1"]})
    made_by.transfer()
    purpose: dict[str, Any] = {"for": {"instrument": "I-1"}}
    made_by.payment([], "5.00", **purpose)
    there = stored.lay(tmp_path, stored.image_of(made_by))

    with stored.opened(there) as register:
        one, two, both = made(register, "T-1"), made(register, "T-2"), made(register)

    assert [row["seq"] for row in _rows(one, "payments")] == [5]
    assert [row["seq"] for row in _rows(both, "payments")] == [5]
    assert _rows(two, "payments") == []


def test_a_log_key_that_was_retired_signs_no_checkpoint(tmp_path: Path) -> None:
    made_by = Office()
    old = made_by.keys["log"]
    made_by.write("key", {"action": "retire", "role": "log", "vkey": old.key.format()})
    there = stored.lay(tmp_path, stored.image_of(made_by))

    with stored.opened(there) as register:
        with pytest.raises(LockedError, match=r"keys\.not-active"):
            sign(register, old)

        assert register.journal.checkpoints() == []


def test_a_checkpoint_by_a_log_key_after_its_end_binds_nobody(tmp_path: Path) -> None:
    made_by = Office()
    old = made_by.keys["log"]
    made_by.transfer()
    made_by.write("key", {"action": "retire", "role": "log", "vkey": old.key.format()})
    there = stored.lay(tmp_path, stored.image_of(made_by))

    with stored.opened(there) as register:
        for size in (2, 3):
            root = register.journal.root(size)
            note = sign_checkpoint(Checkpoint(made_by.book, size, root), old)
            with register.journal.writing():
                register.journal.keep_checkpoint(size=size, note=note)
        last = last_signed(register)

    assert last is not None
    assert last.checkpoint.size == 2


def test_a_log_key_that_was_replaced_still_proves_what_it_signed(
    tmp_path: Path,
) -> None:
    made_by = Office()
    old = made_by.keys["log"]
    made_by.write("key", {"action": "retire", "role": "log", "vkey": old.key.format()})
    new = Office(seed=77).keys["log"]
    made_by.write("key", {"action": "add", **made_by.listing("log", new)})
    there = stored.lay(tmp_path, stored.image_of(made_by))

    with stored.opened(there) as register:
        files = made(register, log=new)

    (said,) = _rows(files, "books")
    assert said["log_keys"] == [new.key.format()]
    assert verdict(files) == "verified"


@pytest.mark.sweep
@pytest.mark.parametrize("seed", FEW_SEEDS[1:7])
def test_the_summary_of_a_plausible_book_is_the_one_of_its_history(
    tmp_path: Path, seed: int
) -> None:
    whole = book(seed)
    there = stored.lay(tmp_path, stored.image_of(whole))
    refs = [ref for ref in whole.history.opened if ref[0] == "T"][:2]

    with stored.opened(there) as register:
        files = made(register, log=whole.keys["log"])
        some = made(register, *refs, log=whole.keys["log"])

    assert verdict(files) == verdict(some) == "verified"
    assert {**files.summary, "on": ""} == {**summary_of(whole, on=DAY), "on": ""}
    assert some.summary == summary_of(whole, *refs, on=DAY)


def test_the_example_of_real_figures_ends_with_35(tmp_path: Path) -> None:
    there = stored.lay(tmp_path, stored.first_image())
    keys = stored.first_office().keys

    with stored.opened(there) as register:
        list(play(register, read_example(EXAMPLE), signer=keys["clerk"]))
        files = made(register, log=keys["log"])

    totals: Any = files.summary["totals"]
    text = files.files["summary.en.txt"].decode()
    assert (totals["departed"], totals["arrived"]) == (288, 288)
    assert totals["in_transit_or_held_min"] == totals["in_transit_or_held_max"] == 35
    assert [row["held_max"] for row in _rows(files, "transfers")] == [35, 23, 17, 10]
    assert "in transit or held: 35" in text
    assert "0–35 persons: last authorised day 2026-03-15" in text  # noqa: RUF001
    assert "alleged members of MS-13" in text
    assert verdict(files) == "verified"
    assert fingerprint(AUDITOR.key.public) not in text


def _rows(files: SummaryFiles, name: str) -> list[dict[str, Any]]:
    rows: Any = files.summary[name]
    return list(rows)
