"""`verify FILE`: a summary, a proof, a checkpoint, a card, known by its content."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli import answers, words
from ledger.cli.checked import LARGEST_FILE, say_card, show_checked
from ledger.cli.lines import reason
from ledger.cli.options import Globals
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_table,
    talk,
)
from ledger.errors import (
    MalformedError,
    NotFoundError,
    SignatureError,
    UsageError,
)

if TYPE_CHECKING:
    from ledger.exchange.card import OpenedCard
    from ledger.exchange.recognising import Kind
    from ledger.exchange.summary_form import Oddity

SHOWN_ODDITIES = 20


def verify_file(
    ask: Globals,
    path: Path,
    *,
    entry: str | None,
    trust: str | None,
    fingerprint: str | None,
) -> int:
    """Check a file by what it is; return the exit code.

    Args:
        ask: This run.
        path: The file.
        entry: The entry that a proof is of, as a file.
        trust: The card of the book, as a file.
        fingerprint: The fingerprint that must have signed the file, or the card.

    Raises:
        UsageError: If the file is of no known kind, or an option is about another.
    """
    from ledger.cli import recognised  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import open_file, read_file  # noqa: PLC0415 - start-up
    from ledger.exchange.recognising import HEAD, kind_of  # noqa: PLC0415 - start-up
    from ledger.exchange.tiled import is_folder  # noqa: PLC0415 - start-up

    kind: Kind | None
    if is_folder(path):
        kind = folder_kind(path)
    else:
        with open_file(path, most=LARGEST_FILE) as file:
            kind = kind_of(file.read(HEAD))
    if kind == "proof" and entry is None:
        raise UsageError("usage.proof-needs-entry")
    if kind != "proof" and entry is not None:
        raise UsageError("usage.entry-of-proof")
    if kind == "bundle":
        return recognised.bundle(ask, path, card=open_trusted(trust), by=fingerprint)
    content = read_file(path, most=LARGEST_FILE)
    kind = kind_of(content)
    if kind == "signature":
        return recognised.signature(path)
    if kind in {None, "page"}:
        return _page(ask, path, content, trust=trust, by=fingerprint, kind=kind)
    if trust is not None and kind in {"card", "summary"}:
        raise UsageError("usage.trust-of-proof")
    if kind == "summary":
        signature = recognised.signature_of(path)
        return _summary(ask, content, signature, by=fingerprint)
    note = None if entry is None else read_file(Path(entry), most=LARGEST_FILE)
    card = open_trusted(trust)
    return _checked(ask, kind, content, note=note, card=card, by=fingerprint)


def folder_kind(path: Path) -> "Kind":
    """Return what a folder is: a book as tiles.

    Raises:
        UsageError: It is none; with the file in it that is verified, if one is.
    """
    if (path / "checkpoint").exists():
        return "bundle"
    if (path / "summary.json").exists():
        raise UsageError("usage.folder-of-summary", file=str(path / "summary.json"))
    raise UsageError("usage.unknown-folder")


def _page(
    ask: Globals,
    path: Path,
    content: bytes,
    *,
    trust: str | None,
    by: str | None,
    kind: "Kind | None",
) -> int:
    """Check a readable summary, known by its steps or by the signature beside it."""
    from ledger.cli import recognised  # noqa: PLC0415 - start-up

    try:
        recognised.signature_of(path)
    except NotFoundError:
        if kind is None:
            raise UsageError("usage.unknown-file") from None
        raise
    if trust is not None:
        raise UsageError("usage.trust-of-proof")
    return recognised.signed_page(ask, path, content, by=by)


def _checked(
    ask: Globals,
    kind: "Kind | None",
    content: bytes,
    *,
    note: bytes | None,
    card: "OpenedCard | None",
    by: str | None,
) -> int:
    """Check a paper by its kind; one whose bytes were changed is said to be."""
    from ledger.cli import recognised  # noqa: PLC0415 - start-up
    from ledger.exchange.proof_check import read_proof  # noqa: PLC0415 - start-up

    try:
        if kind == "proof" and note is not None:
            read_proof(content)
        elif kind == "checkpoint":
            return _checkpoint(ask, content, card=card, by=by)
        elif kind == "evidence":
            return _evidence(ask, content, card=card, by=by)
        elif kind == "card":
            return _card(ask, content, by=by)
        else:
            return recognised.note(ask, content, card=card, by=by)
    except MalformedError as error:
        return recognised.unfit(ask, kind or "proof", content, error)
    return _proof(ask, content, note, card=card, by=by)


def open_trusted(trust: str | None) -> "OpenedCard | None":
    """Return the card in a file, its own signature checked; None for no file."""
    from ledger.cli import recognised  # noqa: PLC0415 - start-up
    from ledger.exchange.card import open_card  # noqa: PLC0415 - start-up

    return None if trust is None else open_card(recognised.whole(Path(trust)))


def _proof(
    ask: Globals,
    content: bytes,
    note: bytes,
    *,
    card: "OpenedCard | None",
    by: str | None,
) -> int:
    from ledger.cli import recognised  # noqa: PLC0415 - start-up
    from ledger.exchange.proof_check import (  # noqa: PLC0415 - start-up
        check_entry_proof,
    )

    report = check_entry_proof(content, note, card=card, fingerprint=by)
    if report.verdict == "rewritten":
        said = recognised.converted(ask, "entry", note)
        if said is not None:
            return said
    answer: answers.Object = {
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "code": report.code or None,
        "book": report.book,
        "seq": report.seq,
        "entries": report.size,
        "fingerprint": report.fingerprint or None,
    }
    values = {"seq": report.seq, "index": report.seq, "size": report.size}
    show_checked(
        ask,
        "proof",
        answer,
        why=report.values,
        book=report.book,
        n=report.size,
        **values,
    )
    if not ask.json and report.verdict in {"verified", "untrusted"}:
        talk(ask, "verify-proof.rests")
    say_card(ask, card)
    return report.exit_code


def _checkpoint(
    ask: Globals, content: bytes, *, card: "OpenedCard | None", by: str | None
) -> int:
    from ledger.exchange.checkpoint_check import (  # noqa: PLC0415 - start-up
        check_checkpoint,
    )
    from ledger.exchange.summary_check import EXIT_CODES  # noqa: PLC0415 - start-up
    from ledger.register.holding import holds  # noqa: PLC0415 - start-up

    report = check_checkpoint(content, card=card, fingerprint=by)
    checkpoint = report.checkpoint
    holding = holds(places(ask), checkpoint, named=ask.ledger is not None)
    verdict, code = report.verdict, report.code
    if verdict == "verified" and holding in {"other", "shorter"}:
        # What nobody vouches for can contradict a book as it likes.
        verdict, code = "rewritten", "checkpoint.not-this-book"
    answer: answers.Object = {
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "code": code or None,
        "book": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "fingerprint": report.fingerprint or None,
        "book_at_hand": holding,
    }
    show_checked(ask, "checkpoint", answer, book=checkpoint.origin, n=checkpoint.size)
    if not ask.json:
        talk(ask, f"verify-checkpoint.book-{holding or 'none'}", n=checkpoint.size)
    say_card(ask, card)
    return EXIT_CODES[verdict]


def _evidence(
    ask: Globals, content: bytes, *, card: "OpenedCard | None", by: str | None
) -> int:
    from ledger.exchange.evidence import check_evidence  # noqa: PLC0415 - start-up

    report = check_evidence(content, card=card, fingerprint=by)
    first, second = report.sizes
    answer: answers.Object = {
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "code": report.code or None,
        "book": report.book,
        "sizes": [first, second],
        "roots": list(report.roots),
        "index": report.index,
        "fingerprint": report.fingerprint or None,
    }
    show_checked(ask, "evidence", answer, why=report.values, book=report.book)
    if not ask.json and report.verdict in {"verified", "untrusted"}:
        key = "root" if report.index is None else "entry"
        talk(
            ask,
            f"verify-evidence.{key}",
            seq=report.index or 0,
            first=first,
            second=second,
        )
        one, other = report.roots
        talk(ask, "verify-evidence.papers", first=one, second=other)
    say_card(ask, card)
    return report.exit_code


def _card(ask: Globals, content: bytes, *, by: str | None) -> int:
    from ledger.exchange.card import open_card  # noqa: PLC0415 - start-up
    from ledger.exchange.summary_check import (  # noqa: PLC0415 - start-up
        EXIT_CODES,
        Verdict,
    )

    verdict: Verdict
    code: str | None
    answer: answers.Object = {"book": None, "state": None, "genesis": None}
    mark, keys = None, []
    try:
        opened = open_card(content)
    except SignatureError as error:
        verdict, code = "bad_signature", error.code
    else:
        card, mark = opened.card, opened.fingerprint
        answer = {"book": card.book, "state": card.state, "genesis": card.genesis}
        keys = answers.card_keys(card)
        verdict, code = "verified", None
        if by is None:
            verdict, code = "untrusted", "card.no-fingerprint"
        elif by != mark:
            verdict, code = "untrusted", "card.other-signer"
    answer = {
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "code": code,
        **answer,
        "fingerprint": mark,
    }
    if ask.json:
        answer["keys"] = keys
    book = answer["book"] or ""
    show_checked(ask, "card", answer, book=book, fingerprint=mark or "")
    if is_drawn(ask) and keys:
        names = ("role", "name", "fingerprint")
        rows = [
            [words.code(ask, "role", key["role"]), *answers.cells(key, names[1:])]
            for key in keys
        ]
        show_table(ask, Table([Column(name) for name in names], rows))
    return EXIT_CODES[verdict]


def _summary(ask: Globals, content: bytes, signature: str, *, by: str | None) -> int:
    from ledger.cli import recognised  # noqa: PLC0415 - start-up
    from ledger.exchange.summary_check import check_summary  # noqa: PLC0415 - start-up

    report = check_summary(content, signature, expected=by)
    if report.code == "sshsig.wrong-signature":
        said = recognised.converted(ask, "summary", content)
        if said is not None:
            return said
    answer: answers.Object = {
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "code": report.code or None,
        "seq": report.seq,
        "fingerprint": report.fingerprint or None,
        "book": report.book or None,
        "entries": report.size,
        "proofs": report.proofs,
        "on": report.on or None,
        "findings": [
            {
                "at": odd.at,
                "code": odd.code,
                "expected": odd.expected or None,
                "found": odd.found or None,
            }
            for odd in report.oddities
        ],
    }
    show_checked(
        ask,
        "summary",
        answer,
        why=report.values,
        book=report.book,
        n=report.proofs,
        size=report.size,
        fingerprint=report.fingerprint,
        seq=report.seq if report.seq is not None else 0,
    )
    if not ask.json:
        _say_odd(ask, report.oddities)
    if not ask.json and report.verdict in {"verified", "untrusted"}:
        talk(ask, "verify-summary.rests")
    return report.exit_code


def _say_odd(ask: Globals, oddities: "Sequence[Oddity]") -> None:
    """Say what in a summary cannot be so."""
    for odd in oddities[:SHOWN_ODDITIES]:
        talk(ask, "verify-summary.finding", **oddity_values(ask, odd))
    more = len(oddities[SHOWN_ODDITIES:])
    if more:
        talk(ask, "verify-summary.more-findings", n=more)


def oddity_values(ask: Globals, odd: "Oddity") -> dict[str, str]:
    """Return where something cannot be so, and what it would be and is."""
    kind, _, code = odd.code.rpartition(":")
    if kind:
        why = reason(ask, code, odd.values)
        what = ask.say("summary-finding.record", reason=why)
    else:
        what = ask.say(
            f"summary-finding.{code}",
            expected=odd.expected or "—",
            found=odd.found or "—",
        )
    return {"at": odd.at or "/", "what": what}
