"""Evidence of two histories in plain words, as one HTML page: it loads nothing.

For whoever has to decide and never saw the program: what happened, what the two papers
prove and what they do not, how that is checked, and whom to ask. The page is drawn from
the evidence alone by fixed sentences (`convict.*` of the catalogue); it proves nothing
itself. It is signed as a file of its own, and does not print the fingerprint that it is
to be checked against.
"""

from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.evidence import Evidence, checkpoint_of
from ledger.exchange.markup import Html, element, joined, text, void
from ledger.exchange.page_style import STYLE, policy
from ledger.exchange.summary_parts import Words, unordered
from ledger.tlog.entry import format_instant

NAMESPACE = "transfer-ledger-evidence"
"""What the signatures beside evidence are for."""


class Finding(Struct, frozen=True, kw_only=True):
    """Who found evidence, and what else its page says.

    Attributes:
        name: Name of the file of the evidence.
        finder: Name of the book of the office that found it.
        state: Code of the state that answers for the accused book.
        at: When it was found, UTC.
        key: OpenSSH fingerprint of the log key that signed both papers.
        signed: The files are signed by the office that found it.
    """

    name: str
    finder: str
    state: str
    at: datetime
    key: str
    signed: bool


def evidence_html(evidence: Evidence, finding: Finding, catalogue: Catalogue) -> str:
    """Return the page of evidence in one language."""
    say = Words(catalogue)
    title = say.plain("convict.title", book=evidence.book)
    head = (
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy()),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", text(title)),
        element("style", Html(STYLE)),
    )
    main = (
        _front(say, evidence, finding),
        _happened(say, evidence, finding),
        _worth(say),
        _whom(say, evidence, finding),
        _steps(say, finding),
        _papers(say, evidence),
    )
    page = element(
        "html",
        element("head", joined(head)),
        element("body", element("main", joined(main))),
        lang=say.language,
    )
    return f"<!DOCTYPE html>\n{page}\n"


def _front(say: Words, evidence: Evidence, finding: Finding) -> Html:
    digest = sha256(evidence.format()).hexdigest()
    where = element("a", say.say("page.check-where"), href="#check")
    return element(
        "header",
        element("h1", say.say("convict.title", book=evidence.book)),
        unordered(
            (
                say.item("convict.about", book=evidence.book, state=finding.state),
                say.item(
                    "convict.found",
                    finder=finding.finder,
                    at=format_instant(finding.at),
                ),
                say.item("convict.file", file=finding.name, digest=digest),
            )
        ),
        element("p", say.say("convict.check-first"), text(" "), where, class_="first"),
    )


def _happened(say: Words, evidence: Evidence, finding: Finding) -> Html:
    """Say what the two papers are, side by side."""
    papers = [checkpoint_of(note) for note in evidence.checkpoints]
    heads = ("convict.paper", "convict.entries", "convict.root")
    rows = [
        element(
            "tr",
            element("td", say.say("convict.paper-n", n=number)),
            element("td", text(str(paper.size)), class_="number"),
            element("td", text(paper.root.hex())),
        )
        for number, paper in enumerate(papers, start=1)
    ]
    head = element(
        "thead",
        element(
            "tr", joined(element("th", say.say(key), scope="col") for key in heads)
        ),
    )
    table = element("table", head, element("tbody", joined(rows)))
    return element(
        "section",
        element("h2", say.say("convict.what")),
        say.paragraph("convict.log", book=evidence.book),
        say.paragraph("convict.two", key=finding.key),
        table,
        *_differs(say, evidence, min(paper.size for paper in papers)),
    )


def _differs(say: Words, evidence: Evidence, size: int) -> list[Html]:
    if evidence.index is None:
        return [say.paragraph("convict.same-size", n=size)]
    seq = evidence.index
    leaves = [
        say.item("convict.leaf", paper=number, leaf=leaf.hex())
        for number, leaf in enumerate(evidence.leaves, start=1)
    ]
    return [say.paragraph("convict.entry", seq=seq), unordered(leaves)]


def _worth(say: Words) -> Html:
    """Say what the papers prove, and what they leave open."""

    def listed(key: str, names: tuple[str, ...]) -> tuple[Html, Html]:
        items = unordered(say.item(f"convict.{name}") for name in names)
        return element("h3", say.say(key)), items

    return element(
        "section",
        element("h2", say.say("convict.worth")),
        *listed("convict.proves", ("proves-key", "proves-both", "proves-anyone")),
        *listed(
            "convict.not-proven",
            ("not-who", "not-which", "not-content", "not-rest"),
        ),
        class_="worth",
    )


def _whom(say: Words, evidence: Evidence, finding: Finding) -> Html:
    """Say whom to ask, and what ends it."""
    names = {"book": evidence.book, "state": finding.state, "finder": finding.finder}
    roots = [checkpoint_of(note).root.hex() for note in evidence.checkpoints]
    steps = [
        say.item("convict.ask-state", **names),
        say.item("convict.ask-finder", **names),
        say.item("convict.ask-auditor"),
    ]
    commands = [
        f'transfer-ledger remark 0 --type notice --text "… {root}"' for root in roots
    ]
    return element(
        "section",
        element("h2", say.say("convict.whom")),
        unordered(steps),
        element("h3", say.say("convict.until")),
        say.paragraph("convict.withheld", **names),
        say.paragraph("convict.answer", **names),
        _lines(commands),
    )


def _steps(say: Words, finding: Finding) -> Html:
    """Say how it is checked, with the program and without it."""
    check = say.plain("convict.command", file=finding.name)
    steps = [
        element("li", element("strong", say.say("summary.step.forged"))),
        say.item("convict.step.card"),
        element("li", say.say("convict.step.verify"), _lines([check])),
        say.item("convict.step.hand"),
    ]
    if finding.signed:
        names = (f"{finding.name}.{say.language}.html", finding.name)
        by_hand = f"ssh-keygen -Y check-novalidate -n {NAMESPACE} \\"
        commands = [
            line for name in names for line in (by_hand, f"  -s {name}.sig < {name}")
        ]
        steps += [
            element(
                "li",
                say.say("convict.step.signed", finder=finding.finder),
                _lines(commands),
            ),
            element(
                "li", say.say("convict.step.good"), say.paragraph("page.no-fingerprint")
            ),
        ]
    heading = element("h2", say.say("summary.how-to-check"), id="check")
    return element("section", heading, element("ol", joined(steps)), class_="check")


def _papers(say: Words, evidence: Evidence) -> Html:
    """Show the papers word for word, as they are in the file."""
    shown = [
        (
            element("h3", say.say("convict.paper-n", n=number)),
            _lines(note.decode().splitlines()),
        )
        for number, note in enumerate(evidence.checkpoints, start=1)
    ]
    return element(
        "section",
        element("h2", say.say("convict.papers")),
        say.paragraph("convict.papers-about"),
        *(part for pair in shown for part in pair),
    )


def _lines(lines: list[str]) -> Html:
    return element("pre", joined(text(line) for line in lines))
