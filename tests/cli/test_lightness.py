"""What a question may load: each library more is paid for at every start."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.desk import INIT, RECORD, Desk

ROOT = Path(__file__).parent.parent.parent
HEAVY = ("pydantic", "sqlmodel", "sqlalchemy", "rich", "cryptography", "babel")
CHILD = f"""
import sys
import ledger.cli.main as program
try:
    program.run()
except SystemExit as end:
    assert end.code == 0, end.code
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    "question",
    [("due", "--on", "2025-12-20"), ("show", "T-1"), ("held",), ("list",)],
)
def test_a_question_in_a_pipe_loads_no_heavy_library(
    tmp_path: Path, question: tuple[str, ...]
) -> None:
    desk = Desk(tmp_path, now=datetime(2025, 3, 20, tzinfo=UTC))
    desk.write_passphrase()
    desk.done(*INIT, "--yes")
    desk.done(*RECORD, "--yes")

    ended = subprocess.run(
        [sys.executable, "-c", CHILD, *question, "--json", "--lang", "en"],
        cwd=desk.folder,
        env={**os.environ, **desk.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        text=True,
    )

    assert json.loads(ended.stdout)["schema"].startswith("transfer-ledger/")
    assert ended.stderr.splitlines()[-1] == "[]"
