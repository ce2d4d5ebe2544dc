"""Whether stored bytes are the next entry of a book, or void, and why.

The steps are those in which an entry is read: size, UTF-8, grammar, signature, JSON,
one spelling, links, role, schema, rules. Nothing in a body is believed before its
signature; only entry 0, which brings its own keys, is read first and checked then.
"""

import dataclasses
from collections.abc import Callable
from typing import TypeAlias

from ledger.domain.authority import Genesis
from ledger.domain.history import Fault, History, Logged, Void
from ledger.domain.keyring import KeyRing, Standing
from ledger.domain.rules import refusals
from ledger.domain.schemas import KINDS, ROLES, read_record
from ledger.errors import (
    LedgerError,
    MalformedError,
    RefusedError,
    SignatureError,
    TooNewError,
)
from ledger.tlog import chain
from ledger.tlog import entry as pages
from ledger.tlog.entry import Entry, EntryNote
from ledger.tlog.note import VerifyKey

CheckSignature: TypeAlias = Callable[[EntryNote, VerifyKey, bytes], None]
"""Raises SignatureError unless a key signed a page; told the leaf hash of its bytes."""


def check_signature(page: EntryNote, key: VerifyKey, _leaf: bytes) -> None:
    """Check here and now that a key signed a page (a `CheckSignature`).

    Raises:
        SignatureError: It did not.
    """
    page.check_signature(key)


def judge(
    note: bytes, *, history: History, check: CheckSignature = check_signature
) -> Logged | Void:
    """Return the entry that these bytes are, or why they are none.

    Args:
        note: The stored bytes.
        history: All entries before, or all that this one can concern.
        check: How a signature is checked.

    Raises:
        TooNewError: If an active key signed a version or a kind that this program
            does not know: the reader is too old, the entry is not void.
    """
    leaf = pages.leaf(note)
    seq = history.head.size
    try:
        page = EntryNote.parse(note)
    except MalformedError as error:
        return Void(seq, leaf, (_fault("bytes", error),))
    faults: list[Fault] = []
    standing = None
    if seq > 0:
        standing = _signed(page, leaf, history, faults, check=check)
    try:
        said = page.envelope()
    except TooNewError:
        if faults:
            return Void(seq, leaf, tuple(faults))
        raise
    except LedgerError as error:
        return Void(seq, leaf, (_fault("bytes", error), *faults))
    links = chain.link_faults(said, ledger=history.book, head=history.head)
    faults[:0] = [Fault("chain", code) for code in links]
    if seq == 0:
        own = dataclasses.replace(history, ring=_own_keys(said, history.book))
        standing = _signed(page, leaf, own, faults, check=check)
    if said.kind not in KINDS:
        if faults:
            return Void(seq, leaf, tuple(faults))
        raise TooNewError("entry.unknown-kind", seq=seq)
    if standing is not None and standing.role != ROLES[said.kind]:
        values = {"role": standing.role, "kind": said.kind}
        faults.append(Fault("signatures", "signature.wrong-role", values))
    try:
        record = read_record(said.kind, said.data, spelt=said.spelt)
    except RefusedError as error:
        return Void(seq, leaf, (*faults, _fault("rules", error)))
    entry = Logged(
        seq=seq,
        leaf=leaf,
        at=said.at,
        kind=said.kind,
        by=said.by,
        once=said.once,
        data=said.data,
        record=record,
    )
    if not faults:
        faults = [_fault("rules", refusal) for refusal in refusals(history, entry)]
    return Void(seq, leaf, tuple(faults)) if faults else entry


def _fault(level: str, error: LedgerError) -> Fault:
    return Fault(level, error.code, error.values)


def _signed(
    page: EntryNote,
    leaf: bytes,
    history: History,
    faults: list[Fault],
    *,
    check: CheckSignature,
) -> Standing | None:
    """Return the key that signed, or note what is wrong with the signature."""
    name, key_id = page.signature.name, page.signature.key_id
    ring, seq = history.ring, history.head.size
    standing = ring.find(name=name, key_id=key_id, seq=seq)
    if standing is None:
        known = ring.known(name=name, key_id=key_id)
        code = "signature.unknown-key" if known is None else "signature.key-not-active"
        faults.append(Fault("signatures", code, {"id": key_id.hex(), "key": name}))
        return None
    try:
        check(page, standing.key, leaf)
    except SignatureError as error:
        faults.append(_fault("signatures", error))
    return standing


def _own_keys(said: Entry, book: str) -> KeyRing:
    """Return the keys that a genesis brings, or none if it brings none in order."""
    ring = KeyRing(book=book, state="")
    if said.kind != "genesis":
        return ring
    try:
        record = read_record(said.kind, said.data, spelt=said.spelt)
        return (
            KeyRing.opened(record, book=book) if isinstance(record, Genesis) else ring
        )
    except LedgerError:
        return ring
