"""An auditor's verb: verify."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from ledger.cli import answers
from ledger.cli.checked import LARGEST_FILE
from ledger.cli.files import open_trusted, verify_file
from ledger.cli.options import BOOK, Globals, location
from ledger.cli.progress import ProgressLine
from ledger.cli.recording import places
from ledger.cli.render import (
    Column,
    Table,
    is_drawn,
    show_json,
    show_lines,
    show_table,
    talk,
)
from ledger.cli.verified_lines import (
    Told,
    beyond_since,
    chosen,
    remembered,
    say_cosigned,
    say_findings,
    say_memory,
)
from ledger.errors import UntrustedError, UsageError
from ledger.tlog.entry import format_instant

if TYPE_CHECKING:
    from ledger.audit import Finding, Level
    from ledger.exchange.card import OpenedCard
    from ledger.register.checking import Report

SHOWN_FINDINGS = 20
FOUND = ("seq", "ref", "code", "table", "field", "expected", "found")


def verify(
    ask: Globals,
    file: Annotated[
        str | None, typer.Argument(help="argument.verify", metavar="FILE")
    ] = None,
    *,
    since: Annotated[
        str | None, typer.Option(help="option.verify.since", metavar="CHECKPOINT")
    ] = None,
    genesis: Annotated[
        str | None, typer.Option(help="option.verify.genesis", metavar="HEX")
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(help="option.verify.require", metavar="LEVEL")
    ] = None,
    fingerprint: Annotated[
        str | None,
        typer.Option(help="option.verify.fingerprint", metavar="SHA256:…"),
    ] = None,
    trust: Annotated[
        list[str] | None, typer.Option(help="option.verify.trust", metavar="CARD")
    ] = None,
    book: Annotated[
        str | None, typer.Option(help="option.verify.book", metavar="BOOK")
    ] = None,
    entry: Annotated[
        str | None, typer.Option(help="option.verify.entry", metavar="NOTE")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="option.verify.all")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="option.verify.deep")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="option.verify.resume")
    ] = False,
) -> int:
    """Check that nothing was changed."""
    from ledger.cli.recognised import whole  # noqa: PLC0415 - start-up

    _check_fingerprint(fingerprint)
    if file is not None and not _is_database(file):
        if since or genesis or require or deep or resume or book:
            raise UsageError("usage.verify-file-alone")
        if trust and len(trust) > 1:
            raise UsageError("usage.one-form", choices="--trust")
        one = trust[0] if trust else None
        return verify_file(
            ask, Path(file), entry=entry, trust=one, fingerprint=fingerprint
        )
    if entry is not None:
        raise UsageError("usage.entry-of-proof")
    if resume and (since is not None or book is not None):
        raise UsageError("usage.one-form", choices="--since, --resume, --book")
    if genesis is not None and trust is not None:
        raise UsageError("usage.one-form", choices="--genesis, --trust")
    cards = [card for card in map(open_trusted, trust or ()) if card is not None]
    if fingerprint is not None:
        _check_signer(cards[0] if cards else None, fingerprint)
    from ledger.register.checking import verify as check  # noqa: PLC0415 - start-up

    where = places(ask)
    if file is not None:
        where = replace(where, database=location(file, {}))
    trusted = None if since is None else whole(Path(since))
    levels = [_level(name) for name in require or ()]
    with ProgressLine(ask, stopped="verify.stopped") as line:
        report = check(
            where,
            since=trusted,
            genesis=_hex(genesis),
            peers=[card.card for card in cards],
            book=book,
            require=levels,
            deep=deep,
            progress=line,
            now=ask.now,
            resume=resume,
        )
    if ask.json:
        show_json(ask, _report(report))
    else:
        _say(ask, report, shown=None if every else SHOWN_FINDINGS)
    if resume:
        _say_resumed(ask, report)
    return report.exit_code


def _is_database(file: str) -> bool:
    """Return whether a file begins as a book does: it is verified as one then.

    A folder means the book in it.
    """
    from ledger.exchange.outbox import open_file  # noqa: PLC0415 - start-up
    from ledger.exchange.recognising import HEAD, kind_of  # noqa: PLC0415 - start-up
    from ledger.exchange.tiled import is_folder  # noqa: PLC0415 - start-up

    path = Path(file)
    if is_folder(path):
        return (path / BOOK).exists()
    with open_file(path, most=LARGEST_FILE) as opened:
        return kind_of(opened.read(HEAD)) == "database"


def _check_fingerprint(text: str | None) -> None:
    """Refuse what no key can have as its fingerprint: it is mistyped or cut."""
    if text is None:
        return
    from ledger.exchange.sshsig import is_fingerprint  # noqa: PLC0415 - start-up

    if not is_fingerprint(text):
        raise UsageError("usage.not-a-fingerprint")


def _check_signer(card: "OpenedCard | None", fingerprint: str) -> None:
    """Refuse a card that another key signed than the one that is asked for."""
    if card is None:
        raise UsageError("usage.fingerprint-of-file")
    if card.fingerprint != fingerprint:
        raise UntrustedError("card.other-signer")


def _hex(text: str | None) -> str | None:
    import re  # noqa: PLC0415 - start-up

    if text is not None and not re.fullmatch("[0-9a-f]{64}", text):
        raise UsageError("usage.not-a-hash")
    return text


def _level(name: str) -> "Level":
    from ledger.audit import LEVELS  # noqa: PLC0415 - start-up

    for level in LEVELS:
        if level == name:
            return level
    raise UsageError("usage.not-one-of", option="--require", choices=", ".join(LEVELS))


def _report(report: "Report") -> answers.Object:
    return {
        "schema": "transfer-ledger/verify/1",
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "book": report.book,
        "genesis": report.genesis.hex(),
        "entries": report.entries,
        "head": report.head.hex(),
        "root": report.root.hex(),
        "levels": [
            {"level": r.level, "result": r.result, "covers": r.covers}
            for r in report.levels
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "void": [
            {
                "seq": void.seq,
                "leaf": void.leaf.hex(),
                "faults": [{"level": f.level, "code": f.code} for f in void.faults],
                "acknowledged": acknowledged,
            }
            for void, acknowledged in report.void
        ],
        "cosigned": {
            "size": report.witnessed.size,
            "by": list(report.witnessed.by),
        },
        "beyond_last_cosigned": report.beyond_last_cosigned,
        "suspect": [
            {
                "seq": doubt.seq,
                "key": doubt.key,
                "since": doubt.since.isoformat(),
                "revoked_by": doubt.revoked_by,
            }
            for doubt in report.suspect
        ],
        "beyond_since": beyond_since(report),
        "citations": {
            "fitting": report.cited.fitting,
            "unseen": report.cited.unseen,
            "missing": list(report.cited.missing),
        },
        "memory": report.memory,
        "remembered": remembered(report),
        "pinned": report.pinned,
        "required_missing": list(report.missing),
        "integrity_check": report.whole,
        "resumed": None
        if report.resumed is None
        else {"size": report.resumed.size, "at": format_instant(report.resumed.at)},
    }


def _finding(finding: "Finding") -> answers.Object:
    return {
        "seq": finding.seq,
        "level": finding.level,
        "code": finding.code,
        "ref": finding.ref,
        "table": finding.table,
        "field": finding.field,
        "row": finding.row,
        "expected": finding.expected,
        "found": finding.found,
    }


def _say_resumed(ask: Globals, report: "Report") -> None:
    """Say what was not judged again, or that there was nothing to go on from."""
    if report.resumed is None:
        talk(ask, "verify.not-resumed")
    else:
        at = format_instant(report.resumed.at)
        talk(ask, "verify.resumed", n=report.resumed.size, at=at)


def _say(ask: Globals, report: "Report", *, shown: int | None) -> None:
    """Show a verification to a person: the verdict first, then how far it reached.

    In a pipe the table is the answer, with a line for each finding; the verdict is in
    the exit code, and told on stderr.
    """
    book = report.book or str(places(ask).database)
    values: dict[str, str | int] = {"book": book, "n": report.entries}
    if is_drawn(ask):
        show_lines(ask, [ask.say(f"verify.{report.verdict}", **values)])
    else:
        talk(ask, f"verify.{report.verdict}", **values)
    if report.verdict == "needs_recovery":
        return
    told = chosen(report.findings, most=shown)
    show_table(ask, _levels(ask, report, told))
    say_findings(ask, told)
    _say_void(ask, report)
    _say_suspect(ask, report, shown=shown)
    for level in report.missing:
        talk(ask, "verify.required", level=ask.say(f"level.{level}"))
    if report.whole:
        talk(ask, "verify.integrity-pass")
    if report.memory == "skipped":
        talk(ask, "verify.stopped-by-damage", n=report.judged)
    if report.book:
        say_cosigned(ask, report)
    say_memory(ask, report)
    other = any(found.code == "other-genesis" for found in report.findings)
    # Pinning what was put in the place of the book would be trusting it for ever.
    if report.book and not report.pinned and not other:
        talk(ask, "verify.first-use", genesis=report.genesis.hex())
    _warn(ask, report)


def _say_void(ask: Globals, report: "Report") -> None:
    """Say which entries count for nothing, and what to do about each.

    What follows an altered or a missing entry is not judged by what was recorded: it
    is void in this answer alone, and is not to be acknowledged.
    """
    altered = [
        finding.seq
        for finding in report.findings
        if finding.seq is not None and finding.level in {"bytes", "chain"}
    ]
    first = min(altered, default=None)
    after = 0
    for void, acknowledged in report.void:
        if acknowledged:
            talk(ask, "verify.void-acknowledged", seq=void.seq)
        elif first is not None and void.seq > first:
            after += 1
        else:
            talk(ask, "verify.void-open", seq=void.seq)
    if first is not None and after:
        talk(ask, "verify.void-after", n=after, seq=first)


def _say_suspect(ask: Globals, report: "Report", *, shown: int | None) -> None:
    """Say which entries a lost key signed: they stand, and nobody vouches for them."""
    for doubt in report.suspect[:shown]:
        talk(ask, "verify.suspect", seq=doubt.seq, key=doubt.key, by=doubt.revoked_by)
    more = len(report.suspect[shown:]) if shown else 0
    if more:
        talk(ask, "verify.more-suspect", n=more)


def _levels(ask: Globals, report: "Report", told: Told) -> Table:
    """Return a line for each level; in a pipe, one for each finding of it."""
    columns = (Column("level"), Column("result"), Column("covers", "right"))
    if is_drawn(ask):
        rows = [
            (ask.say(f"level.{r.level}"), ask.say(f"result.{r.result}"), r.covers)
            for r in report.levels
        ]
        return Table(columns, rows)
    nothing = dict.fromkeys(FOUND)
    cells = [
        (level.level, level.result, level.covers, *answers.cells(found, FOUND))
        for level in report.levels
        for found in [_finding(f) for f in told.findings if f.level == level.level]
        or [nothing]
    ]
    return Table((*columns, *(Column(name) for name in FOUND)), cells)


def _warn(ask: Globals, report: "Report") -> None:
    """Warn where the state key lies beside the others."""
    keys = places(ask).keys
    name = f"{report.book.rpartition('/')[0]}/state"
    if (keys / f"{name}.pem").exists():
        talk(ask, "verify.state-key-beside")
