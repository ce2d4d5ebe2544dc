"""Checking a summary without the book: its signature, its checkpoint, its proofs.

What is believed rests on one fingerprint, which the reader got from elsewhere. The
steps are those that a court can make by hand: the file's signature, the checkpoint's
signature by a log key that the signed file names, and a path of hashes for each entry.
No entry may be spoken of without its proof. Before that the file must have the form
of a summary, and its parts must fit one another: what is signed can be nonsense still.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import LedgerError, MalformedError, SignatureError
from ledger.exchange.sshsig import check_file, fingerprint
from ledger.exchange.summary_form import Oddity, form_oddities
from ledger.exchange.summary_sums import Row, left_out, sum_oddities
from ledger.tlog import canonical, merkle
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.note import SIG_ED25519, VerifyKey

SCHEMA = "transfer-ledger/summary/1"

Verdict: TypeAlias = Literal[
    "verified", "altered", "rewritten", "bad_signature", "untrusted", "partial"
]
EXIT_CODES: dict[Verdict, int] = {
    "verified": 0,
    "altered": 10,
    "rewritten": 11,
    "bad_signature": 12,
    "untrusted": 13,
    "partial": 14,
}

_says_so = re.compile(rb'"schema"\s*:\s*"transfer-ledger/summary/1"')
# Where a summary speaks of entries by number, in a transfer's row and beside the rows.
_OF_TRANSFER = ("open", "late", "shared_exits", "left", "recovered")
_OF_BOOK = (
    "instruments",
    "payments",
    "claims",
    "remarks",
    "corrections",
    "void",
    "late",
    "later",
)


class SummaryReport(Struct, frozen=True):
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
        oddities: What in it cannot be so, whoever signed it.
        values: What fills the sentence of `code`.
    """

    verdict: Verdict
    code: str = ""
    seq: int | None = None
    fingerprint: str = ""
    book: str = ""
    size: int = 0
    proofs: int = 0
    on: str = ""
    oddities: tuple[Oddity, ...] = ()
    values: Mapping[str, str | int] = field(default_factory=dict)

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
        return SummaryReport("bad_signature", error.code, values=error.values)
    said = canonical.decode(content)
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        raise MalformedError("summary.not-one")
    report = SummaryReport("verified", fingerprint=signer)
    if odd := form_oddities(said):
        return _altered(report, odd)
    try:
        checkpoint = _checkpoint(said)
    except MalformedError as error:
        values = dict(error.values)
        return _altered(
            report, [Oddity("/books", f"record:{error.code}", values=values)]
        )
    except SignatureError as error:
        return replace(
            report, verdict="bad_signature", code=error.code, values=error.values
        )
    report = replace(
        report, book=checkpoint.origin, size=checkpoint.size, on=str(said["on"])
    )
    report = _proved(said, checkpoint, report)
    return (
        replace(report, verdict="untrusted", code="summary.other-signer")
        if report.verdict == "verified" and signer != expected
        else report
    )


def _altered(report: SummaryReport, odd: list[Oddity]) -> SummaryReport:
    return replace(
        report, verdict="altered", code="summary.impossible", oddities=tuple(odd)
    )


def _proved(said: Row, checkpoint: Checkpoint, report: SummaryReport) -> SummaryReport:
    """Return what the proofs of a summary and its sums come to."""
    proved: dict[int, str] = {}
    for entry in _entries(said):
        seq, leaf = entry["seq"], entry["leaf"]
        try:
            merkle.check_inclusion(
                [bytes.fromhex(step) for step in entry["proof"]],
                index=seq,
                size=checkpoint.size,
                leaf=bytes.fromhex(leaf),
                root=checkpoint.root,
            )
        except LedgerError as error:
            return replace(
                report,
                verdict="rewritten",
                code=error.code,
                seq=seq,
                values=error.values,
            )
        proved[seq] = leaf
    report = replace(report, proofs=len(proved))
    for seq, named in _spoken_of(said):
        if seq in proved and named not in {None, proved[seq]}:
            code = "summary.other-leaf"
            return replace(report, verdict="rewritten", code=code, seq=seq)
    if odd := sum_oddities(said, size=checkpoint.size):
        return _altered(report, odd)
    if not all(row["entries"] for row in said["transfers"]):
        return replace(report, verdict="partial", code="summary.row-without-proof")
    for seq, _ in _spoken_of(said):
        if seq not in proved:
            code = "summary.entry-without-proof"
            return replace(report, verdict="partial", code=code, seq=seq)
    missing = left_out(said, proved, size=checkpoint.size)
    if missing is not None:
        code = "summary.entry-left-out"
        return replace(report, verdict="partial", code=code, seq=missing)
    return report


def _checkpoint(said: Row) -> Checkpoint:
    """Return the checkpoint, signed by a log key that the summary names."""
    (book,) = said["books"]
    if any("\n" in line for line in (*book["checkpoint"], *book["log_keys"])):
        raise MalformedError("summary.not-one")
    note = "".join(f"{line}\n" for line in book["checkpoint"]).encode()
    keys = [VerifyKey.parse(text) for text in book["log_keys"]]
    if any(key.name != book["book"] for key in keys):
        raise SignatureError("summary.log-key-of-another-book")
    for key in [key for key in keys if key.algorithm == SIG_ED25519]:
        try:
            return open_checkpoint(note, key=key)
        except SignatureError:
            continue
    raise SignatureError("summary.checkpoint-not-signed")


def _entries(said: Row) -> Iterator[Row]:
    """Return every entry that is listed with its proof."""
    for holder in (*said["transfers"], said):
        yield from holder["entries"]


def _spoken_of(said: Row) -> Iterator[tuple[int, str | None]]:
    """Return every entry that the summary says something of, and the leaf it names."""
    for book in said["books"]:
        yield 0, book["genesis"]
    for holder in (*said["transfers"], said["totals"]):
        for name in _OF_TRANSFER:
            yield from _numbered(holder, name)
    for name in _OF_BOOK:
        yield from _numbered(said, name)


def _numbered(holder: Row, name: str) -> Iterator[tuple[int, str | None]]:
    for row in holder.get(name, ()):
        yield row["seq"], row.get("leaf")
        match row.get("target"):
            case {"seq": int(seq), "leaf": str(leaf)}:
                yield seq, leaf
            case int(seq):
                yield seq, None
            case _:
                pass
