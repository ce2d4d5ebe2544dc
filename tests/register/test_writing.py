"""The law: a request becomes one entry, whatever dies in between, or none."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from ledger.domain.records import Transfer
from ledger.errors import (
    BusyError,
    LockedError,
    MalformedError,
    NotFoundError,
    NotPermittedError,
    RefusedError,
    TamperedError,
    UnknownOutcomeError,
)
from ledger.register.opening import Places, Register
from ledger.register.writing import Recorded, acknowledge, append
from ledger.store.guards import GUARDS, objects
from ledger.store.pending import request_digest
from ledger.tlog import merkle
from ledger.tlog.canonical import Json
from ledger.tlog.note import Ed25519Signer
from tests.office import Office
from tests.register.stored import (
    asked,
    checked,
    first_image,
    first_office,
    garbage,
    insert,
    lay,
    opened,
    tampering,
)
from tests.surroundings import files, files_of_at_most

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ONCE = "01" * 16
OTHER = "02" * 16


@pytest.fixture
def there(tmp_path: Path) -> Places:
    return lay(tmp_path, first_image())


def record(
    register: Register,
    n: int = 238,
    *,
    once: str | None = None,
    now: datetime = NOW,
    kind: str = "transfer",
    request: dict[str, Json] | None = None,
    signer: Ed25519Signer | None = None,
    answered: bool = True,
) -> Recorded:
    recorded = append(
        register,
        kind=kind,
        request=asked(n) if request is None else request,
        signer=signer or first_office().keys["clerk"],
        now=now,
        once=once,
    )
    if answered:
        acknowledge(register, recorded)
    return recorded


def pending(there: Places) -> set[str]:
    folder = there.memory / "pending"
    return files(folder) if folder.exists() else set()


def digest(n: int = 238) -> str:
    return request_digest(kind="transfer", key="us.example/clerk-07", request=asked(n))


class Died(Exception):  # noqa: N818 (it is no error of ours)
    """The program dies at this point."""


class Dying(sqlite3.Connection):
    """A connection under a program that dies at some statement.

    Attributes:
        before: It dies before a statement that begins so.
        after: It dies after one.
    """

    before = "-"
    after = "-"

    @override
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql.startswith(self.before):
            raise Died
        cursor = super().execute(sql, parameters)
        if sql.startswith(self.after):
            raise Died
        return cursor


class Losing(sqlite3.Connection):
    """A connection whose answer to COMMIT is an error although it worked."""

    @override
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        cursor = super().execute(sql, parameters)
        if sql == "COMMIT":
            raise sqlite3.OperationalError
        return cursor


@contextmanager
def under(there: Places, factory: type[sqlite3.Connection]) -> Iterator[Register]:
    """Open a book through a connection of this class."""
    with opened(there) as register:
        plain = register.journal.connection
        strange = sqlite3.connect(
            there.database, factory=factory, isolation_level=None, timeout=0.05
        )
        strange.execute("PRAGMA synchronous=OFF")
        register.journal.connection = strange
        yield register
        strange.close()
        register.journal.connection = plain


# --- one entry


def test_a_request_becomes_the_next_entry(there: Places) -> None:
    with opened(there) as register:
        recorded = record(register)
        size, row = register.journal.size(), register.journal.row(1)

    assert size == 2
    assert row is not None
    assert (recorded.entry.seq, recorded.ref, recorded.size) == (1, "T-1", 2)
    assert recorded.entry.leaf == row.leaf == merkle.leaf_hash(row.note)
    assert recorded.entry.once == row.once
    assert recorded.root == merkle.root([first_office().history.head.leaf, row.leaf])
    assert recorded.entry.data["asserted_by"] == "US"
    assert (recorded.repeated, recorded.at_moved) == (False, False)
    assert (recorded.found, recorded.lost) == ((), ())
    assert pending(there) == set()
    assert checked(there).memory == "pass"


def test_an_entry_without_a_reference_has_none(there: Places) -> None:
    with opened(there) as register:
        record(register)
        remark = record(
            register,
            kind="remark",
            request={"about": ["1"], "type": "variance", "text": "they differ"},
        )

    assert remark.ref is None


def test_a_made_id_has_the_time_of_the_request(there: Places) -> None:
    with opened(there) as register:
        once = record(register).entry.once

    assert int(once[:12], 16) == int(NOW.timestamp() * 1000)
    assert once[12] == "7"


def test_an_office_can_record_all_day(there: Places) -> None:
    with opened(there) as register:
        for n in range(1, 30):
            recorded = record(register, n)
            assert (recorded.size, recorded.ref) == (n + 1, f"T-{n}")

    assert checked(there).entries == 30


def test_a_clock_behind_the_book_gives_way_and_it_is_said(there: Places) -> None:
    with opened(there) as register:
        first = record(register, 1)
        late = record(register, 2, now=NOW - timedelta(days=1))
        same = record(register, 3, now=NOW)

    assert (first.at_moved, late.at_moved, same.at_moved) == (False, True, False)
    assert late.entry.at == NOW
    assert checked(there).exit_code == 0


def test_a_refused_request_leaves_nothing_behind(there: Places) -> None:
    with opened(there) as register:
        with pytest.raises(RefusedError) as refused:
            record(register, request={**asked(1), "origin": "SV", "destination": "US"})
        size = register.journal.size()

    assert refused.value.code == "rule.origin-is-another-state"
    assert (size, pending(there)) == (1, set())
    assert not (there.memory / "watermark").exists()


def test_all_refusals_come_at_once(there: Places) -> None:
    group: dict[str, Json] = {"label": "a\u202eb", "said_by": "c\u200bd"}
    request = {**asked(1), "group": group}
    with opened(there) as register, pytest.raises(RefusedError) as refused:
        record(register, request=request)

    members = [refused.value, *refused.value.others]
    assert [error.values["member"] for error in members] == [
        "/group/label",
        "/group/said_by",
    ]


def test_what_is_not_there_is_not_found(there: Places) -> None:
    with opened(there) as register, pytest.raises(NotFoundError) as refused:
        record(register, kind="retraction", request={"target": "7", "reason": "x"})

    assert refused.value.values == {"seq": 7}


@pytest.mark.parametrize("role", ["state", "log", "stranger"])
def test_a_key_that_may_not_sign_such_an_entry_writes_nothing(
    there: Places, role: str
) -> None:
    keys = {str(name): key for name, key in first_office().keys.items()}
    keys["stranger"] = Office(seed=90).keys["clerk"]
    with opened(there) as register:
        with pytest.raises(LockedError) as refused:
            record(register, signer=keys[role])
        size = register.journal.size()

    assert (refused.value.code, size) == ("keys.not-active", 1)
    assert pending(there) == set()


def test_a_key_that_was_retired_a_moment_ago_writes_nothing(there: Places) -> None:
    clerk = first_office().keys["clerk"].key.format()
    with opened(there) as register:
        record(
            register,
            kind="key",
            request={"action": "retire", "role": "clerk", "vkey": clerk},
            signer=first_office().keys["state"],
        )
        with pytest.raises(LockedError):
            record(register)


# --- at most once


@pytest.mark.parametrize("statement", ["INSERT INTO entry", "INSERT INTO heading"])
def test_a_death_before_the_commit_leaves_nothing_and_the_next_run_records_it(
    there: Places, statement: str
) -> None:
    with under(there, Dying) as register:
        connection = register.journal.connection
        assert isinstance(connection, Dying)
        connection.before = statement
        if statement == "INSERT INTO heading":
            connection.before, connection.after = "-", "INSERT INTO node"
        with pytest.raises(Died):
            record(register)
        assert register.journal.size() == 1
    assert pending(there) == {digest()}

    with opened(there) as register:
        recorded = record(register)

    assert (recorded.size, recorded.repeated, recorded.lost) == (2, False, ())
    assert pending(there) == set()


def test_a_death_between_commit_and_answer_is_found_by_the_next_run(
    there: Places,
) -> None:
    with under(there, Dying) as register:
        connection = register.journal.connection
        assert isinstance(connection, Dying)
        connection.after = "COMMIT"
        with pytest.raises(Died):
            record(register)
    assert pending(there) == {digest()}

    with opened(there) as register:
        again = record(register)
        size = register.journal.size()

    assert (again.entry.seq, again.repeated, size) == (1, True, 2)
    assert pending(there) == set()
    assert checked(there).memory == "pass"


def test_a_commit_whose_answer_is_lost_is_unknown_until_the_same_is_asked_again(
    there: Places,
) -> None:
    with under(there, Losing) as register, pytest.raises(UnknownOutcomeError):
        record(register)

    with opened(there) as register:
        again = record(register)
        more = record(register)

    assert (again.entry.seq, again.repeated) == (1, True)
    assert (more.entry.seq, more.repeated) == (2, False)


KILLED = """
import os, sys
from datetime import datetime, UTC
from pathlib import Path
from ledger.register.writing import append
from tests.register.stored import asked, first_office, opened, places

with opened(places(Path(sys.argv[1]))) as register:
    append(
        register,
        kind="transfer",
        request=asked(238),
        signer=first_office().keys["clerk"],
        now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    )
    os._exit(9)
"""


def test_a_process_killed_before_its_answer_has_recorded_one_entry(
    there: Places,
) -> None:
    folder = str(there.database.parent)
    done = subprocess.run([sys.executable, "-c", KILLED, folder], check=False)
    assert done.returncode == 9
    assert pending(there) == {digest()}

    with opened(there) as register:
        again = record(register)

    assert (again.entry.seq, again.repeated, again.size) == (1, True, 2)
    assert pending(there) == set()


def test_another_request_first_says_that_the_earlier_one_is_there(
    there: Places,
) -> None:
    with under(there, Losing) as register, pytest.raises(UnknownOutcomeError):
        record(register, 1)

    with opened(there) as register:
        other = record(register, 2)

    assert (other.entry.seq, other.found, other.lost) == (2, (1,), ())
    assert pending(there) == set()


def test_another_request_first_says_that_the_earlier_one_is_lost(
    there: Places,
) -> None:
    with under(there, Dying) as register:
        connection = register.journal.connection
        assert isinstance(connection, Dying)
        connection.before = "COMMIT"
        with pytest.raises(Died):
            record(register, 1)

    with opened(there) as register:
        other = record(register, 2)
        after = record(register, 1)

    assert (other.entry.seq, other.found, other.lost) == (1, (), ("transfer",))
    assert (after.entry.seq, after.lost) == (2, ())


def test_an_id_beside_a_void_entry_is_not_a_recorded_request(there: Places) -> None:
    with under(there, Dying) as register:
        connection = register.journal.connection
        assert isinstance(connection, Dying)
        connection.before = "COMMIT"
        with pytest.raises(Died):
            record(register)
        (waiting,) = register.pending.list()
    with tampering(there.database) as stranger:
        insert(stranger, 1, garbage(1), once=waiting.once)

    with opened(there) as register:
        recorded = record(register)

    assert (recorded.entry.seq, recorded.repeated) == (2, False)
    assert recorded.entry.once == waiting.once


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("transfer", None),
        (
            "correction",
            {
                "target": "1",
                "reason": "misread",
                "changes": [{"path": "/persons/n", "new": 7}],
            },
        ),
        ("receipt", {"transfer": "T-1", "arrived": "2025-03-16", "arrived_persons": 9}),
    ],
)
def test_the_same_id_with_the_same_request_is_the_same_entry(
    there: Places, kind: str, request_: dict[str, Json] | None
) -> None:
    with opened(there) as register:
        record(register, 9)
        first = record(register, 238, once=ONCE, kind=kind, request=request_)
        record(register, 10)
        again = record(register, 238, once=ONCE, kind=kind, request=request_)
        size = register.journal.size()

    assert again.repeated
    assert (again.entry, size) == (first.entry, 4)


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("transfer", asked(2)),
        ("remark", {"about": ["1"], "type": "variance", "text": "they differ"}),
    ],
)
def test_the_same_id_with_another_request_is_refused(
    there: Places, kind: str, request_: dict[str, Json]
) -> None:
    with opened(there) as register:
        record(register, 1, once=ONCE)
        with pytest.raises(RefusedError) as refused:
            record(register, once=ONCE, kind=kind, request=request_)
        size = register.journal.size()

    assert (refused.value.code, refused.value.values) == (
        "once.other-request",
        {"seq": 1},
    )
    assert size == 2


def test_two_ids_make_two_entries_of_the_same_request(there: Places) -> None:
    with opened(there) as register:
        first = record(register, once=ONCE)
        second = record(register, once=OTHER)

    assert (first.entry.seq, second.entry.seq, second.repeated) == (1, 2, False)


def test_an_id_of_ones_own_survives_a_death_under_a_made_one(there: Places) -> None:
    with under(there, Dying) as register:
        connection = register.journal.connection
        assert isinstance(connection, Dying)
        connection.before = "COMMIT"
        with pytest.raises(Died):
            record(register)
    with under(there, Losing) as register, pytest.raises(UnknownOutcomeError):
        record(register, once=ONCE)

    with opened(there) as register:
        again = record(register)

    assert (again.entry.seq, again.entry.once, again.repeated) == (1, ONCE, True)


def test_an_id_of_the_wrong_form_is_refused(there: Places) -> None:
    with opened(there) as register:
        with pytest.raises(MalformedError):
            record(register, once="ABC")
        size = register.journal.size()

    assert (size, pending(there)) == (1, set())


# --- what stands in the way


def test_a_lock_that_another_clerk_keeps_is_busy(there: Places) -> None:
    other = sqlite3.connect(there.database, isolation_level=None)
    with opened(there) as register:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError):
            record(register)
        other.execute("ROLLBACK")
        recorded = record(register)

    other.close()
    assert (recorded.size, pending(there)) == (2, set())


def test_a_trigger_that_swallows_entries_is_noticed_and_nothing_is_claimed(
    there: Places,
) -> None:
    with opened(there) as register:
        register.journal.connection.execute(
            "CREATE TEMP TRIGGER eats BEFORE INSERT ON entry "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
        with pytest.raises(TamperedError) as refused:
            record(register)
        seen = objects(register.journal.connection)
        size = register.journal.size()

    assert refused.value.code == "store.not-what-was-written"
    assert "temp.eats" in seen
    assert (size, pending(there)) == (1, set())
    with opened(there) as register:
        assert record(register).lost == ()
    assert checked(there).exit_code == 0


@pytest.mark.parametrize("guard", GUARDS, ids=lambda sql: sql.split()[2])
def test_without_one_of_its_guards_a_book_is_not_written(
    there: Places, guard: str
) -> None:
    connection = sqlite3.connect(there.database)
    connection.execute(f"DROP TRIGGER {guard.split()[2]}")
    connection.close()

    with pytest.raises(TamperedError) as refused, opened(there):
        raise AssertionError

    assert refused.value.code == "store.guards-changed"


def test_an_inserted_entry_is_met_and_said(there: Places) -> None:
    with opened(there) as register:
        insert(register.journal.connection, 1, garbage(1))
        recorded = record(register)
        taken = [entry.seq for entry in register.taken_in]

    assert (recorded.entry.seq, taken) == (2, [1])


def test_a_full_disk_before_the_commit_is_said_and_nothing_is_written(
    there: Places,
) -> None:
    with opened(there) as register:
        record(register, 1)
        with files_of_at_most(0), pytest.raises(NotPermittedError) as refused:
            record(register, 2)
        size = register.journal.size()

    assert refused.value.code == "system.no-room"
    assert size == 2


def test_a_memory_that_cannot_be_written_after_the_commit_is_unknown(
    there: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "no space left")

    with opened(there) as register:
        monkeypatch.setattr(register, "remember", refuse)
        with pytest.raises(UnknownOutcomeError) as refused:
            record(register)
    assert pending(there) == {digest()}
    with opened(there) as register:
        again = record(register)

    assert refused.value.code == "store.memory-unknown"
    assert (again.entry.seq, again.repeated) == (1, True)


# --- two at once

WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from ledger.register.opening import open_register
from ledger.register.writing import acknowledge, append
from tests.register.stored import asked, first_office, places

number = int(sys.argv[2])
for n in range(20):
    with open_register(places(Path(sys.argv[1])), write=True) as register:
        recorded = append(
            register,
            kind="transfer",
            request=asked(1000 * number + n + 1),
            signer=first_office().keys["clerk"],
            now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        )
        assert recorded.found == recorded.lost == ()
        acknowledge(register, recorded)
"""


def test_eight_processes_at_once_lose_nothing_and_make_no_fork(there: Places) -> None:
    folder = str(there.database.parent)
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, folder, str(number)])
        for number in range(8)
    ]

    codes = [process.wait() for process in running]
    report = checked(there)
    with opened(there) as register:
        recall = register.recall()
        entries = [recall.entry(seq) for seq in range(1, 161)]

    assert codes == [0] * 8
    assert (report.verdict, report.entries, report.memory) == (
        "consistent",
        161,
        "pass",
    )
    persons = {
        entry.record.persons.n
        for entry in entries
        if entry is not None and isinstance(entry.record, Transfer)
    }
    assert persons == {1000 * i + n + 1 for i in range(8) for n in range(20)}
    assert pending(there) == set()
