"""Evidence of two histories, kept as files: itself, and pages in plain words beside it.

The evidence needs nobody's signature. The pages, and that this office handed all of it
over, are signed by the log key of the own book where it is at hand.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.evidence import LARGEST, Evidence
from ledger.exchange.evidence_html import NAMESPACE, Finding, evidence_html
from ledger.exchange.outbox import read_file, write_new
from ledger.exchange.sshsig import fingerprint, sign_file
from ledger.register.opening import Register
from ledger.store.journal import Journal
from ledger.store.mirrors import mirror_of
from ledger.store.recall import Recall
from ledger.tlog.note import Note, Signer


def explain_evidence(
    register: Register,
    path: Path,
    *,
    signer: Signer | None,
    catalogues: Iterable[Catalogue],
    now: datetime,
) -> list[Path]:
    """Write the pages of evidence beside it, a language each, unless they are there.

    Args:
        register: The own book, whose office found it.
        path: The file of the evidence.
        signer: The log key, unlocked; without it nothing is signed.
        catalogues: The languages.
        now: The clock, UTC.

    Returns:
        The pages.

    Raises:
        RefusedError, NotPermittedError: If a file cannot be read or written.
    """
    content = read_file(path, most=LARGEST)
    evidence = Evidence.parse(content)
    mirror = mirror_of(register.journal, evidence.book)
    assert mirror is not None  # noqa: S101 (it is what the evidence was held against)
    finding = Finding(
        name=path.name,
        finder=register.journal.book.name,
        state=mirror.book.state,
        at=now,
        key=_log_key(mirror, evidence.checkpoints[1]),
        signed=signer is not None,
    )
    files = {path: content}
    pages = {
        path.with_name(f"{path.name}.{each.language}.html"): evidence_html(
            evidence, finding, each
        ).encode()
        for each in catalogues
    }
    written = {page for page in pages if page.exists()}
    for page, html in pages.items():
        if page not in written:
            write_new(page, html)
            files[page] = html
    if signer is not None:
        for file, data in files.items():
            signature = file.with_name(f"{file.name}.sig")
            if not signature.exists():
                armor = sign_file(data, signer, namespace=NAMESPACE)
                write_new(signature, armor.encode())
    return list(pages)


def _log_key(mirror: Journal, note: bytes) -> str:
    """Return the fingerprint of the log key whose line a checkpoint bears."""
    lines = {(line.name, line.key_id) for line in Note.parse(note).signatures}
    ring = Recall(mirror).history(()).ring
    keys = [standing.key for standing in ring.standings if standing.role == "log"]
    return next(fingerprint(k.public) for k in keys if (k.name, k.key_id) in lines)
