"""What is impossible in the record, and is refused: one list for entry and for audit.

What was wrong in the world (a late receipt, persons beyond the count, a term run out)
is recorded and shown, never refused here. Refused is what contradicts the book itself:
a renewal of nothing, an exit before any departure, a correction of a correction. Each
rule is a named function of one record and the history before it. Those in
`ledger.domain.standing` must hold as long as the book does, so they are asked again
when a correction or a retraction changes what earlier entries are worth.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec.structs import replace

from ledger.domain import pointers
from ledger.domain.authority import (
    Acknowledgement,
    Approval,
    Confirmation,
    Genesis,
    Key,
)
from ledger.domain.custody import pool_of
from ledger.domain.forms import Fact
from ledger.domain.history import History, Logged, begins, cited, own_refs, pools
from ledger.domain.keyring import KeyRing, Standing
from ledger.domain.pointers import steps
from ledger.domain.records import (
    Correction,
    Exit,
    Instrument,
    Receipt,
    Renewal,
    Retraction,
    Transfer,
)
from ledger.domain.recovery import Recovery
from ledger.domain.schemas import Record, read_record
from ledger.domain.standing import STANDING, Rule
from ledger.domain.suspicion import is_suspect
from ledger.domain.terms import end_surely, ends_surely, parts
from ledger.domain.vouching import peer_is_pinned, seal_is_signed
from ledger.errors import LedgerError, RefusedError

# Members that say what an entry is about; to change them is to write another entry.
REFERENCES = frozenset(
    (
        "ref",
        "id",
        "transfer",
        "transfers",
        "target",
        "about",
        "resolves",
        "for",
        "formerly",
    )
)


def genesis_comes_first(_: History, entry: Logged) -> Iterator[RefusedError]:
    """Entry 0 is the genesis, and no other entry is one."""
    if (entry.seq == 0) != isinstance(entry.record, Genesis):
        yield RefusedError("rule.genesis-not-first", seq=entry.seq)


def genesis_is_whole(history: History, entry: Logged) -> Iterator[RefusedError]:
    """The genesis names this book and has a state key that signs it and a log key."""
    match entry.record:
        case Genesis() as genesis:
            if genesis.name != history.book:
                yield RefusedError("rule.genesis-of-another-book")
            roles = {listing.role for listing in genesis.keys}
            for role in sorted({"state", "log", "clerk"} - roles):
                yield RefusedError("rule.genesis-without-key", role=role)
        case _:
            pass


def keys_are_sound(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A key that joins is well formed, new and proved; one that leaves was there.

    And what is approved waited for it.
    """
    try:
        match entry.record:
            case Genesis() as genesis:
                KeyRing.opened(genesis, book=history.book)
            case Key() as key:
                history.ring.after(key, seq=entry.seq, by=entry.by)
                # With no state key to consent, the other state checks in person.
                unchecked = key.role == "state" and key.text is None
                if unchecked and not _consenters(history, entry, key):
                    yield RefusedError("rule.state-key-unchecked")
            case Approval(target=target):
                history.ring.approved(target.seq, seq=entry.seq, by=entry.by)
            case _:
                pass
    except RefusedError as error:
        yield error
    except LedgerError as error:
        yield RefusedError(error.code, **error.values)


def _consenters(history: History, entry: Logged, key: Key) -> tuple[Standing, ...]:
    return history.ring.consenters(key, seq=entry.seq, by=entry.by)


def confirmed_are_suspect(history: History, entry: Logged) -> Iterator[RefusedError]:
    """An officer vouches for what another's lost key signed, each entry once."""
    match entry.record:
        case Confirmation() as confirmation:
            seen: set[int] = set()
            for reference in confirmation.targets:
                target = history.resolve(reference)
                if target is None:
                    continue
                if target.seq in seen or not is_suspect(history, target):
                    yield RefusedError("rule.not-suspect", seq=target.seq)
                elif target.by == entry.by:
                    yield RefusedError("rule.confirms-own", seq=target.seq)
                seen.add(target.seq)
        case _:
            pass


def once_is_new(history: History, entry: Logged) -> Iterator[RefusedError]:
    """No two entries of a book carry one client-made id."""
    taken = history.onces.get(entry.once)
    if taken is not None:
        yield RefusedError("rule.once-taken", seq=taken)


def number_is_next(history: History, entry: Logged) -> Iterator[RefusedError]:
    """References are given in order, without gaps; a later stage keeps its own."""
    for ref in own_refs(entry.record):
        expected = history.next_ref(ref[0])
        stage = isinstance(entry.record, Instrument) and ref in history.opened
        if ref != expected and not stage:
            yield RefusedError("rule.not-the-next-number", ref=ref, expected=expected)


def void_targets_are_void(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Only void entries are acknowledged, each once, by number and leaf."""
    match entry.record:
        case Acknowledgement() as acknowledgement:
            seen = set(history.acknowledged)
            for target in acknowledgement.targets:
                void = history.voids.get(target.seq)
                if void is None or void.altered or void.leaf.hex() != target.leaf:
                    yield RefusedError("rule.not-void", seq=target.seq)
                elif target.seq in seen:
                    yield RefusedError("rule.already-acknowledged", seq=target.seq)
                seen.add(target.seq)
        case _:
            pass


def terms_end(history: History, entry: Logged) -> Iterator[RefusedError]:
    """A term that is counted ends by the year 9999."""
    if not isinstance(
        entry.record,
        Transfer
        | Receipt
        | Renewal
        | Exit
        | Recovery
        | Instrument
        | Correction
        | Retraction,
    ):
        return
    if _ends_surely(history, entry):
        return
    after = history.with_entry(entry)
    refs = [ref for ref in _concerned(after, entry) if ref in after.opened]
    if all(ref.startswith("I-") for ref in refs):
        refs = [ref for ref in after.opened if not ref.startswith("I-")]
    try:
        for tied in pools(after, [after.known_as(ref) for ref in refs]):
            pool = pool_of(after, tied[0])
            for known, case in pool.cases.items():
                if not ends_surely(case):
                    parts(pool, known, on=date.max)
    except RefusedError as error:
        yield error


def _ends_surely(history: History, entry: Logged) -> bool:
    """Return whether it is plain that no term can pass the calendar with an entry.

    Nothing is tried for that: the records that there are suffice. Law: where this
    says so, every term of the transfers that the entry concerns can be counted.
    """
    match entry.record:
        case Transfer() | Renewal() | Exit() | Receipt(formerly=None) as record:
            cited_refs = {history.ref_at(reference) for reference in cited(record)}
        case _:
            return False
    named = sorted(ref for ref in cited_refs if ref is not None)
    tied = {one for ref in named for one in history.pool_of(ref)}
    return all(
        end_surely(_with_stages(history, [record, *map(history.worth, seqs)]))
        for seqs in ([history.seqs_of(ref) for ref in sorted(tied)] or [[]])
    )


def _with_stages(
    history: History, records: Iterable[Record | None]
) -> Iterator[Record | None]:
    """Yield some records, and all stages of the instruments that transfers name."""
    for record in records:
        yield record
        if isinstance(record, Transfer):
            for ref in record.instruments or ():
                yield from map(history.worth, history.changes_of(ref))


def _concerned(history: History, entry: Logged) -> list[str]:
    """Return what can change with an entry: its transfers, else its instruments."""
    refs, _ = begins(history.refs[entry.seq])
    return [alias for ref in refs for alias in history.aliases(ref)]


def _not_correctable(target: Logged) -> RefusedError:
    if isinstance(target.record, Genesis):
        return RefusedError("rule.genesis-stays")
    return RefusedError("rule.not-correctable", seq=target.seq, kind=target.kind)


def only_facts_are_changed(history: History, entry: Logged) -> Iterator[RefusedError]:
    """Corrections are of facts, never of references or corrections."""
    match entry.record:
        case Correction() as correction:
            target = history.resolve(correction.target)
            if target is None:
                return
            if not isinstance(target.record, Fact):
                yield _not_correctable(target)
            for change in correction.changes:
                if steps(change.path)[0] in REFERENCES:
                    yield RefusedError("rule.reference-corrected", path=change.path)
        case Retraction() as retraction:
            target = history.resolve(retraction.target)
            if target is None:
                return
            if target.seq in history.retracted:
                by = history.retracted[target.seq]
                yield RefusedError("rule.already-retracted", seq=target.seq, by=by)
            elif not isinstance(target.record, Fact | Correction):
                yield RefusedError(
                    "rule.not-retractable", seq=target.seq, kind=target.kind
                )
        case _:
            pass


def later_entries_stay_possible(
    history: History, entry: Logged
) -> Iterator[RefusedError]:
    """A correction or retraction leaves every later entry possible."""
    if not isinstance(entry.record, Correction | Retraction):
        return
    after = history.with_entry(entry)
    changed = _fact_of(after, entry)
    found = list(_faults_of_changes(after, changed, entry))
    if not found:
        found = list(_standing_faults(after, changed))
    yield from found
    if found:
        return
    concerned = set(_concerned(after, entry))
    touched = {seq for seq in after.entries if concerned & {*after.refs[seq]}}
    # An entry can concern an instrument only since a correction names it.
    touched |= {_fact_of(after, after.entries[seq]) for seq in touched}
    for seq in sorted(touched - {entry.seq, changed}):
        for refusal in _standing_faults(after, seq):
            yield _impossible(after, seq, because=refusal)


def _fact_of(history: History, entry: Logged) -> int:
    """Return the entry that a correction, or a retraction of one, changes."""
    seq, record = entry.seq, entry.record
    while isinstance(record, Correction | Retraction):
        seq = record.target.seq
        record = history.entries[seq].record
    return seq


def _faults_of_changes(
    history: History, seq: int, entry: Logged
) -> Iterator[RefusedError]:
    """Yield why the standing corrections of an entry cannot follow one another."""
    if seq in history.retracted:
        return
    fact = history.entries[seq]
    data = dict(fact.data)
    for number in history.corrections.get(seq, ()):
        correction = history.entries[number].record
        assert isinstance(correction, Correction)  # noqa: S101 (of that list)
        try:
            data = pointers.changed(data, correction.changes)
            read_record(fact.kind, data)
        except RefusedError as error:
            own = number == entry.seq
            yield error if own else _impossible(history, number, because=error)
            return


def _standing_faults(history: History, seq: int) -> Iterator[RefusedError]:
    """Yield why an entry, as it is worth now, cannot stand in this history."""
    record = history.worth(seq)
    # Corrections and retractions stay what they are; facts must stay possible.
    if isinstance(record, Fact):
        entry = replace(history.entries[seq], record=record)
        for rule in STANDING:
            yield from rule(history, entry)


def _impossible(history: History, seq: int, *, because: RefusedError) -> RefusedError:
    """Return that a later entry cannot stand, and in `because_…` what fills why."""
    kind = history.entries[seq].kind
    why = {f"because_{name}": value for name, value in because.values.items()}
    return RefusedError(
        "rule.later-entry-impossible", seq=seq, kind=kind, because=because.code, **why
    )


RULES: tuple[Rule, ...] = (
    genesis_comes_first,
    genesis_is_whole,
    keys_are_sound,
    confirmed_are_suspect,
    once_is_new,
    number_is_next,
    void_targets_are_void,
    peer_is_pinned,
    seal_is_signed,
    *STANDING,
    only_facts_are_changed,
)

# They try what would be, each only for what the rules before it let through.
TRIALS: tuple[Rule, ...] = (later_entries_stay_possible, terms_end)


def refusals(history: History, entry: Logged) -> list[RefusedError]:
    """Return every reason why this entry cannot be the next of this history.

    The entry need not be signed yet: its leaf is not looked at.
    """
    found = [refusal for rule in RULES for refusal in rule(history, entry)]
    for trial in TRIALS:
        found = found or list(trial(history, entry))
    return found
