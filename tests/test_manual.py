"""The manual pages and the table of completion are as the verbs and catalogue are."""

import shutil
import subprocess

import pytest

from ledger.cli.verbs import VERBS
from tests.regenerate_manual import LANGUAGES, TABLE, page, page_path, table


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manual_page_is_what_the_verbs_make_of_it(language: str) -> None:
    assert page_path(language).read_text(encoding="utf-8") == page(language)


def test_the_table_of_completion_is_what_the_verbs_make_of_it() -> None:
    assert TABLE.read_text(encoding="utf-8") == table()


@pytest.mark.skipif(shutil.which("groff") is None, reason="needs groff")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manual_page_is_set_without_a_warning(language: str) -> None:
    ended = subprocess.run(
        ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", page_path(language)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    text = ended.stdout.decode()

    assert ended.stderr == b""
    assert [verb.name for verb in VERBS if verb.name not in text] == []
