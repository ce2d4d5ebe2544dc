"""What an auditor or an outsider is given: checkpoint, summary."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli import answers
from ledger.cli.absent_keys import say_absent
from ledger.cli.asked import KnownOn, On, day, known
from ledger.cli.options import Globals, passphrase
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    emit,
    is_drawn,
    one_row,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.errors import LockedError, NotPermittedError, RefusedError, UsageError

if TYPE_CHECKING:
    from ledger.domain.authority import Role
    from ledger.register.opening import Register
    from ledger.tlog.note import Signer

_by_effective_ids = os.access in os.supports_effective_ids
FORMATS = ("json", "txt", "html")


def checkpoint(
    ask: Globals,
    *,
    out: Annotated[str | None, typer.Option(help="option.out", metavar="FILE")] = None,
) -> None:
    """Sign the book as it is now."""
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.register.certifying import sign  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    if out is not None:
        check_new(Path(out))
    with open_register(places(ask), write=True) as register:
        key = register.choose_key("log", named=None)
        secret = passphrase(ask, key_name=key.name)
        signer = register.unlock(key, role="log", passphrase=secret)
        signed = sign(register, signer)
    if out is not None:
        write_new(Path(out), signed.note)
    answer: answers.Object = {
        "book": signed.checkpoint.origin,
        "size": signed.checkpoint.size,
        "root": signed.checkpoint.root.hex(),
    }
    if ask.json:
        document = {**answer, "note": signed.note.decode(), "file": out}
        show_json(ask, {"schema": "transfer-ledger/checkpoint/1", **document})
    elif out is None:
        emit(ask, signed.note.decode())
    else:
        book, size = signed.checkpoint.origin, signed.checkpoint.size
        if is_drawn(ask):
            written = ask.say("checkpoint.written", book=book, n=size, file=out)
            show_lines(ask, [written])
        else:
            show_table(ask, one_row({**answer, "file": out}))
        talk(ask, "checkpoint.give-away")


def check_new(path: Path) -> None:
    """Refuse a file that cannot be made, before anything is signed for it."""
    if _exists(path):
        raise RefusedError("file.exists")
    if not path.parent.is_dir():
        raise NotPermittedError("file.not-written")


def summary(
    ask: Globals,
    *,
    out: Annotated[str, typer.Option(help="option.summary.out", metavar="DIR")],
    format_: Annotated[
        str, typer.Option("--format", help="option.summary.format", metavar="LIST")
    ] = "json,txt",
    transfer: Annotated[
        list[str] | None, typer.Option(help="option.summary.transfer", metavar="REF")
    ] = None,
    on: On = None,
    known_on: KnownOn = None,
) -> None:
    """Write a signed summary."""
    from ledger.exchange.catalogue import (  # noqa: PLC0415 - start-up
        Catalogue,
        languages,
    )
    from ledger.exchange.sshsig import fingerprint  # noqa: PLC0415 - start-up
    from ledger.register.certifying import summary as make  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    formats = _chosen(format_.split(","), FORMATS, option="--format")
    spoken = _chosen(ask.languages or ("en",), languages(), option="--lang")
    folder, as_known = Path(out), known(known_on)
    texts = [f"summary.{name}.{form}" for name in spoken for form in ("txt", "html")]
    try:
        _check_folder(folder, texts)
    except NotPermittedError:
        raise _not_written(folder) from None
    _check_writable(folder)
    with open_register(places(ask), write=True) as register:
        signer, log = _signers(ask, register)
        made = make(
            register,
            signer=signer,
            log=log,
            transfers=transfer or (),
            on=day(ask, on),
            known_on=as_known,
            now=ask.now,
            formats=formats,
            catalogues=[Catalogue.load(name) for name in spoken],
        )
    write_files(folder, made.files)
    mark = fingerprint(signer.key.public)
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/summary-written/1",
                "folder": out,
                "files": sorted(made.files),
                "signed_by": signer.key.name,
                "fingerprint": mark,
            },
        )
    else:
        rows = [(name, len(content)) for name, content in sorted(made.files.items())]
        show_table(ask, Table((Column("file"), Column("bytes", "right")), rows))
        talk(ask, "summary.signed-by", key=signer.key.name, fingerprint=mark)
        talk(ask, "summary.tell", folder=out)


def _chosen(names: Iterable[str], known: Sequence[str], *, option: str) -> list[str]:
    """Return the names of a list, each once; only known ones."""
    found = list(dict.fromkeys(names))
    if not set(found) <= set(known):
        raise UsageError("usage.not-one-of", option=option, choices=", ".join(known))
    return found


def _check_folder(folder: Path, texts: Iterable[str]) -> None:
    """Refuse before anything is signed where a file is in the way."""
    names = ["summary.json", *texts]
    names += [f"{name}.sig" for name in names]
    if _exists(folder) and not folder.is_dir():
        raise RefusedError("file.exists")
    if any(_exists(folder / name) for name in names):
        raise RefusedError("file.exists")


def _check_writable(folder: Path) -> None:
    """Refuse a folder that takes no file, before anything is signed for it."""
    here = folder.absolute()
    while not here.exists():
        here = here.parent
    if not os.access(here, os.W_OK | os.X_OK, effective_ids=_by_effective_ids):
        raise _not_written(folder)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, which is made.

    Raises:
        NotPermittedError: The folder does not take them.
    """
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up

    _make_folder(folder)
    for name, content in files.items():
        try:
            write_new(folder / name, content)
        except NotPermittedError:
            raise _not_written(folder) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise _not_written(folder) from None


def _not_written(folder: Path) -> NotPermittedError:
    return NotPermittedError("summary.folder-not-written", folder=str(folder))


def _exists(path: Path) -> bool:
    """Return whether something has that name, be it a link to nothing.

    Raises:
        NotPermittedError: If no file can have that name.
    """
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        raise NotPermittedError("file.not-written") from None
    return True


def _signers(ask: Globals, register: "Register") -> "tuple[Signer, Signer | None]":
    """Return who signs the files, and the log key if the same passphrase opens it."""
    role: Role = "auditor" if register.signers("auditor") else "clerk"
    key = register.choose_key(role, named=ask.as_key)
    secret = passphrase(ask, key_name=key.name)
    signer = register.unlock(key, role=role, passphrase=secret)
    try:
        log = register.choose_key("log", named=None)
        return signer, register.unlock(log, role="log", passphrase=secret)
    except LockedError as error:
        say_absent(ask, register, "log", error, said="summary.without-log-key")
        return signer, None
