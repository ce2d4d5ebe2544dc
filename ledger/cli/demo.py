"""`demo`: a book of public facts, built and tried before the reader's eyes.

Every command is printed before it is run, as it can be typed. The one thing done
round the program is a tampering, on a copy, so that the reader sees it named.
"""

import io
import json
import secrets
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile, which
from typing import Annotated, Any, TextIO

import typer

import ledger
from ledger.cli import PROGRAM
from ledger.cli.main import main
from ledger.cli.options import BOOK, Globals
from ledger.cli.render import emit, show_json
from ledger.errors import NotPermittedError, RefusedError
from ledger.keys.files import read_passphrase
from ledger.register.opening import Places, open_register
from ledger.register.playing import play, read_example

EXAMPLE = "us-sv-2025"
FOLDER = "transfer-ledger-demo"
# `{…!r}` is a sentence of the catalogue. Typed again, there is nothing left to change.
TAMPERING = """\
import pathlib, sqlite3, sys
if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_file():
    sys.exit({usage!r})
try:
    book = sqlite3.connect(sys.argv[1])
    book.execute("DROP TRIGGER IF EXISTS guard_entry_update")
    done = book.execute(
        "UPDATE entry SET note = CAST(replace(CAST(note AS TEXT),"
        " '\\"n\\":17,', '\\"n\\":16,') AS BLOB)"
        " WHERE seq = 8 AND instr(CAST(note AS TEXT), '\\"n\\":17,')"
    )
    book.commit()
except sqlite3.Error:
    sys.exit({unfit!r})
if not done.rowcount:
    sys.exit({done!r})
"""


def typed_as(argv0: str, environ: Mapping[str, str]) -> str:
    """Return what a reader types to run this program, as a shell takes it.

    Args:
        argv0: How it was started: a script, or the package itself (`python -m`).
        environ: The environment; its PATH says whether the bare name is enough.
    """
    script = Path(argv0)
    if script.name == "__main__.py" and script.parent.name == "ledger":
        return f"{shlex.quote(sys.executable)} -m ledger"
    if script.name != PROGRAM:
        return PROGRAM
    found = which(PROGRAM, path=environ.get("PATH", ""))
    if found is not None and Path(found).resolve() == script.resolve():
        return PROGRAM
    return shlex.quote(argv0)


def demo(
    ask: Globals,
    directory: Annotated[
        str | None, typer.Argument(help="argument.demo", metavar="DIR")
    ] = None,
) -> int:
    """Build a book from public facts and walk through it."""
    folder = _make_folder(directory)
    show = Show(ask, folder)
    show.say("demo.what", folder=str(folder))
    show.settings()
    _build(show)
    _enter(show)
    _ask(show)
    _verify(show)
    _tamper(show)
    mark = _summarise(show)
    show.say("demo.end", folder=str(folder), program=show.program)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/demo/1",
                "folder": str(folder),
                "book": str(show.book),
                "fingerprint": mark,
                "codes": show.codes,
            },
        )
    return 0


def _make_folder(directory: str | None) -> Path:
    """Make the folder of the demo; a new one each time unless it is named."""
    folder = Path(directory or FOLDER).absolute()
    try:
        number = 1
        while directory is None and folder.exists():
            number += 1
            folder = folder.with_name(f"{FOLDER}-{number}")
        folder.mkdir(parents=True)
    except FileExistsError:
        raise RefusedError("demo.exists") from None
    except OSError:
        raise NotPermittedError("file.not-written") from None
    return folder


def examples(package: Path = Path(ledger.__file__).parent) -> Path:
    """Return the folder of examples: in the package, or beside it in a checkout."""
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


class Show:
    """The demo's own terminal: says sentences, prints commands, and runs them.

    Attributes:
        ask: The globals of the demo.
        folder: Where everything of the demo lies.
        book: The database of the demo's book.
        codes: The exit code of each command that was run.
        program: What a reader types to run this program.
    """

    def __init__(self, ask: Globals, folder: Path) -> None:
        self.ask = ask
        self.folder = folder
        self.book = folder / "book" / BOOK
        self.codes: list[int] = []
        self.program = typed_as(sys.argv[0], ask.environ)
        passphrase = folder / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(f"{secrets.token_urlsafe(24)}\n")
        self.environ: Mapping[str, str] = {
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
            "TRANSFER_LEDGER": str(self.book),
            "TRANSFER_LEDGER_PASSPHRASE_FILE": str(passphrase),
        }

    def say(self, key: str, /, **values: str | int) -> None:
        """Say a sentence of the catalogue, as a paragraph of its own."""
        self.write(f"\n{self.ask.say(key, **values)}\n")

    def write(self, text: str) -> None:
        """Show text, unless the demo answers a program."""
        if not self.ask.json:
            emit(self.ask, text)

    def settings(self) -> None:
        """Print what has to be set for the commands to be typed."""
        for name, value in self.environ.items():
            self.write(f"export {name}={shlex.quote(value)}\n")

    def run(self, *words: str) -> None:
        """Print a command, run it, and show what it says."""
        self.write(f"\n$ {self.program} {shlex.join(words)}\n")
        stream = io.StringIO() if self.ask.json else self.ask.stdout
        code = self._main(*words, stream=stream)
        self.codes.append(code)
        if code:
            self.say("demo.exit-code", code=code)

    def look(self, *words: str) -> dict[str, Any]:
        """Return what a command answers to a program, without showing it."""
        stream = io.StringIO()
        self._main(*words, "--json", stream=stream)
        answer: dict[str, Any] = json.loads(stream.getvalue())
        return answer

    def _main(self, *words: str, stream: TextIO) -> int:
        return main(
            [*words, "--lang", self.ask.catalogue.language],
            environ={**self.ask.environ, **self.environ},
            stdin=self.ask.stdin,
            stdout=stream,
            stderr=stream,
            now=self.ask.now,
            rounds=self.ask.rounds,
        )


def _build(show: Show) -> None:
    """Make the book and record what the public sources say."""
    example = read_example(examples() / EXAMPLE / "entries.json")
    founding = example.founding
    show.say("demo.init")
    show.run(
        *("init", str(show.book.parent), "--name", founding.name),
        *("--state", founding.state, "--clerk", founding.clerk),
        *("--zone", founding.zone),
    )
    show.say("demo.play", title=example.title)
    places = Places(
        database=show.book,
        keys=show.folder / "data" / PROGRAM / "keys",
        state=show.folder / "state" / PROGRAM,
    )
    with open_register(places, write=True) as register:
        key = register.choose_key("clerk", named=None)
        secret = read_passphrase(show.folder / "passphrase")
        signer = register.unlock(key, role="clerk", passphrase=secret)
        done = sum(1 for _ in play(register, example, signer=signer))
    show.say("demo.played", n=done)


def _enter(show: Show) -> None:
    """Record one entry, and try one that the book refuses."""
    author = show.ask.say("demo.remark-author")
    show.say("demo.enter")
    show.run(
        *("remark", "T-1", "--type", "inspection", "--asserted-by", author),
        *("--status", "reported"),
        *("--text", show.ask.say("demo.remark-text")),
    )
    show.say("demo.refused")
    show.run(
        *("renew", "T-9", "--for", "P1Y", "--persons", "1"),
        *("--agreed-on", "2026-03-01"),
    )


def _ask(show: Show) -> None:
    show.say("demo.due")
    show.run("due", "--within", "90d", "--on", "2025-12-20")
    show.say("demo.overdue")
    show.run("overdue", "--on", "2026-04-01")
    show.say("demo.show")
    show.run("show", "T-1", "--on", "2025-12-20")


def _verify(show: Show) -> None:
    show.say("demo.checkpoint")
    show.run("checkpoint", "--out", str(show.folder / "us.ckpt"))
    show.say("demo.verify")
    show.run("verify")


def _tamper(show: Show) -> None:
    """Change one figure in a copy of the file, and let it be found."""
    show.say("demo.tamper")
    copy = show.folder / "tampered" / BOOK
    copy.parent.mkdir()
    copyfile(show.book, copy)
    script = show.folder / "tamper.py"
    script.write_text(
        TAMPERING.format(
            usage=show.ask.say("demo.tamper-usage", program=script.name),
            unfit=show.ask.say("demo.tamper-unfit"),
            done=show.ask.say("demo.tamper-done"),
        ),
        encoding="utf-8",
    )
    words = [sys.executable, str(script), str(copy)]
    show.write(f"\n$ {shlex.join(words)}\n")
    subprocess.run(words, check=True)  # noqa: S603 (our own script)
    show.run("verify", "--ledger", str(copy))


def _summarise(show: Show) -> str:
    """Write a signed summary and check it as a court would; return the fingerprint."""
    show.say("demo.summary")
    out = show.folder / "summary"
    show.run("summary", "--out", str(out), "--on", "2025-12-20")
    keys = show.look("key", "list")["keys"]
    mark = next(key["fingerprint"] for key in keys if key["role"] == "clerk")
    show.say("demo.check")
    show.run("verify", str(out / "summary.json"), "--fingerprint", str(mark))
    text = out / f"summary.{show.ask.catalogue.language}.txt"
    show.say("demo.by-hand", text=str(text))
    return str(mark)
