"""`verify FILE` of what is no summary, proof, checkpoint, card or evidence.

A bundle, the bytes of an entry, a readable summary; and every paper whose bytes were
changed on the way: it is named, with what is different and what to ask for.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ledger.cli import answers
from ledger.cli.checked import LARGEST_FILE, say_card, show_checked
from ledger.cli.options import Globals
from ledger.cli.render import talk
from ledger.errors import MalformedError, NotFoundError, UsageError

if TYPE_CHECKING:
    from ledger.exchange.card import OpenedCard
    from ledger.exchange.recognising import Kind
    from ledger.exchange.summary_check import Verdict

SUFFIXES = (".sig", ".sshsig")


def unfit(ask: Globals, kind: "Kind", content: bytes, error: MalformedError) -> int:
    """Say that a paper was changed on its way; return the exit code."""
    from ledger.exchange.recognising import change_of  # noqa: PLC0415 - start-up

    change = change_of(content, kind)
    return _paper(
        ask, kind, "altered", change or error.code, why=None if change else error
    )


def converted(ask: Globals, kind: "Kind", content: bytes) -> int | None:
    """Say what was done to a file on its way; None if that cannot be told from it."""
    from ledger.exchange.recognising import change_of  # noqa: PLC0415 - start-up

    change = change_of(content, kind)
    return _paper(ask, kind, "altered", change) if change else None


def _paper(
    ask: Globals,
    kind: "Kind",
    verdict: "Verdict",
    code: str,
    *,
    why: MalformedError | None = None,
    book: str | None = None,
    seq: int | None = None,
    fingerprint: str = "",
) -> int:
    from ledger.exchange.summary_check import EXIT_CODES  # noqa: PLC0415 - start-up

    answer: answers.Object = {
        "verdict": verdict,
        "exit_code": EXIT_CODES[verdict],
        "code": code or None,
        "kind": kind,
        "book": book,
        "seq": seq,
        "fingerprint": fingerprint or None,
    }
    show_checked(
        ask,
        "paper",
        answer,
        why={} if why is None else why.values,
        kind=ask.say(f"verify-paper.kind.{kind}"),
        seq=seq or 0,
        book=book or "",
        fingerprint=fingerprint,
    )
    if not ask.json and verdict in {"altered", "bad_signature"}:
        talk(ask, "verify-paper.ask-again")
    return EXIT_CODES[verdict]


def signature_of(path: Path) -> str:
    """Return the signature that lies beside a file.

    Raises:
        NotFoundError: There is none.
    """
    from ledger.exchange.outbox import read_file  # noqa: PLC0415 - start-up

    for suffix in SUFFIXES:
        try:
            found = read_file(path.with_name(path.name + suffix), most=LARGEST_FILE)
        except NotFoundError:
            continue
        return found.decode("ascii", "replace")
    raise NotFoundError("verify.no-signature-beside", file=path.name)


def signed_page(ask: Globals, path: Path, content: bytes, *, by: str | None) -> int:
    """Check a readable summary by the signature beside it."""
    from ledger.errors import SignatureError  # noqa: PLC0415 - start-up
    from ledger.exchange.recognising import change_of  # noqa: PLC0415 - start-up
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up

    armored = signature_of(path)
    try:
        mark = fingerprint(_signer_of(content, armored))
    except (SignatureError, MalformedError) as error:
        if error.code == "sshsig.wrong-signature" and (change := change_of(content)):
            return _paper(ask, "page", "altered", change)
        return _paper(ask, "page", "bad_signature", error.code)
    if by != mark:
        code = "summary.other-signer"
        return _paper(ask, "page", "untrusted", code, fingerprint=mark)
    return _paper(ask, "page", "verified", "", fingerprint=mark)


def _signer_of(content: bytes, armored: str) -> bytes:
    """Return the key that signed a readable summary, or a page of evidence."""
    from ledger.errors import SignatureError  # noqa: PLC0415 - start-up
    from ledger.exchange.evidence_html import NAMESPACE  # noqa: PLC0415 - start-up
    from ledger.exchange.sshsig import check_file  # noqa: PLC0415 - start-up

    try:
        return check_file(content, armored)
    except SignatureError as error:
        if error.code != "sshsig.other-namespace":
            raise
        return check_file(content, armored, namespace=NAMESPACE)


def whole(path: Path) -> bytes:
    """Return a card or a checkpoint that somebody trusts, if nothing converted it.

    Raises:
        TamperedError: Its bytes were changed on the way, and how.
        MalformedError: It is no signed note.
    """
    from ledger.errors import TamperedError  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import read_file  # noqa: PLC0415 - start-up
    from ledger.exchange.recognising import change_of  # noqa: PLC0415 - start-up
    from ledger.tlog.note import Note  # noqa: PLC0415 - start-up

    content = read_file(path, most=LARGEST_FILE)
    try:
        Note.parse(content)
    except MalformedError:
        if change := change_of(content):
            raise TamperedError(
                "paper.trusted", path=str(path), because=change
            ) from None
        raise
    return content


def signature(path: Path) -> int:
    """Refuse a signature alone: it is checked with the file that it signs.

    Raises:
        UsageError: Always, with the command.
    """
    name = path.name
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    raise UsageError("usage.signature-alone", file=str(path.with_name(name)))


def note(
    ask: Globals, content: bytes, *, card: "OpenedCard | None", by: str | None
) -> int:
    """Check the bytes of an entry with the card of its book."""
    from ledger.exchange.note_check import check_note  # noqa: PLC0415 - start-up

    report = check_note(content, card=card, fingerprint=by)
    code = _paper(
        ask,
        "entry",
        report.verdict,
        report.code,
        book=report.book,
        seq=report.seq,
        fingerprint=report.fingerprint,
    )
    if not ask.json and report.verdict == "untrusted":
        talk(ask, "verify-paper.prove-it", seq=report.seq)
    say_card(ask, card)
    return code


def bundle(
    ask: Globals, path: Path, *, card: "OpenedCard | None", by: str | None
) -> int:
    """Check a bundle, or a folder of tiles, without taking it in."""
    from ledger.exchange.recognising import HEAD, change_of  # noqa: PLC0415 - start-up
    from ledger.exchange.tiled import (  # noqa: PLC0415 - start-up
        is_folder,
        opened_offer,
    )
    from ledger.register.bundled import check_bundle  # noqa: PLC0415 - start-up

    try:
        with opened_offer(path) as opened:
            report = check_bundle(opened, card=card, fingerprint=by)
    except MalformedError as error:  # of its first line, or of what leads a folder
        changed = ""
        if not is_folder(path):
            with path.open("rb") as file:
                changed = change_of(file.read(HEAD).partition(b"\n")[0] + b"\n")
        return _paper(
            ask,
            "bundle",
            "altered",
            changed or error.code,
            why=error if not changed else None,
        )
    answer: answers.Object = {
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "code": report.code or None,
        "book": report.book,
        "genesis": report.genesis,
        "from": report.start,
        "to": report.stop,
        "seq": report.seq,
        "void": list(report.void),
        "answers": [{"book": name, "size": size} for name, size in report.answers],
        "fingerprint": report.fingerprint or None,
    }
    show_checked(
        ask,
        "bundle",
        answer,
        why=report.values,
        book=report.book,
        start=report.start,
        last=report.stop - 1,
        seq=report.seq or 0,
    )
    if not ask.json:
        for name, size in report.answers:
            talk(ask, "verify-bundle.answer", book=name, n=size)
        if report.verdict in {"verified", "untrusted"}:
            talk(ask, "verify-bundle.rests")
    say_card(ask, card)
    return report.exit_code
