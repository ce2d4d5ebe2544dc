"""Spanish: what people read is Spanish, and what programs read is what it was."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.exchange.catalogue import Catalogue, forms
from tests.cli.conversing import settled
from tests.cli.desk import Desk
from tests.cli.program import Outcome

ROOT = Path(__file__).parents[2]
ROOT_HASH = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=")
# Other programs fill the disk between two runs of `doctor`.
FREE_ROOM = re.compile(r"(disk-\w+\W+(?:values\W+)?n\W+)\d+")
GOLDEN = ROOT / "tests" / "golden"
ASKED = (
    *("list", "held", "due --within 400d", "overdue --on 2026-04-01", "show T-1"),
    *("show 2", "totals --by year", "history T-1", "verify", "find group", "doctor"),
    *("variances", "money", "conflicts", "explain T-1", "timeline", "today"),
    *("key list", "diff --known-on 2025-03-15", "calendar", "show T-9", "qwertz"),
    *(
        "record",
        "renew T-9 --for P1Y --persons 1 --agreed-on 2025-03-01",
        "list --on x",
    ),
    *("receive T-1 --persons 3 --arrived 03/04/2025", "show R-1", "import rows.csv"),
    "list --on x",
    "import bad.csv --dry-run",
)


def without_room(outcome: Outcome) -> Outcome:
    return replace(outcome, out=FREE_ROOM.sub(r"\1<room>", outcome.out))


@pytest.mark.parametrize("form", ["--json", "--csv", "--plain"])
def test_the_room_on_the_disk_is_told_apart(form: str, desk: Desk) -> None:
    outcome = desk.run("doctor", form)

    assert without_room(outcome).out.count("<room>") == 1
    assert len(re.findall("disk-", outcome.out)) == 1


@pytest.mark.parametrize("form", ["--json", "--csv", "--plain"])
def test_what_a_program_reads_does_not_change_with_the_language(
    form: str, received: Desk
) -> None:
    (received.folder / "bad.csv").write_text("kind,from\nexit,03/04/2025\n")
    different = []
    for line in ASKED:
        one, other = (
            without_room(received.run(*line.split(), form, "--lang", lang))
            for lang in ("en", "es")
        )
        # Beside an answer people are talked to; an error is an object.
        errors = one.err.startswith("{") and one.err != other.err
        if (one.code, one.out) != (other.code, other.out) or errors:
            different.append((line, one, other))

    assert not different, different


@pytest.mark.parametrize("name", ["summary.es.txt", "summary.es.html"])
def test_a_summary_in_spanish_is_as_it_was_read_and_approved(
    name: str, received: Desk
) -> None:
    received.done(
        *("summary", "--out", "both", "--lang", "en,es", "--format", "json,txt,html"),
        *("--on", "2026-04-01"),
    )
    written = settled((received.folder / "both" / name).read_text("utf-8"), received)
    written = ROOT_HASH.sub("<root>", written)
    golden = GOLDEN / name

    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")
    assert (received.folder / "both" / name.replace("es", "en")).exists()


def test_the_demo_speaks_spanish_where_the_locale_has_no_letters(
    tmp_path: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ledger", "demo", "prueba", "--lang", "es"],
        cwd=tmp_path,
        env={
            **{
                k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))
            },
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONCOERCECLOCALE": "0",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        check=False,
        timeout=300,
    )
    said = ended.stdout.decode()
    script = tmp_path / "prueba" / "tamper.py"

    assert ended.returncode == 0, ended.stderr
    assert "NO verificado" in said
    assert "comunique esta huella" in said
    compile(script.read_text("utf-8"), "tamper.py", "exec")
    english = Catalogue.load("en").sentences
    demo = [
        x for key, each in english.items() if key[:5] == "demo." for x in forms(each)
    ]
    assert [x for x in demo if len(x) > 30 and x.partition("{")[0] in said] == []
