"""What a file is, told by its content, even where its bytes were changed on the way.

A paper that a mail program converted does not hold any more; but who gets it must be
told which paper it is, and what is different, instead of that nobody knows it.
"""

import re
from typing import Literal, TypeAlias

from ledger.exchange.bundle import SCHEMA as BUNDLE
from ledger.exchange.card import HEADER as CARD
from ledger.exchange.evidence import is_evidence
from ledger.exchange.summary_check import is_summary
from ledger.tlog.entry import HEADER as ENTRY
from ledger.tlog.proof import HEADER as PROOF

Kind: TypeAlias = Literal[
    "proof",
    "card",
    "entry",
    "evidence",
    "summary",
    "page",
    "checkpoint",
    "bundle",
    "database",
    "signature",
]

HEAD = 16 * 1024
"""Bytes of the beginning that tell bundles and databases, which can be large."""

_MARK = b"\xef\xbb\xbf"
_BEGINS: tuple[tuple[bytes, Kind], ...] = (
    (f"{PROOF}\n".encode(), "proof"),
    (f"{CARD}\n".encode(), "card"),
    (f"{ENTRY}\n".encode(), "entry"),
    (f'{{"schema":"{BUNDLE}"'.encode(), "bundle"),
    (b"SQLite format 3\x00", "database"),
    (b"-----BEGIN SSH SIGNATURE-----\n", "signature"),
)
# Name, size and root; the dash of the signature line may have become anything.
_CHECKPOINT = re.compile(
    rb"[a-z0-9.-]+(?:/[a-z0-9.-]+)*[ \t]*\n[0-9]+[ \t]*\n[A-Za-z0-9+/=]+[ \t]*\n"
    rb"\n*[^\n ]{1,12} [^\s+]+ "
)
_STEPS = b"ssh-keygen -Y check-novalidate -n transfer-ledger-summary"
"""Every readable summary tells how it is checked."""


def kind_of(content: bytes) -> Kind | None:
    """Return what a file is, or was before its bytes were changed; None if nothing.

    Args:
        content: The file, or its first `HEAD` bytes.
    """
    plain = content.removeprefix(_MARK).replace(b"\r\n", b"\n").lstrip(b"\n")
    for begins, kind in _BEGINS:
        if plain.startswith(begins):
            return kind
    if _CHECKPOINT.match(plain):
        return "checkpoint"
    if is_evidence(content):
        return "evidence"
    if is_summary(content):
        return "summary"
    return "page" if _STEPS in content else None


def change_of(content: bytes) -> str:
    """Return what was done to a text on its way, as a code; empty if it cannot be told.

    Every paper is UTF-8, its lines end in LF alone, and it ends with one of them.
    """
    if content.startswith(_MARK):
        return "paper.byte-order-mark"
    if b"\r" in content:
        return "paper.line-ends"
    if content.startswith(b"\n") or content.endswith(b"\n\n"):
        return "paper.blank-lines"
    if b"=E2=80=94" in content:
        return "paper.quoted-printable"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "paper.not-utf-8"
    return "" if content.endswith(b"\n") else "paper.cut"
