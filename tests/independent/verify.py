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
import json
import re
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import datetime
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Finding = tuple[int | None, str, str]  # seq, level, what
Key = tuple[str, str, bytes, bytes]  # role, name, key id, public key
Line = tuple[str, bytes, bytes]  # name, key id, signature
CODES = {"bytes": 10, "chain": 11, "signatures": 12, "tree": 11}  # levels in order
STATE = {"genesis", "key", "peer", "acknowledgement", "approval", "erasure"}
CLERK = {"instrument", "transfer", "receipt", "renewal", "exit", "recovery", "move"}
CLERK |= {"headcount", "payment", "order", "compliance", "filing", "claim", "remark"}
CLERK |= {"correction", "retraction", "confirmation"}
ROLES = dict.fromkeys(STATE, "state") | dict.fromkeys(CLERK, "clerk") | {"seal": "log"}
NOTE = re.compile(r"((?:[^\0-\x1f]+\n)+)\n((?:— [^\s+\0-\x1f]+ \S+\n)+)")
OUTSIDE_NUMBERS = re.compile(r'"[a-z][a-z0-9_]*":|"(?:[^"\\]|\\.)*"(?!:)|true|false')
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


def read_note(note: bytes) -> tuple[str, list[Line]]:
    """Split a C2SP signed note into its text and its signature lines."""
    parts = NOTE.fullmatch(note.decode())
    text, tail = parts.groups() if parts else ("", "")
    pairs = [line.split(" ")[1:] for line in tail.split("\n")[:-1]]
    lines = [(name, raw[:4], raw[4:]) for name, b in pairs for raw in [unbase64(b)]]
    check(lines and all(signature for _, _, signature in lines), "not a signed note")
    return text, lines


def read_body(body: str) -> Any:
    """Return the value that this line is the one spelling of."""
    bare = OUTSIDE_NUMBERS.sub("", body)
    check(re.fullmatch(r"[]\[{},0-9-]*", bare), "a bad member, null, space or fraction")
    check(all(int(n) < 2**53 for n in re.findall("[0-9]+", bare)), "a large integer")
    depths = accumulate((c in "[{") - (c in "]}") for c in bare)
    check(max(depths, default=0) <= 16, "too deep")
    value = json.loads(body)
    again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    check(again == body, "not the one spelling")
    return value


def read_entry(note: bytes) -> tuple[Any, str, Line]:
    """Return envelope, signed text and signature line; ValueError if unfit."""
    check(len(note) <= 65_535, "too large")
    text, (line, *others) = read_note(note)
    header, body, *rest = text[:-1].split("\n")
    check(header == "transfer-ledger/entry/v1" and not rest, "not two lines")
    check(not others, "not one signature")
    entry = read_body(body)
    check(isinstance(entry, dict) and type(entry.get("v")) is int, "no version")
    if entry["v"] <= 1:
        check(entry["v"] == 1 and set(entry) == {*FORMS, "data", "seq", "v"}, "members")
        for name, form in FORMS.items():
            fits = isinstance(entry[name], str) and re.fullmatch(form, entry[name])
            check(fits, f"a bad {name}")
        datetime.fromisoformat(entry["at"])
        check(type(entry["seq"]) is int and entry["seq"] >= 0, "a bad seq")
        check(isinstance(entry["data"], dict), "bad data")
        check(entry["by"] == line[0], "`by` is not the name in the signature line")
    return entry, text, line


def read_keys(listed: Any) -> set[Key]:
    """Return the keys of a list; what is no sound Ed25519 key never acts."""
    keys = set()
    for item in listed if isinstance(listed, list) else []:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            name, shown, encoded = item["vkey"].split("+", 2)
            raw = unbase64(encoded)
            key_id = sha256(name.encode() + b"\n" + raw).digest()[:4]
            y = int.from_bytes(raw[1:], "little") % 2**255
            check(len(raw) == 33 and raw[0] == 1 and key_id.hex() == shown, "no key")
            check(y < P and y not in LOW_ORDER, "a weak key")
            keys.add((item["role"], name, key_id, raw[1:]))
    return keys


def signed(keys: set[Key], roles: set[str], lines: list[Line], text: str) -> bool:
    """Say whether a key in a role signed, and no line of such a key is false."""
    pairs = [(key, line) for key in keys for line in lines if key[1:3] == line[:2]]
    mine = [(key[3], line[2]) for key, line in pairs if key[0] in roles]
    with suppress(InvalidSignature):
        for public, signature in mine:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        return bool(mine)
    return False


def root(leaves: list[bytes]) -> bytes:
    """Return the RFC 6962 tree hash of leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


class Judge:
    """The judgement of one book, entry by entry."""

    def __init__(self, name: str) -> None:
        """Begin with no entry and no key; `logs` are the keys at each size."""
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
        if (missing := seq - len(self.leaves)) > 0:
            self.findings.append((len(self.leaves), "chain", f"a gap before {seq}"))
            self.leaves += [b""] * missing
            self.logs += [self.logs[-1]] * missing
        leaf = sha256(b"\0" + note).digest()
        found = [] if self.too_new else self.judge(seq, note)
        if stored_leaf != leaf:
            self.findings += [(seq, "bytes", "not the bytes of this leaf"), *found]
        elif found:
            self.void[seq, leaf.hex()] = found
        self.leaves.append(leaf)
        self.logs.append(self.keys)

    def judge(self, seq: int, note: bytes) -> list[Finding]:
        """Return what is wrong with an entry; let it act if nothing is."""
        try:
            entry, text, line = read_entry(note)
        except (ValueError, RecursionError) as problem:
            return [(seq, "bytes", str(problem))]
        kind, keys, chain = None, self.keys, {}
        if entry["v"] == 1:
            kind, prev = entry["kind"], self.leaves[-1].hex() if seq else "0" * 64
            chain["another ledger"] = entry["ledger"] != self.name
            chain["another number"] = entry["seq"] != seq
            chain["prev is another leaf"] = prev not in {"", entry["prev"]}  # "": a gap
            chain["time goes back"] = entry["at"] < self.at
        if kind == "genesis" and seq == 0:
            keys = read_keys(entry["data"].get("keys"))
        found: list[Finding] = [(seq, "chain", what) for what in chain if chain[what]]
        roles = {ROLES[kind]} if kind in ROLES else {"state", "clerk", "log"}
        if not signed(keys, roles, [line], text):
            found.append((seq, "signatures", "no key active here in this role"))
        if not found and kind not in ROLES:
            # It may be about keys: whoever cannot read it cannot judge what follows.
            self.too_new = True
            self.findings.append((seq, "bytes", "this reader is too old"))
        elif not found:
            self.keys, self.at = keys, entry["at"]
            with suppress(KeyError, TypeError):  # then a rule makes it void
                self.act(seq, kind, entry["by"], entry["data"])
        return found

    def act(self, seq: int, kind: Any, by: str, data: Any) -> None:
        """Let keys join or end, or void entries be acknowledged."""
        if kind == "acknowledgement":
            for target in data["targets"]:
                void = self.void.pop((target["seq"], target["leaf"]), [])
                self.acknowledged += void
        if kind == "key":
            others = {k for k in self.keys if k[0] == "state" and k[1] != by}
            action, keys = data["action"], read_keys([data])
            if data["role"] == "state" and others - keys:
                self.waiting[seq] = action, by, keys
                return
        elif kind == "approval":
            action, asked, keys = self.waiting[data["target"]["seq"]]
            if by in {asked, *(key[1] for key in keys)}:
                return
            del self.waiting[data["target"]["seq"]]
        else:
            return
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
            name, digits, encoded = text[:-1].split("\n")
            check(name == self.name, "not of this book")
            check(re.fullmatch("0|[1-9][0-9]{0,18}", digits), "not a size")
            size, expected = int(digits), unbase64(encoded)
        except ValueError as problem:
            self.findings.append((None, "tree", f"checkpoint: {problem}"))
            return
        keys = self.logs[min(size, len(self.leaves))]
        if not signed(keys, {"log"}, lines, text):
            self.findings.append((None, "signatures", "checkpoint of no log key"))
        self.compare(size, expected)


def verify(
    path: Path,
    *,
    genesis: str | None = None,
    checkpoint: bytes | None = None,
    memory: str | None = None,
) -> Verdict:
    """Judge the own book of a database file, which is only read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            select = "SELECT id, name, genesis FROM book WHERE own = 1"
            ((book, name, first),) = database.execute(select)
            select = "SELECT seq, leaf, note FROM entry WHERE book = ? ORDER BY seq"
            rows = database.execute(select, (book,)).fetchall()
            select = "SELECT note FROM checkpoint WHERE book = ?"
            checkpoints = [note for (note,) in database.execute(select, (book,))]
    except (sqlite3.Error, ValueError) as problem:
        name = getattr(problem, "sqlite_errorname", "")
        code = 15 if name == "SQLITE_READONLY_ROLLBACK" else 10  # a crash, mid-write
        return Verdict(code, [(None, "bytes", f"unreadable: {problem}")], [])
    judge = Judge(name)
    for row in rows:
        judge.take(*row)
    if not rows:
        judge.findings.append((0, "tree", "no entry"))
    elif {first.hex(), genesis or first.hex()} != {judge.leaves[0].hex()}:
        judge.findings.append((0, "chain", "another genesis"))
    for note in [*checkpoints, checkpoint]:
        if note is not None:
            judge.checkpoint(note)
    if memory is not None:
        size, hexed = memory.split(":")
        judge.compare(int(size), bytes.fromhex(hexed))
    findings = judge.findings + [f for found in judge.void.values() for f in found]
    levels = list(CODES)
    findings.sort(key=lambda f: (f[0] is None, f[0] or 0, levels.index(f[1])))
    code = CODES[findings[0][1]] if findings else 0
    return Verdict(21 if judge.too_new else code, findings, judge.acknowledged)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="verify a book of transfer-ledger")
    parser.add_argument("path", type=Path, metavar="book")
    parser.add_argument("--genesis")
    parser.add_argument("--checkpoint", type=lambda name: Path(name).read_bytes())
    parser.add_argument("--memory", metavar="SIZE:ROOTHEX")
    verdict = verify(**vars(parser.parse_args()))
    for seq, level, what in verdict.findings:
        print("-" if seq is None else seq, level, what, sep="\t")  # noqa: T201
    for seq, level, what in verdict.acknowledged:
        print(seq, f"void, acknowledged: {level}", what, sep="\t")  # noqa: T201
    sys.exit(verdict.code)
