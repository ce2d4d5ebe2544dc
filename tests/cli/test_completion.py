"""What a shell is told of what may come next, and the scripts that ask."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.completion import SCRIPTS
from tests.cli.desk import Desk

ROOT = Path(__file__).parents[2]
HEAVY = ("pydantic", "sqlmodel", "sqlalchemy", "rich", "typer", "cryptography")


def offered(desk: Desk, line: str) -> list[str]:
    """Return what is offered for the last word of a line."""
    outcome = desk.run("--complete", *line.split(" "))
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out.splitlines()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("rec", ["receive", "reconcile", "record", "recover"]),
        (
            "key ",
            ["add", "approve", "list", "new", "passphrase", "retire", "revoke"],
        ),
        ("help verif", ["verify", "verify-by-hand"]),
        ("help ex", ["exit-codes", "explain", "export"]),
        (
            "import --kind re",
            ["receipt", "recovery", "remark", "renewal", "retraction"],
        ),
        ("import --map ", ["ddp-removals", "ddp-removals-raw"]),
        ("import --encoding u", ["utf-16", "utf-8"]),
        ("record --facility-zone America/El", ["America/El_Salvador"]),
        ("init --zone America/Chi", ["America/Chicago", "America/Chihuahua"]),
        ("show ", ["T-1"]),
        ("show --json T", ["T-1"]),
        ("--ledger book show T", ["T-1"]),
        ("show --ledger nowhere T", []),
        ("show --ledger postgresql://x/y T", []),
        ("record --from U", ["UA", "UG", "UM", "US", "UY", "UZ"]),
        ("pay --stage p", ["payment", "pledge"]),
        ("instrument --type exch", ["exchange-of-notes"]),
        ("record --renewable ", ["no", "unknown", "yes"]),
        ("pay --for T", ["T-1"]),
        ("due --lang e", ["en", "es"]),
        ("due --color a", ["always", "auto"]),
        ("completion f", ["fish"]),
        ("receive T-1 --arr", ["--arrived"]),
        ("due --with", ["--within"]),
        ("due --within ", []),
        ("verify ", []),
        ("qwertz ", []),
        ("--ledger ", []),
    ],
)
def test_what_may_come_next_is_offered(
    line: str, found: list[str], after_departure: Desk
) -> None:
    assert offered(after_departure, line) == found


def test_at_the_start_every_verb_is_offered(desk: Desk) -> None:
    assert {"today", "key", "help", "verify"} <= set(offered(desk, ""))
    assert desk.run("--complete").out == desk.run("--complete", "").out


def test_an_option_that_every_verb_has_is_offered(desk: Desk) -> None:
    assert "--json" in offered(desk, "due --")
    assert "--json" in offered(desk, "--")


def test_a_file_that_is_no_book_gives_nothing(desk: Desk) -> None:
    (desk.folder / "no-book").write_text("words\n")

    assert offered(desk, "--ledger no-book show ") == []


def test_completion_imports_nothing_heavy(after_departure: Desk) -> None:
    script = (
        "import sys, ledger.cli.main as m\n"
        "sys.argv = ['transfer-ledger', '--complete', 'show', 'T']\n"
        "try:\n    m.run()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        f"sys.exit(','.join(x for x in {HEAVY!r} if x in sys.modules))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=after_departure.folder,
        env={**os.environ, **after_departure.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert ended.stderr == b"\n"
    assert ended.stdout == b"T-1\n"


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_is_printed_for_each_shell(shell: str, desk: Desk) -> None:
    outcome = desk.done("completion", shell)

    assert outcome.out == SCRIPTS[shell]
    assert "transfer-ledger --complete" in outcome.out


def test_another_shell_is_refused(desk: Desk) -> None:
    outcome = desk.run("completion", "csh")

    assert outcome.code == 2
    assert "bash, zsh, fish" in outcome.err


def answered(folder: Path, *command: str) -> list[str]:
    """Return the lines of a shell that has a program which offers references."""
    program = folder / "transfer-ledger"
    program.write_text(
        "#!/bin/sh\n"
        'for last; do :; done; [ "$last" = ./ ] && exit\n'
        "printf '%s\\n' T-1 us:T-1 us:T-2 \"said: $*\"\n"
    )
    program.chmod(0o755)
    ended = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert ended.stderr == ""
    return ended.stdout.split("\n")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "at", "breaks", "expected"),
    [
        ("show us : T-", 4, ":", ["T-1", "T-2"]),
        ("show us :", 3, ":", ["T-1", "T-2"]),
        ("show us:T-", 2, "", ["us:T-1", "us:T-2"]),
        ("show T-", 2, ":", ["T-1"]),
        ("show us : T-1 us : T-2", 7, ":", ["T-2"]),
    ],
)
def test_bash_completes_a_reference_with_a_colon(
    tmp_path: Path, words: str, at: int, breaks: str, expected: list[str]
) -> None:
    script = (
        f"{SCRIPTS['bash']}\nCOMP_WORDBREAKS=' {breaks}'\n"
        f"COMP_WORDS=(transfer-ledger {words}); COMP_CWORD={at}\n"
        "_transfer_ledger; printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    )

    assert answered(tmp_path, "bash", "-c", script) == expected


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_completes_with_the_script(tmp_path: Path) -> None:
    script = (
        'compdef() { :; }; compadd() { shift; print -l -- "$@"; }\n'
        f"_files() {{ print files; }}\n{SCRIPTS['zsh']}\n"
        "words=(transfer-ledger show us:); CURRENT=3; _transfer_ledger\n"
        "words=(transfer-ledger verify ./); CURRENT=3; _transfer_ledger\n"
    )

    offered = ["T-1", "us:T-1", "us:T-2", "said: --complete show us:"]
    assert answered(tmp_path, "zsh", "-f", "-c", script) == [*offered, "files"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_with_the_script_and_offers_files_where_nothing_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "us.card").touch()
    script = (
        f"{SCRIPTS['fish']}\n"
        "complete -C 'transfer-ledger show us:'; echo then\n"
        "complete -C 'transfer-ledger show '; echo then\n"
        "complete -C 'transfer-ledger verify ./'\n"
    )
    found = answered(tmp_path, "fish", "-N", "-c", script)
    references, all_of_them, files = "\n".join(found).split("\nthen\n")

    assert references.split("\n") == ["us:T-1", "us:T-2"]
    assert set(all_of_them.split("\n")) == {
        "T-1",
        "us:T-1",
        "us:T-2",
        "said: --complete show ",
    }
    assert "./us.card" in files.split("\n")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_with_the_script(after_departure: Desk) -> None:
    program = after_departure.folder / "transfer-ledger"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m ledger "$@"\n')
    program.chmod(0o755)
    script = (
        f"{SCRIPTS['bash']}\n"
        "COMP_WORDS=(transfer-ledger show T-); COMP_CWORD=2\n"
        '_transfer_ledger; echo "${COMPREPLY[@]}"\n'
    )
    path = f"{after_departure.folder}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=after_departure.folder,
        env={**after_departure.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert ended.stdout == b"T-1\n", ended.stderr
