"""Recording one entry for a clerk: unlock, append, say what came of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ledger.cli import PROGRAM
from ledger.cli.options import Globals, folders, in_book, ledger_location, passphrase
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    silence,
    talk,
    tell,
)
from ledger.cli.words import metavars
from ledger.errors import LedgerError, LockedError, UnknownOutcomeError
from ledger.tlog.canonical import Json

if TYPE_CHECKING:
    from ledger.cli.aftermath import Aftermath
    from ledger.domain.authority import Role
    from ledger.register.opening import Places, Register
    from ledger.register.writing import Recorded
    from ledger.tlog.note import Signer

SCHEMA = "transfer-ledger/recorded/1"


def places(ask: Globals) -> "Places":
    """Return where the files of this run's book are."""
    from pathlib import Path  # noqa: PLC0415 - start-up

    from ledger.register.opening import Places  # noqa: PLC0415 - start-up

    own = folders(ask)
    return Places(
        database=ledger_location(ask),
        keys=own.keys,
        state=own.state,
        state_key=None if ask.state_key is None else Path(ask.state_key),
    )


def write(
    ask: Globals,
    kind: str,
    request: Mapping[str, Json],
    *,
    once: str | None,
    role: "Role" = "clerk",
) -> None:
    """Record a request as the next entry, and show its number and what follows.

    The request is forgotten once the answer is out: until then, the same command
    finds the entry instead of recording it twice.

    Raises:
        UnknownOutcomeError: It is recorded, and the answer could not be given.
    """
    if ask.take is not None:
        ask.take(kind, request)
        return
    from ledger.cli.request import check_once  # noqa: PLC0415 - start-up
    from ledger.register.opening import open_register  # noqa: PLC0415 - start-up

    chosen = check_once(once)
    with open_register(places(ask), write=True) as register:
        signer = unlocked(ask, register, role)
        write_in(ask, register, kind, request, signer=signer, once=chosen)


def unlocked(ask: Globals, register: "Register", role: "Role") -> "Signer":
    """Return the key of a role to sign with, unlocked by its passphrase.

    Raises:
        LockedError: There is none, there are several, or it does not open.
    """
    try:
        key = register.choose_key(role, named=ask.as_key)
    except LockedError as error:
        held = role == "state" and ask.state_key is not None
        if error.code != "keys.choose-one" or not held:
            raise
        secret = passphrase(ask, key_name=str(ask.state_key))
        return register.unlock_state(passphrase=secret)
    secret = passphrase(ask, key_name=key.name)
    return register.unlock(key, role=role, passphrase=secret)


def write_in(
    ask: Globals,
    register: "Register",
    kind: str,
    request: Mapping[str, Json],
    *,
    signer: "Signer",
    once: str | None,
) -> None:
    """Record a request in an open book, as `write` does."""
    from ledger.cli.letters import check_letters  # noqa: PLC0415 - start-up
    from ledger.cli.option_names import naming_options  # noqa: PLC0415 - same
    from ledger.register.writing import acknowledge, append  # noqa: PLC0415 - same

    with naming_options(kind):
        check_letters(dict(request))
        recorded = append(
            register,
            kind=kind,
            request=request,
            signer=signer,
            now=ask.now,
            once=once,
        )
    try:
        _answer(ask, register, recorded)
    except (LedgerError, OSError) as error:
        silence(ask.stdout)
        seq = recorded.entry.seq
        raise UnknownOutcomeError("output.answer-lost", seq=seq) from error
    acknowledge(register, recorded, others=_tell_others(ask, recorded))


def _answer(ask: Globals, register: "Register", recorded: "Recorded") -> None:
    """Show what was recorded, down to the reader; nothing of it is buffered then."""
    from ledger.cli.aftermath import aftermath, over_already  # noqa: PLC0415 - same
    from ledger.cli.changing import zone_that_stays  # noqa: PLC0415 - start-up
    from ledger.register.mirrored import reading  # noqa: PLC0415 - start-up

    of = reading(register)
    ask = ask.over(of.books)
    refs = of.recall.refs_of(recorded.entry.seq)
    told = aftermath(register, recorded, refs, on=ask.now.date())
    following = _show(ask, recorded, book=register.journal.book.name, told=told)
    if is_waiting(register, recorded.entry.seq):
        command = f"{PROGRAM} key approve {recorded.entry.seq}"
        talk(ask, "recorded.key-waits", command=in_book(ask, command))
    for entry in register.taken_in:
        talk(ask, "recorded.void", seq=entry.seq)
    if recorded.at_moved:
        talk(ask, "recorded.at-moved", at=_at(recorded))
    if last := over_already(register, recorded, refs, now=ask.now):
        talk(ask, "recorded.renewal-over", last=last.isoformat())
    if zone := zone_that_stays(register.recall(), recorded.entry.record):
        talk(ask, "recorded.zone-stays", zone=zone)
    if not ask.json:
        # What is to be typed next comes last, after all that may speak against it.
        talk(ask, "recorded.next", command=in_book(ask, metavars(ask, following)))


def is_waiting(register: "Register", seq: int) -> bool:
    """Return whether an entry is a change of a state key that waits for consent."""
    ring = register.recall().history(()).ring
    return any(proposal.seq == seq for proposal in ring.proposals)


def _tell_others(ask: Globals, recorded: "Recorded") -> bool:
    """Say what came of earlier requests, even if quiet; return whether it was said."""
    sentences = [ask.say("recorded.found", seq=seq) for seq in recorded.found]
    sentences += [
        ask.say("recorded.lost", kind=ask.say(f"kind.{kind}")) for kind in recorded.lost
    ]
    return not sentences or tell(ask, sentences)


def _at(recorded: "Recorded") -> str:
    from ledger.tlog.entry import format_instant  # noqa: PLC0415 - start-up

    return format_instant(recorded.entry.at)


def next_command(kind: str, ref: str, *, persons: int | str) -> str:
    """Return the next useful command after an entry of this kind."""
    match kind:
        case "transfer":
            return f"{PROGRAM} receive {ref} --arrived WHEN --persons {persons}"
        case "receipt" | "renewal":
            return f"{PROGRAM} due"
        case "genesis":
            return f"{PROGRAM} record --help"
        case "acknowledgement" | "confirmation":
            return f"{PROGRAM} verify"
        case "key" | "approval":
            return f"{PROGRAM} key list"
        case _:
            return f"{PROGRAM} show {ref}"


def _flag_objects(told: "Aftermath") -> list[Json]:
    """Return the notes, each once: one entry may bring about the same of several."""
    found = dict.fromkeys(sorted((n.code, n.seq, n.n) for n in told.notes))
    return [{"flag": code, "seq": seq, "n": n} for code, seq, n in found]


def _show(
    ask: Globals,
    recorded: "Recorded",
    *,
    book: str,
    told: "Aftermath",
) -> str:
    """Show what was recorded and what came of it; return the next useful command."""
    from ledger.cli.aftermath import (  # noqa: PLC0415 - start-up
        changed_object,
        tell_aftermath,
    )

    entry, about, doubted = recorded.entry, told.about, told.doubted
    subject = recorded.ref or (about[0] if about else str(entry.seq))
    count = entry.data.get("persons")
    n: int | str = 0
    match count:
        case {"n": int(known), "qualifier": "exact"}:
            n = known
        case {"n": int()}:
            n = "N"  # who comes is counted anew, and exactly
        case _:
            pass
    following = next_command(entry.kind, subject, persons=n)
    if doubted:
        following = f"{PROGRAM} confirm {' '.join(map(str, doubted))}"
    if ask.json:
        show_json(
            ask,
            {
                "schema": SCHEMA,
                "book": book,
                "seq": entry.seq,
                "kind": entry.kind,
                "ref": recorded.ref,
                "about": list(about),
                "at": _at(recorded),
                "once": entry.once,
                "leaf": entry.leaf.hex(),
                "size": recorded.size,
                "root": recorded.root.hex(),
                "repeated": recorded.repeated,
                "flags": _flag_objects(told),
                "changed": [changed_object(each) for each in told.changed],
                "suspect": list(doubted),
                "next": in_book(ask, following),
            },
        )
        return following
    if not is_drawn(ask):
        columns = ("seq", "ref", "kind", "about", "leaf", "size", "root", "repeated")
        row = (
            entry.seq,
            recorded.ref,
            entry.kind,
            " ".join(about),
            entry.leaf.hex(),
            recorded.size,
            recorded.root.hex(),
            "yes" if recorded.repeated else "no",
        )
        show_table(ask, Table([Column(name) for name in columns], [row]))
    else:
        key = "recorded.again" if recorded.repeated else "recorded.now"
        kind = ask.say(f"kind.{entry.kind}")
        what = kind
        if recorded.ref is not None:
            what = ask.say("recorded.what", kind=kind, ref=recorded.ref)
        elif entry.kind in {"key", "approval"}:
            from ledger.exchange.entry_sentence import (  # noqa: PLC0415 - start-up
                entry_sentence,
            )

            what = entry_sentence(entry, ask.say)
        elif about:
            what = ask.say("recorded.what-about", kind=kind, refs=", ".join(about))
        lines = [
            ask.say(key, seq=entry.seq, what=what),
            ask.say("recorded.head", book=book, size=recorded.size),
            ask.say("recorded.root", root=recorded.root.hex()),
        ]
        show_lines(ask, lines)
    tell_aftermath(ask, recorded, told)
    if doubted:
        talk(ask, "recorded.suspect", n=len(doubted))
    return following
