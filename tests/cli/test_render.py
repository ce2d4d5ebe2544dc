import csv
import io
import json
import tempfile

import pytest

from ledger.cli.arguments import lift
from ledger.cli.options import Globals, compose
from ledger.cli.render import coloured, show_json, silence, tell, width
from tests.cli.program import Outcome, Terminal, program

HOSTILE = (
    "[red]x[/red]",
    "[/foo]",
    ":skull:",
    "\x1b[31m",
    "a\u202eb",
    "a\tb\nc\r",
    "\ud800",
)


def table(*refs: str, terminal: bool = False, **environ: str) -> Outcome:
    return program("show", "--", *refs, "end", terminal=terminal, environ=environ)


def test_a_piped_table_is_whole_and_tab_separated() -> None:
    huge = "x" * 5000
    outcome = table(huge, *HOSTILE)

    lines = outcome.out.splitlines()
    assert lines[0] == "ref\tnumber"
    assert lines[1] == f"{huge}\t1"
    assert lines[2:5] == ["[red]x[/red]\t2", "[/foo]\t3", ":skull:\t4"]
    assert lines[5:7] == ["\\x1b[31m\t5", "a\\u202eb\t6"]
    assert lines[7:9] == ["a\\x09b\\x0ac\\x0d\t7", "\\ud800\t8"]
    assert lines[9:] == ["\t", "end\t"]


def test_plain_is_tab_separated_on_a_terminal_too() -> None:
    outcome = program("show", "a", "x", "--plain", terminal=True)

    assert outcome.out == "ref\tnumber\na\t1\n\t\nx\t\n"


def test_a_table_on_a_terminal_folds_and_takes_nothing_for_markup() -> None:
    outcome = table("y" * 300, *HOSTILE, terminal=True, COLUMNS="40", TERM="dumb")

    assert outcome.out.count("y") == 300
    assert max(map(len, outcome.out.splitlines())) <= 40
    assert "[red]x[/red]" in outcome.out
    assert ":skull:" in outcome.out
    assert "\\x1b[31m" in outcome.out
    assert outcome.out.replace("\n", "").isprintable()
    assert "verbs" in outcome.out


def test_colour_adds_escapes_to_the_heading_only_where_wanted() -> None:
    assert "\x1b[" in table("a", terminal=True, TERM="xterm").out
    assert "\x1b[" not in table("a", terminal=True, NO_COLOR="1").out


@pytest.mark.parametrize(
    ("color", "environ", "terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
    ],
)
def test_when_there_is_colour(
    color: str, environ: dict[str, str], *, terminal: bool, expected: bool
) -> None:
    out = Terminal() if terminal else io.StringIO()

    assert coloured(globals_to(out, "--color", color, **environ)) is expected


def test_csv_is_rfc_4180_with_formulas_made_harmless() -> None:
    formulas = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", 'say "a", b', "x"]
    outcome = program("show", "--csv", "--", *formulas, "end")

    rows = list(csv.reader(io.StringIO(outcome.out, newline="")))
    assert outcome.out.startswith("ref,number\r\n'=1+1,1\r\n")
    assert [row[0] for row in rows[1:9]] == [
        *("'=1+1", "'+1", "'-1", "'@x", "'\\x09x", "'\\x0dx", 'say "a", b', "x")
    ]
    assert rows[9:] == [["", ""], ["end", ""]]


def globals_to(
    out: io.StringIO | io.TextIOWrapper, *argv: str, **environ: str
) -> Globals:
    return compose(
        lift(argv),
        environ=environ,
        stdin=io.StringIO(),
        stdout=out,
        stderr=io.StringIO(),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "cp1252"])
def test_json_is_one_line_in_the_order_given_in_any_encoding(encoding: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    document = {"b": 1, "a": "é😀\x9b\u202e\ud800", "c": None}
    show_json(globals_to(out), document)

    text = raw.getvalue().decode(encoding)
    assert text.startswith('{"b":1,"a":"')
    assert text.count("\n") == 1
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert json.loads(text) == document


def test_the_width_is_what_the_environment_says_within_reason() -> None:
    out = io.StringIO()

    assert width(globals_to(out, COLUMNS="120")) == 120
    assert width(globals_to(out, COLUMNS="1")) == 20
    assert [width(globals_to(out, COLUMNS=bad)) for bad in ("", "x", "٣", "99999")] == [
        80
    ] * 4


def test_a_silenced_file_takes_no_more() -> None:
    with tempfile.TemporaryFile("w+") as file:
        silence(file)
        file.write("x")
        file.flush()
    silence(io.StringIO())


def test_a_silenced_closed_file_is_left_alone() -> None:
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed on the next line
    file.close()
    silence(file)

    assert file.closed


def test_a_dead_stderr_stops_nothing_and_is_told_to_the_caller() -> None:
    class Dead(io.StringIO):
        def flush(self) -> None:  # type: ignore[explicit-override]
            raise OSError(5, "Input/output error")

    ask = compose(
        lift(()), environ={}, stdin=io.StringIO(), stdout=io.StringIO(), stderr=Dead()
    )

    assert not tell(ask, ["a sentence"])
