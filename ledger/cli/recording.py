"""Recording one entry for a clerk: unlock, append, say what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ledger.cli import PROGRAM
from ledger.cli.options import Globals, folders, ledger_location, passphrase
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.tlog.canonical import Json

if TYPE_CHECKING:
    from ledger.domain.authority import Role
    from ledger.register.opening import Places, Register
    from ledger.register.writing import Recorded

SCHEMA = "transfer-ledger/recorded/1"
# What is true of every departure until somebody receives it is not worth a note.
USUAL = frozenset(("unacknowledged", "not-received", "provisional"))


def places(ask: Globals) -> "Places":
    """Return where the files of this run's book are."""
    from pathlib import Path  # noqa: PLC0415 - start-up

    from ledger.register.opening import Places  # noqa: PLC0415 - start-up

    own = folders(ask)
    return Places(
        database=ledger_location(ask),
        keys=own.keys,
        state=own.state,
        state_key=None if ask.state_key is None else Path(ask.state_key),
    )


def write(
    ask: Globals,
    kind: str,
    request: Mapping[str, Json],
    *,
    once: str | None,
    role: "Role" = "clerk",
) -> None:
    """Record a request as the next entry, and show its number and what follows."""
    from ledger.cli.request import check_once  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up
    from ledger.register.writing import append  # noqa: PLC0415 - start-up

    chosen = check_once(once)
    with open_register(places(ask), write=True) as register:
        named = ask.as_key if role == "clerk" else None
        key = register.choose_key(role, named=named)
        secret = passphrase(ask, key_name=key.name)
        signer = register.unlock(key, role=role, passphrase=secret)
        recorded = append(
            register,
            kind=kind,
            request=request,
            signer=signer,
            now=ask.now,
            once=chosen,
        )
        refs = register.recall().refs_of(recorded.entry.seq)
        notes = _notes(register, recorded, refs, on=ask.now.date())
        book = register.journal.book.name
        voids = [entry.seq for entry in register.taken_in]
    # A transfer that is concerned comes before the instruments that it names.
    about = sorted(set(refs) - {recorded.ref}, key=lambda ref: (ref[0] == "I", ref))
    _show(ask, recorded, book=book, about=about, notes=notes)
    for seq in recorded.found:
        talk(ask, "recorded.found", seq=seq)
    for lost in recorded.lost:
        talk(ask, "recorded.lost", kind=ask.say(f"kind.{lost}"))
    for seq in voids:
        talk(ask, "recorded.void", seq=seq)
    if recorded.at_moved:
        talk(ask, "recorded.at-moved", at=_at(recorded))


def _notes(
    register: "Register", recorded: "Recorded", refs: Iterable[str], *, on: date
) -> list[tuple[str, int, int]]:
    """Return what is to be known about the entry that was just written."""
    from ledger.domain.custody import pool_of  # noqa: PLC0415 - start-up
    from ledger.domain.variances import flags  # noqa: PLC0415 - start-up

    history = register.recall().history(refs)
    found = []
    for ref in [ref for ref in refs if ref[0] in "TR"]:
        known = history.known_as(ref)
        pool = pool_of(history, known)
        if known in pool.cases:
            found.extend(flags(pool, known, on=on))
    own = {
        (flag.code, flag.seq, flag.n)
        for flag in found
        if flag.seq == recorded.entry.seq and flag.code not in USUAL
    }
    return sorted(own)


def _at(recorded: "Recorded") -> str:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    return format_instant(recorded.entry.at)


def next_command(kind: str, ref: str, *, persons: int) -> str:
    """Return the next useful command after an entry of this kind."""
    match kind:
        case "transfer":
            return f"{PROGRAM} receive {ref} --arrived WHEN --persons {persons}"
        case "receipt" | "renewal":
            return f"{PROGRAM} due"
        case "genesis":
            return f"{PROGRAM} record --help"
        case "acknowledgement":
            return f"{PROGRAM} verify"
        case _:
            return f"{PROGRAM} show {ref}"


def _show(
    ask: Globals,
    recorded: "Recorded",
    *,
    book: str,
    about: Sequence[str],
    notes: list[tuple[str, int, int]],
) -> None:
    entry = recorded.entry
    subject = recorded.ref or (about[0] if about else str(entry.seq))
    count = entry.data.get("persons")
    n = count.get("n") if isinstance(count, dict) else None
    following = next_command(
        entry.kind, subject, persons=n if isinstance(n, int) else 0
    )
    if ask.json:
        show_json(
            ask,
            {
                "schema": SCHEMA,
                "book": book,
                "seq": entry.seq,
                "kind": entry.kind,
                "ref": recorded.ref,
                "about": list(about),
                "at": _at(recorded),
                "once": entry.once,
                "leaf": entry.leaf.hex(),
                "size": recorded.size,
                "root": recorded.root.hex(),
                "repeated": recorded.repeated,
                "flags": [{"flag": code, "seq": seq, "n": n} for code, seq, n in notes],
                "next": following,
            },
        )
        return
    if not is_drawn(ask):
        columns = ("seq", "ref", "kind", "about", "leaf", "size", "root", "repeated")
        row = (
            entry.seq,
            recorded.ref,
            entry.kind,
            " ".join(about),
            entry.leaf.hex(),
            recorded.size,
            recorded.root.hex(),
            "yes" if recorded.repeated else "no",
        )
        show_table(ask, Table([Column(name) for name in columns], [row]))
    else:
        key = "recorded.again" if recorded.repeated else "recorded.now"
        kind = ask.say(f"kind.{entry.kind}")
        what = kind
        if recorded.ref is not None:
            what = ask.say("recorded.what", kind=kind, ref=recorded.ref)
        elif about:
            what = ask.say("recorded.what-about", kind=kind, refs=", ".join(about))
        lines = [
            ask.say(key, seq=entry.seq, what=what),
            ask.say("recorded.head", book=book, size=recorded.size),
            ask.say("recorded.root", root=recorded.root.hex()),
        ]
        show_lines(ask, lines)
    for code, seq, n in notes:
        talk(ask, "recorded.note", note=ask.say(f"flag.{code}", seq=seq, n=n))
    talk(ask, "recorded.next", command=following)
