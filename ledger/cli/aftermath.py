"""What is to be known once an entry is recorded: what it brought about, and changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from ledger.cli import PROGRAM
from ledger.cli.answers import Object, between
from ledger.cli.options import Globals
from ledger.cli.render import talk
from ledger.cli.words import metavars

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.domain.consequences import Changed, Shortened, Value
    from ledger.domain.entries import Logged
    from ledger.register.opening import Register
    from ledger.register.writing import Recorded
    from ledger.store.recall import Recall

# What is true of every departure until somebody receives it is not worth a note.
USUAL = frozenset(("unacknowledged", "not-received", "provisional"))
# Kinds that bring about nothing themselves: they change what others did.
CHANGING = frozenset(("correction", "retraction"))
MOST_TOLD = 20
"""Notes of one entry that are told; more are counted."""


class Note(Struct, frozen=True, order=True):
    """A flag of a transfer that an entry brought about."""

    ref: str
    code: str
    seq: int
    n: int


class Aftermath(Struct, frozen=True):
    """What is to be known about the entry that was just written.

    Attributes:
        about: The transfers and instruments that it is about.
        notes: The flags that it brought about.
        changed: The figures that it changed, of a correction or a retraction.
        shortened: Whose terms it shortens, of a renewal.
        doubted: Entries in doubt since it revoked a key.
        struck: The entry that it strikes out, of a retraction.
    """

    about: Sequence[str]
    notes: Sequence[Note]
    changed: Sequence["Changed"]
    shortened: Sequence["Shortened"]
    doubted: Sequence[int]
    struck: "Logged | None"


def aftermath(
    register: "Register", recorded: "Recorded", refs: Sequence[str], *, on: date
) -> Aftermath:
    """Return what is to be known about the entry that was just written."""
    # A transfer that is concerned comes before the instruments that it names.
    named = {ref for ref in refs if ref[0] in "TRI"} - {recorded.ref}
    return Aftermath(
        about=sorted(named, key=lambda ref: (ref[0] == "I", ref)),
        notes=_notes(register, recorded, refs, on=on),
        changed=_changed(register, recorded, refs, on=on),
        shortened=_shortened(register, recorded, refs),
        doubted=_doubted(register, recorded),
        struck=_struck(register, recorded),
    )


def _notes(
    register: "Register", recorded: "Recorded", refs: Iterable[str], *, on: date
) -> list[Note]:
    """Return what is to be known about the entry that was just written.

    What a correction or a retraction changed is told by what is to be known now and
    was not before. So is who left beyond the count: an exit that is recorded late can
    leave nobody for a later one.
    """
    from ledger.register.mirrored import reading  # noqa: PLC0415 - start-up

    seq = recorded.entry.seq
    now = _flags(reading(register).recall, refs, on=on)
    if recorded.entry.kind in CHANGING:
        now -= _flags(reading(register, before=seq).recall, refs, on=on)
    else:
        own = {flag for flag in now if flag.seq == seq}
        others = {flag for flag in now - own if flag.code == "beyond-count"}
        if others and recorded.entry.kind == "exit":
            own |= others - _flags(reading(register, before=seq).recall, refs, on=on)
        now = own
    return sorted(flag for flag in now if flag.code not in USUAL)


def _flags(recall: "Recall", refs: Iterable[str], *, on: date) -> set[Note]:
    """Return the flags of some transfers, and of those that name some instruments."""
    from ledger.domain.custody import pool_of  # noqa: PLC0415 - start-up
    from ledger.domain.variances import flags  # noqa: PLC0415 - start-up

    history = recall.history(refs)
    found: set[Note] = set()
    for ref in _transfers(refs, history.opened):
        known = history.known_as(ref)
        pool = pool_of(history, known)
        if known in pool.cases:
            of = flags(pool, known, on=on)
            found.update(Note(known, f.code, f.seq, f.n) for f in of)
    return found


def _transfers(refs: Iterable[str], opened: Iterable[str]) -> list[str]:
    """Return the transfers that an entry concerns: its own, or an instrument's."""
    own = [ref for ref in refs if ref[0] in "TR"]
    return own or [ref for ref in opened if ref[0] in "TR"]


def _changed(
    register: "Register", recorded: "Recorded", refs: Iterable[str], *, on: date
) -> list["Changed"]:
    """Return the figures that a correction or a retraction changed."""
    from ledger.domain.consequences import changed  # noqa: PLC0415 - start-up
    from ledger.register.mirrored import reading  # noqa: PLC0415 - start-up

    entry = recorded.entry
    if entry.kind not in CHANGING:
        return []
    after = reading(register).recall.history(refs)
    before = reading(register, before=entry.seq).recall.history(refs)
    return list(changed(before, after, _transfers(refs, after.opened), on=on))


def _struck(register: "Register", recorded: "Recorded") -> "Logged | None":
    """Return the entry that a retraction strikes out."""
    from ledger.domain.records import Retraction  # noqa: PLC0415 - start-up

    match recorded.entry.record:
        case Retraction(target=target):
            return register.recall().entry(target.seq)
        case _:
            return None


def _shortened(
    register: "Register", recorded: "Recorded", refs: Iterable[str]
) -> tuple["Shortened", ...]:
    """Return whose terms a renewal that was just written shortens."""
    from ledger.domain.consequences import shortened_by  # noqa: PLC0415 - start-up
    from ledger.register.mirrored import reading  # noqa: PLC0415 - start-up

    if recorded.entry.kind != "renewal":
        return ()
    history = reading(register).recall.history(refs)
    return shortened_by(history, refs, recorded.entry.seq)


def _doubted(register: "Register", recorded: "Recorded") -> list[int]:
    """Return the entries that are in doubt since a key was revoked just now."""
    from ledger.register.enrolling import doubted_by  # noqa: PLC0415 - start-up

    if recorded.entry.kind not in {"key", "approval"}:
        return []
    return doubted_by(register, recorded.entry.seq)


def over_already(
    register: "Register", recorded: "Recorded", refs: Iterable[str], *, now: "datetime"
) -> date | None:
    """Return the last day of a renewal that was just written, if it is over by now."""
    from ledger.domain.custody import pool_of  # noqa: PLC0415 - start-up
    from ledger.domain.overstays import over_already as over  # noqa: PLC0415 - same
    from ledger.register.mirrored import reading  # noqa: PLC0415 - start-up

    if recorded.entry.kind != "renewal":
        return None
    history = reading(register).recall.history(refs)
    known = [history.known_as(ref) for ref in refs if ref[0] in "TR"]
    pools = [(pool_of(history, ref), ref) for ref in known]
    seq = recorded.entry.seq
    found = (over(*each, seq, now=now) for each in pools if each[1] in each[0].cases)
    return next(found, None)


def tell_aftermath(ask: Globals, recorded: "Recorded", told: Aftermath) -> None:
    """Say what the entry changed, and what is to be known of it."""
    from ledger.exchange.entry_sentence import entry_sentence  # noqa: PLC0415 - same

    entry = recorded.entry
    if entry.kind in CHANGING:
        talk(ask, "recorded.changed", what=entry_sentence(entry, ask.say))
        if told.struck is not None:
            talk(ask, "recorded.struck", what=entry_sentence(told.struck, ask.say))
        for line in _changed_lines(ask, told.changed):
            talk(ask, "recorded.changed", what=line)
        if not told.changed:
            talk(ask, "recorded.changed-no-figure")
    # What one entry brings about for several transfers alike is said once.
    for said in dict.fromkeys(
        _note_words(ask, entry.kind, each) for each in told.notes
    ):
        talk(ask, "recorded.note", note=said)
    tell_shortened(ask, told.shortened)
    if told.shortened:
        command = f"{PROGRAM} retract {entry.seq} --reason TEXT"
        talk(ask, "recorded.renewal-shortens-undo", command=metavars(ask, command))


def _note_words(ask: Globals, kind: str, note: Note) -> str:
    """Return a note, with its transfer where the entry is about another entry."""
    said = ask.say(f"flag.{note.code}", seq=note.seq, n=note.n)
    if kind not in CHANGING:
        return said
    return ask.say("recorded.note-of", ref=note.ref, note=said)


def tell_shortened(ask: Globals, shortened: Iterable["Shortened"]) -> None:
    """Say whose last authorised day a renewal makes earlier."""
    for each in shortened:
        before, last = each.before.isoformat(), each.last.isoformat()
        talk(ask, "recorded.renewal-shortens", n=each.n, before=before, last=last)


def _changed_lines(ask: Globals, changed: Sequence["Changed"]) -> Iterator[str]:
    for each in changed[:MOST_TOLD]:
        before, after = (_text(ask, value) for value in (each.before, each.after))
        key = f"recorded.changed.{each.member}"
        yield ask.say(key, ref=each.ref, before=before, after=after)
    rest = len(changed) - MOST_TOLD
    if rest > 0:
        yield ask.say("recorded.changed-more", n=rest)


def _text(ask: Globals, value: "Value | None") -> str:
    match value:
        case None:
            return ask.say("cell.none")
        case int():
            return str(value)
        case tuple():
            several = len(value) > 1
            return ", ".join(_end(ask, *end, several=several) for end in value) or (
                ask.say("cell.nobody")
            )
        case _:
            return between(value)


def _end(ask: Globals, day: date | None, persons: object, *, several: bool) -> str:
    from ledger.domain.flows import Range  # noqa: PLC0415 - start-up

    last = ask.say("cell.none-recorded") if day is None else day.isoformat()
    if several and isinstance(persons, Range):
        return ask.say("recorded.end-of", day=last, persons=between(persons))
    return last


def changed_object(changed: "Changed") -> Object:
    """Return a figure that changed as a program reads it."""
    before, after = (_json(value) for value in (changed.before, changed.after))
    return {
        "ref": changed.ref,
        "member": changed.member,
        "before": before,
        "after": after,
    }


def _json(value: "Value | None") -> Object | list[Object] | int | None:
    match value:
        case None:
            return None
        case int():
            return int(value)
        case tuple():
            return [
                {
                    "authorised_until": None if day is None else day.isoformat(),
                    "persons_min": persons.least,
                    "persons_max": persons.most,
                }
                for day, persons in value
            ]
        case _:
            return {"min": value.least, "max": value.most}
