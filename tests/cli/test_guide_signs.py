"""Words that are signs at a prompt, and never an answer."""

import pytest

from tests.cli.desk import Desk


@pytest.mark.parametrize(
    ("language", "back", "aid", "first", "why"),
    [
        ("en", "Back", "help", "State that they are sent to", "answers for the"),
        ("es", "atrás", "Ayuda", "Estado al que se envía", "responde por las"),
    ],
)
def test_back_and_help_are_never_recorded(
    *, desk: Desk, language: str, back: str, aid: str, first: str, why: str
) -> None:
    desk.columns = 200
    typed = f"{aid}\nUS\nSV\n{back}\nSV\na group\n{back}\n"

    outcome = desk.run("record", "--lang", language, answers=typed)

    assert outcome.code == 130
    assert why in outcome.err
    assert outcome.err.count(first) == 2
    assert "[a group]" in outcome.err
