"""The plain text of a summary, drawn from its data by fixed templates.

Whole sentences come from the catalogue under `summary.*`; nothing is glued together.
Texts that people typed are shown as text (`ledger.exchange.plaintext`), and nothing
that is open, disputed, void or late is left out.
"""

from collections.abc import Collection, Iterable, Mapping
from textwrap import wrap

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.plaintext import clean
from ledger.exchange.sshsig import NAMESPACE
from ledger.exchange.summary_lines import (
    OF_CLAIM,
    OF_INSTRUMENT,
    OF_PAYMENT,
    OF_REMARK,
    OF_UNCOUNTED,
    OF_VOID,
    beside,
    heading,
    instrument,
    left,
    money,
    quoted,
    recorded,
    sources,
    term,
    who,
)
from ledger.exchange.summary_members import (
    bounds,
    counted,
    last,
    mapping,
    number,
    rows,
    word,
)
from ledger.exchange.summary_parts import Words
from ledger.exchange.time_words import Sentence, time_words
from ledger.tlog import canonical
from ledger.tlog.canonical import Json

WIDTH = 78


def summary_text(summary: Mapping[str, Json], catalogue: Catalogue) -> str:
    """Return the text of a summary in one language, lines of at most 78 columns."""
    page = _Page(catalogue)
    _front(page, summary)
    (book,) = rows(summary, "books")
    for row in rows(summary, "transfers"):
        _transfer(page, row, state=word(book, "state"))
    _instruments(page, summary)
    _payments(page, summary)
    _claims(page, summary)
    _remarks(page, summary)
    _changes(page, summary)
    _other_days(page, summary)
    _ground(page)
    _steps(page, summary)
    return page.text()


def shown(value: Json) -> str:
    """Return a value as text: words as they are, anything else as JSON."""
    return value if isinstance(value, str) else canonical.encode(value).decode()


class _Page:
    """Lines of text in one language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.language = catalogue.language
        self.words = Words(catalogue)
        self._lines: list[str] = []

    def say(self, key: str, /, **values: str | int) -> str:
        """Return a sentence of the catalogue, its values made safe to show."""
        return self.words.plain(key, **values)

    def title(self, key: str, /, **values: str | int) -> None:
        self._headline(self.say(key, **values), rule="=")

    def heading(self, key: str, /, **values: str | int) -> None:
        self._headline(self.say(key, **values), rule="-")

    def _headline(self, line: str, *, rule: str) -> None:
        before = [""] if self._lines else []
        self._lines += [*before, line, rule * min(len(line), WIDTH)]

    def line(self, key: str, /, **values: str | int) -> None:
        self._wrap(self.say(key, **values), first="", rest="")

    def item(self, key: str, /, **values: str | int) -> None:
        self._wrap(self.say(key, **values), first="  - ", rest="    ")

    def items(self, sentences: Iterable[Sentence]) -> None:
        for key, values in sentences:
            self.item(key, **values)

    def beside(self, sentences: Iterable[Sentence]) -> None:
        """Add what is said beside an item, below it."""
        for key, values in sentences:
            self._wrap(self.say(key, **values), first="      - ", rest="        ")

    def step(self, number: int, key: str, /, **values: str | int) -> None:
        self._wrap(self.say(key, **values), first=f"  {number}. ", rest="     ")

    def raw(self, line: str) -> None:
        """Add a line that is not to be broken, such as a command."""
        self._lines.append(clean(f"     {line}").rstrip())

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def _wrap(self, sentence: str, *, first: str, rest: str) -> None:
        self._lines += wrap(
            sentence,
            WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _front(page: _Page, summary: Mapping[str, Json]) -> None:
    (book,) = rows(summary, "books")
    page.title("summary.title", book=word(book, "book"))
    page.line("summary.on", on=word(summary, "on"))
    if "known_on" in summary:
        n, known = number(summary, "known_entries"), word(summary, "known_on")
        page.line("summary.known-on", n=n, day=known)
    page.line("summary.made-at", at=word(summary, "made_at"))
    page.line("summary.covers", n=number(book, "entries"))
    beyond = number(book, "entries_beyond_checkpoint")
    if beyond:
        page.line("summary.beyond", n=beyond)
    scope = mapping(summary["scope"])
    page.line("summary.whole" if scope["whole"] else "summary.chosen")
    page.line("summary.not-cosigned")
    page.heading("summary.persons")
    totals = mapping(summary["totals"])
    page.item("summary.departed", n=counted(totals, "departed"))
    page.item("summary.arrived", n=counted(totals, "arrived"))
    if number(totals, "surplus"):
        page.item("summary.surplus", n=counted(totals, "surplus"))
    page.item("summary.held", persons=bounds(totals, "in_transit_or_held"))
    page.item("summary.unaccounted", n=counted(totals, "unaccounted"))
    _exits(page, totals)


def _exits(page: _Page, holder: Mapping[str, Json]) -> None:
    for row in rows(holder, "exits"):
        page.item(f"summary.how.{word(row, 'how')}", n=counted(row, "persons"))
    for row in rows(holder, "shared_exits"):
        key = f"summary.shared.{word(row, 'how')}"
        page.item(key, n=counted(row, "persons"), seq=number(row, "seq"))


def _transfer(page: _Page, row: Mapping[str, Json], *, state: str) -> None:
    say = page.words
    key, values = heading(row, state=state, say=say)
    page.heading(key, **values)
    page.items(who(row))
    page.items(recorded(row, say))
    _sources(page, mapping(row["recorded"]))
    page.item(
        "summary.balance",
        departed=counted(row, "departed"),
        arrived=counted(row, "arrived"),
        surplus=counted(row, "surplus"),
        transit=bounds(row, "in_transit"),
        held=bounds(row, "held"),
        unaccounted=counted(row, "unaccounted"),
    )
    _exits(page, row)
    page.items(left(row, say))
    page.items(quoted(row, say))
    terms = rows(row, "terms")
    for part, each in enumerate(terms, start=1):
        if len(terms) > 1:
            page.item("page.part", part=part, parts=len(terms))
            page.beside(term(row, each, say))
        else:
            page.items(term(row, each, say))
    page.items(money(row, say))
    for flag in rows(row, "open"):
        key = f"flag.{word(flag, 'flag')}"
        page.item(key, n=counted(flag, "n"), seq=number(flag, "seq"))
    _late(page, row)
    seqs = [str(number(entry, "seq")) for entry in rows(row, "entries")]
    page.item("summary.entries", seqs=", ".join(seqs), n=len(seqs))


def _sources(page: _Page, holder: Mapping[str, Json]) -> None:
    for (key, values), *more in sources(holder):
        page.item(key, **values)
        page.beside(more)


def _beside(page: _Page, row: Mapping[str, Json], told: Collection[str]) -> None:
    """Say what an entry says beside its sentence, and where it is from."""
    page.beside(beside(row, told=told, say=page.words))
    for source in sources(row):
        page.beside(source)


def _instruments(page: _Page, summary: Mapping[str, Json]) -> None:
    found = rows(summary, "instruments")
    page.heading("summary.instruments")
    for row in found:
        key, values = instrument(row, page.words)
        page.item(key, **values)
        _beside(page, row, OF_INSTRUMENT)
    if not found:
        page.item("summary.none")


def _late(page: _Page, holder: Mapping[str, Json]) -> None:
    for late in rows(holder, "late"):
        page.item("summary.late", seq=number(late, "seq"), n=number(late, "days"))


def _payments(page: _Page, summary: Mapping[str, Json]) -> None:
    found = rows(summary, "payments")
    page.heading("summary.money")
    for row in found:
        page.item(
            f"summary.stage.{word(row, 'stage')}",
            amount=f"{word(row, 'amount')} {word(row, 'currency')}",
            payer=word(row, "payer"),
            payee=word(row, "payee"),
            day=time_words(word(row, "occurred"), page.say),
            status=page.say(f"summary.word.{word(row, 'status')}"),
            author=word(row, "asserted_by"),
            seq=number(row, "seq"),
        )
        _beside(page, row, OF_PAYMENT)
    if not found:
        page.item("summary.none")


def _claims(page: _Page, summary: Mapping[str, Json]) -> None:
    found = rows(summary, "claims")
    page.heading("summary.disputed")
    for row in found:
        status, author = word(row, "status"), word(row, "asserted_by")
        if "target" in row:
            page.item(
                f"summary.claim.{status}",
                author=author,
                path=word(row, "path").removeprefix("/"),
                value=page.words.said(row["value"], member=last(word(row, "path"))),
                target=number(mapping(row["target"]), "seq"),
                seq=number(row, "seq"),
            )
            _beside(page, row, OF_CLAIM)
        else:
            what = {k: v for k, v in row.items() if k not in OF_UNCOUNTED}
            page.item(
                f"summary.uncounted.{status}",
                author=author,
                kind=page.say(f"kind.{word(row, 'kind')}"),
                what=page.words.said(what),
                seq=number(row, "seq"),
            )
            _beside(page, {"evidence": row.get("evidence", [])}, ())
    if not found:
        page.item("summary.none")


def _remarks(page: _Page, summary: Mapping[str, Json]) -> None:
    found = rows(summary, "remarks")
    if not found:
        return
    page.heading("summary.remarks")
    for row in found:
        page.item(
            f"summary.remark.{word(row, 'status')}",
            author=word(row, "asserted_by"),
            text=word(row, "text"),
            seq=number(row, "seq"),
        )
        _beside(page, row, OF_REMARK)
        if not row["open"]:
            page.item("summary.remark-settled", seq=number(row, "seq"))


def _changes(page: _Page, summary: Mapping[str, Json]) -> None:
    page.heading("summary.changed")
    found, voids = rows(summary, "corrections"), rows(summary, "void")
    for row in found:
        page.item(
            f"summary.change.{word(row, 'kind')}",
            seq=number(row, "seq"),
            target=number(row, "target"),
            reason=word(row, "reason"),
        )
        for change in rows(row, "changes"):
            member = last(word(change, "path"))
            old, new = (
                page.words.said(change[name], member=member)
                if name in change
                else page.say("summary.unknown")
                for name in ("old", "new")
            )
            path = word(change, "path").removeprefix("/")
            page.item("summary.changed-member", path=path, old=old, new=new)
    for row in voids:
        known = "acknowledged" if row["acknowledged"] else "open"
        page.item(f"summary.void.{known}", seq=number(row, "seq"))
        _beside(page, row, OF_VOID)
    if not found and not voids:
        page.item("summary.none")


def _other_days(page: _Page, summary: Mapping[str, Json]) -> None:
    """Say what was recorded late beside the transfers, and what happened later."""
    if rows(summary, "late"):
        page.heading("summary.late-others")
        _late(page, summary)
    if rows(summary, "later"):
        page.heading("summary.later")
        page.line("summary.later-what")
        for row in rows(summary, "later"):
            kind = page.say(f"kind.{word(row, 'kind')}")
            page.item("summary.later-entry", seq=number(row, "seq"), kind=kind)


def _ground(page: _Page) -> None:
    """Say what this proves, and what rests on whom."""
    page.heading("summary.worth")
    for key in (
        "summary.proves",
        "summary.rests-signer",
        "summary.rests-nobody",
        "summary.statuses",
    ):
        page.item(key)


def _steps(page: _Page, summary: Mapping[str, Json]) -> None:
    """Say how it is checked: by hand, and not by these words alone."""
    page.heading("summary.how-to-check")
    page.step(1, "summary.step.forged")
    page.step(2, "summary.step.telephone")
    page.step(3, "summary.step.fingerprint")
    page.step(4, "summary.step.command")
    for name in (f"summary.{page.language}.txt", "summary.json"):
        page.raw(f"ssh-keygen -Y check-novalidate -n {NAMESPACE} \\")
        page.raw(f"  -s {name}.sig < {name}")
    page.step(5, "summary.step.good")
    page.step(6, "summary.step.json")
    page.heading("summary.checkpoint")
    (book,) = rows(summary, "books")
    lines = book["checkpoint"]
    for line in lines if isinstance(lines, list) else []:
        page.raw(str(line))
