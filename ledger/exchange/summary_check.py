"""Checking a summary without the book: its signature, its checkpoint, its proofs.

What is believed rests on one fingerprint, which the reader got from elsewhere. The
steps are those that a court can make by hand: the file's signature, the checkpoint's
signature by a log key that the signed file names, and a path of hashes for each entry.
No entry may be spoken of without its proof.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.exchange.sshsig import check_file, fingerprint
from ledger.tlog import canonical, merkle
from ledger.tlog.canonical import Json
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.note import SIG_ED25519, VerifyKey

SCHEMA = "transfer-ledger/summary/1"

Verdict: TypeAlias = Literal[
    "verified", "rewritten", "bad_signature", "untrusted", "partial"
]
EXIT_CODES: dict[Verdict, int] = {
    "verified": 0,
    "rewritten": 11,
    "bad_signature": 12,
    "untrusted": 13,
    "partial": 14,
}

_says_so = re.compile(rb'"schema"\s*:\s*"transfer-ledger/summary/1"')
_hash_form = re.compile("[0-9a-f]{64}")
# Where a summary speaks of entries by number, in a transfer's row and beside the rows.
_OF_TRANSFER = ("open", "late", "shared_exits")
_OF_BOOK = ("payments", "claims", "remarks", "corrections", "void", "late", "later")


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """What checking a summary came to.

    Attributes:
        verdict: `verified` only if the fingerprint that was asked for signed it.
        code: What is wrong, as the catalogue knows it; empty where nothing is.
        seq: The entry that is at fault, if one is.
        fingerprint: Of the key that signed the file; empty if none did.
        book: The book's name; empty where it could not be read.
        size: How many entries the checkpoint covers.
        proofs: How many entries were proved.
        on: The day that the summary is about.
    """

    verdict: Verdict
    code: str = ""
    seq: int | None = None
    fingerprint: str = ""
    book: str = ""
    size: int = 0
    proofs: int = 0
    on: str = ""

    @property
    def exit_code(self) -> int:
        """Return the exit code of the verdict."""
        return EXIT_CODES[self.verdict]


def is_summary(content: bytes) -> bool:
    """Return whether a file says of itself that it is a summary."""
    return _says_so.search(content) is not None


def check_summary(
    content: bytes, signature: str, *, expected: str | None
) -> SummaryReport:
    """Check a `summary.json` and its `.sig`.

    Args:
        content: The bytes of the file.
        signature: The text of its signature file.
        expected: The fingerprint (`SHA256:…`) that must have signed; without one the
            best verdict is `untrusted`.

    Raises:
        MalformedError: If the file is signed, and no summary in its one spelling.
    """
    try:
        signer = fingerprint(check_file(content, signature))
    except (SignatureError, MalformedError) as error:
        return SummaryReport("bad_signature", error.code)
    said = canonical.decode(content)
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise MalformedError("summary.not-one")
    try:
        checkpoint = _checkpoint(said)
    except SignatureError as error:
        return SummaryReport("bad_signature", error.code, fingerprint=signer)
    report = SummaryReport(
        "verified",
        fingerprint=signer,
        book=checkpoint.origin,
        size=checkpoint.size,
        on=str(said.get("on", "")),
    )
    proved: dict[int, str] = {}
    for seq, leaf, proof in _entries(said):
        try:
            merkle.check_inclusion(
                [bytes.fromhex(step) for step in proof],
                index=seq,
                size=checkpoint.size,
                leaf=bytes.fromhex(leaf),
                root=checkpoint.root,
            )
        except LedgerError as error:
            return replace(report, verdict="rewritten", code=error.code, seq=seq)
        proved[seq] = leaf
    report = replace(report, proofs=len(proved))
    if not all(_objects(row, "entries") for row in _objects(said, "transfers")):
        return replace(report, verdict="partial", code="summary.row-without-proof")
    for seq, named in _spoken_of(said):
        if seq not in proved:
            code = "summary.entry-without-proof"
            return replace(report, verdict="partial", code=code, seq=seq)
        if named not in {None, proved[seq]}:
            code = "summary.other-leaf"
            return replace(report, verdict="rewritten", code=code, seq=seq)
    if signer != expected:
        code = "summary.other-signer"
        return replace(report, verdict="untrusted", code=code)
    return report


def _checkpoint(said: Mapping[str, Json]) -> Checkpoint:
    """Return the checkpoint, signed by a log key that the summary names."""
    match said:
        case {
            "scope": {"book": str(scope)},
            "books": [
                {"checkpoint": list(lines), "log_keys": list(texts), "book": str(book)}
            ],
        } if scope == book:
            note = "".join(f"{_line(line)}\n" for line in lines).encode()
        case _:
            raise MalformedError("summary.not-one")
    keys = [VerifyKey.parse(_line(text)) for text in texts]
    if any(key.name != book for key in keys):
        raise SignatureError("summary.log-key-of-another-book")
    for key in [key for key in keys if key.algorithm == SIG_ED25519]:
        try:
            return open_checkpoint(note, key=key)
        except SignatureError:
            continue
    raise SignatureError("summary.checkpoint-not-signed")


def _line(text: Json) -> str:
    if not isinstance(text, str) or "\n" in text:
        raise MalformedError("summary.not-one")
    return text


def _entries(said: Mapping[str, Json]) -> Iterator[tuple[int, str, list[str]]]:
    """Return number, leaf and proof of every entry that is listed with one."""
    for holder in (*_objects(said, "transfers"), said):
        for entry in _objects(holder, "entries"):
            match entry.get("proof"):
                case list(proof):
                    steps = [_hash(step) for step in proof]
                    yield _number(entry.get("seq")), _hash(entry.get("leaf")), steps
                case _:
                    raise MalformedError("summary.bad-entry")


def _spoken_of(said: Mapping[str, Json]) -> Iterator[tuple[int, str | None]]:
    """Return every entry that the summary says something of, and the leaf it names."""
    for book in _objects(said, "books"):
        yield 0, _hash(book.get("genesis"))
    totals = said.get("totals")
    for holder in (
        *_objects(said, "transfers"),
        *([totals] if isinstance(totals, dict) else []),
    ):
        for name in _OF_TRANSFER:
            yield from _numbered(holder, name)
    for name in _OF_BOOK:
        yield from _numbered(said, name)


def _numbered(
    holder: Mapping[str, Json], name: str
) -> Iterator[tuple[int, str | None]]:
    for row in _objects(holder, name):
        yield _number(row.get("seq")), _leaf(row)
        match row.get("target"):
            case None:
                pass
            case dict(target):
                yield _number(target.get("seq")), _leaf(target)
            case target:
                yield _number(target), None


def _leaf(row: Mapping[str, Json]) -> str | None:
    return _hash(row["leaf"]) if "leaf" in row else None


def _objects(holder: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    """Return a list of objects; empty where there is none."""
    value = holder.get(name, [])
    if not isinstance(value, list):
        raise MalformedError("summary.not-one")
    found = [row for row in value if isinstance(row, dict)]
    if len(found) != len(value):
        raise MalformedError("summary.not-one")
    return found


def _number(value: Json | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("summary.bad-entry")
    return value


def _hash(text: Json | None) -> str:
    if not isinstance(text, str) or not _hash_form.fullmatch(text):
        raise MalformedError("summary.bad-entry")
    return text
