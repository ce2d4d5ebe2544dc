"""Checkpoints and signed summaries: what an office puts its name to.

Before the log key signs, the new rows are read and hashed again and the tree must
have grown out of the last one that was signed: one flipped bit, once signed, would be
a fork. A summary is signed file by file, by whoever hands it out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from ledger.domain.entering import check_book
from ledger.domain.history import History, number_of
from ledger.domain.summary import Known, Sealed, summarise
from ledger.domain.values import parse_ref
from ledger.errors import (
    IncompleteError,
    LockedError,
    MalformedError,
    NotFoundError,
    RefusedError,
    RewrittenError,
    SignatureError,
    TamperedError,
)
from ledger.exchange.catalogue import Catalogue
from ledger.exchange.sshsig import sign_file
from ledger.exchange.summary_html import summary_html
from ledger.exchange.summary_text import summary_text
from ledger.register.opening import Register
from ledger.store.intake import take_in
from ledger.store.journal import Journal
from ledger.store.mirrors import mirrors
from ledger.store.recall import Recall
from ledger.tlog import canonical, merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.tlog.note import Signer, VerifyKey


class Signed(Struct, frozen=True):
    """A checkpoint that was signed.

    Attributes:
        checkpoint: What it says.
        note: The whole note.
    """

    checkpoint: Checkpoint
    note: bytes


def sign(register: Register, signer: Signer) -> Signed:
    """Sign a checkpoint of the book as it is now, keep it, and remember it.

    A checkpoint of the same size that was signed before is returned again. Entries
    that somebody wrote round the program are judged first; they are in the tree.

    Raises:
        TamperedError: If stored bytes do not have the leaf hash beside them, or a
            stored hash of the tree is not what they come to.
        RewrittenError: If the tree is not what was signed before.
        LockedError: If the signer is not the log key that is active now.
    """
    journal = register.journal
    with journal.writing():
        register.check_memory()
        register.taken_in.extend(take_in(journal))
        last = last_signed(register)
        size = journal.size()
        start = 0 if last is None else last.checkpoint.size
        if last is not None and (
            start > size or journal.root(start) != last.checkpoint.root
        ):
            raise RewrittenError("checkpoint.not-consistent", size=start)
        frontier = journal.frontier(start)
        for row in journal.rows(start, size):
            if merkle.leaf_hash(row.note) != row.leaf:
                raise TamperedError("checkpoint.bytes-changed", seq=row.seq)
            completed = frontier.append(row.leaf)
            nodes = [node for node, _ in completed]
            if journal.read_nodes(nodes) != [found for _, found in completed]:
                raise TamperedError("checkpoint.nodes-changed", size=size)
        root = frontier.root()
        if root != journal.root(size):
            raise TamperedError("checkpoint.nodes-changed", size=size)
        if last is not None and last.checkpoint.size == size:
            signed = last
        else:
            checkpoint = Checkpoint(journal.book.name, size, root)
            signed = Signed(checkpoint, sign_checkpoint(checkpoint, signer))
            if signer.key not in log_keys(register.recall(), size):
                # It may have been retired since it was chosen and unlocked.
                raise LockedError("keys.not-active", role="log")
            journal.keep_checkpoint(size=size, note=signed.note)
    register.remember(size, root)
    return signed


def last_signed(register: Register, mirror: Journal | None = None) -> Signed | None:
    """Return the largest kept checkpoint that the log key of its size signed, or None.

    A row that is none binds nobody: one bad insert cannot stop the register, and
    `verify` names it.

    Args:
        register: The own book.
        mirror: Another book, whose checkpoint is asked for instead.
    """
    recall = register.recall() if mirror is None else Recall(mirror)
    ring = recall.history(()).ring
    for size, note in reversed((mirror or register.journal).checkpoints()):
        for key in [standing.key for standing in ring.active("log", seq=size)]:
            try:
                checkpoint = open_checkpoint(note, key=key)
            except (MalformedError, SignatureError):
                continue
            if checkpoint.size == size:
                return Signed(checkpoint, note)
    return None


def log_keys(recall: Recall, size: int) -> list[VerifyKey]:
    """Return the log keys that may sign a checkpoint of a size: one, or none.

    It is the one that is active after the last entry that the checkpoint covers.
    """
    ring = recall.history(()).ring
    return [standing.key for standing in ring.active("log", seq=size)]


class SummaryFiles(Struct, frozen=True):
    """The files of a summary, by name: what is signed, and each signature.

    Attributes:
        files: Name → bytes; `NAME.sig` is the signature of `NAME`.
        summary: What `summary.json` says.
    """

    files: Mapping[str, bytes]
    summary: Mapping[str, Json]


def summary(
    register: Register,
    *,
    signer: Signer,
    log: Signer | None,
    transfers: Sequence[str],
    on: date,
    known_on: date | None = None,
    now: datetime,
    formats: Sequence[str],
    catalogues: Sequence[Catalogue],
) -> SummaryFiles:
    """Return the signed files of a summary of some or all transfers.

    Args:
        register: The book, opened for writing if a checkpoint is to be signed.
        signer: Whoever signs the files.
        log: The log key, if it is at hand: then a new checkpoint is signed first.
        transfers: References as people give them; all transfers if none.
        on: The day at whose end it is true.
        known_on: What was recorded after this day, UTC, is left out, and that is said.
        now: The clock, UTC.
        formats: Of `json`, `txt` and `html`; the JSON is always among the files.
        catalogues: The languages of the readable files.

    Raises:
        IncompleteError: If there is no checkpoint and no log key.
        NotFoundError: If a transfer is not there.
        TamperedError: If an entry is not what the checkpoint covers; nothing is
            signed then.
    """
    # Nothing is signed for a request that is refused.
    _chosen(register, transfers, register.recall().every_ref())
    signed = sign(register, log) if log is not None else last_signed(register)
    if signed is None:
        raise IncompleteError("summary.no-checkpoint")
    size = signed.checkpoint.size
    recall = whole = Recall(register.journal, before=size)
    known = None
    if known_on is not None:
        known = Known(known_on, min(size, whole.size_known_on(known_on)))
        recall = Recall(register.journal, before=known.entries)
    every = recall.every_ref()
    opened = [ref for ref in every if ref[0] in "TR"]
    refs = _chosen(register, transfers, opened)
    if transfers:
        history = _some(recall, refs)
    else:
        history = recall.history(every, seqs=range(recall.size))
    made = summarise(
        history,
        refs,
        whole=not transfers,
        on=on,
        made_at=now,
        sealed=_sealed(register, signed, whole),
        known=known,
    )
    files: dict[str, bytes] = {"summary.json": canonical.encode(made)}
    if "txt" in formats:
        for catalogue in catalogues:
            text = summary_text(made, catalogue)
            files[f"summary.{catalogue.language}.txt"] = text.encode()
    if "html" in formats:
        for catalogue in catalogues:
            page = summary_html(made, catalogue)
            files[f"summary.{catalogue.language}.html"] = page.encode()
    signatures = {
        f"{name}.sig": sign_file(content, signer).encode()
        for name, content in files.items()
    }
    return SummaryFiles(files={**files, **signatures}, summary=made)


def _some(recall: Recall, refs: Sequence[str]) -> History:
    """Return all that concerns transfers, or an instrument of theirs and no other."""
    concerned = recall.history(refs)
    named = {
        name
        for ref in refs
        for seq in concerned.seqs_of(ref)
        for name in concerned.refs[seq]
        if name.startswith("I-")
    }
    seqs = {seq for name in named for seq in recall.seqs_of(name)}
    of_instruments = [
        seq
        for seq in seqs
        if all(name.startswith("I-") for name in recall.refs_of(seq))
    ]
    return recall.history([*refs, *sorted(named)], seqs=of_instruments)


def _chosen(
    register: Register, transfers: Sequence[str], every: Sequence[str]
) -> list[str]:
    if not transfers:
        return sorted(every, key=number_of)
    refs = []
    for name in transfers:
        named = parse_ref(name)
        _check_own(register, named.book)
        if named.local not in every:
            raise NotFoundError("cite.no-such-ref", ref=named.local)
        refs.append(named.local)
    return sorted(set(refs), key=number_of)


def _check_own(register: Register, prefix: str | None) -> None:
    """Refuse a transfer of another book, whose entries this checkpoint does not cover.

    Raises:
        RefusedError: If it is of a mirror.
        NotFoundError: If it is of no book that is here.
    """
    book = register.journal.book
    for mirror in mirrors(register.journal):
        other = mirror.book
        # Where a mirror is of the own state, that name means the own book.
        if prefix == other.name or prefix == other.state.lower() != book.state.lower():
            raise RefusedError("summary.of-mirror", book=other.name)
    check_book(prefix, name=book.name, state=book.state)


def _sealed(register: Register, signed: Signed, recall: Recall) -> Sealed:
    journal, size = register.journal, signed.checkpoint.size
    return Sealed(
        genesis=journal.book.genesis.hex(),
        checkpoint=tuple(signed.note.decode().splitlines()),
        log_keys=tuple(key.format() for key in log_keys(recall, size)),
        size=size,
        beyond=journal.size() - size,
        prove=_prover(register, signed.checkpoint),
    )


def _prover(
    register: Register, checkpoint: Checkpoint
) -> Callable[[int], Sequence[str]]:
    """Return what proves entries; the stored bytes of each are hashed and proved."""
    journal = register.journal

    def prove(seq: int) -> Sequence[str]:
        proof = merkle.prove_inclusion(
            journal.read_nodes, index=seq, size=checkpoint.size
        )
        row = journal.row(seq)
        merkle.check_inclusion(
            proof,
            index=seq,
            size=checkpoint.size,
            leaf=merkle.leaf_hash(b"" if row is None else row.note),
            root=checkpoint.root,
        )
        return [step.hex() for step in proof]

    return prove
