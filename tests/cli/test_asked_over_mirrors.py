"""Money, totals, timeline, conflicts, diff, calendar and proofs over two books."""

from pathlib import Path

import pytest

from tests.cli.desk import MORNING, Desk, answer
from tests.cli.test_two_books import RECEIVED, States, exchange
from tests.cli.two_states import moved

PAID = (
    *("--stage", "payment", "--at", "2025-03-18", "--payer", "US", "--payee", "SV"),
)
RENEWED = ("--until", "2027-03-15", "--persons", "237", "--authority", "a minister")
ASKS: list[tuple[str, ...]] = [
    ("money",),
    ("totals", "--by", "corridor"),
    ("timeline",),
    ("conflicts",),
    ("diff", "--known-on", "2025-03-20"),
    ("calendar", "--out", "days.ics"),
]


@pytest.fixture(scope="module", name="told")
def _told(befriended: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two books that tell of one transfer, and not all of it alike."""
    folder = tmp_path_factory.mktemp("told")
    us, sv = moved(befriended, folder, now=MORNING.replace(day=20))
    exchange(us, sv)
    sv.done("receive", "us:T-1", "--persons", "237", *RECEIVED)
    us.done("pay", "--for", "T-1", "--amount", "100.00 USD", *PAID)
    sv.done("pay", "--for", "us:T-1", "--amount", "90.00 USD", *PAID)
    us.done("renew", "T-1", *RENEWED, "--agreed-on", "2025-03-19")
    sv.done("renew", "us:T-1", *RENEWED, "--agreed-on", "2025-03-20")
    claim = ("--field", "/persons/n", "--value", "237", "--by", "SV")
    sv.done("claim", "us:T-1", *claim, "--status", "reported")
    exchange(sv, us)
    exchange(sv, us)
    return folder


@pytest.fixture(name="states")
def _states(told: Path, tmp_path: Path) -> States:
    return moved(told, tmp_path, now=MORNING.replace(day=21))


def named(states: States) -> list[tuple[Desk, str]]:
    us, sv = states
    return [(us, "T-1"), (sv, "us:T-1")]


def test_every_answer_says_how_old_the_mirror_is(states: States) -> None:
    us, sv = states
    for desk, other in ((us, "sv.example/book"), (sv, "us.example/book")):
        for argv in ASKS:
            said = desk.done(*argv).err

            assert f"{other} is a mirror: its last checkpoint here has size" in said
            assert "taken on 2025-03-20" in said
    for argv in ASKS:
        found = answer(
            sv, *argv[:-1], "again.ics" if argv[0] == "calendar" else argv[-1]
        )
        heads = found.get("complete_under") or found["after"]["complete_under"]

        assert [head["book"] for head in heads] == [
            "sv.example/book",
            "us.example/book",
        ]
        assert [head.get("mirror") is None for head in heads] == [True, False]


def test_both_states_count_the_persons_of_two_books_once(states: States) -> None:
    for desk, _ in named(states):
        (total,) = answer(desk, "totals", "--by", "corridor")["totals"]

        assert (total["key"], total["transfers"]) == ("US SV", 1)
        assert (total["departed"], total["arrived"]) == (238, 237)
        assert total["in_transit_or_held_max"] == 237


def test_both_states_add_a_payment_of_two_books_once(states: States) -> None:
    for desk, _ in named(states):
        (account,) = answer(desk, "money")["accounts"]
        (apart,) = account["apart"]
        told = desk.done("money").out

        assert account["paid"] == "90.00"
        assert (apart["amount"], apart["reason"]) == ("100.00", "beside")
        assert "payment total official beside" in told


def test_a_timeline_is_drawn_of_a_mirrored_transfer(states: States) -> None:
    _, sv = states
    (bar,) = answer(sv, "timeline", "us:T-1")["bars"]
    text = sv.done("timeline", "us:T-1", "--text").out
    sv.done("timeline", "--svg", "terms.svg")

    assert (bar["ref"], bar["book"]) == ("T-1", "us.example/book")
    assert (bar["destination"], bar["last_day"]) == ("SV", "2027-03-15")
    assert text.startswith("us:T-1: US to SV: 237 persons")
    assert "us:T-1" in (sv.folder / "terms.svg").read_text()


@pytest.mark.parametrize("name", [(), ("us:T-1",), ("us:2",)])
def test_a_claim_about_an_entry_of_a_mirror_stands_beside_it(
    name: tuple[str, ...], states: States
) -> None:
    us, sv = states
    (found,) = answer(sv, "conflicts", *name)["conflicts"]
    (other,) = answer(us, "conflicts")["conflicts"]

    assert (found["entry"], found["book"]) == (2, "us.example/book")
    assert (found["book_value"], found["claims"][0]["value"]) == (238, 237)
    assert "book" not in found["claims"][0]
    assert "book" not in other
    assert other["claims"][0]["book"] == "sv.example/book"


def test_diff_names_what_came_with_a_mirror(states: States) -> None:
    us, sv = states
    for desk, ref, seq in ((us, "T-1", "7"), (sv, "us:T-1", "us:7")):
        assert desk.done("diff", "--known-on", "2025-03-20").out.count("\n") == 1
        assert f"{ref}\t" not in desk.done("diff", "--known-on", "2025-03-20").out
        assert seq not in desk.done("diff", "--known-on", "2025-03-20").out
    us.done("correct", "2", "--set", "/persons/n=240", "--reason", "counted again")
    exchange(us, sv)
    (found,) = answer(sv, "diff", "--known-on", "2025-03-20")["transfers"]
    table = sv.done("diff", "--known-on", "2025-03-20").out

    assert (found["ref"], found["book"]) == ("T-1", "us.example/book")
    assert {(e["kind"], e["book"]) for e in found["entries"]} == {
        ("correction", "us.example/book")
    }
    assert "us:T-1\tpersons\t238\t240" in table


def test_the_calendars_of_both_states_have_the_same_events(states: States) -> None:
    found = []
    for desk, name in named(states):
        desk.done("calendar", "--out", "days.ics")
        text = (desk.folder / "days.ics").read_text().replace("\n ", "")
        lines = text.splitlines()
        uids = {line for line in lines if line.startswith(("UID:", "SEQUENCE:"))}
        found.append(uids)

        assert f"transfer-ledger show {name}" in text
        assert "DTSTART;VALUE=DATE:20270315" in text
    one, other = found
    assert {u for u in one if "2027-03-15" in u} == {
        u for u in other if "2027-03-15" in u
    }
    assert one & other


@pytest.mark.parametrize("name", ["us:T-1", "us:5"])
def test_what_stands_in_a_mirror_is_proved_under_its_own_log(
    name: str, states: States
) -> None:
    us, sv = states
    found = answer(sv, "prove", name, "--out", "proofs")
    card = str(us.folder / "own.card")
    rows = [row for row in found["entries"] if row.get("book") == "us.example/book"]
    for row in rows:
        paper = (row["proof"], "--entry", row["note"], "--trust", card)
        checked = answer(sv, "verify", *paper)

        assert (checked["verdict"], checked["seq"]) == ("verified", row["seq"])
    assert rows
    assert found["book"] == "us.example/book"
    assert [each["book"] for each in found["others"]] == (
        ["sv.example/book"] if name == "us:T-1" else []
    )


def test_nobody_needs_a_key_to_prove_what_stands_in_a_mirror(states: States) -> None:
    _, sv = states
    sv.done("remark", "us:T-1", "--type", "notice", "--text", "seen")
    before = sv.bytes()
    nobody = {"TRANSFER_LEDGER_PASSPHRASE_FILE": ""}
    told = sv.run("prove", "us:2", "--out", "proof", environ=nobody)

    assert (told.code, sv.bytes()) == (0, before)
    assert "1 entry of us.example/book proved" in told.err


@pytest.mark.parametrize("name", ["us:T-9", "us:99", "mx:T-1"])
def test_what_is_in_no_mirror_is_not_proved(name: str, states: States) -> None:
    _, sv = states
    assert sv.run("prove", name, "--out", "proof").code == 4


@pytest.mark.parametrize("name", ["us:T-1", "us.example/book:T-1"])
def test_a_summary_of_a_mirror_is_refused_with_what_to_do(
    name: str, states: States
) -> None:
    _, sv = states
    refused = sv.run("summary", "--out", "handed", "--transfer", name)

    assert refused.code == 3
    assert "that transfer stands in us.example/book" in refused.err
    assert "transfer-ledger prove us:T-1 --out FOLDER" in refused.err
    assert sv.run("summary", "--out", "handed", "--transfer", "mx:T-1").code == 4


def test_two_renewals_that_may_be_one_are_named_by_both_states(states: States) -> None:
    for desk, name in named(states):
        told = desk.done("reconcile").out
        steps = desk.done("explain", name).out
        (row,) = answer(desk, "variances")["transfers"]
        (reason,) = (r for r in row["reasons"] if r["reason"] == "renewed-perhaps-once")

        assert "renewed-perhaps-once" in told
        assert steps.count("They may be one; both count") == 2
        assert [said["value"] for said in reason["said"]] in (
            ["2025-03-19", "2025-03-20"],
            ["2025-03-20", "2025-03-19"],
        )
        assert reason["n"] == 1
