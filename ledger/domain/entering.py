"""From what a person asks for to what an entry says.

A request is a record's `data` as people give it: transfers are named (`T-1`), entries
numbered (`"5"`), and what only the book knows is left out. `complete` fills it in from
the history: the next reference, citations with their leaf hashes, old values. `check`
asks what only the moment of entry can know: that codes exist, that texts can be read
by everyone, that what happened lies in the past. Verification never asks these again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from ledger.domain.cases import same_state
from ledger.domain.codes import is_state
from ledger.domain.dating import date_faults
from ledger.domain.history import History
from ledger.domain.joining import no_such_ref
from ledger.domain.members import is_member, misfits, read_as
from ledger.domain.money import payment_faults
from ledger.domain.pointers import put, value_at
from ledger.domain.recognising import received
from ledger.domain.records import Exit, Transfer
from ledger.domain.values import check_text, check_whose, parse_ref_or_entry
from ledger.errors import NotFoundError, RefusedError
from ledger.tlog.canonical import Json

MANY_LINES = frozenset(("text", "purpose", "rule", "refund_clause"))
STATE_MEMBERS = frozenset(
    ("/origin", "/destination", "/to", "/facility/state", "/responsibility/state")
)
FACTS = frozenset(
    ("instrument", "transfer", "receipt", "renewal", "exit", "payment", "claim")
) | {"recovery", "remark"}
# Members of a request that become citations, and those that stay names.
CITING: Mapping[str, tuple[str, ...]] = {
    "receipt": ("transfer",),
    "renewal": ("transfer",),
    "exit": ("transfers",),
    "recovery": ("exit",),
    "claim": ("target",),
    "remark": ("about", "resolves"),
    "correction": ("target",),
    "retraction": ("target",),
    "confirmation": ("targets",),
    "approval": ("target",),
}
NAMING: Mapping[str, tuple[str, ...]] = {
    "transfer": ("instruments",),
    "receipt": ("formerly",),
    "renewal": ("instrument",),
    "instrument": ("id",),
    "acknowledgement": ("targets",),
}


def cite(history: History, name: Json) -> dict[str, Json]:
    """Return the citation of what a person names: `T-1`, `us:T-1`, or `5`.

    Raises:
        NotFoundError: If there is no such transfer, instrument or entry.
        RefusedError: If it is not a name, or the entry is void.
    """
    seq = entry_number(history, name)
    if seq in history.voids:
        raise RefusedError("cite.void", seq=seq)
    if seq not in history.entries:
        raise NotFoundError("cite.no-such-entry", seq=seq)
    reference = history.reference(seq)
    return {"ledger": reference.ledger, "seq": reference.seq, "leaf": reference.leaf}


def entry_number(history: History, name: Json) -> int:
    """Return the number of the entry that a person names."""
    named = parse_ref_or_entry(str(name))
    if isinstance(named, int):
        return named
    ref = history.ref_named(named)
    seq = history.opened.get(ref)
    if seq is None:
        raise no_such_ref(ref, spoken=named.format())
    return seq


def check_book(prefix: str | None, *, name: str, state: str) -> None:
    """Refuse a reference to another book than this one (`us:`, `us.example/book:`).

    Raises:
        NotFoundError: If the prefix is of a book that is not mirrored here.
    """
    own = {None, name, state.lower()}
    if prefix not in own:
        raise NotFoundError("cite.no-such-book")


def named_refs_of(kind: str, request: Mapping[str, Json]) -> list[str]:
    """Return every transfer, instrument and entry that a request names."""
    found: list[Json] = []
    for member in (*CITING.get(kind, ()), *NAMING.get(kind, ())):
        value = request.get(member, [])
        found.extend(value if isinstance(value, list) else [value])
    if kind in {"exit", "recovery"}:
        portions = [p for p in _list(request.get("split")) if isinstance(p, dict)]
        found.extend(p["transfer"] for p in portions if "transfer" in p)
    purpose = request.get("for")
    if kind == "payment" and isinstance(purpose, dict):
        found.extend(_list(purpose.get("transfers")))
        found.extend([purpose["instrument"]] if "instrument" in purpose else [])
    return [str(name) for name in found]


def complete(
    kind: str, request: Mapping[str, Json], *, history: History
) -> dict[str, Json]:
    """Return the data of the next entry: the request with what the book knows.

    Raises:
        NotFoundError, RefusedError: If it names what is not there.
    """
    data = dict(request)
    for member in CITING.get(kind, ()):
        if member in data:
            data[member] = _cited(history, data[member])
    match kind:
        case "transfer":
            data["ref"] = history.next_ref("T")
        case "receipt":
            data = received(history, data)
        case "acknowledgement" if "targets" in data:
            targets = _list(data["targets"])
            data["targets"] = [_void_target(history, target) for target in targets]
        case "exit" | "recovery" if "split" in data:
            data["split"] = [_portion(history, p) for p in _list(data["split"])]
        case "payment":
            purpose = data.get("for")
            if isinstance(purpose, dict) and "transfers" in purpose:
                cited = _cited(history, purpose["transfers"])
                data["for"] = {**purpose, "transfers": cited}
        case "correction" if "target" in data and "changes" in data:
            seq = entry_number(history, request["target"])
            target = history.entries[seq]
            present = history.worth_data(seq)
            changes = _list(data["changes"])
            data["changes"] = [
                _change(_typed(c, "new", target.kind, present), present)
                for c in changes
            ]
        case "claim" if "target" in data:
            data = _claimed(data, history, entry_number(history, request["target"]))
        case "instrument":
            data = _stage(data, history=history)
        case _:
            pass
    return _authored(kind, data, request, history) if kind in FACTS else data


def _cited(history: History, value: Json) -> Json:
    if isinstance(value, list):
        return [cite(history, name) for name in value]
    return cite(history, value)


def _portion(history: History, portion: Json) -> Json:
    if not isinstance(portion, dict):
        return portion  # the schema says what is wrong with it
    return {**portion, "transfer": cite(history, portion.get("transfer", ""))}


def _change(change: Json, present: Mapping[str, Json]) -> Json:
    """Return a change with the old value that it replaces."""
    if not isinstance(change, dict) or "old" in change:
        return change
    path = str(change.get("path", "/"))
    old = value_at(present, path)
    if old == change.get("new"):
        if old is None:
            raise RefusedError("correction.already-unknown", path=path)
        raise RefusedError("correction.already-so", path=path)
    return change if old is None else {**change, "old": old}


def _typed(holder: Json, member: str, kind: str, present: Mapping[str, Json]) -> Json:
    """Return a change or a claim with the value that was `typed`, as it is read."""
    if not isinstance(holder, dict) or "typed" not in holder:
        return holder
    rest = {name: value for name, value in holder.items() if name != "typed"}
    path, text = str(holder.get("path", "/")), str(holder["typed"])
    return {**rest, member: read_as(kind, path, text, data=present)}


def _claimed(data: dict[str, Json], history: History, seq: int) -> dict[str, Json]:
    """Return a claim whose value is one that its member can have.

    A text that was not typed for the member is somebody's words and may be anything.

    Raises:
        RefusedError: If the value is none.
    """
    kind = history.entries[seq].kind
    path, present = str(data.get("path", "/")), history.worth_data(seq)
    if not path.startswith("/"):
        # No pointer to a member: the schema of claims says so.
        return {("value" if name == "typed" else name): data[name] for name in data}
    try:
        said = _typed(data, "value", kind, present)
    except RefusedError as error:
        raise _of_value(error, path) from None
    assert isinstance(said, dict)  # noqa: S101 (as `data` is)
    if "value" not in said:
        return said
    words = isinstance(said["value"], str) and "typed" not in data
    if not words or not is_member(kind, path):
        found = misfits(kind, path, said["value"], data=present)
        if found:
            raise RefusedError.many([_of_value(each, path) for each in found])
    return said


def _of_value(error: RefusedError, path: str) -> RefusedError:
    """Return a fault of the member of another entry as one of the claimed value."""
    if error.code == "record.member-unknown":
        return error  # the other entry has no such member, whatever its value
    inner = str(error.values["member"]).partition(path)[2]
    values = {**error.values, "kind": "claim", "member": f"/value{inner}"}
    return RefusedError(error.code, **values)


def _list(value: Json | None) -> list[Json]:
    return value if isinstance(value, list) else []


def _stage(data: dict[str, Json], *, history: History) -> dict[str, Json]:
    """Return a new instrument, or a later stage with all that it does not change."""
    if "id" not in data:
        return {**data, "id": history.next_ref("I")}
    ref = str(data["id"])
    stages = [
        seq
        for seq in history.by_ref.get(ref, ())
        if history.entries[seq].kind == "instrument" and history.worth(seq) is not None
    ]
    if not stages:
        raise NotFoundError("cite.no-such-ref", ref=ref)
    kept = history.worth_data(stages[-1])
    # What each entry says for itself: when, by whom, on what ground.
    own = ("occurred", "asserted_by", "status", "evidence", "text", "source")
    for member in own:
        kept.pop(member, None)
    return {**kept, **data}


def _void_target(history: History, name: Json) -> dict[str, Json]:
    seq = entry_number(history, name)
    void = history.voids.get(seq)
    if void is None:
        raise RefusedError("rule.not-void", seq=seq)
    return {"seq": seq, "leaf": void.leaf.hex()}


def check(
    kind: str, data: Mapping[str, Json], *, now: datetime, history: History
) -> None:
    """Check what only the moment of entry can know.

    Args:
        kind: The kind of entry.
        data: Its data, as `complete` returned it.
        now: The clock.
        history: What `complete` was given.

    Raises:
        RefusedError: For a text with characters that deceive or vanish, a code that
            does not exist, a time beyond sixty years, or what is still to come; with
            the member, never the value.
    """
    refusals = list(_faults(data, "", ""))
    refusals += date_faults(kind, data, now=now)
    refusals += payment_faults(kind, data)
    refusals += _date_faults_of_another(kind, data, now=now, history=history)
    if refusals:
        raise RefusedError.many(refusals)


def _date_faults_of_another(
    kind: str, data: Mapping[str, Json], *, now: datetime, history: History
) -> Iterator[RefusedError]:
    """Yield which days that a correction or a claim gives to an entry cannot be."""
    match kind, data:
        case "correction", {"changes": list(changes), "target": {"seq": int(seq)}}:
            given = [
                (f"/changes/{index}/new", str(change.get("path", "")), change["new"])
                for index, change in enumerate(changes)
                if isinstance(change, dict) and "new" in change
            ]
        case "claim", {"path": str(path), "target": {"seq": int(seq)}} if (
            "value" in data
        ):
            given = [("/value", path, data["value"])]
        case _:
            return
    target = history.entries.get(seq)
    if target is None:
        return
    known: dict[str, Json] = history.worth_data(seq)
    try:
        for _, path, new in given:
            known = put(known, path, new)
    except RefusedError:
        return  # the rules say that the path leads nowhere
    stages = [shown for shown, path, _ in given if path == "/stage"]

    def asked(member: str) -> str | None:
        for shown, path, _ in given:
            if f"{member}/".startswith(f"{path}/"):
                return shown + member.removeprefix(path)
        # Whether a value day must have come follows from the stage.
        return stages[0] if stages and member == "/value_on" else None

    yield from date_faults(target.kind, known, now=now, asked=asked)
    if kind == "correction":
        yield from payment_faults(target.kind, known, asked=asked)


def _faults(
    value: Json | Mapping[str, Json], path: str, shown: str
) -> Iterator[RefusedError]:
    """Return what is wrong with a value.

    Args:
        value: The value.
        path: Which member of a record it is, or is to be.
        shown: Where it is in what was asked for; never what a person typed.
    """
    match value:
        case Mapping():
            for name, inner in value.items():
                if name == "old" and "path" in value:
                    continue  # it is there already, whatever it is
                meant = _meant(value, name) or f"{path}/{name}"
                yield from _faults(inner, meant, f"{shown}/{name}")
        case list():
            for index, inner in enumerate(value):
                at = f"/{index}"
                yield from _faults(inner, path + at, shown + at)
        case str():
            yield from _text_faults(value, path, shown)
        case _:
            pass


def _meant(holder: Mapping[str, Json], name: str) -> str | None:
    """Return the member that a changed or a claimed value is meant for."""
    match holder, name:
        case {"path": str(of)}, "new":
            return of
        case {"path": str(of)}, "value":
            return f"/value{of}"  # a rival value need not be a code that exists
        case _:
            return None


def _text_faults(text: str, path: str, shown: str) -> Iterator[RefusedError]:
    member = path.rpartition("/")[2]
    try:
        check_text(text, lines=member in MANY_LINES)
        check_whose(text, path)
    except RefusedError as error:
        yield RefusedError(error.code, **error.values, member=shown)
        return
    if path in STATE_MEMBERS and not is_state(text):
        yield RefusedError("value.not-a-state", member=shown)


def _authored(
    kind: str, data: dict[str, Json], request: Mapping[str, Json], history: History
) -> dict[str, Json]:
    """Return a fact with its author and status: another state's deed is reported."""
    author = history.state
    if kind in {"receipt", "exit", "recovery"}:
        names = request.get("transfers", request.get("exit"))
        name = request.get("transfer", _first(names))
        author = _custodian(history, name) or history.state
    authors = (author, str(data.get("asserted_by", author)))
    own = all(same_state(each, history.state) for each in authors)
    default = {"asserted_by": author, "status": "official" if own else "reported"}
    return {**default, **data}


def _first(names: Json | None) -> Json | None:
    if isinstance(names, list):
        return names[0] if names else None
    return names


def _custodian(history: History, name: Json | None) -> str | None:
    if name is None:
        return None
    record = history.worth(entry_number(history, name))
    if isinstance(record, Exit):
        record = history.worth(record.transfers[0].seq)
    return record.destination if isinstance(record, Transfer) else None
