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
# What is left of a checkpoint, of evidence or of a summary that ends too early.
_CUT: tuple[tuple[re.Pattern[bytes], Kind], ...] = (
    (
        re.compile(
            rb"[a-z0-9.-]+(?:/[a-z0-9.-]+)+\n[0-9]+\n[A-Za-z0-9+/]{1,43}=?"
            rb"(?:\n(?:\n[^\n]{0,200})?)?"
        ),
        "checkpoint",
    ),
    (re.compile(rb'\{"book":"[^"]*","checkpoints":\[.*', re.DOTALL), "evidence"),
    (re.compile(rb'\{"books":\[\{"book":"[^"]*".*', re.DOTALL), "summary"),
)
_PAGE = (b"<!DOCTYPE html>\n<html lang=", b"Content-Security-Policy")
_STEPS = re.compile(rb"ssh-keygen -Y check-novalidate -n transfer-ledger-[a-z]+")
"""Every readable summary, and page of evidence, tells how it is checked."""


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
    for form, kind in _CUT:
        if form.fullmatch(plain):
            return kind
    start, policy = _PAGE
    page = plain.startswith(start) and policy in plain
    return "page" if page or _STEPS.search(plain) else None


def change_of(content: bytes, kind: Kind | None = None) -> str:
    """Return what was done to a text on its way, as a code; empty if it cannot be told.

    Every paper is UTF-8, its lines end in LF alone, and it ends with one of them; a
    summary and evidence are one object and no line.

    Args:
        content: The file.
        kind: What it is, where that is known.
    """
    if kind in {"summary", "evidence"}:
        cut = b"" if content.rstrip().endswith(b"}") else b"x"
        content = content.removesuffix(b"\r\n") + b"\n" + cut
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
