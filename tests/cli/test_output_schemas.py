"""Every `--json` answer follows its schema, and no schema names what never appears."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ledger.exchange.sshsig import sign_file
from ledger.keys.files import known_keys, load_signer
from ledger.register.opening import Places
from ledger.store.verified import Verified, VerifiedFile
from ledger.tlog.canonical import Json, encode
from tests.cli.conversing import insert
from tests.cli.desk import INIT, RECEIVE, RECORD, SECRET, Desk, answer
from tests.cli.filing import DEPARTURE, FORMS, as_csv, put
from tests.cli.two_states import ARRIVED, SV
from tests.output_schemas import MAKERS, output_schema
from tests.regenerate_schemas import ROOT
from tests.register.stored import tampering
from tests.schema_parts import Schema

Document = dict[str, Any]

OTHER = (
    *("record", "--from", "US", "--to", "SV", "--persons", "23"),
    *("--group", "others", "--group-by", "US", "--facility", "CECOT"),
    *("--departed", "2025-03-15", "--renewable", "no"),
    *("--compensation", "1.00 USD", "--per", "person-day"),
)
BY = ("--by", "VE")
ON = ("--arrived", "2025-03-18")
PAID = ("--payer", "US", "--payee", "SV")
KEPT = {name: json.loads((ROOT / f"output/{name}.json").read_text()) for name in MAKERS}
CAPPED = ("--term", "P1Y", "--term-from", "departed", "--instrument", "I-2")
# What the demo answers is in test_demo.
NAMES = sorted(set(MAKERS) - {"demo"})


def asked(desk: Desk, *argv: str) -> Iterator[tuple[str, Document]]:
    """Run a command with `--json`; return its object under the name of its schema."""
    outcome = desk.run(*argv, "--json")
    for text in (outcome.out, outcome.err):
        if text.startswith("{"):
            document = json.loads(text)
            assert text.count("\n") == 1
            yield document["schema"].split("/")[1], document


def instead(argv: Sequence[str], **values: str) -> tuple[str, ...]:
    """Return a command line with other values of some of its options."""
    words = list(argv)
    for name, value in values.items():
        words[words.index(f"--{name}") + 1] = value
    return tuple(words)


def sign_again(desk: Desk, file: str, **members: Json) -> None:
    """Put other members into a summary, and sign it with the key of its signer."""
    path = desk.folder / file
    content = encode({**json.loads(path.read_text()), **members})
    path.write_bytes(content)
    keys = {key.name: key for key in known_keys(desk.keys)}
    key = keys["us.example/clerk-07"]
    signer = load_signer(desk.keys, key=key, passphrase=SECRET.encode())
    path.with_name(f"{path.name}.sig").write_text(sign_file(content, signer))


def stopped_at(desk: Desk, *, size: int, root: str) -> None:
    """Remember a verification as if it had been stopped after so many entries."""
    state = Path(desk.environ["XDG_STATE_HOME"]) / "transfer-ledger"
    there = Places(desk.database, desk.keys, state)
    mark = Verified("us.example/book", size, root, desk.now)
    VerifiedFile(there.memory).keep(mark)


def recorded(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Fill the book with one of everything."""
    desk.now = desk.now.replace(day=20)
    money = ("--compensation", "4760000.00 USD", *PAID)
    yield from asked(desk, *RECORD, *money, "--term-text", "one year")
    yield from asked(desk, *OTHER)
    yield from asked(desk, *RECEIVE, "--refused", "8:no room")
    yield from asked(desk, "receive", "T-2", "--persons", "24", "--arrived", "2025-03")
    yield from asked(
        desk,
        *("instrument", "--title", "notes", "--type", "letter", "--stage", "signed"),
        *("--binding", "unknown", "--text-public", "no", "--party", "US"),
    )
    yield from asked(desk, "claim", "I-1", "--field", "/title", "--value", "x", *BY)
    yield from asked(desk, "claim", "T-1", "--field", "/persons/n", "--value", "9", *BY)
    yield from asked(
        desk, "remark", "T-1", "--type", "notice", "--text", "a", "--at", "2025-03-18"
    )
    yield from asked(
        desk, "remark", "T-1", "--type", "notice", "--text", "b", "--at", "2025-03-18"
    )
    desk.now = desk.now.replace(year=2026, month=5)
    how = ("--how", "repatriated", "--persons", "3", "--at", "2025-04-18")
    yield from asked(desk, "end", "T-1", "T-2", *how)
    yield from asked(desk, "end", "T-1", *how, "--status", "alleged")
    yield from asked(
        desk,
        *("renew", "T-1", "--persons", "100", "--until", "2026-05-01"),
        *("--agreed-on", "2026-04-01"),
    )
    yield from asked(
        desk, "correct", "T-1", "--set", "/group/label=a group?", "--reason", "r"
    )
    yield from asked(desk, "retract", "9", "--reason", "r")
    alleged = ("--status", "alleged")
    yield from asked(desk, "receive", "T-2", "--persons", "1", *ON, *alleged)
    yield from asked(
        desk,
        *("renew", "T-2", "--persons", "1", "--for", "P1Y"),
        *("--agreed-on", "2026-04-01", *alleged),
    )
    yield from asked(desk, *OTHER, "--instrument", "I-1")
    yield from asked(desk, "instrument", "I-1", "--stage", "announced", *alleged)
    pledge = ("--stage", "pledge", "--amount", "5.00 USD", "--at", "2025-03-17")
    yield from asked(desk, "pay", "--for", "T-1", *pledge, *PAID)
    yield from asked(desk, "end", "T-1", *how[:-1], "2026-04-28")
    term = '/term={"reading":"fixed","length":"P2Y"}'
    for change in ("/persons/n=25", term, "/persons/n=24"):
        yield from asked(desk, "correct", "T-3", "--set", change, "--reason", "r")


def told(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Ask everything of a full book, then go round the program."""
    for verb in ("list", "held", "overdue"):
        yield from asked(desk, verb)
        yield from asked(desk, verb, "--known-on", "2025-12-31")
    yield from asked(desk, "due", "--on", "2026-03-01")
    for name in ("T-1", "T-2", "I-1", "1", "T-9"):
        yield from asked(desk, "show", name)
    yield from asked(desk, "key", "list")
    yield from asked(desk, "checkpoint", "--out", "us.ckpt")
    for name, document in asked(desk, "verify", "--since", "us.ckpt"):
        yield name, document
        stopped_at(desk, size=document["entries"], root=document["root"])
    yield from asked(desk, "verify", "--resume")
    insert(desk, "not an entry")
    yield from asked(desk, "show", "24")
    yield from asked(desk, "verify", "--require", "time")
    for folder, chosen in (("whole", ()), ("part", ("--transfer", "T-2"))):
        out = ("--out", folder, "--on", "2026-04-20")
        yield from asked(desk, "summary", *out, *chosen)
        made = json.loads((desk.folder / folder / "summary.json").read_text())
        yield "summary", made
    yield from asked(desk, "verify", "whole/summary.json")
    broken = desk.folder / "whole" / "summary.json.sig"
    broken.write_text("not a signature")
    yield from asked(desk, "verify", "whole/summary.json")
    maybe = instead(OTHER, renewable="maybe")
    yield from asked(desk, *maybe, "--status", "maybe")
    yield from looked_into(desk)
    yield from handed_out(desk)
    yield from questioned(desk)
    yield from imported(desk)
    yield from cared_for(desk)
    yield from befriended(desk)
    yield from with_keys(desk)


def with_keys(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Let officers come and go, and a key be stolen."""
    (desk.folder / "new").touch(mode=0o600)
    (desk.folder / "new").write_text("another good passphrase\n")
    new = ("--new-passphrase-file", "new")
    yield from asked(desk, "key", "new", "clerk-08", "--out", "clerk-08.request")
    yield from asked(desk, "key", "new", "clerk-09")
    yield from asked(desk, "key", "add", "clerk-08.request")
    yield from asked(desk, "key", "passphrase", "clerk-08", *new)
    keyed = ("--as", "clerk-08", "--passphrase-file", "new")
    noted = ("remark", "T-1", "--type", "notice", "--text", "c", *keyed)
    yield from asked(desk, *noted)
    ((name, document),) = asked(desk, *noted)
    yield name, document
    lost = ("--reason", "stolen", "--since", "2025-03-01")
    yield from asked(desk, "key", "revoke", "clerk-08", *lost)
    yield from asked(desk, "confirm", str(document["seq"]))
    yield from asked(desk, "history", "--key", "clerk-08")
    yield from asked(desk, "history", "--key", "clerk-08", "--known-on", "2025-12-31")
    yield from asked(desk, "history", "T-1")
    yield from asked(desk, "show", str(document["seq"]))
    second = ("--name", "state-2", "--role", "state", "--text", "seen", *new)
    yield from asked(desk, "key", "add", *second)
    yield from asked(desk, "key", "add", "--recipient", "age1" + "q" * 58)
    yield from asked(desk, "key", "retire", "state", "--as", "state")
    yield from asked(desk, "key", "list")
    yield from asked(desk, "verify")


def looked_into(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Ask how things came about, and what does not add up."""
    noted = ("remark", "T-1", "--type", "variance", "--text")
    yield from asked(desk, *noted, "eight are missing", "--at", "2025-03-18")
    yield from asked(desk, *noted, "they were found", "--resolves", "25")
    of_other = ("remark", "T-2", "--type", "variance", "--text", "26, they say")
    yield from asked(desk, *of_other)
    for ref in ("T-1", "T-2", "I-1"):
        yield from asked(desk, "history", ref, "--on", "2026-01-01")
    yield from asked(desk, "variances", "--on", "2026-06-01")
    yield from asked(desk, "find", "a group")
    yield from asked(desk, "find", "America/Chicago", "--known-on", "2025-12-31")
    yield from asked(desk, "explain", "T-1", "--money")


def handed_out(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Hand out proofs, the book and the card, and check what was handed out."""
    yield from asked(desk, "prove", "5", "--out", "5.tlog-proof")
    yield from asked(desk, "prove", "T-1", "--out", "proofs")
    for form in ("lines", "csv", "tiles"):
        yield from asked(desk, "export", "--out", f"book.{form}", "--format", form)
    yield from asked(desk, "card", "--out", "us.card")
    trust = ("--trust", "us.card")
    entry = ("--entry", "5.tlog-proof.note")
    yield from asked(desk, "verify", "5.tlog-proof", *entry)
    yield from asked(desk, "verify", "5.tlog-proof", *entry, *trust)
    yield from asked(desk, "verify", "us.ckpt")
    yield from asked(desk, "verify", "us.ckpt", *trust)
    yield from asked(desk, "verify", "us.card")
    yield from asked(desk, "verify", "5.tlog-proof.note", *trust)
    converted = (desk.folder / "us.ckpt").read_bytes().replace(b"\n", b"\r\n")
    (desk.folder / "mailed.ckpt").write_bytes(converted)
    yield from asked(desk, "verify", "mailed.ckpt", *trust)
    broken = (desk.folder / "us.card").read_bytes().replace(b"state US", b"state MX")
    (desk.folder / "broken.card").write_bytes(broken)
    yield from asked(desk, "verify", "broken.card")


def questioned(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Ask about money, claims, terms and totals; hold entries against copies."""
    (desk.folder / "minutes.txt").write_text("as it was said")
    sources = (
        *("--evidence", "a letter,2025-03-17,https://example.org/a"),
        *("--evidence", "minutes,2025-03-17,minutes.txt"),
    )
    per_person = ("--amount", "7.00 USD", "--per", "person-year", "--at", "2025-03-17")
    paid = ("--stage", "payment", *per_person, *PAID, "--status", "alleged", *sources)
    yield from asked(desk, "pay", "--for", "T-1", *paid)
    clause = ("--set", "/compensation/refund_clause=none is owed")
    yield from asked(desk, "correct", "T-1", *clause, "--reason", "left out")
    elsewhere = instead(OTHER, facility="elsewhere", departed="2025-03")
    length = ("--term", "P1Y", "--term-from", "departed")
    yield from asked(desk, *elsewhere, *length, *sources)
    claim = ("--field", "/persons/n", "--value", "8", *BY, *sources)
    yield from asked(desk, "claim", "T-4", *claim)
    left = ("--how", "released", "--persons", "1", "--at", "2026-04-19")
    yield from asked(desk, "end", "T-1", "T-4", *left)
    yield from asked(desk, "money")
    yield from asked(desk, "money", "--known-on", "2025-12-31")
    yield from asked(desk, "conflicts")
    yield from asked(desk, "conflicts", "T-1", "--known-on", "2025-12-31")
    yield from asked(desk, "diff", "--known-on", "2025-12-31", "--on", "2026-04-20")
    yield from asked(desk, "timeline", "--on", "2026-04-20", "--svg", "terms.svg")
    for way in ("corridor", "facility", "year"):
        yield from asked(desk, "totals", "--by", way)
    for seq in ("1", "28"):
        yield from asked(desk, "compare", seq, "book.lines")
    yield from asked(
        desk,
        *("instrument", "--title", "a grant", "--type", "letter", "--stage", "signed"),
        *("--binding", "yes", "--text-public", "no", "--party", "US"),
        *("--term-until", "2025-12-31", "--term-reading", "until-date"),
    )
    escaped = ("--how", "escaped", "--persons", "2", "--at", "2026-04-20")
    back = ("--how", "found", "--persons", "1", "--at", "2026-04-21")
    for name, document in asked(desk, "end", "T-1", *escaped):
        yield name, document
        again = ("recover", str(document["seq"]), *back)
        yield from asked(desk, *again)
        yield from asked(desk, *again, "--status", "alleged")
    yield from asked(desk, "show", "T-1")
    yield from asked(desk, *instead(OTHER, departed="2025-02"), *CAPPED)
    yield from asked(
        desk,
        *("renew", "T-4", "--persons", "1", "--until", "2026-12-31"),
        *("--agreed-on", "2026-04-10", "--instrument", "I-1"),
    )
    paid_for = ("--amount", "3.00 USD", "--at", "2025-03-17", *PAID)
    yield from asked(desk, "pay", "--for", "I-1", "--stage", "payment", *paid_for)
    yield from asked(desk, "remark", "I-1", "--type", "notice", "--text", "c")
    yield from asked(desk, "show", "I-1")
    yield from asked(desk, "summary", "--out", "capped", "--on", "2026-04-20")
    yield "summary", json.loads((desk.folder / "capped" / "summary.json").read_text())
    sign_again(desk, "capped/summary.json", day="2026-04-21")
    yield from asked(desk, "verify", "capped/summary.json")
    yield from held_too_long(desk)
    lines = (desk.folder / "book.lines").read_text()
    (desk.folder / "other.lines").write_text(lines.replace("238", "23\\u00e9"))
    yield from asked(desk, "compare", "1", "other.lines")


def held_too_long(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Let all of some transfers leave after the last authorised day."""
    home = ("--how", "repatriated", "--persons", "23", "--at", "2026-04-22")
    yearly = ("--term", "P1Y", "--term-from", "departed")
    yield from asked(desk, *instead(OTHER, departed="2025-02"), *yearly)
    yield from asked(desk, *instead(OTHER, departed="2025-02-01"), *yearly)
    late = ("renew", "T-7", "--from", "2026-03-01", "--until", "2026-03-31")
    yield from asked(desk, *late, "--persons", "23", "--agreed-on", "2026-03-01")
    for number in (5, 6, 7):
        yield from asked(desk, "end", f"T-{number}", *home)
    yield from asked(desk, "summary", "--out", "emptied", "--on", "2026-04-30")
    yield "summary", json.loads((desk.folder / "emptied" / "summary.json").read_text())


def imported(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Import files of every form: good, bad, and known already."""
    chosen = ("--kind", "transfer")
    for name, form in FORMS.items():
        put(desk, name, form([DEPARTURE]))
        yield from asked(desk, "import", name, *chosen)
    put(desk, "bad.csv", as_csv([{**DEPARTURE, "persons": "4.760"}]))
    yield from asked(desk, "import", "bad.csv", *chosen)
    yield from asked(desk, "import", "--template", "t.xlsx", *chosen)


def cared_for(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Ask what is to be done, and take care of the book."""
    yield from asked(desk, "today")
    yield from asked(desk, "today", "--on", "2026-03-01")
    yield from asked(desk, "calendar", "--out", "us.ics")
    yield from asked(desk, "backup", "one.sqlite")
    yield from asked(desk, "restore", "one.sqlite", "--to", "two.sqlite")
    (desk.folder / "three.sqlite").write_text("not a book")
    yield from asked(desk, "restore", "one.sqlite", "--to", "three.sqlite", "--yes")
    yield from asked(desk, "doctor")
    yield from asked(desk, "doctor", "--recover")
    yield from asked(desk, "--ledger", "nowhere", "doctor")


def befriended(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Trust another state, exchange books with it, and be lied to."""
    place = desk.folder / "sv"
    place.mkdir()
    sv = Desk(place, now=desk.now)
    sv.write_passphrase()
    sv.done(*SV)
    sv.done("card", "--out", "own.card")
    mark = answer(desk, "verify", "sv/own.card", code=13)["fingerprint"]
    ways = ("--inbox", "sv/out", "--outbox", "to-sv")
    trusting = ("peer", "add", "sv/own.card", "--fingerprint", mark)
    yield from asked(desk, *trusting, *ways)
    yield from asked(desk, *trusting, "--mirror", "sv/book")
    mark = answer(desk, "verify", "us.card", code=13)["fingerprint"]
    card = str(desk.folder / "us.card")
    ways = ("--inbox", str(desk.folder / "to-sv"), "--outbox", "out")
    yield from asked(sv, "peer", "add", card, "--fingerprint", mark, *ways)
    other = Desk(copytree(place, desk.folder / "fork"), now=desk.now)
    back = Desk(copytree(place, desk.folder / "back"), now=desk.now)
    sv.done(*ARRIVED, "--arrived", "2025-03-19", "--facility", "CECOT")
    sv.done("remark", "R-1", "--type", "notice", "--text", "announced to nobody")
    for each in (desk, sv, desk):
        yield from asked(each, "sync")
    back.done(*ARRIVED, "--arrived", "2025-03-20", "--facility", "CECOT")
    ways = ("--inbox", str(desk.folder / "to-sv"), "--outbox", "out")
    yield from asked(back, "sync", *ways)
    yield from asked(back, "repair", "--from", str(desk.database), "--yes")
    (bundle,) = (desk.folder / "sv" / "out").glob("*.bundle")
    yield from asked(desk, "verify", str(bundle))
    yield from asked(desk, "verify", str(bundle), "--trust", "sv/own.card")
    for verb in ("due", "overdue", "held", "list", "variances", "today"):
        yield from asked(sv, verb)
    for verb in ("show", "history", "explain"):
        yield from asked(sv, verb, "us:T-1")
    yield from asked(sv, "show", "us:I-1")
    yield from asked(sv, "show", "us:2")
    yield from asked(sv, "find", "CECOT")
    yield from told_apart(desk)
    (desk.folder / "sv" / "out" / "other.bundle").write_text("not a bundle")
    other.done(*ARRIVED, "--arrived", "2025-03-20", "--facility", "CECOT")
    other.done("checkpoint", "--out", "sv.ckpt")
    ((name, document),) = asked(desk, "sync", "--mirror", str(other.database))
    yield name, document
    paths = [f["evidence"] for peer in document["peers"] for f in peer["files"]]
    (path,) = filter(None, paths)
    yield from asked(desk, "verify", path)
    yield from asked(desk, "verify", path, "--trust", "sv/own.card")
    yield from asked(desk, "peer", "list")
    yield from asked(desk, "reconcile")
    yield from asked(desk, "reconcile", "--known-on", "2025-12-31")
    yield from mended(sv, desk)


def told_apart(desk: Desk) -> Iterator[tuple[str, Document]]:
    """Renew what the other state has another way, and prove what stands in its book."""
    apart = Desk(copytree(desk.folder / "sv", desk.folder / "apart"), now=desk.now)
    otherwise = ("--persons", "100", "--until", "2026-04-20")
    apart.done("renew", "us:T-1", *otherwise, "--agreed-on", "2026-04-01")
    yield from asked(apart, "variances", "--on", "2026-04-15")
    yield from asked(apart, "prove", "us:T-1", "--out", "proofs")


def mended(sv: Desk, desk: Desk) -> Iterator[tuple[str, Document]]:
    """Damage a book whose last entries nobody else has, and build it anew."""
    for day in ("20", "21"):
        sv.done(*ARRIVED, "--arrived", f"2025-03-{day}", "--facility", "CECOT")
    with tampering(sv.database) as book:
        book.execute("UPDATE entry SET note = x'00' WHERE book = 1 AND seq IN (1, 4)")
    found = ("repair", "--from", str(desk.database), "--yes")
    yield from asked(sv, *found)
    yield from asked(sv, *found, "--older")
    named = ("--name", "sv.example/2/book", "--successor-of", "book")
    yield from asked(sv, "init", "new", *named, *SV[4:])


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[Document]]:
    desk = Desk(tmp_path_factory.mktemp("schemas"))
    desk.write_passphrase()
    found: dict[str, list[Document]] = {name: [] for name in MAKERS}
    for name, document in asked(desk, *INIT):
        found[name].append(document)
    for source in (recorded, told):
        for name, document in source(desk):
            found[name].append(document)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_follows_its_schema(
    name: str, answers: dict[str, list[Document]]
) -> None:
    validator = Draft202012Validator(KEPT[name])

    assert answers[name]
    for document in answers[name]:
        validator.validate(document)


@pytest.mark.parametrize("name", NAMES)
def test_every_member_of_a_schema_is_seen_in_some_answer(
    name: str, answers: dict[str, list[Document]]
) -> None:
    schema = KEPT[name]
    seen = {path for one in answers[name] for path in members(schema, one)}

    missed = set(declared(schema)) - seen
    # Two have tests of their own: numbers that are not exact (test_qualified_counts.py)
    # and a summary of what was known on an earlier day (test_small_words.py).
    elsewhere = ("_qualifier", "/known_on", "/known_entries")
    assert {path for path in missed if not path.endswith(elsewhere)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_the_schema_lacks_is_not_accepted(
    name: str, answers: dict[str, list[Document]]
) -> None:
    document = {**answers[name][0], "surprise": 1}

    assert not Draft202012Validator(KEPT[name]).is_valid(document)


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_a_schema_and_names_itself(name: str) -> None:
    Draft202012Validator.check_schema(KEPT[name])

    assert KEPT[name] == output_schema(name)
    assert KEPT[name]["title"] == f"transfer-ledger/{name}/1"


def test_data_is_what_the_schema_of_its_kind_says(
    answers: dict[str, list[Document]],
) -> None:
    entries = [entry for one in answers["show"] for entry in one.get("entries", ())]
    kinds = {entry["kind"] for entry in entries}

    assert {"transfer", "receipt", "exit", "renewal", "payment"} < kinds
    for entry in entries:
        path = ROOT / "kinds" / f"{entry['kind']}.json"
        Draft202012Validator(json.loads(path.read_text())).validate(entry["data"])


def declared(schema: Schema, path: str = "") -> Iterator[str]:
    """Return the path of every member that a schema names.

    The book beside an entry's number, and the age of a mirror, are only there where
    there is a mirror.
    """
    for name, inner in schema.get("properties", {}).items():
        if name in {"book", "mirror"} and name not in schema["required"]:
            continue
        yield f"{path}/{name}"
        yield from declared(inner, f"{path}/{name}")
    if "items" in schema:
        yield from declared(schema["items"], path)
    for branch, place in branches(schema, path):
        yield from declared(branch, place)


def members(schema: Schema, value: Any, path: str = "") -> Iterator[str]:
    """Return the path of every member of a value that the schema names."""
    if isinstance(value, list):
        for item in value:
            yield from members(schema.get("items", {}), item, path)
    for name, inner in schema.get("properties", {}).items():
        if isinstance(value, Mapping) and name in value:
            yield f"{path}/{name}"
            yield from members(inner, value[name], f"{path}/{name}")
    for branch, place in branches(schema, path):
        if Draft202012Validator(branch).is_valid(value):
            yield from members(branch, value, place)


def branches(schema: Schema, path: str) -> Iterator[tuple[Schema, str]]:
    """Return the alternatives of a schema, each with a path of its own."""
    yield from ((branch, path) for branch in schema.get("anyOf", ()))
    for number, branch in enumerate(schema.get("oneOf", ())):
        yield branch, f"{path}|{number}"


def test_the_schemas_of_answers_are_all_there() -> None:
    files = {path.stem for path in Path(ROOT / "output").glob("*.json")}

    assert files == set(MAKERS)
