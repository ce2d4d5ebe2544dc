"""What keeps the rows from being changed, compared with what a book is made with."""

from ledger.register.levels import Work
from ledger.store.engine import LAST_WRITE_VERSION, translated, write_version
from ledger.store.guards import LASTING, expected_objects, lasting, objects


def compare_guards(work: Work) -> None:
    """Compare schema and lasting settings with those that a book is made with."""
    expected, found = expected_objects(), objects(work.journal.connection)
    for name in sorted({*expected, *found}):
        if expected.get(name) != found.get(name):
            work.add(
                None,
                "guards",
                "guard-differs",
                table=name,
                field="sql",
                expected=expected.get(name),
                found=found.get(name),
            )
    _compare_settings(work)
    _compare_header(work)
    if work.deep:
        _compare_indexes(work)
    work.done.add("guards")


def _compare_settings(work: Work) -> None:
    """Compare the settings that stay in the file, whoever opens it."""
    found = lasting(work.journal.connection)
    for name, expected in LASTING.items():
        if found[name] != expected:
            work.add(
                None,
                "guards",
                "setting-differs",
                field=name,
                expected=expected,
                found=found[name],
            )


def _compare_header(work: Work) -> None:
    """Compare what the file's header says of writing: by it, SQLite only reads."""
    with translated():
        found = write_version(work.journal.connection)
    if found > LAST_WRITE_VERSION:
        work.add(
            None,
            "guards",
            "header-differs",
            field="write_version",
            expected="1",
            found=str(found),
        )


def _compare_indexes(work: Work) -> None:
    """Let SQLite compare its indexes with the rows: an index can hide a true row."""
    work.report("integrity", 0, 1)
    # What it says can be cut inside a letter, so only whether it is "ok" is read.
    sql = "SELECT integrity_check = 'ok' FROM pragma_integrity_check(1)"
    with translated():
        (whole,) = work.journal.connection.execute(sql).fetchone()
    work.whole = bool(whole)
    if not whole:
        work.add(None, "guards", "index-differs", field="integrity", expected="ok")
