"""What `verify` says beside its table: each finding, and what the book fits.

The sentences of findings, of this machine's memory, and of other states' cosignatures.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from ledger.cli import answers
from ledger.cli.lines import reason
from ledger.cli.options import Globals
from ledger.cli.render import is_drawn, show_lines, talk
from ledger.cli.ways_out import say_ways_out

if TYPE_CHECKING:
    from ledger.audit import Finding
    from ledger.register.checking import Report


_DERIVED = frozenset(("row-missing", "row-extra", "column-differs"))
_NOT_DERIVED = frozenset(("book", "entry", "node", "checkpoint"))


class Told(Struct, frozen=True):
    """The findings that are told, in order, and how many are only counted.

    Attributes:
        findings: What is told.
        following: Others that the first can have brought with it.
        more: Others.
    """

    findings: Sequence["Finding"]
    following: int = 0
    more: int = 0


def chosen(findings: Sequence["Finding"], *, most: int | None) -> Told:
    """Return what is told: first what was altered, and not all that follows from it.

    Args:
        findings: Everything that was found, in order.
        most: How many are told at most; None for all.
    """
    if most is None or len(findings) <= most:
        return Told(findings)  # a few derived values show what the altered one was
    own = [f for f in findings if not _follows(f, findings[0])]
    following = len(findings) - len(own)
    return Told(own[:most], following, len(own[most:]))


def _follows(finding: "Finding", first: "Finding") -> bool:
    """Return whether a finding can be there for no other reason than the first one.

    Once an entry is gone or is not what it was, entries that cite it are void in this
    answer, and what was derived from it does not follow from the entries any more.
    """
    if first.seq is None or first.level not in {"bytes", "chain"}:
        return False
    if ":" in first.code:
        return False
    kind, _, code = finding.code.rpartition(":")
    if kind == "void":
        return finding.seq is not None and finding.seq > first.seq
    return code in _DERIVED and finding.table not in _NOT_DERIVED


def say_findings(ask: Globals, told: Told) -> None:
    """Say what is wrong, each finding in a sentence, and how many are not said."""
    for finding in told.findings:
        key, said = finding_sentence(ask, finding)
        if is_drawn(ask):
            show_lines(ask, [ask.say(key, **said)])
        else:
            talk(ask, key, **said)
    if told.following:
        talk(ask, "verify.following-findings", n=told.following)
    if told.more:
        talk(ask, "verify.more-findings", n=told.more)


def finding_sentence(
    ask: Globals, finding: "Finding"
) -> tuple[str, dict[str, str | int]]:
    """Return the sentence of a finding: where, what, what it should be, what it is."""
    kind, _, code = finding.code.rpartition(":")
    if kind:
        key = f"finding.{kind}" if finding.table is None else f"finding.{kind}-table"
        # Whoever reads this need not be told to verify.
        why = (
            ask.say("finding.damaged", code=finding.values.get("code", "—"))
            if code == "store.damaged"
            else reason(ask, code, finding.values)
        )
        what = ask.say(key, reason=why, table=finding.table or "")
    else:
        what = ask.say(
            f"finding.{code}",
            table=finding.table or "",
            field=finding.field or "",
            row=finding.row or "—",
            expected=finding.expected or "—",
            found=finding.found or "—",
            size=finding.values.get("size", "—"),
        )
    values: dict[str, str | int] = {
        "level": ask.say(f"level.{finding.level}"),
        "what": what,
    }
    if finding.seq is None and finding.ref is not None:
        return "verify.finding-ref", {**values, "ref": finding.ref}
    if finding.seq is None:
        return "verify.finding-anywhere", values
    values["seq"] = finding.seq
    if finding.ref is None:
        return "verify.finding", values
    return "verify.finding-of", {**values, "ref": finding.ref}


def remembered(report: "Report") -> answers.Object | None:
    """Return what this machine remembers of the book; None for nothing."""
    mark = report.remembered.mark
    if mark is None:
        return None
    return {
        "size": mark.size,
        "root": mark.root,
        "elsewhere": report.remembered.elsewhere,
    }


def say_memory(ask: Globals, report: "Report") -> None:
    """Say what the comparison with this machine's memory came to, and which it was."""
    mark, memory = report.remembered.mark, report.memory
    if mark is None or memory == "skipped":
        talk(ask, f"verify.memory-{memory}")
    elif report.remembered.elsewhere:
        talk(ask, f"verify.memory-elsewhere-{memory}", n=mark.size)
    elif mark.size > report.entries:
        talk(ask, "verify.memory-cut", n=mark.size)
        say_ways_out(ask)
    else:
        talk(ask, f"verify.memory-{memory}")


def say_cosigned(ask: Globals, report: "Report") -> None:
    """Say how far other states vouch for the book, and since when they do not."""
    cited = report.cited
    if cited.fitting:
        talk(ask, "verify.citations-fit", n=cited.fitting)
    if cited.unseen:
        books = ", ".join(cited.missing)
        talk(ask, "verify.citations-unseen", n=cited.unseen, books=books)
    witnessed, beyond = report.witnessed, report.beyond_last_cosigned
    if witnessed.size:
        talk(ask, "verify.cosigned", n=witnessed.size, by=", ".join(witnessed.by))
    since = beyond_since(report)
    if beyond < 1:
        if witnessed.size:
            talk(ask, "verify.beyond-none")
    elif witnessed.size and since:
        talk(ask, "verify.beyond-since", n=beyond, since=since)
    else:
        talk(ask, "verify.beyond-cosigned", n=beyond)


def beyond_since(report: "Report") -> str | None:
    """Return the day on which the first entry beyond was recorded, UTC."""
    since = report.witnessed.since
    return None if since is None else since.date().isoformat()
