"""The law: no code of a finding or a level is shown where a sentence belongs."""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from ledger import errors
from ledger.audit import LEVELS, Finding, Level
from ledger.cli.arguments import lift
from ledger.cli.files import oddity_values
from ledger.cli.lines import reason
from ledger.cli.options import Globals, compose
from ledger.cli.verified_lines import finding_sentence
from ledger.exchange.catalogue import Catalogue, placeholders
from ledger.exchange.summary_form import Oddity
from ledger.register.levels import Result
from tests.sources import PACKAGE, calls_in, files

ENGLISH = Catalogue.load("en")
SUMMARY = [
    PACKAGE / "exchange" / f"summary_{name}.py" for name in ("form", "sums", "accrual")
]


def calls(chosen: Iterable[Path] = ()) -> Iterator[ast.Call]:
    for file in chosen or files():
        yield from calls_in(file)


def named(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def text(node: ast.expr | None) -> str | None:
    match node:
        case ast.Constant(value=str(value)):
            return value
        case _:
            return None


def finding_codes() -> set[str]:
    """Return every code of a finding that the program makes."""
    found = set()
    for call in calls():
        if named(call) in {"Finding", "add", "_row_finding", "_cell_finding"}:
            for node in call.args[2:]:
                code = text(node)
                if code and re.fullmatch("[a-z]+(-[a-z]+)+|cut|gap", code):
                    found.add(code)
    return found


def error_codes() -> set[str]:
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.LedgerError)
    }
    return {
        code
        for call in calls()
        if named(call) in kinds and call.args and (code := text(call.args[0]))
    }


def oddity_codes() -> set[str]:
    """Return every code of what is odd in a summary."""
    found = {f"form-{name}" for name in ("object", "array", "string", "integer")}
    found |= {"form-boolean", "form-day", "form-instant"}
    for call in calls(SUMMARY):
        places = {"Oddity": 1, "_equal": 1}
        if named(call) in places and (code := text(call.args[1])):
            found.add(code)
    return found


def asking() -> Globals:
    return compose(
        lift([]),
        environ={"LANG": "en"},
        stdin=io.StringIO(),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )


ASK = asking()


def said(finding: Finding) -> str:
    key, values = finding_sentence(ASK, finding)
    return ASK.say(key, **values)


def test_the_codes_are_found_where_they_are_made() -> None:
    assert {"gap", "cut", "other-root", "setting-differs"} <= finding_codes()
    assert {"row-missing", "row-extra", "column-differs"} <= finding_codes()
    assert {"store.damaged", "tree.not-included"} <= error_codes()
    assert {"sum", "too-many", "missing", "unknown"} <= oddity_codes()


@pytest.mark.sweep
@pytest.mark.parametrize("level", LEVELS)
def test_every_finding_has_a_sentence_at_every_level(level: Level) -> None:
    for code in sorted(finding_codes()):
        for seq in (None, 5):
            shown = said(Finding(seq, level, code, expected="1", found="2"))
            assert shown.strip()
            if "-" in code:
                assert code not in shown


@pytest.mark.parametrize("kind", ["store", "void"])
def test_every_error_that_can_be_a_finding_has_a_sentence(kind: str) -> None:
    for code in sorted(error_codes() | {"bytes-changed"}):
        needed = placeholders(ENGLISH.sentences.get(f"error.{code}", ""))
        for values in (dict.fromkeys(needed, 3), {}):
            finding = Finding(5, "bytes", f"{kind}:{code}", "T-1", values=values)
            assert code not in said(finding)


def test_a_reason_whose_details_are_gone_is_a_sentence() -> None:
    assert reason(ASK, "store.damaged", {}) == ENGLISH.say("fault.no-details")
    assert "code 11" in reason(ASK, "store.damaged", {"code": 11})


def test_whatever_is_odd_in_a_summary_has_a_sentence() -> None:
    for code in sorted(oddity_codes()):
        told = oddity_values(ASK, Oddity("/a", code, "1", "2"))["what"]
        assert told.partition(" ")[2]
        assert "summary-finding" not in told
    record = oddity_values(ASK, Oddity("", "record:form.not-text"))
    assert record["at"] == "/"
    assert "form.not-text" not in record["what"]


def test_every_sentence_of_a_finding_is_used() -> None:
    keys = {
        name.partition(".")[2]
        for name in ENGLISH.sentences
        if name.startswith(("finding.", "summary-finding."))
    }

    kinds = {"store", "store-table", "damaged", "void", "record"}
    assert keys - finding_codes() - oddity_codes() == kinds


def test_levels_and_results_have_words() -> None:
    for level in LEVELS:
        assert ENGLISH.has(f"level.{level}")
    for result in get_args(Result):
        assert ENGLISH.has(f"result.{result}")
    for memory in get_args(Result):
        assert ENGLISH.has(f"verify.memory-{memory}")
