"""What the guide asks the book before it is written: zones, and what a name means."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from ledger.cli.options import Globals
from ledger.cli.questions import Answers, Place, Question
from ledger.cli.recording import places
from ledger.cli.request import UNKNOWN, zone_of
from ledger.domain.cases import case_of, same_state
from ledger.domain.entering import entry_number
from ledger.domain.history import History, own_refs
from ledger.domain.members import is_member, read_as
from ledger.domain.records import Transfer
from ledger.domain.values import parse_ref_or_entry
from ledger.errors import NotFoundError, RefusedError
from ledger.register.mirrored import reading
from ledger.register.opening import open_register
from ledger.tlog.canonical import Json, encode

_OF_ANOTHER_KIND = {
    "I": "guide.names-i",
    "R": "guide.names-r",
    "TR": "guide.names-tr",
    "TRI": "guide.names-tri",
}
"""What is said where a reference begins with none of these letters."""

_MUST_BE = {"exit": "rule.not-an-exit", "remark": "rule.not-a-remark"}
"""What is said, as the rules say it, where an entry is not of this kind."""


class Office(Struct, frozen=True):
    """Whose book it is, as far as questions depend on that.

    Attributes:
        state: The code of its state.
        zone: The office's zone.
        met_unannounced: Whether it recorded an arrival that nobody had announced.
    """

    state: str
    zone: str
    met_unannounced: bool


def office(ask: Globals) -> Office:
    """Return whose book this is."""
    with open_register(places(ask)) as register:
        history = register.recall().history(())
    return Office(history.state, history.zone, history.numbers.get("R", 0) > 0)


def check_name(ask: Globals, name: str, *, names: str = "") -> str:
    """Return in words what a reference or a number of an entry names in the book.

    Raises:
        NotFoundError, RefusedError: It names nothing, or not what is asked for: its
            reference begins with none of the letters `names`, or it is not of the
            kind that `names` is.
    """
    ask, history, seq = _named(ask, name)
    if seq in history.voids:
        return ask.say("guide.named.void", seq=seq)
    entry = history.entries.get(seq)
    if entry is None:
        raise NotFoundError("cite.no-such-entry", seq=seq)
    own = own_refs(entry.record)
    if names in _MUST_BE:
        if entry.kind != names:
            raise RefusedError(_MUST_BE[names], seq=seq, kind=entry.kind)
    elif names and (not own or own[0][0] not in names):
        raise RefusedError(_OF_ANOTHER_KIND[names], seq=seq, kind=entry.kind)
    return _words(ask, history, seq)


def members(ask: Globals, name: str) -> list[tuple[str, str]]:
    """Return the members of an entry, each by its path, with what they are worth now.

    A list is one member: it is corrected whole. None where the entry counts for
    nothing.

    Raises:
        NotFoundError, RefusedError: It names nothing.
    """
    _, history, seq = _named(ask, name)
    if seq not in history.entries:
        return []
    return list(_leaves("", history.worth_data(seq)))


def check_change(ask: Globals, name: str, change: Mapping[str, Json]) -> None:
    """Refuse a change of what is named, if it has no such member or cannot be that.

    Raises:
        NotFoundError, RefusedError: As the verb would say it of its flag, once all is
            answered.
    """
    _, history, seq = _named(ask, name)
    entry = history.entries.get(seq)
    if entry is None:
        return
    path, present = str(change["path"]), history.worth_data(seq)
    if not is_member(entry.kind, path):
        raise RefusedError("record.member-unknown", kind=entry.kind, member=path)
    if "typed" in change:
        read_as(entry.kind, path, str(change["typed"]), data=present)


def _leaves(path: str, value: Json) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for member in sorted(value):
                yield from _leaves(f"{path}/{member}", value[member])
        case str():
            yield path, value
        case _:
            yield path, encode(value).decode()


def _named(ask: Globals, name: str) -> tuple[Globals, History, int]:
    """Return the history of what is named and its number, and who speaks of them."""
    named = parse_ref_or_entry(name)
    with open_register(places(ask)) as register:
        of = reading(register)
        ask, recall = ask.over(of.books), of.recall
        if isinstance(named, int):
            return ask, recall.history(recall.refs_of(named), seqs=[named]), named
        history = recall.history([recall.ref_named(named)])
        return ask, history, entry_number(history, name)


def _words(ask: Globals, history: History, seq: int) -> str:
    kind = ask.say(f"kind.{history.entries[seq].kind}")
    match history.worth(seq):
        case Transfer() as transfer:
            return ask.say(
                "guide.named.transfer",
                n=transfer.persons.number,
                origin=transfer.origin,
                destination=transfer.destination,
                group=transfer.group.label,
            )
        case _:
            return ask.say("guide.named.entry", kind=kind, seq=seq)


def zones(
    ask: Globals, question: Question, answers: Answers, *, own: Office
) -> list[str]:
    """Return the zones of the places that a time concerns, its own place's first.

    Where its own is not known the list starts with an empty one.
    """
    at: Mapping[Place, str] = {
        "office": own.zone,
        "origin": _origin(answers, own),
        "custody": _custody(ask, answers),
    }
    first = at[question.zone]
    others = [zone for zone in (own.zone, at["origin"], at["custody"]) if zone]
    return [first, *(zone for zone in others if zone != first)]


def _origin(answers: Answers, own: Office) -> str:
    """Return the zone where a departure starts: the office's, if it is its state."""
    state = _first(answers, "--from")
    if not state or same_state(state, own.state):
        return own.zone
    return zone_of(state) or ""


def _custody(ask: Globals, answers: Answers) -> str:
    zone = _first(answers, "--facility-zone")
    if zone not in {"", UNKNOWN}:
        return zone
    if named := _first(answers, "REF") or _first(answers, "ENTRY"):
        return _zone_of_transfers(ask, named)
    # Only a departure has no transfer yet; elsewhere this is where they went later.
    state = _first(answers, "--to")
    return (zone_of(state) or "") if state else ""


def _first(answers: Answers, option: str) -> str:
    return next(iter(answers.get(option, ())), "")


def _zone_of_transfers(ask: Globals, name: str) -> str:
    """Return the deciding zone of a transfer, or of all those that an entry is about.

    None, an empty one, where these were in places of different zones.
    """
    named = parse_ref_or_entry(name)
    with open_register(places(ask)) as register:
        recall = reading(register).recall
        if isinstance(named, int):
            refs = recall.refs_of(named)
        else:
            refs = [recall.ref_named(named)]
        found = {_deciding_zone(recall.history([ref]), ref) for ref in refs}
    return found.pop() if len(found) == 1 else ""


def _deciding_zone(history: History, ref: str) -> str:
    """Return the zone in which the days of a transfer are counted, if it is known."""
    case = case_of(history, ref)
    return "" if case is None or case.zone_assumed else case.zone
