"""Honest books: whatever lawfully happens to one, nothing may be found."""

import shutil
import sqlite3
from contextlib import closing
from typing import Any

from ledger.register.opening import open_register
from ledger.tlog.merkle import leaf_hash
from tests.corpus.base import (
    ADDED_CLERK,
    ENTRIES,
    LAST,
    STRANGER,
    Body,
    base_office,
    checkpoint_of,
)
from tests.corpus.cuts_and_rollbacks import other_book
from tests.corpus.desk import Cases, Desk
from tests.corpus.keys_and_signatures import CLERK, LOG_KEY, STATE_KEY
from tests.corpus.voids import GARBAGE, acknowledge, target
from tests.office import signer

CASES = Cases()


@CASES.honest()
def a_book_as_it_is(desk: Desk) -> None:
    """Nothing happens."""
    del desk


@CASES.honest(memory=False, pin=False)
def a_book_on_a_machine_that_never_saw_it(desk: Desk) -> None:
    """No memory and no pin: trust on first use."""
    del desk


@CASES.honest()
def a_vacuumed_book(desk: Desk) -> None:
    """VACUUM writes the whole file anew."""
    desk.run_bare("VACUUM")


@CASES.honest()
def a_reindexed_and_analysed_book(desk: Desk) -> None:
    """Indexes are rebuilt, statistics gathered."""
    desk.run_bare("REINDEX; PRAGMA optimize;")


@CASES.honest()
def a_copy_of_the_file(desk: Desk) -> None:
    """The file is copied and the copy put in its place."""
    copy = desk.folder / "copy"
    shutil.copyfile(desk.database, copy)
    copy.replace(desk.database)


@CASES.honest()
def a_book_restored_from_a_backup(desk: Desk) -> None:
    """SQLite's own backup is taken and restored."""
    copy = desk.folder / "backup"
    with (
        closing(sqlite3.connect(desk.database)) as source,
        closing(sqlite3.connect(copy)) as new,
    ):
        source.backup(new)
    copy.replace(desk.database)


@CASES.honest()
def a_book_restored_from_a_dump(desk: Desk) -> None:
    """All SQL is dumped and run into a new file."""
    copy = desk.folder / "dump"
    with (
        closing(sqlite3.connect(desk.database)) as source,
        closing(sqlite3.connect(copy)) as new,
    ):
        rows = [line for line in source.iterdump() if "TRIGGER" not in line]
        new.executescript("\n".join(rows))
        for (sql,) in source.execute(
            "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"
        ):
            new.execute(sql)
        for name in ("application_id", "user_version"):
            (value,) = source.execute(f"PRAGMA {name}").fetchone()
            new.execute(f"PRAGMA {name}={value}")
        new.commit()
    copy.replace(desk.database)


@CASES.honest()
def a_rebuilt_database(desk: Desk) -> None:
    """Everything derived is built anew from the notes."""
    desk.rewrite(desk.notes(), keep=True)


@CASES.honest()
def a_book_with_other_page_sizes(desk: Desk) -> None:
    """The file is laid out anew with small pages."""
    desk.run_bare("PRAGMA page_size=1024; VACUUM")


def write(desk: Desk, key: Any = CLERK, **members: Any) -> None:
    """Insert a sound next entry."""
    desk.insert(desk.sign(desk.next_body(by=key.key.name, **members), key))


def take_in(desk: Desk) -> None:
    """Let the program take in what was inserted."""
    with open_register(desk.places, write=True) as register:
        register.remember(register.journal.size(), register.head().root)


@CASES.honest()
def an_entry_that_another_program_wrote(desk: Desk) -> None:
    """A sound entry is inserted by other software and not yet taken in."""
    write(desk)


@CASES.honest()
def two_entries_that_another_program_wrote(desk: Desk) -> None:
    """The second of them completes a node of the tree, which nobody stored."""
    write(desk)
    write(desk, ADDED_CLERK)


@CASES.honest()
def entries_of_another_program_taken_in(desk: Desk) -> None:
    """Sound entries of other software are taken in by ours."""
    write(desk)
    write(desk, ADDED_CLERK)
    take_in(desk)


@CASES.honest()
def a_clerk_s_key_that_was_changed(desk: Desk) -> None:
    """A new clerk's key is added and the old one retired; both have signed."""
    new = signer("us.example/clerk-20", 70)
    listing = base_office().listing("clerk", new)
    write(desk, STATE_KEY, kind="key", data={"action": "add", **listing})
    write(desk, new)
    write(desk, CLERK)
    data = {"action": "retire", "role": "clerk", "vkey": CLERK.key.format()}
    write(desk, STATE_KEY, kind="key", data=data)
    write(desk, new)
    take_in(desk)


@CASES.honest()
def a_key_that_signs_right_after_it_is_added(desk: Desk) -> None:
    """A key acts from the entry after the one that adds it."""
    listing = base_office().listing("clerk", STRANGER)
    write(desk, STATE_KEY, kind="key", data={"action": "add", **listing})
    write(desk, STRANGER)


@CASES.honest()
def a_clerk_revoked_with_a_day_of_suspicion(desk: Desk) -> None:
    """A revocation marks earlier entries as disputed; it never voids them."""
    vkey = ADDED_CLERK.key.format()
    data: Body = {"action": "revoke", "role": "clerk", "vkey": vkey, "reason": "lost"}
    data["suspect_from"] = "2025-03-01"
    write(desk, STATE_KEY, kind="key", data=data)
    take_in(desk)


@CASES.honest()
def a_state_key_that_was_changed(desk: Desk) -> None:
    """A second state key is added and retires the first."""
    new = signer("us.example/state-2", 71)
    listing = base_office().listing("state", new)
    data = {"action": "add", **listing, "text": "compared in person"}
    write(desk, STATE_KEY, kind="key", data=data)
    data = {"action": "retire", "role": "state", "vkey": STATE_KEY.key.format()}
    write(desk, new, kind="key", data={**data, "text": "told in person"})
    take_in(desk)


@CASES.honest()
def a_third_state_key_with_the_consent_of_the_second(desk: Desk) -> None:
    """It is added by the first and approved by the second; then it acknowledges."""
    second, third = signer("us.example/state-2", 71), signer("us.example/state-3", 72)
    data = {"action": "add", **base_office().listing("state", second)}
    write(desk, STATE_KEY, kind="key", data={**data, "text": "compared in person"})
    data = {"action": "add", **base_office().listing("state", third)}
    write(desk, STATE_KEY, kind="key", data=data)
    asked = ENTRIES + 1
    leaf = leaf_hash(desk.notes()[asked]).hex()
    target = {"ledger": "us.example/book", "seq": asked, "leaf": leaf}
    write(desk, second, kind="approval", data={"target": target})
    clerk = signer("us.example/clerk-19", 73)
    data = {"action": "add", **base_office().listing("clerk", clerk)}
    write(desk, third, kind="key", data=data)
    take_in(desk)


@CASES.honest()
def a_log_key_that_was_changed(desk: Desk) -> None:
    """The log key is retired and another added; old and new checkpoints stand."""
    vkey = LOG_KEY.key.format()
    data = {"action": "retire", "role": "log", "vkey": vkey}
    write(desk, STATE_KEY, kind="key", data=data)
    new = signer("us.example/book", 72)
    listing = base_office().listing("log", new)
    write(desk, STATE_KEY, kind="key", data={"action": "add", **listing})
    take_in(desk)
    size = ENTRIES + 2
    note = checkpoint_of(desk.notes(), size, new)
    desk.run("INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)", size, note)


@CASES.honest()
def a_void_entry_that_was_acknowledged(desk: Desk) -> None:
    """Garbage was inserted, and the state has signed that it has seen it."""
    desk.insert(GARBAGE)
    acknowledge(desk, target(desk, ENTRIES))
    take_in(desk)


@CASES.honest()
def two_void_entries_that_were_acknowledged_together(desk: Desk) -> None:
    """One acknowledgement covers garbage and a stranger's entry."""
    desk.insert(GARBAGE)
    write(desk, STRANGER)
    acknowledge(desk, target(desk, ENTRIES), target(desk, ENTRIES + 1))
    write(desk)


@CASES.honest()
def a_void_entry_by_a_rule_that_was_acknowledged(desk: Desk) -> None:
    """A second T-1 was inserted, and the state has seen it."""
    write(desk, kind="transfer", data=desk.body(2)["data"])
    acknowledge(desk, target(desk, ENTRIES))


@CASES.honest()
def a_clock_that_went_back(desk: Desk) -> None:
    """`at` stands still while the clock is behind: equal times are allowed."""
    write(desk, at=desk.body(LAST)["at"])
    write(desk, at=desk.body(LAST)["at"])


@CASES.honest()
def a_clock_far_ahead(desk: Desk) -> None:
    """A clock is years ahead; whoever follows keeps its time."""
    write(desk, at="2099-12-31T23:59:59Z")
    write(desk, at="2099-12-31T23:59:59Z")


@CASES.honest()
def a_text_in_another_normal_form(desk: Desk) -> None:
    """Other software wrote a decomposed é: verification looks at bytes alone."""
    body = desk.next_body()
    body["data"]["text"] = "De\u0301tention"
    desk.insert(desk.sign(body))


@CASES.honest()
def a_text_with_characters_that_are_not_assigned_yet(desk: Desk) -> None:
    """A later Unicode will know them; direction marks are shown escaped."""
    body = desk.next_body()
    body["data"]["text"] = "a\U000323b0\u202eb"
    desk.insert(desk.sign(body))


@CASES.honest()
def a_checkpoint_with_signatures_of_others(desk: Desk) -> None:
    """Lines of unknown keys and types beside the log key's are ignored."""
    size, note = desk.checkpoints()[-1]
    foreign = "— sv.example/witness " + "AAAAAAQ" + "A" * 100 + "=\n"
    sql = "INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)"
    desk.run(sql, size, note + foreign.encode())


@CASES.honest()
def a_checkpoint_twice(desk: Desk) -> None:
    """The same checkpoint was received again."""
    size, note = desk.checkpoints()[-1]
    desk.run("INSERT INTO checkpoint (book, size, note) VALUES (1, ?, ?)", size, note)


@CASES.honest()
def a_checkpoint_given_from_elsewhere(desk: Desk) -> None:
    """A checkpoint kept by the other state is given, and fits."""
    desk.trusted = desk.checkpoints()[-1][1]


@CASES.honest()
def a_book_that_has_grown_since_this_machine_saw_it(desk: Desk) -> None:
    """Another machine wrote entries; the memory here is shorter, and fits."""
    for _ in range(7):
        write(desk)


@CASES.honest(pin=False, memory=False)
def another_office_s_book(desk: Desk) -> None:
    """A whole sound book by other keys, where nobody expects a certain one."""
    log = signer("us.example/book", 121)
    desk.rewrite(other_book(desk), signed=12, log=log)


@CASES.honest(pin=False, memory=False)
def a_book_of_one_entry(desk: Desk) -> None:
    """A genesis and nothing else."""
    desk.rewrite(desk.notes()[:1])
