"""A second verifier of a book: the standard library and one Ed25519 call.

Written from the page of formats alone, it judges what needs no knowledge of the
register: bytes, chain, signatures and tree of the own book. An entry that only a rule
of the register makes void is valid here. Prints entry and level of what is wrong, in
order, and of what is acknowledged. The genesis and the memory of a machine are in hex.

    python verify.py BOOK [GENESIS [CHECKPOINT_FILE [SIZE:ROOT]]]     ("" for none)
"""

import base64
import json
import re
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Finding = tuple[int | None, str]  # seq, level
Line = tuple[str, bytes, bytes]  # name, key id, signature
Keys = dict[tuple[str, bytes], tuple[str, bytes]]  # name, key id: role, public key
CODES = {"bytes": 10, "chain": 11, "signatures": 12, "tree": 11}  # levels in order
KINDS = {
    "state": "genesis|key|peer|acknowledgement|approval|erasure",
    "clerk": "instrument|transfer|receipt|renewal|exit|recovery|move|headcount|payment|"
    "order|compliance|filing|claim|remark|correction|retraction|confirmation",
    "log": "seal",
}
NOTE = re.compile(r"((?:[^\0-\x1f]+\n)+)\n((?:— [^\s+\0-\x1f]+ \S+\n)+)")
NAME = r"(?=.{1,128}$)[a-z0-9.-]+(/[a-z0-9.-]+)*"
FORMS = {"prev": "[0-9a-f]{64}", "once": "[0-9a-f]{32}", "ledger": NAME, "by": NAME}
FORMS |= {"at": "[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z", "kind": "[a-z_]+"}
TYPES = dict.fromkeys(FORMS, str) | {"data": dict, "seq": int, "v": int}
P = 2**255 - 19
Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84F3D706A17C7  # of order 8
UNFIT = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def check(truth: object, level: str = "") -> None:
    if not truth:
        raise ValueError(level)


def level_of(problem: Exception, usual: str) -> str:
    return str(problem) if str(problem) in CODES else usual


def unbase64(text: str) -> bytes:
    raw = base64.b64decode(text)
    check(base64.b64encode(raw).decode() == text)
    return raw


def read_note(note: bytes) -> tuple[str, list[Line]]:
    """Split a C2SP signed note into its text and its signature lines."""
    parts = NOTE.fullmatch(note.decode())
    text, tail = parts.groups() if parts else ("", "")
    pairs = [line.split(" ")[1:] for line in tail.splitlines()]
    lines = [(name, raw[:4], raw[4:]) for name, b in pairs for raw in [unbase64(b)]]
    check(lines and all(signature for _, _, signature in lines))
    return text, lines


def fits(value: Any, depth: int = 16) -> bool:
    """Say whether a value may stand in a body: no null, no fraction, not too deep."""
    if isinstance(value, dict):
        members = all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in value)
        return members and fits([*value.values()], depth)
    if isinstance(value, list):
        return depth > 0 and all(fits(inner, depth - 1) for inner in value)
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**53)


def read_entry(note: bytes) -> tuple[Any, str, list[Line]]:
    """Return envelope, signed text and the signature line; raise UNFIT."""
    text, lines = read_note(note)
    header, body = text[:-1].split("\n")
    check(header == "transfer-ledger/entry/v1" and len(note) < 2**16 and not lines[1:])
    entry = json.loads(body)
    again = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    check(again == body and fits(entry) and type(entry["v"]) is int)
    if entry["v"] <= 1:
        check({name: type(value) for name, value in entry.items()} == TYPES)
        check(all(re.fullmatch(FORMS[name], entry[name]) for name in FORMS))
        check(entry["v"] == 1 and entry["seq"] >= 0 and entry["by"] == lines[0][0])
        datetime.fromisoformat(entry["at"])
    return entry, text, lines


def read_keys(listed: Any) -> Keys:
    """Return the keys of a list; what is no sound Ed25519 key never acts."""
    keys: Keys = {}
    for item in listed:
        with suppress(*UNFIT):
            name, shown, encoded = item["vkey"].split("+", 2)
            raw = unbase64(encoded)
            key_id = sha256(name.encode() + b"\n" + raw).digest()[:4]
            y = int.from_bytes(raw[1:], "little") % 2**255
            check(len(raw) == 33 and raw[0] == 1 and key_id.hex() == shown)
            check(y < P and y not in {0, 1, P - 1, Y, P - Y})  # of low order
            keys[name, key_id] = item["role"], raw[1:]
    return keys


def signed(keys: Keys, roles: list[str], lines: list[Line], text: str) -> bool:
    """Say whether a key in a role signed, and no line of such a key is false."""
    pairs = [(*keys[line[:2]], line[2]) for line in lines if line[:2] in keys]
    mine = [(public, signature) for role, public, signature in pairs if role in roles]
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
    """The judgement of one book, entry by entry; `logs` are the keys at each size."""

    def __init__(self, name: str) -> None:
        self.name, self.at = name, ""
        self.logs, self.leaves = [Keys()], list[bytes]()
        self.waiting = dict[int, tuple[str, Any]]()  # who asked for which change of key
        self.findings, self.acknowledged = list[Finding](), list[Finding]()
        self.void = dict[tuple[int, str], str]()  # its level, by seq and leaf

    def take(self, seq: int, stored_leaf: object, note: Any) -> None:
        """Judge the row of one entry; NotImplementedError if of a later format."""
        if gap := [b""] * (seq - len(self.leaves)):
            self.findings.append((len(self.leaves), "chain"))
            self.leaves, self.logs = (
                self.leaves + gap,
                self.logs + self.logs[-1:] * len(gap),
            )
        note = note if isinstance(note, bytes) else b""
        leaf = sha256(b"\0" + note).digest()
        self.logs.append(self.logs[-1])
        try:
            self.judge(seq, note)
        except UNFIT as problem:
            self.void[seq, leaf.hex()] = level_of(problem, "bytes")
        if stored_leaf != leaf:
            self.findings.append((seq, "bytes"))
        self.leaves.append(leaf)

    def judge(self, seq: int, note: bytes) -> None:
        """Raise UNFIT, or ValueError with a level; otherwise let the entry act."""
        entry, text, line = read_entry(note)
        kind, data = entry["kind"] if entry["v"] == 1 else "", entry.get("data")
        roles = [role for role in KINDS if re.fullmatch(KINDS[role], kind)]
        if kind:
            prev = self.leaves[-1].hex() if seq else "0" * 64  # "" after a gap
            check(entry["ledger"] == self.name and entry["seq"] == seq, "chain")
            check(prev in {"", entry["prev"]} and entry["at"] >= self.at, "chain")
        first = kind == "genesis" and seq == 0
        keys = read_keys(data["keys"]) if first else self.logs[-1]
        check(signed(keys, roles or [*KINDS], line, text), "signatures")
        if not roles:  # it may be about keys: nothing that follows can be judged
            raise NotImplementedError
        self.logs[-1], self.at = keys, entry["at"]
        with suppress(*UNFIT):  # then a rule makes it void
            self.act(seq, kind, entry["by"], data)

    def act(self, seq: int, kind: str, by: str, data: Any) -> None:
        """Let keys join or end, or void entries be acknowledged."""
        if kind == "acknowledgement":
            seen = [(target["seq"], target["leaf"]) for target in data["targets"]]
            self.acknowledged += [
                (t[0], self.void.pop(t)) for t in seen if t in self.void
            ]
        if kind not in {"key", "approval"}:
            return
        number = seq if kind == "key" else data["target"]["seq"]
        asked, change = (by, data) if kind == "key" else self.waiting[number]
        keys, now = read_keys([change]), self.logs[-1]
        states = {name for (name, _), (role, _) in now.items() if role == "state"}
        others = states - {asked, *(name for name, _ in keys)}
        if kind == "key" and others and change["role"] == "state":
            self.waiting[seq] = by, data
        elif kind == "key" or by in others:
            self.waiting.pop(number, None)
            add = change["action"] == "add"
            self.logs[-1] = now | keys if add else dict(now.items() - keys.items())

    def compare(self, size: int, expected: bytes) -> None:
        """Compare a size and root from elsewhere with the entries."""
        if size > len(self.leaves):
            self.findings.append((len(self.leaves), "tree"))
        elif root(self.leaves[:size]) != expected:
            self.findings.append((None, "tree"))

    def checkpoint(self, note: bytes) -> None:
        """Judge a checkpoint: form, root, and a log key active at its size."""
        try:
            text, lines = read_note(note)
            name, digits, encoded = text[:-1].split("\n")
            check(name == self.name and re.fullmatch("0|[1-9][0-9]{0,18}", digits))
            self.compare(int(digits), unbase64(encoded))
            keys = self.logs[min(int(digits), len(self.leaves))]
            check(signed(keys, ["log"], lines, text), "signatures")
        except UNFIT as problem:
            self.findings.append((None, level_of(problem, "tree")))


def verify(
    path: str, genesis: str = "", checkpoint: str = "", memory: str = ""
) -> tuple[int, list[Finding], list[Finding]]:
    """Return exit code, findings in order, and acknowledged voids; write nothing."""
    try:
        uri = f"{Path(path).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            select = "SELECT id, name, genesis FROM book WHERE own = 1"
            [(book, name, first)] = db.execute(select)
            select = "SELECT seq, leaf, note FROM entry WHERE book = ? ORDER BY seq"
            rows = db.execute(select, [book]).fetchall()
            select = "SELECT note FROM checkpoint WHERE book = ?"
            notes = [note for (note,) in db.execute(select, [book])]
    except (sqlite3.Error, ValueError) as problem:
        crashed = getattr(problem, "sqlite_errorname", "") == "SQLITE_READONLY_ROLLBACK"
        return 15 if crashed else 10, [(None, "bytes")], []
    judge = Judge(name)
    try:
        for row in rows:
            judge.take(*row)
    except NotImplementedError:
        return 21, [(len(judge.leaves), "bytes")], []
    if not rows:
        judge.findings.append((0, "tree"))
    elif {first.hex(), genesis or first.hex()} != {judge.leaves[0].hex()}:
        judge.findings.append((0, "chain"))
    for note in notes + ([Path(checkpoint).read_bytes()] if checkpoint else []):
        judge.checkpoint(note)
    if memory:
        size, hexed = memory.split(":")
        judge.compare(int(size), bytes.fromhex(hexed))
    findings = judge.findings + [(at[0], level) for at, level in judge.void.items()]
    findings.sort(key=lambda f: (f[0] is None, f[0] or 0, [*CODES].index(f[1])))
    return CODES[findings[0][1]] if findings else 0, findings, judge.acknowledged


if __name__ == "__main__":
    code, *found = verify(*sys.argv[1:])
    print(json.dumps(found))  # noqa: T201
    sys.exit(code)
