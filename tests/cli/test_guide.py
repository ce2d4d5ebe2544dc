"""Guided entry: what is asked, what is kept, what comes of it."""

import json
import shlex
from pathlib import Path

import pytest

from ledger.cli import parse
from ledger.cli.question_tables import TABLES
from ledger.cli.verbs import VERBS
from ledger.errors import NotPermittedError
from ledger.store.drafts import MOST_AT_ONCE, draft_of
from tests.cli.asked_clerk import (
    ENGLISH,
    drafts,
    globals_of,
    typed,
)
from tests.cli.conversing import insert
from tests.cli.desk import REMARK, Desk, answer
from tests.cli.program import Terminal

RENEW = ("T-1", "P1Y", "238", "", "", "2025-03-19", "", "", "n", "n", "n", "yes")


@pytest.fixture
def clerk(after_departure: Desk) -> Desk:
    after_departure.columns = 80
    return after_departure


def entries(desk: Desk) -> int:
    return int(answer(desk, "list")["complete_under"][0]["size"])


def test_every_option_of_a_writing_verb_is_asked_for() -> None:
    ask = globals_of(Desk(Path()), Terminal(), Terminal())
    for verb in VERBS:
        if not verb.is_guided:
            continue
        described = parse.describe(parse.command_of(ask, verb))
        options = {
            name.split("/")[0] if each.is_option else each.metavar
            for each in described
            for name in each.names[:1]
        }
        asked = {q.option for q in TABLES[verb.name] if not q.is_gate}
        repeated = {q.option for q in TABLES[verb.name] if q.repeated}

        assert asked == options - {"--once"}, verb.name
        for each in described:
            name = each.names[0] if each.is_option else each.metavar
            assert (name in repeated) == each.repeated, (verb.name, name)
            if each.required and not each.default:
                assert any(q.required for q in TABLES[verb.name] if q.option == name), (
                    name
                )


def test_every_question_has_its_sentences() -> None:
    questions = [question for table in TABLES.values() for question in table]
    wanted = {f"guide.{part}.{q.key}" for q in questions for part in ("ask", "why")}
    wanted |= {f"guide.form.{q.kind}" for q in questions}
    wanted |= {
        f"guide.choice.{choice.casefold().replace('/', '-')}"
        for q in questions
        for choice in q.choices
    }
    there = {
        key
        for key in ENGLISH.sentences
        if key.startswith(("guide.ask", "guide.why", "guide.form", "guide.choice"))
    }

    assert there == wanted | {"guide.why.sign"}


def test_nothing_is_asked_where_the_flags_say_all(clerk: Desk) -> None:
    outcome = clerk.run(*REMARK)

    assert outcome.code == 0
    assert "Press Enter" not in outcome.err
    assert drafts(clerk) == []


@pytest.mark.parametrize("words", [("--no-input",), ("--json",), ("--plain",)])
def test_nobody_is_asked_who_asked_for_no_questions(
    clerk: Desk, words: tuple[str, ...]
) -> None:
    outcome = clerk.run("remark", "T-1", *words, answers=typed("notice"))

    assert outcome.code == 2
    assert "Press Enter" not in outcome.err


def test_a_wrong_use_that_no_answer_mends_is_refused(clerk: Desk) -> None:
    assert clerk.run("record", "--nonsense").code == 2
    assert clerk.run("correct", "T-1", "--reason", "r", "--set", "x").code == 2
    time = "/departures/0/at=2025-03-15T10:00"
    assert clerk.run("correct", "T-1", "--reason", "r", "--set", time).code == 3


@pytest.mark.parametrize("verb", ["correct", "claim"])
@pytest.mark.parametrize("target", ["T-1", "1"])
def test_the_question_for_a_member_lists_what_the_entry_has_now(
    clerk: Desk, verb: str, target: str
) -> None:
    outcome = clerk.run(verb, target, answers=typed("?"))

    lines = [line.strip() for line in outcome.err.splitlines()]
    first = lines.index("The members of this entry now:")
    assert "/persons/n = 238" in lines[first:]
    assert "/facility/name = CECOT" in lines[first:]


def test_a_change_of_an_entry_that_counts_for_nothing_is_left_to_the_verb(
    clerk: Desk,
) -> None:
    insert(clerk, "not an entry")

    outcome = clerk.run("correct", "2", answers=typed("/persons/m=doce", "", "", "r"))

    assert "have no member" not in outcome.err
    assert "a void entry, 2" in outcome.err


def test_an_entry_that_counts_for_nothing_has_no_members_to_list(clerk: Desk) -> None:
    insert(clerk, "not an entry")

    outcome = clerk.run("claim", "2", answers=typed("?"))

    assert outcome.code == 130
    assert "The members of this entry now:" not in outcome.err


@pytest.mark.parametrize("stop_at", range(len(RENEW)))
def test_ctrl_c_at_any_question_loses_no_answer_and_writes_nothing(
    clerk: Desk, stop_at: int
) -> None:
    before = clerk.bytes()

    stopped = clerk.run("renew", answers=typed(*RENEW), stop_at=stop_at)

    assert stopped.code == 130
    assert clerk.bytes() == before
    assert len(drafts(clerk)) == bool(stop_at)
    first = ("yes",) if stop_at else ()
    resumed = clerk.run("renew", answers=typed(*first, *RENEW[stop_at:]))
    assert resumed.code == 0, resumed.err
    assert entries(clerk) == 3
    assert drafts(clerk) == []


def test_the_end_of_the_input_is_as_ctrl_c(clerk: Desk) -> None:
    for count in (0, 1, 5):
        outcome = clerk.run("renew", answers=typed(*RENEW[:count]))
        assert outcome.code == 130
        assert ("are kept" in outcome.err) == bool(count)
    assert entries(clerk) == 2


def test_ctrl_c_at_the_passphrase_keeps_the_draft(clerk: Desk) -> None:
    del clerk.environ["TRANSFER_LEDGER_PASSPHRASE_FILE"]

    def pressed(_: str) -> str:
        raise KeyboardInterrupt

    outcome = clerk.run("renew", answers=typed(*RENEW), hidden=pressed)

    assert outcome.code == 130
    assert "Your answers are kept" in outcome.err
    assert entries(clerk) == 2
    assert len(drafts(clerk)) == 1


def test_a_wrong_passphrase_keeps_the_draft(clerk: Desk) -> None:
    del clerk.environ["TRANSFER_LEDGER_PASSPHRASE_FILE"]

    outcome = clerk.run("renew", answers=typed(*RENEW), hidden=lambda _: "wrong")

    assert outcome.code == 22
    assert "Your answers are kept" in outcome.err
    assert len(drafts(clerk)) == 1


def test_a_fault_before_any_answer_says_nothing_of_answers(clerk: Desk) -> None:
    clerk.environ["XDG_STATE_HOME"] = str(clerk.folder / "passphrase")

    outcome = clerk.run("renew", answers=typed(*RENEW))

    assert outcome.code == 24
    assert "kept" not in outcome.err


def test_a_draft_that_cannot_be_kept_stops_the_entry(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1"))
    path = drafts(clerk)[0]
    path.unlink()
    path.mkdir()
    outcome = clerk.run("renew", answers=typed(*RENEW))

    assert outcome.code == 24
    assert entries(clerk) == 2


def test_a_draft_is_private_and_canonical(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1", "P1Y"))
    (path,) = drafts(clerk)
    kept = json.loads(path.read_bytes())

    assert path.stat().st_mode & 0o777 == 0o600
    assert kept["schema"] == "transfer-ledger/draft/1"
    assert kept["answers"] == [
        {"option": "REF", "values": ["T-1"]},
        {"option": "--for", "values": ["P1Y"]},
    ]


def test_a_draft_that_was_recorded_after_all_is_not_recorded_twice(clerk: Desk) -> None:
    clerk.run("renew", answers=typed(*RENEW[:-1]))
    (path,) = drafts(clerk)
    kept = path.read_bytes()
    assert clerk.run("renew", answers=typed("y", "yes")).code == 0
    path.write_bytes(kept)

    again = clerk.run("renew", answers=typed("y", "yes"))

    assert again.code == 0
    assert entries(clerk) == 3
    assert "already recorded" in again.out or "entry 2" in again.out


def test_another_entry_is_not_taken_for_the_draft_that_was_recorded(
    clerk: Desk,
) -> None:
    clerk.run("renew", answers=typed(*RENEW[:-1]))
    (path,) = drafts(clerk)
    kept = path.read_bytes()
    clerk.run("renew", answers=typed("y", "yes"))
    path.write_bytes(kept)

    again = clerk.run("renew", answers=typed("y", "4", "200", "yes"))

    assert again.code == 130
    assert entries(clerk) == 3


def test_a_draft_may_be_declined(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1", "P1Y"))

    outcome = clerk.run("renew", answers=typed("n", *RENEW))

    assert outcome.code == 0


def test_flags_go_before_what_was_kept(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1", "P1Y", "238"))

    outcome = clerk.run("renew", "--for", "P6M", answers=typed("y", *RENEW[3:]))

    assert outcome.code == 0
    assert answer(clerk, "show", "2")["data"]["length"] == "P6M"


def test_a_damaged_draft_is_said_and_replaced(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1"))
    drafts(clerk)[0].write_text("{")

    outcome = clerk.run("renew", answers=typed(*RENEW))

    assert outcome.code == 0
    assert "its file is damaged" in outcome.err


def test_a_second_program_gets_a_draft_of_its_own(clerk: Desk) -> None:
    clerk.run("renew", answers=typed("T-1", "P1Y"))
    folder = drafts(clerk)[0].parent.parent
    with draft_of(folder, verb="renew"):
        outcome = clerk.run("renew", answers=typed("T-1"))
        assert outcome.code == 130
        assert len(drafts(clerk)) == 2
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ledger.store.drafts.MOST_AT_ONCE", 1)
            assert clerk.run("renew", answers=typed("T-1")).code == 24

    assert MOST_AT_ONCE > 1


def test_a_draft_that_cannot_be_deleted_is_said(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.run("renew", answers=typed(*RENEW[:-1]))
    with monkeypatch.context() as patch:
        patch.setattr("ledger.store.drafts.DraftFile.drop", _not_dropped)
        outcome = clerk.run("renew", answers=typed("y", "yes"))

    assert outcome.code == 0
    assert "could not be deleted" in outcome.err


def _not_dropped(self: object) -> None:
    del self
    raise NotPermittedError("system.forbidden", path="drafts/renew-1.json")


def test_yes_is_taken_as_given_where_the_rules_allow_it(clerk: Desk) -> None:
    assert clerk.run("renew", "--yes", answers=typed(*RENEW[:-1])).code == 0
    lines = (*RENEW[:2], "9000000", *RENEW[3:-1])
    impossible = ("retract", "--yes")
    outcome = clerk.run(*impossible, answers=typed("0", "r"))

    assert outcome.code == 130
    assert len(lines) == len(RENEW) - 1


def test_the_command_is_printed_with_the_options_of_every_verb(clerk: Desk) -> None:
    words = ("--ledger", "book", "--as", "clerk-07", "--once", "0" * 31 + "7")
    outcome = clerk.run("retract", *words, answers=typed("1", "-q", "yes"))
    line = outcome.err.splitlines()[-1]

    assert outcome.code == 0
    assert shlex.split(line) == [
        *("transfer-ledger", "retract", "1", "--reason=-q"),
        *(f"--once={'0' * 31}7", "--ledger=book", "--as=clerk-07"),
    ]
    assert "the same command" not in clerk.run("retract", "-q", answers=typed("1")).err


def test_a_void_entry_is_acknowledged_with_the_state_key(clerk: Desk) -> None:
    insert(clerk, "not an entry")
    outcome = clerk.run("acknowledge", answers=typed("2", "", "seen", "yes"))

    assert outcome.code == 0, outcome.err
    assert "a void entry, 2" in outcome.err


def test_a_disk_that_fails_while_signing_is_not_the_clerks_to_mend(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NotPermittedError("system.forbidden", path="x")

    monkeypatch.setattr("ledger.register.writing.append", fail)
    outcome = clerk.run("renew", answers=typed(*RENEW))

    assert outcome.code == 24
    assert "Your answers are kept" in outcome.err
