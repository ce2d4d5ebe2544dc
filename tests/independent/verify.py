"""A second verifier of a book: the standard library and one Ed25519 call.

It was written from the page of formats alone and imports nothing of the program. It
judges what needs no knowledge of the register: bytes, chain, signatures and tree of
the own book. Schemas of data, rules, projections and guards are beyond it: an entry
that only a rule makes void is valid here, so a key that only a rule forbids acts here.

    python verify.py book.sqlite [--genesis HEX] [--checkpoint FILE]
        [--memory SIZE:ROOTHEX]
"""

import argparse
import base64
import hashlib
import json
import re
import sqlite3
import sys
from contextlib import suppress
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Finding = tuple[int | None, str, str]
Key = tuple[str, str, bytes, bytes]  # role, name, key id, public key
CODES = {"bytes": 10, "chain": 11, "signatures": 12, "tree": 11}
STATE = {"genesis", "key", "peer", "acknowledgement", "approval", "erasure"}
CLERK = {"instrument", "transfer", "receipt", "renewal", "exit", "recovery", "move"}
CLERK |= {"headcount", "payment", "order", "compliance", "filing", "claim", "remark"}
CLERK |= {"correction", "retraction", "confirmation"}
ROLES = dict.fromkeys(STATE, "state") | dict.fromkeys(CLERK, "clerk") | {"seal": "log"}
NAME = r"(?=.{1,128}$)[a-z0-9.-]+(/[a-z0-9.-]+)*"
FORMS = {"prev": "[0-9a-f]{64}", "once": "[0-9a-f]{32}", "ledger": NAME, "by": NAME}
FORMS |= {"at": "[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z", "kind": "[a-z_]+"}
P = 2**255 - 19
Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84F3D706A17C7  # of order 8
LOW_ORDER = {0, 1, P - 1, Y, P - Y}


class Verdict(NamedTuple):
    """What is wrong, in order; the first gives the code. And what is acknowledged."""

    code: int
    findings: list[Finding]
    acknowledged: list[Finding]


def check(truth: object, what: str) -> None:
    """Raise ValueError unless something holds."""
    if not truth:
        raise ValueError(what)


def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "base64 in another spelling")
    return raw


def signed(key: Key, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key[3]).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def read_note(note: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    """Split a C2SP signed note into text and (name, key id, signature) lines."""
    text, blank, tail = note.decode().rpartition("\n\n")
    check(blank and not re.search(r"[\0-\t\x0b-\x1f]", text + tail), "not a note")
    check(tail.endswith("\n"), "no newline at the end")
    lines = []
    for line in tail[:-1].split("\n"):
        dash, name, encoded = (*line.split(" "), "", "")[:3]
        check(line == f"— {name} {encoded}" and dash, "a bad signature line")
        check(re.fullmatch(r"[^\s+]+", name), "a bad name of a key")
        raw = unbase64(encoded)
        check(len(raw) > 4, "a short signature")
        lines.append((name, raw[:4], raw[4:]))
    return f"{text}\n".encode(), lines


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    check(len(dict(pairs)) == len(pairs), "a duplicate member")
    check(all(re.fullmatch("[a-z][a-z0-9_]*", n) for n, _ in pairs), "a bad member")
    return dict(pairs)


def integer(digits: str) -> int:
    check(len(digits) < 20 and abs(int(digits)) < 2**53, "a large integer")
    return int(digits)


def refuse(what: str) -> None:
    raise ValueError(what)


def read_body(body: bytes) -> Any:
    """Return the value that these bytes are the one spelling of."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '"', body.decode())
    depths = accumulate((c in "[{") - (c in "]}") for c in bare)
    check("null" not in bare and max(depths, default=0) <= 16, "null, or too deep")
    hooks: dict[str, Any] = {"parse_float": refuse, "parse_constant": refuse}
    value = json.loads(body, object_pairs_hook=members, parse_int=integer, **hooks)
    again = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    check(again == body, "not the one spelling")
    return value


def read_entry(note: bytes) -> tuple[Any, bytes, tuple[str, bytes, bytes]]:
    """Return envelope, signed text and signature line; ValueError if unfit."""
    check(len(note) <= 65_535, "too large")
    text, lines = read_note(note)
    header, body, *rest = text.split(b"\n")
    check(header == b"transfer-ledger/entry/v1" and rest == [b""], "not two lines")
    check(len(lines) == 1, "not one signature")
    entry = read_body(body)
    check(isinstance(entry, dict) and type(entry.get("v")) is int, "no version")
    if entry["v"] > 1:
        return entry, text, lines[0]
    check(entry["v"] == 1 and set(entry) == {*FORMS, "data", "seq", "v"}, "members")
    for name, form in FORMS.items():
        fits = isinstance(entry[name], str) and re.fullmatch(form, entry[name])
        check(fits, f"a bad {name}")
    datetime.fromisoformat(entry["at"])
    check(type(entry["seq"]) is int and entry["seq"] >= 0, "a bad seq")
    check(isinstance(entry["data"], dict), "bad data")
    check(entry["by"] == lines[0][0], "`by` is not the name in the signature line")
    return entry, text, lines[0]


def read_keys(listed: Any) -> set[Key]:
    """Return the keys of a list; what is no sound Ed25519 key never acts."""
    keys = set()
    for item in listed if isinstance(listed, list) else []:
        try:
            name, shown, encoded = item["vkey"].split("+", 2)
            raw = unbase64(encoded)
            key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
            y = int.from_bytes(raw[1:], "little") % 2**255
            check(len(raw) == 33 and raw[0] == 1 and key_id.hex() == shown, "no key")
            check(y < P and y not in LOW_ORDER, "a weak key")
            keys.add((item["role"], name, key_id, raw[1:]))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return keys


def root(leaves: list[bytes]) -> bytes:
    """Return the RFC 6962 tree hash of leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


class Judge:
    """The judgement of one book, entry by entry."""

    def __init__(self, name: str) -> None:
        """Begin with no entry and no key; `logs` are the log keys at each size."""
        self.name, self.at, self.too_new = name, "", False
        self.keys: set[Key] = set()
        self.waiting: dict[int, tuple[str, str, set[Key]]] = {}  # action, by, keys
        self.logs: list[set[Key]] = [set()]
        self.leaves: list[bytes] = []
        self.findings: list[Finding] = []
        self.void: dict[tuple[int, str], list[Finding]] = {}
        self.acknowledged: list[Finding] = []

    def take(self, seq: int, stored_leaf: object, stored_note: object) -> None:
        """Judge the row of one entry."""
        note = stored_note if isinstance(stored_note, bytes) else b""
        if seq > len(self.leaves):
            self.findings.append((len(self.leaves), "chain", f"a gap before {seq}"))
            missing = seq - len(self.leaves)
            self.leaves += [b""] * missing
            self.logs += [self.logs[-1]] * missing
        leaf = hashlib.sha256(b"\0" + note).digest()
        found = [] if self.too_new else self.judge(seq, note)
        if stored_leaf != leaf:
            self.findings += [(seq, "bytes", "not the bytes of this leaf"), *found]
        elif found:
            self.void[seq, leaf.hex()] = found
        self.leaves.append(leaf)
        self.logs.append({key for key in self.keys if key[0] == "log"})

    def judge(self, seq: int, note: bytes) -> list[Finding]:
        """Return what is wrong with an entry; let it act if nothing is."""
        try:
            entry, text, (name, key_id, signature) = read_entry(note)
        except (ValueError, RecursionError) as problem:
            return [(seq, "bytes", str(problem))]
        found: list[Finding] = []
        if entry["v"] == 1:
            prev = self.leaves[-1].hex() if self.leaves else "0" * 64
            gap = seq > 0 and prev == ""
            for truth, what in (
                (entry["ledger"] == self.name, "another ledger"),
                (entry["seq"] == seq, "another number"),
                (entry["prev"] == prev or gap, "prev is another leaf"),
                (entry["at"] >= self.at, "time goes back"),
            ):
                found += [] if truth else [(seq, "chain", what)]
        kind = entry.get("kind") if entry["v"] == 1 else None
        opening = kind == "genesis" and seq == 0
        keys = read_keys(entry["data"].get("keys", [])) if opening else self.keys
        roles = {ROLES[kind]} if kind in ROLES else {"state", "clerk", "log"}
        mine = [key for key in keys if key[1:3] == (name, key_id) and key[0] in roles]
        if not any(signed(key, signature, text) for key in mine):
            found.append((seq, "signatures", "no key active here in this role"))
        if not found and kind not in ROLES:
            # It may be about keys: whoever cannot read it cannot judge what follows.
            self.too_new = True
            self.findings.append((seq, "bytes", "this reader is too old"))
        elif not found:
            self.keys |= keys if opening else set()
            self.at = entry["at"]
            with suppress(KeyError, TypeError):  # then a rule makes it void
                self.act(seq, kind, name, entry["data"])
        return found

    def act(self, seq: int, kind: Any, by: str, data: Any) -> None:
        if kind == "key":
            change = (data["action"], by, read_keys([data]))
            others = {k for k in self.keys if k[0] == "state" and k[1] != by}
            if data["role"] == "state" and others - change[2]:
                self.waiting[seq] = change
            else:
                self.change(*change)
        if kind == "approval":
            action, asked, keys = self.waiting[data["target"]["seq"]]
            if by != asked and by not in {key[1] for key in keys}:
                del self.waiting[data["target"]["seq"]]
                self.change(action, asked, keys)
        if kind == "acknowledgement":
            for target in data["targets"]:
                void = self.void.pop((target["seq"], target["leaf"]), [])
                self.acknowledged += void

    def change(self, action: str, _: str, keys: set[Key]) -> None:
        """Let keys join, or end."""
        self.keys = self.keys | keys if action == "add" else self.keys - keys

    def compare(self, size: int, expected: bytes) -> None:
        """Compare a size and root from elsewhere with the entries."""
        if size > len(self.leaves):
            self.findings.append((len(self.leaves), "tree", f"cut, there were {size}"))
        elif root(self.leaves[:size]) != expected:
            self.findings.append((None, "tree", f"another root at {size}"))

    def checkpoint(self, note: bytes) -> None:
        """Judge a checkpoint: form, a log key active at its size, and its root."""
        try:
            text, lines = read_note(note)
            name, digits, encoded, end = text.decode().split("\n")
            check(name == self.name and not end, "not of this book")
            check(re.fullmatch("0|[1-9][0-9]{0,18}", digits), "not a size")
            size, expected = int(digits), unbase64(encoded)
        except ValueError as problem:
            self.findings.append((None, "tree", f"checkpoint: {problem}"))
            return
        keys = {key[1:3]: key for key in self.logs[min(size, len(self.leaves))]}
        mine = [(keys[n, i], line) for n, i, line in lines if (n, i) in keys]
        if not mine or not all(signed(key, line, text) for key, line in mine):
            self.findings.append((None, "signatures", "checkpoint of no log key"))
        self.compare(size, expected)


def verify(
    path: Path,
    *,
    genesis: str | None = None,
    checkpoint: bytes | None = None,
    memory: tuple[int, bytes] | None = None,
) -> Verdict:
    """Judge the own book of a database file, which is only read."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        select = "SELECT id, name, genesis FROM book WHERE own = 1"
        ((book, name, first),) = database.execute(select).fetchall()
        select = "SELECT seq, leaf, note FROM entry WHERE book = ? ORDER BY seq"
        rows = database.execute(select, (book,)).fetchall()
        select = "SELECT note FROM checkpoint WHERE book = ?"
        checkpoints = database.execute(select, (book,)).fetchall()
    except (sqlite3.Error, ValueError) as problem:
        name = getattr(problem, "sqlite_errorname", "")
        code = 15 if name == "SQLITE_READONLY_ROLLBACK" else 10  # a crash, mid-write
        return Verdict(code, [(None, "bytes", f"unreadable: {problem}")], [])
    finally:
        database.close()
    judge = Judge(name)
    for row in rows:
        judge.take(*row)
    if not rows:
        judge.findings.append((0, "tree", "no entry"))
    elif {first.hex(), genesis or first.hex()} != {judge.leaves[0].hex()}:
        judge.findings.append((0, "chain", "another genesis"))
    for (note,) in checkpoints:
        judge.checkpoint(note)
    if checkpoint is not None:
        judge.checkpoint(checkpoint)
    if memory is not None:
        judge.compare(*memory)
    findings = judge.findings + [f for found in judge.void.values() for f in found]
    levels = list(CODES)
    findings.sort(key=lambda f: (f[0] is None, f[0] or 0, levels.index(f[1])))
    code = CODES[findings[0][1]] if findings else 0
    return Verdict(21 if judge.too_new else code, findings, judge.acknowledged)


def main(arguments: list[str]) -> int:
    """Print each finding on a line of its own; return the exit code."""
    parser = argparse.ArgumentParser(description="verify a book of transfer-ledger")
    parser.add_argument("book", type=Path)
    parser.add_argument("--genesis")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--memory", help="SIZE:ROOTHEX")
    given = parser.parse_args(arguments)
    size, _, hexed = (given.memory or "").partition(":")
    verdict = verify(
        given.book,
        genesis=given.genesis,
        checkpoint=given.checkpoint.read_bytes() if given.checkpoint else None,
        memory=(int(size), bytes.fromhex(hexed)) if given.memory else None,
    )
    for seq, level, what in verdict.findings:
        print("-" if seq is None else seq, level, what, sep="\t")  # noqa: T201
    for seq, level, what in verdict.acknowledged:
        print(seq, f"void, acknowledged: {level}", what, sep="\t")  # noqa: T201
    return verdict.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
