"""What the guide understands, and what it says back."""

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.cli import parse
from ledger.cli.matching import matches, states
from ledger.cli.wording import day_words, length_words, money_words, state_words
from ledger.errors import MalformedError, UsageError
from ledger.exchange.catalogue import Catalogue
from ledger.store.drafts import Draft
from tests.cli.asked_clerk import BY_NAME, ENGLISH, globals_of, typed
from tests.cli.desk import RECORD, REMARK, Desk, answer
from tests.cli.program import Terminal


@pytest.fixture
def clerk(after_departure: Desk) -> Desk:
    after_departure.columns = 80
    return after_departure


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

    assert "announced departure" not in outcome.err


def test_which_unannounced_arrival_it_was_is_asked_only_where_there_is_one(
    clerk: Desk,
) -> None:
    words = ("--persons", "238", "--arrived", "2025-03-16 00:05")
    asked = "Unannounced arrival that it turned out to be"
    none = clerk.run("receive", "T-1", *words, answers=typed("<"))
    given = clerk.run("receive", "T-1", "--is", "R-9", *words, answers=typed("<"))
    clerk.done(
        *("receive", "--unannounced", "--from", "MX", "--persons", "3"),
        *("--arrived", "2025-03-16T00:05-06:00", "--facility", "CECOT"),
    )
    one = clerk.run("receive", "T-1", *words, answers=typed("<"))

    assert asked not in none.err
    assert "What --is says cannot be taken" in given.err
    assert asked in one.err


def test_what_is_read_back_is_in_the_language_of_the_clerk() -> None:
    ask = globals_of(Desk(Path()), Terminal(), Terminal())
    spanish = replace(ask, catalogue=Catalogue("es", ENGLISH.sentences))

    assert money_words(ask, "4760000.00 USD") == "4 760 000.00 US dollars"
    assert money_words(spanish, "4760000.00 USD") == (
        "4 760 000.00 dólares estadounidenses"
    )
    assert money_words(ask, "1.00 USD") == "1.00 US dollars"
    assert day_words(spanish, date(2025, 3, 16)) == "16 de marzo de 2025 (domingo)"
    assert length_words(spanish, "P1Y6M") == "1 año, 6 meses"
    assert state_words(spanish, "US") == "Estados Unidos"
    assert (state_words(spanish, "XA"), state_words(spanish, "XK")) == ("", "Kosovo")
    assert [offer.code for offer in matches(states(spanish), "alemania")] == ["DE"]


def test_tables_are_not_drawn_for_who_asks_for_sentences(clerk: Desk) -> None:
    clerk.columns = 300
    drawn, spoken = clerk.run("list"), clerk.run("list", "--accessible")

    assert "─" in drawn.out
    assert "─" not in spoken.out
    assert "T-1" in spoken.out


def test_only_words_that_the_verb_takes_are_given() -> None:
    ask = globals_of(Desk(Path()), Terminal(), Terminal())
    command = parse.command_of(ask, BY_NAME["remark"])

    assert parse.given(command, ["T-1", "5", "--denied", "--text=-q"]) == {
        "REF|ENTRY": ("T-1", "5"),
        "--accepted": ("no",),
        "--text": ("-q",),
    }
    with pytest.raises(UsageError):
        parse.given(command, ["--text", "a", "--text", "b"])


def test_who_is_meant_by_part_of_a_name_is_offered_as_a_state_and_never_guessed(
    clerk: Desk,
) -> None:
    words = ("pay", "--for", "T-1", "--stage", "pledge", "--at", "2025-03-15")
    amount = ("--amount", "5.00 USD", "--per", "total")
    back = typed("salv", "<", "salv", "unknown", "us", "Sal", "<", "ven", "", "sv", "1")
    rest = typed("Mexi", "Mexi", "n", "n", "yes")
    outcome = clerk.run(*words, *amount, answers=f"{back}{rest}")

    assert outcome.code == 0, outcome.err
    assert "  1  SV  El Salvador" in outcome.err
    said = " ".join(outcome.err.split())
    assert "the organisation if you mean one: 1 = El Salvador" in said
    assert outcome.err.count("Who pays: ") == 6
    shown = answer(clerk, "show", "2")["data"]
    assert (shown["payer"], shown["payee"]) == ("SV", "Mexi")


def test_a_states_code_in_small_letters_is_never_taken_as_an_organisation(
    clerk: Desk,
) -> None:
    words = ("pay", "--for", "T-1", "--stage", "pledge", "--at", "2025-03-15")
    amount = ("--amount", "5.00 USD", "--per", "total")
    flagged = clerk.run(*words, *amount, "--payer", "us", "--payee", "SV")
    typed_twice = typed("us", "us", "US", "SV", "n", "n", "yes")
    asked = clerk.run(*words, *amount, answers=typed_twice)

    assert flagged.code == 3, flagged.err
    assert "--payer: is the state meant?" in flagged.err
    assert "letters: US. If an organisation is meant" in flagged.err
    assert asked.code == 0, asked.err
    assert "the full name of the organisation" in " ".join(asked.err.split())
    assert "is the state meant?" in asked.err
    assert answer(clerk, "show", "2")["data"]["payer"] == "US"


@pytest.mark.parametrize("name", ["ICE", "UN", "Banco de México", "US Embassy"])
def test_a_name_that_is_no_part_of_a_states_is_an_organisations(
    name: str, clerk: Desk
) -> None:
    words = ("claim", "T-1", "--field", "/persons/n", "--value", "3")
    outcome = clerk.run(
        *words, "--status", "reported", answers=typed(name, "", "", "", "yes")
    )

    assert outcome.code == 0, outcome.err
    assert answer(clerk, "show", "2")["data"]["asserted_by"] == name


def test_only_a_remark_is_taken_as_one_that_is_settled(clerk: Desk) -> None:
    outcome = clerk.run(*REMARK, "--resolves", "T-1", "--at", "x", answers=typed("<"))
    words = [word for word in REMARK if word not in ("--text", "t")]
    asked = clerk.run(*words, answers=typed("t", "", "T-1", "1"))

    assert outcome.code == 3
    assert asked.err.count("! entry 1 is no remark") == 2


def test_a_zone_is_found_by_a_part_of_its_name(clerk: Desk) -> None:
    left = [word for word in RECORD if word not in ("--to", "SV", "--group", "a group")]
    answers = typed("g", "america", "mexico city", "", "n")
    outcome = clerk.run(*left, "--to", "MX", answers=answers)

    assert "names have this in them" in outcome.err
    assert "  1  America/Mexico_City" in outcome.err


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
    ):
        assert said in outcome.err, said
    # A transfer is no instrument: it is not read back as one.
    assert "= 238 persons, US to SV, a group" not in outcome.err
    assert "The whole entry" in outcome.err


def test_an_entry_that_has_no_own_words_is_named_by_its_kind(clerk: Desk) -> None:
    outcome = clerk.run("retract", answers=typed("0", "7", "us:T-1", "r"))

    assert outcome.code == 130
    assert "first entry, entry 0" in outcome.err or ", entry 0" in outcome.err


def test_a_change_that_the_member_cannot_have_is_refused_where_it_is_typed(
    clerk: Desk,
) -> None:
    said = ("/persons/n=doce", "/persons/m=12", "/persons/n=12", "", "", "a miscount")
    outcome = clerk.run("correct", "T-1", answers=typed(*said, "yes"))

    assert outcome.code == 0, outcome.err
    first = outcome.err.index("not a whole number between")
    second = outcome.err.index("have no member /persons/m")
    assert first < second < outcome.err.index("a miscount")
    (change,) = answer(clerk, "show", "2")["data"]["changes"]
    assert change == {"path": "/persons/n", "old": 238, "new": 12}


def test_what_is_left_unknown_must_be_a_member(clerk: Desk) -> None:
    outcome = clerk.run("correct", "T-1", answers=typed("", "/nowhere", "<", "<"))

    assert "have no member /nowhere" in outcome.err


def test_words_in_quotes_are_taken_as_they_are(clerk: Desk) -> None:
    said = ('/group/label="another group"', "", "", "r", "yes")
    outcome = clerk.run("correct", "T-1", answers=typed(*said))

    assert outcome.code == 0, outcome.err


def test_a_change_of_a_retracted_entry_needs_a_member_too(
    clerk: Desk,
) -> None:
    assert clerk.run("retract", "T-1", "--reason", "never happened").code == 0
    said = ("/persons/m=12", "/persons/n=12", "", "", "r", "yes")
    outcome = clerk.run("correct", "1", answers=typed(*said))

    assert "have no member /persons/m" in outcome.err
