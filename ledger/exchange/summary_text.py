"""The plain text of a summary, drawn from its data by fixed templates.

Whole sentences come from the catalogue under `summary.*`; nothing is glued together.
Texts that people typed are shown as text (`ledger.exchange.plaintext`), and nothing
that is open, disputed, void or late is left out.
"""

from collections.abc import Mapping
from textwrap import wrap

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.plaintext import clean
from ledger.exchange.sshsig import NAMESPACE
from ledger.tlog import canonical
from ledger.tlog.canonical import Json

WIDTH = 78
_PARAGRAPH = " ¶ "
_COUNTS = frozenset(("exact", "about", "at_least", "at_most"))
# What a row of a claim has beside the claim itself: said elsewhere, or in the JSON.
_ASIDE = frozenset(("seq", "kind", "asserted_by", "status", "evidence"))


def summary_text(summary: Mapping[str, Json], catalogue: Catalogue) -> str:
    """Return the text of a summary in one language, lines of at most 78 columns."""
    page = _Page(catalogue)
    _front(page, summary)
    for row in _rows(summary, "transfers"):
        _transfer(page, row)
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
        self._catalogue = catalogue
        self._lines: list[str] = []

    def say(self, key: str, **values: str | int) -> str:
        """Return a sentence of the catalogue, its values made safe to show."""
        safe = {
            name: _safe(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return self._catalogue.say(key, **safe)

    def heading(self, key: str, *, rule: str = "-", **values: str | int) -> None:
        line = self.say(key, **values)
        before = [""] if self._lines else []
        self._lines += [*before, line, rule * min(len(line), WIDTH)]

    def line(self, key: str, **values: str | int) -> None:
        self._wrap(self.say(key, **values), first="", rest="")

    def item(self, key: str, **values: str | int) -> None:
        self._wrap(self.say(key, **values), first="  - ", rest="    ")

    def step(self, number: int, key: str, **values: str | int) -> None:
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


def _safe(text: str) -> str:
    """Return a text on one line, its paragraphs marked, without hostile characters."""
    return _PARAGRAPH.join(clean(line) for line in text.split("\n"))


def _map(value: Json | None) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _rows(holder: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    rows = holder.get(name)
    return [_map(row) for row in rows] if isinstance(rows, list) else []


def _text(holder: Mapping[str, Json], name: str) -> str:
    return str(holder.get(name, ""))


def _int(holder: Mapping[str, Json], name: str) -> int:
    value = holder[name]
    return value if isinstance(value, int) else 0


def _bounds(holder: Mapping[str, Json], name: str) -> str:
    """Return one number, or two with an en dash between them."""
    least, most = _int(holder, f"{name}_min"), _int(holder, f"{name}_max")
    return str(least) if least == most else f"{least}–{most}"  # noqa: RUF001 (a range)


def _front(page: _Page, summary: Mapping[str, Json]) -> None:
    (book,) = _rows(summary, "books")
    page.heading("summary.title", rule="=", book=_text(book, "book"))
    page.line("summary.on", on=_text(summary, "on"))
    page.line("summary.made-at", at=_text(summary, "made_at"))
    page.line("summary.covers", n=_int(book, "entries"))
    beyond = _int(book, "entries_beyond_checkpoint")
    if beyond:
        page.line("summary.beyond", n=beyond)
    scope = _map(summary["scope"])
    page.line("summary.whole" if scope["whole"] else "summary.chosen")
    page.line("summary.not-cosigned")
    page.heading("summary.persons")
    totals = _map(summary["totals"])
    page.item("summary.departed", n=_int(totals, "departed"))
    page.item("summary.arrived", n=_int(totals, "arrived"))
    if _int(totals, "surplus"):
        page.item("summary.surplus", n=_int(totals, "surplus"))
    page.item("summary.held", persons=_bounds(totals, "in_transit_or_held"))
    page.item("summary.unaccounted", n=_int(totals, "unaccounted"))
    _exits(page, totals)


def _exits(page: _Page, holder: Mapping[str, Json]) -> None:
    for row in _rows(holder, "exits"):
        page.item(f"summary.how.{_text(row, 'how')}", n=_int(row, "persons"))
    for row in _rows(holder, "shared_exits"):
        key = f"summary.shared.{_text(row, 'how')}"
        page.item(key, n=_int(row, "persons"), seq=_int(row, "seq"))


def _transfer(page: _Page, row: Mapping[str, Json]) -> None:
    ends = {"ref": _text(row, "ref"), "origin": _text(row, "origin")}
    day = _text(row, "departed_on")
    if "destination" in row:
        destination = _text(row, "destination")
        page.heading("summary.transfer", destination=destination, day=day, **ends)
    else:
        page.heading("summary.arrival", day=day, **ends)
    persons = _map(row["persons"])
    page.item(
        f"summary.persons.{_text(persons, 'qualifier')}",
        n=_int(persons, "n"),
        author=_text(row, "asserted_by"),
    )
    page.item(f"summary.status.{_text(row, 'status')}")
    group = _map(row.get("group"))
    if group:
        label, author = _text(group, "label"), _text(group, "said_by")
        page.item("summary.group", label=label, author=author)
    if "facility" in row:
        page.item("summary.facility", name=_text(row, "facility"))
    page.item(
        "summary.balance",
        departed=_int(row, "departed"),
        surplus=_int(row, "surplus"),
        transit=_bounds(row, "in_transit"),
        held=_bounds(row, "held"),
        unaccounted=_int(row, "unaccounted"),
    )
    _exits(page, row)
    _terms(page, row)
    for flag in _rows(row, "open"):
        key = f"flag.{_text(flag, 'flag')}"
        page.item(key, n=_int(flag, "n"), seq=_int(flag, "seq"))
    _late(page, row)
    seqs = [str(_int(entry, "seq")) for entry in _rows(row, "entries")]
    page.item("summary.entries", seqs=", ".join(seqs), n=len(seqs))


def _terms(page: _Page, row: Mapping[str, Json]) -> None:
    quoted = _map(row.get("term"))
    if "text" in quoted:
        page.item("summary.term-quoted", text=_text(quoted, "text"))
    for term in _rows(row, "terms"):
        page.item(f"reading.{_text(term, 'reading')}")
        page.item(
            f"summary.counted.{_text(term, 'counted_from')}", start=_text(term, "start")
        )
        persons, n = _bounds(term, "persons"), _int(term, "persons_max")
        if "authorised_until" in term:
            page.item(
                "summary.term",
                persons=persons,
                n=n,
                day=_text(term, "authorised_until"),
                zone=_text(row, "deciding_zone"),
            )
        else:
            page.item("summary.no-term", persons=persons, n=n)
        if _int(term, "renewals"):
            page.item("summary.renewed", n=_int(term, "renewals"))
        if "days_over" in term:
            days = _bounds(term, "person_days")
            page.item("summary.overstay", n=_int(term, "days_over"), days=days)
    if "renewable" in row:
        page.item(f"summary.renewable.{_text(row, 'renewable')}")
    agreed = _map(row.get("compensation"))
    if agreed:
        amount = f"{_text(agreed, 'amount')} {_text(agreed, 'currency')}"
        page.item(f"summary.agreed.{_text(agreed, 'per')}", amount=amount)


def _late(page: _Page, holder: Mapping[str, Json]) -> None:
    for late in _rows(holder, "late"):
        page.item("summary.late", seq=_int(late, "seq"), n=_int(late, "days"))


def _payments(page: _Page, summary: Mapping[str, Json]) -> None:
    rows = _rows(summary, "payments")
    page.heading("summary.money")
    for row in rows:
        page.item(
            f"summary.stage.{_text(row, 'stage')}",
            amount=f"{_text(row, 'amount')} {_text(row, 'currency')}",
            payer=_text(row, "payer"),
            payee=_text(row, "payee"),
            day=_text(row, "occurred"),
            status=page.say(f"summary.word.{_text(row, 'status')}"),
            author=_text(row, "asserted_by"),
            seq=_int(row, "seq"),
        )
    if not rows:
        page.item("summary.none")


def _claims(page: _Page, summary: Mapping[str, Json]) -> None:
    rows = _rows(summary, "claims")
    page.heading("summary.disputed")
    for row in rows:
        status, author = _text(row, "status"), _text(row, "asserted_by")
        if "target" in row:
            page.item(
                f"summary.claim.{status}",
                author=author,
                path=_text(row, "path").removeprefix("/"),
                value=_said(page, row["value"]),
                target=_int(_map(row["target"]), "seq"),
                seq=_int(row, "seq"),
            )
            if "text" in row:
                note = _text(row, "text")
                page.item("summary.note", seq=_int(row, "seq"), text=note)
        else:
            what = {name: value for name, value in row.items() if name not in _ASIDE}
            page.item(
                f"summary.uncounted.{status}",
                author=author,
                kind=_text(row, "kind"),
                what=_said(page, what),
                seq=_int(row, "seq"),
            )
    if not rows:
        page.item("summary.none")


def _said(page: _Page, value: Json) -> str:
    """Return a value as a person reads it; its exact form is in the JSON."""
    match value:
        case {"n": int(n), "qualifier": str(how), **rest} if (
            how in _COUNTS and not rest
        ):
            return page.say(f"summary.count.{how}", n=n)
        case {"ledger": str(), "seq": int(seq), "leaf": str()}:
            return page.say("summary.word.entry", seq=seq)
        case dict():
            return ", ".join(
                f"{name} {_said(page, inner)}" for name, inner in sorted(value.items())
            )
        case list():
            return "; ".join(_said(page, inner) for inner in value)
        case _:
            return shown(value)


def _remarks(page: _Page, summary: Mapping[str, Json]) -> None:
    rows = _rows(summary, "remarks")
    if not rows:
        return
    page.heading("summary.remarks")
    for row in rows:
        page.item(
            f"summary.remark.{_text(row, 'status')}",
            author=_text(row, "asserted_by"),
            text=_text(row, "text"),
            seq=_int(row, "seq"),
        )
        if not row["open"]:
            page.item("summary.remark-settled", seq=_int(row, "seq"))


def _changes(page: _Page, summary: Mapping[str, Json]) -> None:
    page.heading("summary.changed")
    rows, voids = _rows(summary, "corrections"), _rows(summary, "void")
    for row in rows:
        page.item(
            f"summary.change.{_text(row, 'kind')}",
            seq=_int(row, "seq"),
            target=_int(row, "target"),
            reason=_text(row, "reason"),
        )
        for change in _rows(row, "changes"):
            old, new = (
                _said(page, change[name])
                if name in change
                else page.say("summary.unknown")
                for name in ("old", "new")
            )
            path = _text(change, "path").removeprefix("/")
            page.item("summary.changed-member", path=path, old=old, new=new)
    for row in voids:
        known = "acknowledged" if row["acknowledged"] else "open"
        page.item(f"summary.void.{known}", seq=_int(row, "seq"))
    if not rows and not voids:
        page.item("summary.none")


def _other_days(page: _Page, summary: Mapping[str, Json]) -> None:
    """Say what was recorded late beside the transfers, and what happened later."""
    if _rows(summary, "late"):
        page.heading("summary.late-others")
        _late(page, summary)
    if _rows(summary, "later"):
        page.heading("summary.later")
        page.line("summary.later-what")
        for row in _rows(summary, "later"):
            kind = _text(row, "kind")
            page.item("summary.later-entry", seq=_int(row, "seq"), kind=kind)


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
    (book,) = _rows(summary, "books")
    lines = book["checkpoint"]
    for line in lines if isinstance(lines, list) else []:
        page.raw(str(line))
