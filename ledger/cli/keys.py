"""The life of keys: new, add, retire, revoke, approve, passphrase."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from msgspec.structs import replace

from ledger.cli import PROGRAM
from ledger.cli import request as read
from ledger.cli.certify import check_new
from ledger.cli.clerk import Once
from ledger.cli.options import Globals, folders, key_rounds, passphrase
from ledger.cli.recording import places, unlocked, write, write_in
from ledger.cli.render import emit, one_row, show_json, show_table, talk
from ledger.errors import LockedError, UsageError

if TYPE_CHECKING:
    from ledger.domain.authority import Key, Role
    from ledger.domain.keyring import KeyRing
    from ledger.exchange.key_request import KeyRequest
    from ledger.register.opening import Register
    from ledger.tlog.note import Signer

ROLES = ("clerk", "state", "log", "witness", "auditor")
RECIPIENT = "age1"
Recovery = Annotated[
    str | None, typer.Option(help="option.key.recovery", metavar="PATH")
]
NewPassphrase = Annotated[
    str | None, typer.Option(help="option.key.new-passphrase-file", metavar="FILE")
]
Checked = Annotated[str | None, typer.Option(help="option.key.text", metavar="TEXT")]


def key_new(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.key", metavar="NAME")],
    *,
    role: Annotated[
        str, typer.Option(help="option.key.role", metavar="ROLE")
    ] = "clerk",
    out: Annotated[
        str | None, typer.Option(help="option.key.out", metavar="FILE")
    ] = None,
    book: Annotated[
        str | None, typer.Option(help="option.key.book", metavar="NAME")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="option.key.state", metavar="STATE")
    ] = None,
    recovery: Recovery = None,
) -> None:
    """Make a key on this machine, and the request to enrol it."""
    from ledger.exchange.key_request import KeyRequest  # noqa: PLC0415 - start-up
    from ledger.exchange.outbox import write_new  # noqa: PLC0415 - start-up
    from ledger.register.enrolling import full_name, obtain_key  # noqa: PLC0415 - same

    if (book is None) != (state is None):
        raise UsageError("usage.key-new-book")
    if out is not None:
        check_new(Path(out))
    chosen = _role(role)
    ring = None
    if book is None or state is None:
        ring = _ring(ask)
        book, state = ring.book, ring.state
    full = full_name(name, book=book, role=chosen)
    signer = obtain_key(
        folders(ask).keys,
        name=full,
        role=chosen,
        passphrase=passphrase(ask, key_name=full, confirm=True),
        ring=ring,
        at=None if recovery is None else Path(recovery),
        rounds=key_rounds(ask),
    )
    made = KeyRequest.made(signer, book=book, state=state, role=chosen)
    if out is not None:
        write_new(Path(out), made.format())
    _show_request(ask, made, out)


def _show_request(ask: Globals, made: "KeyRequest", out: str | None) -> None:
    following = f"{PROGRAM} key add {out or 'FILE'}"
    row: dict[str, str | int | None] = {
        "role": made.role,
        "name": made.key.name,
        "fingerprint": made.fingerprint,
        "file": out,
    }
    if ask.json:
        show_json(
            ask,
            {
                "schema": "transfer-ledger/key-new/1",
                "book": made.book,
                "state": made.state,
                "role": made.role,
                "key": made.key.name,
                "fingerprint": made.fingerprint,
                "file": out,
                "request": made.format().decode(),
                "next": following,
            },
        )
        return
    if out is None:
        emit(ask, made.format().decode())
    else:
        show_table(ask, one_row(row))
    talk(ask, "key.requested", key=made.key.name)
    talk(ask, "card.fingerprint", fingerprint=made.fingerprint)
    talk(ask, "recorded.next", command=following)


def key_add(
    ask: Globals,
    request: Annotated[
        str | None, typer.Argument(help="argument.key-request", metavar="FILE")
    ] = None,
    *,
    name: Annotated[
        str | None, typer.Option(help="option.key.name", metavar="NAME")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="option.key.role", metavar="ROLE")
    ] = None,
    recipient: Annotated[
        str | None, typer.Option(help="option.key.recipient", metavar="age1…")
    ] = None,
    text: Checked = None,
    recovery: Recovery = None,
    new_passphrase_file: NewPassphrase = None,
    once: Once = None,
) -> None:
    """Enrol a key: from its request, or made here at once."""
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    if sum(each is not None for each in (request, name, recipient)) != 1:
        raise UsageError("usage.key-add-what")
    if name is None and (role or recovery or new_passphrase_file):
        raise UsageError("usage.key-add-name")
    if recipient is not None:
        holder: read.Data = {"action": "add", "role": "holder", "vkey": recipient}
        write(ask, "key", holder, once=once, role="state")
        return
    asked = None if request is None else _read(request)
    chosen = read.check_once(once)
    with open_register(places(ask), write=True) as register:
        signer = unlocked(ask, register, "state")
        if asked is None:
            asked = _made_here(
                ask,
                register,
                str(name),
                _role(role or "clerk"),
                recovery=recovery,
                file=new_passphrase_file,
            )
        book = register.journal.book
        asked.check_book(book=book.name, state=book.state)
        role_word = ask.say(f"role.{asked.role}")
        talk(ask, "key.enrolling", key=asked.key.name, role=role_word)
        talk(ask, "card.fingerprint", fingerprint=asked.fingerprint)
        data: read.Data = {
            "action": "add",
            "role": asked.role,
            "vkey": asked.key.format(),
            "proof": asked.proof,
        }
        data = _checked(ask, register, data, text=text, signer=signer)
        write_in(ask, register, "key", data, signer=signer, once=chosen)


def _read(path: str) -> "KeyRequest":
    from ledger.exchange.key_request import (  # noqa: PLC0415 - start-up
        MAX_SIZE,
        KeyRequest,
    )
    from ledger.exchange.outbox import read_file  # noqa: PLC0415 - start-up

    return KeyRequest.parse(read_file(Path(path), most=MAX_SIZE))


def _made_here(
    ask: Globals,
    register: "Register",
    name: str,
    role: "Role",
    *,
    recovery: str | None,
    file: str | None,
) -> "KeyRequest":
    """Return the request of a key that is made on this machine at once."""
    from ledger.exchange.key_request import KeyRequest  # noqa: PLC0415 - start-up
    from ledger.register.enrolling import full_name, obtain_key  # noqa: PLC0415 - same
    from ledger.register.opening import ring_of  # noqa: PLC0415 - start-up

    ring, _ = ring_of(register)
    full = full_name(name, book=ring.book, role=role)
    made = obtain_key(
        register.places.keys,
        name=full,
        role=role,
        passphrase=_new_passphrase(ask, file, key_name=full),
        ring=ring,
        at=None if recovery is None else Path(recovery),
        rounds=key_rounds(ask),
    )
    return KeyRequest.made(made, book=ring.book, state=ring.state, role=role)


def key_retire(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.key", metavar="KEY")],
    *,
    reason: Annotated[
        str | None, typer.Option(help="option.reason", metavar="TEXT")
    ] = None,
    text: Checked = None,
    once: Once = None,
) -> None:
    """Record that a key signs nothing from now on: an officer leaves."""
    data = read.given(reason=reason)
    _end(ask, name, {"action": "retire", **data}, text=text, once=once)


def key_revoke(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.key", metavar="KEY")],
    *,
    reason: Annotated[str, typer.Option(help="option.reason", metavar="TEXT")],
    since: Annotated[
        str | None, typer.Option(help="option.key.since", metavar="DAY")
    ] = None,
    text: Checked = None,
    once: Once = None,
) -> None:
    """Strike off a key that is lost or stolen, and doubt what it signed since."""
    data = read.given(suspect_from=read.maybe_day(since))
    _end(
        ask, name, {"action": "revoke", "reason": reason, **data}, text=text, once=once
    )


def _end(
    ask: Globals, name: str, data: read.Data, *, text: str | None, once: str | None
) -> None:
    from ledger.register.enrolling import active_key  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    if name.startswith(RECIPIENT):
        holder: read.Data = {**data, "role": "holder", "vkey": name}
        write(ask, "key", holder, once=once, role="state")
        return
    chosen = read.check_once(once)
    with open_register(places(ask), write=True) as register:
        standing = active_key(register, name)
        signer = unlocked(ask, register, "state")
        data = {**data, "role": standing.role, "vkey": standing.key.format()}
        data = _checked(ask, register, data, text=text, signer=signer)
        write_in(ask, register, "key", data, signer=signer, once=chosen)


def key_approve(
    ask: Globals,
    entry: Annotated[str, typer.Argument(help="argument.key-waits", metavar="ENTRY")],
    *,
    text: Annotated[
        str | None, typer.Option(help="option.confirm.text", metavar="TEXT")
    ] = None,
    once: Once = None,
) -> None:
    """Consent with another state key to a change of a state key."""
    data: read.Data = {"target": entry, **read.given(text=text)}
    write(ask, "approval", data, once=once, role="state")


def key_passphrase(
    ask: Globals,
    name: Annotated[str, typer.Argument(help="argument.key", metavar="KEY")],
    *,
    recovery: Recovery = None,
    new_passphrase_file: NewPassphrase = None,
) -> None:
    """Give a key file another passphrase."""
    from ledger.keys.changing import change_passphrase  # noqa: PLC0415 - start-up
    from ledger.keys.files import known_keys  # noqa: PLC0415 - start-up

    folder = folders(ask).keys
    found = [
        key
        for key in known_keys(folder)
        if name == key.name or key.name.endswith(f"/{name}")
    ]
    if not found:
        raise LockedError("keys.no-such-key", name=name)
    if len(found) > 1:
        names = ", ".join(key.name for key in found)
        raise UsageError("usage.which-key", keys=names)
    (key,) = found
    path = change_passphrase(
        folder,
        key=key,
        old=passphrase(ask, key_name=key.name),
        new=_new_passphrase(ask, new_passphrase_file, key_name=key.name),
        at=None if recovery is None else Path(recovery),
        rounds=key_rounds(ask),
    )
    row: dict[str, str | int | None] = {"name": key.name, "file": str(path)}
    if ask.json:
        said = {"key": key.name, "file": str(path)}
        show_json(ask, {"schema": "transfer-ledger/key-passphrase/1", **said})
        return
    show_table(ask, one_row(row))
    talk(ask, "key.passphrase-changed")


def _checked(
    ask: Globals,
    register: "Register",
    data: read.Data,
    *,
    text: str | None,
    signer: "Signer",
) -> read.Data:
    """Return the data with how a state key was checked in person, where that is asked.

    Raises:
        UsageError: It was not said, and nobody may be asked.
    """
    from ledger.domain.schemas import read_record  # noqa: PLC0415 - start-up
    from ledger.register.enrolling import needs_check  # noqa: PLC0415 - start-up

    record: Key = read_record("key", data)  # type: ignore[assignment] # of that kind
    if text is None and needs_check(register, record, by=signer.key.name):
        if not ask.can_ask:
            raise UsageError("usage.key-needs-check")
        ask.stderr.write(f"{ask.say('ask.key-checked')} ")
        ask.stderr.flush()
        text = ask.stdin.readline().strip() or None
    return {**data, **read.given(text=text)}


def _role(name: str) -> "Role":
    from ledger.domain.authority import Role  # noqa: PLC0415 - start-up

    for role in get_args(Role):
        if role == name and role in ROLES:
            found: Role = role
            return found
    raise UsageError("usage.not-one-of", option="--role", choices=", ".join(ROLES))


def _ring(ask: Globals) -> "KeyRing":
    from ledger.register.opening import open_register, ring_of  # noqa: PLC0415 - same

    with open_register(places(ask)) as register:
        ring, _ = ring_of(register)
    return ring


def _new_passphrase(ask: Globals, file: str | None, *, key_name: str) -> bytes:
    """Return the passphrase that a key is to have: never the one that opens another.

    Raises:
        LockedError: There is no file and nobody may be asked.
    """
    other = replace(ask, passphrase_file=file, environ={})
    try:
        return passphrase(other, key_name=key_name, confirm=True)
    except LockedError as error:
        if error.code != "keys.no-passphrase":
            raise
        raise LockedError("keys.no-new-passphrase") from None
