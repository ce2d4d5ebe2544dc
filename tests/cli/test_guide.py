"""Guided entry: what is asked, what is kept, what comes of it."""

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.cli import parse
from ledger.cli.arguments import lift
from ledger.cli.guide import guided
from ledger.cli.options import Globals, compose
from ledger.cli.question_tables import TABLES
from ledger.cli.questions import Question
from ledger.cli.verbs import VERBS, find
from ledger.errors import MalformedError, NotPermittedError
from ledger.store.drafts import MOST_AT_ONCE, Draft, draft_of
from ledger.tlog.canonical import Json
from tests.cli.asked_clerk import CHOOSE, ENGLISH, RESUME, SIGN, Clerk
from tests.cli.conversing import insert
from tests.cli.desk import RECORD, REMARK, Desk, answer, is_harmless
from tests.cli.program import Terminal
from tests.cli.test_hostile_input import DECEPTIVE, OF_METAVAR, WORKING

RENEW = ("T-1", "P1Y", "238", "", "", "2025-03-19", "", "", "n", "n", "n", "yes")
BY_NAME = {verb.name: verb for verb in VERBS}


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def clerk(after_departure: Desk) -> Desk:
    after_departure.columns = 80
    return after_departure


def drafts(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "state").rglob("drafts/*.json"))


def entries(desk: Desk) -> int:
    return int(answer(desk, "list")["complete_under"][0]["size"])


def globals_of(desk: Desk, keyboard: StringIO, screen: StringIO) -> Globals:
    return compose(
        lift(("--ledger", str(desk.database))),
        environ={**desk.environ, "COLUMNS": "80"},
        stdin=keyboard,
        stdout=Terminal(),
        stderr=screen,
        now=desk.now,
    )


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


def test_a_time_without_a_zone_is_read_in_the_zone_of_the_place(clerk: Desk) -> None:
    words = ("--how", "released", "--persons", "1", "--at", "2025-03-18 22:00")
    answers = typed("", "", "", "n", "n", "yes")
    outcome = clerk.run("end", "T-1", *words, answers=answers)

    assert outcome.code == 0, outcome.err
    assert answer(clerk, "show", "2")["data"]["occurred"] == "2025-03-18T22:00-06:00"
    assert "19 March 2025 (Wednesday), 04:00 UTC" in outcome.err
    assert "18 March 2025 (Tuesday), 23:00 America/Chicago" in outcome.err


def test_a_time_that_the_clocks_showed_twice_is_refused_with_both(clerk: Desk) -> None:
    clerk.now = clerk.now.replace(month=12)
    outcome = clerk.run(
        *REMARK, "--at", "2025-11-02 01:30", answers=typed("2025-11-02 01:30-06:00")
    )

    assert "-05:00 or -06:00" in outcome.err
    assert "02 November" not in outcome.err
    assert "2 November 2025 (Sunday), 07:30 UTC" in outcome.err


def test_where_the_zone_of_the_place_is_not_known_a_zone_is_asked_for(
    clerk: Desk,
) -> None:
    clerk.columns = None
    words = [word for word in RECORD if word not in ("--facility", "CECOT")]
    unknown = ("--facility", "x", "--facility-zone", "unknown")
    clerk.done(*words, *unknown)
    clerk.columns = 80
    at = ("--at", "2025-03-18 22:00")
    outcome = clerk.run(
        "end", "T-2", "--how", "died", *at, "--persons", "1", answers=typed("<")
    )
    origin = clerk.run(
        "record",
        "--from",
        "VE",
        answers=typed(
            "us", "1", "g", "VE", "2", "2025-03-18 22:00", "", "f", "America/Chicago"
        ),
    )
    several = clerk.run(
        "record",
        "--from",
        "CA",
        answers=typed("n", "us", "1", "g", "CA", "2", "2025-03-18 22:00"),
    )

    assert "a time needs its zone" in outcome.err
    assert "18 March 2025 (Tuesday), 22:00 America/Caracas" in origin.err
    assert "a time needs its zone" in several.err


def test_a_choice_is_made_by_number_word_or_part_and_never_guessed(clerk: Desk) -> None:
    answers = typed("T-1", "", "i", "9", "inspect", "seen", "", "", "n", "yes")
    outcome = clerk.run("remark", answers=answers)

    assert outcome.code == 0, outcome.err
    assert "Which one, 1 to 5" in outcome.err
    assert answer(clerk, "show", "2")["data"]["type"] == "inspection"


def test_unknown_is_recorded_where_it_is_an_answer_and_left_out_elsewhere(
    clerk: Desk,
) -> None:
    lines = ("US", "US-TX", "g", "US", "2", "2025-03-15 10:00", "", "f", "unknown")
    more = ("", "", "", "", "unknown", "", "unknown", "", "", "unknown")
    outcome = clerk.run(
        "record",
        answers=typed(*lines, *more, "n", "n", "y", "", "unknown", "", "", "yes"),
    )
    data = answer(clerk, "show", "2")["data"]

    assert outcome.code == 0, outcome.err
    assert data["facility"] == {"name": "f"}
    assert (data["renewable"], data["term"]["reading"]) == ("unknown", "unknown")
    assert (data["asserted_by"], data["status"]) == ("US", "official")
    assert "legal_basis" not in data


def test_what_flags_said_of_what_is_not_asked_is_kept_and_can_be_mended(
    clerk: Desk,
) -> None:
    words = ("--how", "died", "--to", "VE", "--persons", "1", "--status", "reported")
    lines = ("2025-03-18", "", "", "", "n", "", "", "", "<", "", "3", "", "yes")
    outcome = clerk.run("end", "T-1", *words, answers=typed(*lines))

    assert outcome.code == 0
    assert "3. State that they went to: VE" in outcome.err
    assert "Is there a document, another author or a remark to add: yes" in outcome.err


def test_one_goes_back_from_the_whole_entry_as_far_as_there_is_a_question(
    clerk: Desk,
) -> None:
    outcome = clerk.run("retract", answers=typed("0", "r", "<", "<", "1", "s", "yes"))
    clerk.run("retract", answers=typed("1", "r"))
    first = clerk.run("retract", answers=typed("y", "<", "?"))

    assert outcome.code == 0
    assert outcome.err.count("Why, in a few words") == 5
    assert "This is the first question" in first.err


def test_a_disk_that_fails_while_signing_is_not_the_clerks_to_mend(
    clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise NotPermittedError("system.forbidden", path="x")

    monkeypatch.setattr("ledger.register.writing.append", fail)
    outcome = clerk.run("renew", answers=typed(*RENEW))

    assert outcome.code == 24
    assert "Your answers are kept" in outcome.err


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"answers":[1],"at":"x","once":"y","schema":"z","verb":"renew"}',
        b'{"answers":[],"at":"x","once":"y","schema":"z","verb":"renew"}',
        b'{"answers":[{"option":"A","values":[1]}],"at":"","once":"","schema":"z"}',
        Draft(verb="renew", at="x", once="y", answers={}).format() + b" ",
    ],
)
def test_only_what_was_kept_is_read_as_a_draft(content: bytes) -> None:
    with pytest.raises(MalformedError):
        Draft.parse(content)


def test_what_a_flag_implies_is_not_asked(clerk: Desk) -> None:
    words = ("--persons", "238", "--arrived", "2025-03-16 00:05")
    outcome = clerk.run("receive", "T-1", *words, answers=typed("<"))
    numbered = clerk.run("receive", "1", *words, answers=typed("<"))

    assert "announced departure" not in outcome.err
    assert "Unannounced arrival that it turned out to be" in outcome.err
    assert "What --arrived says cannot be taken" in numbered.err


def test_too_many_states_are_not_listed(clerk: Desk) -> None:
    outcome = clerk.run(
        "record", answers=typed("a", "́", "atlantis", "x", "EL SALV", "")
    )

    assert "names have this in them" in outcome.err
    assert "no state has this" in outcome.err
    assert "1  SV  El Salvador" in outcome.err


def test_what_is_read_back_of_codes_days_and_money(clerk: Desk) -> None:
    lines = ("SV", "g", "US", "about:2", "2025-03=2", "", "f", "", "", "P1Y6M")
    more = ("2025-04-01", "", "", "", "", "", "", "y", "1 JPY", "", "", "", "", "y")
    outcome = clerk.run(
        "record", answers=typed("US-TX", *lines, *more, "", "T-1", "", "", "", "n")
    )

    for said in (
        "= TX, United States",
        "= about 2 persons",
        "= March 2025 (the day is not recorded)",
        "= 2 persons",
        "= 1 year, 6 months",
        "= 1 April 2025 (Tuesday)",
        "= 1 Japanese yen",
        "= 238 persons, US to SV, a group",
    ):
        assert said in outcome.err, said
    assert "The whole entry" in outcome.err


def test_an_entry_that_has_no_own_words_is_named_by_its_kind(clerk: Desk) -> None:
    outcome = clerk.run("retract", answers=typed("0", "7", "us:T-1", "r"))

    assert outcome.code == 130
    assert "first entry, entry 0" in outcome.err or ", entry 0" in outcome.err


@pytest.mark.parametrize("verb", WORKING)
def test_hostile_answers_are_refused_in_words_and_write_nothing(
    verb: str, clerk: Desk
) -> None:
    values = [*DECEPTIVE.values(), *(v for vs in OF_METAVAR.values() for v in vs)]
    hostile = [
        line for value in values if len(value) < 3000 for line in value.split("\n")
    ]
    before = clerk.bytes()
    good = usable(verb)
    asked: dict[str, Iterator[str]] = {}
    ended: set[str] = set()

    def reply(option: str, question: Question | None) -> str | None:
        if option == SIGN:
            return None
        if question is None:
            return "<"
        if option not in asked:
            # A value that is good after all goes on to the next question.
            asked[option] = iter([line for line in hostile if line.strip()])
        line = next(asked[option], None)
        if line is None and question.repeated and option in ended:
            return ""  # Enter ends a list
        ended.update({option} if line is None else ())
        return good(option, question) if line is None else line

    screen = Terminal()
    keyboard = Clerk(verb, screen, reply)
    ask = globals_of(clerk, keyboard, screen)
    code = guided(ask, BY_NAME[verb], ())

    assert code == 130
    said = screen.getvalue()
    assert is_harmless(replace(clerk.run("--version"), err=said, out=""))
    assert "Traceback" not in said
    assert clerk.bytes() == before


def usable(verb: str) -> Callable[[str, Question], str]:
    """Return what says a usable answer to each question of a verb."""
    by_kind = {
        "change": "/group/label=b",
        "day": "2025-03-18",
        "departure": "2025-03-15T17:26-04:00",
        "length": "P1Y",
        "money": "4.00 USD",
        "path": "/group/label",
        "persons": "2",
        "ref": "T-1",
        "refusal": "8:no room",
        "share": "a=2",
        "portion": "T-1=1",
        "state": "SV",
        "text": "words",
        "lines": "words",
        "value": "2",
        "when": "2025-03-18T17:26-04:00",
        "whole": "2",
        "zone": "America/El_Salvador",
        "evidence": "letter,2025-03-01",
        "manifest": f"{'a' * 64}:2",
        "trigger": "1",
        "choice": "1",
        "flag": "y",
    }

    def good(option: str, question: Question) -> str:
        if option in {"I-n", "--is", "--resolves", "--instrument"}:
            return ""
        if verb == "acknowledge" and option == "ENTRY":
            return "1"
        return by_kind[question.kind]

    return good


POOL = (
    *("", "", "<", "?", "unknown", "none", "y", "n", "1", "2", "yes", "-q", "--json"),
    *("T-1", "0", "salv", "SV", "4.00 USD", "2025-03-18", "2025-03-18 10:00", "P1Y"),
    *("a=1", "--x=y", "'quoted \"words\"'", "$(x)", "é ñ", "T-1=1", "/persons/n=3"),
    *("/group/label", "letter,2025-03-01", "8:no room", "at-least:3", "ACT/365"),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(verb=st.sampled_from(sorted(TABLES)), data=st.data())
def test_the_printed_command_asks_for_the_same_as_the_answers(
    verb: str, data: st.DataObject, clerk: Desk
) -> None:
    for path in drafts(clerk):
        path.unlink()
    good = usable(verb)
    tries: dict[str, int] = {}
    turns = [0]

    def reply(option: str, question: Question | None) -> str | None:
        turns[0] += 1
        if turns[0] > 400:
            return None
        if option in {SIGN, RESUME, CHOOSE} or question is None:
            return "yes" if option in {SIGN, RESUME} else "1"
        tries[option] = tries.get(option, 0) + 1
        if tries[option] > 3:
            # Enter ends a list, once it has something.
            return (
                ""
                if question.repeated and tries[option] % 2
                else good(option, question)
            )
        return data.draw(st.sampled_from((*POOL, good(option, question))), label=option)

    taken: list[tuple[str, Json]] = []
    screen = Terminal()
    ask = replace(
        globals_of(clerk, Clerk(verb, screen, reply), screen),
        take=lambda kind, request: taken.append((kind, dict(request))),
    )
    code = guided(ask, BY_NAME[verb], ())
    if code:
        return
    command = screen.getvalue().splitlines()[-1]
    lifted = lift(shlex.split(command)[1:])
    assert lifted.problem is None
    found, words = find(lifted.rest, VERBS)
    assert parse.call(parse.command_of(ask, found), words) == 0

    assert len(taken) == 2
    assert taken[0] == taken[1]
