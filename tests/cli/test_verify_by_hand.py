"""The topic `verify-by-hand` is typed into a shell, as a court would, and holds."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.sshsig import fingerprint, sign_file
from ledger.tlog import merkle
from ledger.tlog.checkpoint import Checkpoint, sign_checkpoint
from tests.office import Office

TOOLS = ("bash", "sha256sum", "openssl", "ssh-keygen")
COMMANDS = re.compile(r"^\$ (.*)$", re.MULTILINE)

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"
)


def commands() -> list[str]:
    return COMMANDS.findall(Catalogue.load("en").say("topic.verify-by-hand"))


def tiny_book(folder: Path) -> Office:
    """Lay a book of two entries, its checkpoint and a signed file, as one gets them."""
    office = Office()
    office.transfer()
    for seq, note in enumerate(office.notes):
        (folder / f"entry-{seq}.note").write_bytes(note)
    root = merkle.root(map(merkle.leaf_hash, office.notes))
    checkpoint = Checkpoint(office.book, 2, root)
    note = sign_checkpoint(checkpoint, office.keys["log"])
    (folder / "us.ckpt").write_bytes(note)
    summary = b'{"schema":"transfer-ledger/summary/1"}'
    (folder / "summary.json").write_bytes(summary)
    armored = sign_file(summary, office.keys["clerk"])
    (folder / "summary.json.sig").write_text(armored)
    return office


def typed(folder: Path) -> subprocess.CompletedProcess[str]:
    script = "\n".join(commands())
    return subprocess.run(
        ["bash"], input=script, cwd=folder, capture_output=True, text=True, check=False
    )


@needs_tools
def test_the_steps_by_hand_hold_for_a_tiny_book(tmp_path: Path) -> None:
    office = tiny_book(tmp_path)
    first, second = map(merkle.leaf_hash, office.notes)
    root = merkle.node_hash(first, second).hex()

    said = typed(tmp_path)

    assert said.stdout.splitlines()[:4] == [first.hex(), first.hex(), root, root]
    assert said.stdout.count("Signature Verified Successfully") == 3
    assert "Good" in said.stdout + said.stderr
    mark = fingerprint(office.keys["clerk"].key.public)
    assert mark in said.stdout + said.stderr


@needs_tools
def test_the_steps_by_hand_fail_for_one_changed_digit(tmp_path: Path) -> None:
    tiny_book(tmp_path)
    changed = tmp_path / "entry-1.note"
    changed.write_bytes(changed.read_bytes().replace(b'"n":238', b'"n":239'))
    summary = tmp_path / "summary.json"
    summary.write_bytes(summary.read_bytes().replace(b"/1", b"/2"))

    said = typed(tmp_path)

    assert said.stdout.splitlines()[2] != said.stdout.splitlines()[3]
    assert said.stdout.count("Signature Verified Successfully") == 2
    assert "Good" not in said.stdout + said.stderr
