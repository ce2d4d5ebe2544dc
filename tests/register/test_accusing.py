"""Evidence is kept with pages in plain words; whoever found it signs all of it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.exchange.catalogue import Catalogue, languages
from ledger.exchange.evidence_html import NAMESPACE
from ledger.exchange.sshsig import fingerprint
from ledger.register.accusing import explain_evidence
from ledger.tlog.note import Signer
from tests.register.neighbours import Receiver, packet, us
from tests.register.stored import opened
from tests.register.test_mirroring import forked
from tests.surroundings import files

NAME = "us.example-book-1.evidence"
PAGES = {f"{NAME}.{language}.html" for language in languages()}
needs_ssh_keygen = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="needs ssh-keygen"
)


class Found:
    """A receiving office that was shown two histories."""

    def __init__(self, folder: Path) -> None:
        (folder / "office").mkdir()
        (folder / "evidence").mkdir()
        self.receiver = Receiver(folder / "office", us())
        self.receiver.take(packet(self.receiver.sender))
        taken = self.receiver.take(packet(forked(self.receiver.sender, 1)))
        assert taken.evidence is not None
        self.path = folder / "evidence" / NAME
        self.path.write_bytes(taken.evidence.format())
        self.log: Signer = self.receiver.office.keys["log"]

    def explain(self, signer: Signer | None) -> list[str]:
        with opened(self.receiver.there) as register:
            pages = explain_evidence(
                register,
                self.path,
                signer=signer,
                catalogues=map(Catalogue.load, languages()),
                now=self.receiver.now,
            )
        return [page.name for page in pages]

    def files(self) -> set[str]:
        return files(self.path.parent)


@pytest.fixture(name="found")
def _found(tmp_path: Path) -> Found:
    return Found(tmp_path)


def test_there_is_a_page_in_each_language_and_all_is_signed(found: Found) -> None:
    assert set(found.explain(found.log)) == PAGES
    signed = {NAME, *PAGES}
    assert found.files() == signed | {f"{name}.sig" for name in signed}
    (page,) = (found.path.parent / f"{NAME}.en.html",)
    html = page.read_text(encoding="utf-8")
    log = found.receiver.sender.keys["log"].key
    assert fingerprint(log.public) in html
    assert "kept by the state <bdi>US</bdi>" in html


def test_found_again_nothing_is_written_over(found: Found) -> None:
    found.explain(found.log)
    before = {name: (found.path.parent / name).read_bytes() for name in found.files()}

    assert set(found.explain(found.log)) == PAGES
    after = {name: (found.path.parent / name).read_bytes() for name in found.files()}
    assert after == before


def test_without_the_log_key_nothing_is_signed_and_no_page_says_so(
    found: Found,
) -> None:
    found.explain(None)

    assert found.files() == {NAME, *PAGES}
    html = (found.path.parent / f"{NAME}.en.html").read_text(encoding="utf-8")
    assert "ssh-keygen" not in html
    found.explain(found.log)
    assert found.files() == {NAME, *PAGES, f"{NAME}.sig"}, "what was not said then"


@needs_ssh_keygen
def test_the_steps_on_the_page_say_good(found: Found) -> None:
    found.explain(found.log)
    for name in (NAME, *PAGES):
        with (found.path.parent / name).open("rb") as file:
            said = subprocess.run(
                [
                    *("ssh-keygen", "-Y", "check-novalidate", "-n", NAMESPACE),
                    *("-s", f"{name}.sig"),
                ],
                cwd=found.path.parent,
                stdin=file,
                capture_output=True,
                check=True,
                text=True,
            )
        assert "Good" in said.stdout + said.stderr
        assert fingerprint(found.log.key.public) in said.stdout + said.stderr
