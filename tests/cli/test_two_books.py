"""Questions over the own book and its mirrors, and entries that cite another book."""

from pathlib import Path

import pytest

from tests.cli.desk import MORNING, Desk, answer
from tests.cli.two_states import later, moved
from tests.register.stored import tampering

States = tuple[Desk, Desk]
RECEIVED = (
    *("--arrived", "2025-03-16T00:05-06:00", "--admitted", "2025-03-16T03:00-06:00"),
)
ENDED = ("--how", "repatriated", "--to", "VE", "--at", "2025-03-18T10:00-06:00")


@pytest.fixture(scope="module", name="mirrored")
def _mirrored(befriended: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two books; the second has a mirror of the first with one departure."""
    folder = tmp_path_factory.mktemp("mirrored")
    us, sv = moved(befriended, folder, now=MORNING.replace(day=20))
    exchange(us, sv)
    return folder


@pytest.fixture(name="states")
def _states(mirrored: Path, tmp_path: Path) -> States:
    return moved(mirrored, tmp_path, now=MORNING.replace(day=20, hour=18))


def exchange(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.done("sync")
        later(*desks)


def receive(sv: Desk, *argv: str) -> None:
    sv.done("receive", "us:T-1", *(argv or ("--persons", "238")), *RECEIVED)


def only(found: dict[str, object]) -> dict[str, object]:
    rows = found["transfers"]
    assert isinstance(rows, list)
    (row,) = rows
    assert isinstance(row, dict)
    return row


@pytest.mark.parametrize("name", ["us:T-1", "us.example/book:T-1"])
def test_a_transfer_of_a_mirrored_book_is_shown(states: States, name: str) -> None:
    _, sv = states
    found = answer(sv, "show", name)

    assert (found["ref"], found["book"]) == ("T-1", "us.example/book")
    assert found["balance"]["in_transit_min"] == 238
    (entry,) = found["entries"]
    assert (entry["seq"], entry["book"]) == (2, "us.example/book")
    own, mirror = found["complete_under"]
    assert "mirror" not in own
    assert (mirror["size"], mirror["mirror"]["day"]) == (4, "2025-03-20")
    assert mirror["mirror"]["root"] == mirror["root"]


def test_every_question_says_how_old_each_mirror_is(states: States) -> None:
    _, sv = states
    for verb in ("due", "overdue", "held", "list", "variances", "today"):
        said = sv.done(verb).err

        assert "us.example/book is a mirror" in said
        assert "taken on 2025-03-20, 0 days ago" in said


def test_a_checkpoint_beside_a_mirror_that_is_none_of_its_book_says_not_how_old_it_is(
    states: States,
) -> None:
    _, sv = states
    before = answer(sv, "due")["complete_under"]
    with tampering(sv.database) as book:
        book.execute(
            "INSERT INTO checkpoint (book, size, note) "
            "SELECT mirror.book, mirror.size, own.note "
            "FROM checkpoint AS mirror, checkpoint AS own "
            "WHERE mirror.book <> 1 AND own.book = 1 ORDER BY mirror.size DESC LIMIT 1"
        )
        assert book.execute("SELECT changes()").fetchone() == (1,)

    assert answer(sv, "due")["complete_under"] == before


def test_a_receipt_cites_the_entry_in_the_mirror(states: States) -> None:
    us, sv = states
    receive(sv)
    note = answer(sv, "show", "3")
    cited = note["data"]["transfer"]
    leaf = answer(us, "show", "2")["leaf"]

    assert cited == {"ledger": "us.example/book", "seq": 2, "leaf": leaf}
    assert note["data"]["status"] == "official"


def test_both_states_count_the_persons_once(states: States) -> None:
    us, sv = states
    receive(sv, "--persons", "237")
    exchange(sv, us)
    for desk, book in ((us, "us.example/book"), (sv, "us.example/book")):
        found = answer(desk, "held")
        row = only(found)

        assert (row["ref"], row["book"]) == ("T-1", book)
        assert (row["held_min"], row["held_max"]) == (237, 237)
        assert row["acknowledged"] is True
        assert "unacknowledged" not in str(row["flags"])
        assert found["in_transit_or_held_max"] == 237
        assert only(answer(desk, "list"))["unaccounted"] == 1
        due = answer(desk, "due", "--within", "400d")
        assert only(due)["authorised_until"] == "2026-03-15"
        assert due["held_max"] == 237
        over = answer(desk, "overdue", "--on", "2026-04-01")
        assert only(over)["days_over"] == 17
        reason = only(answer(desk, "variances"))["reasons"]
        assert [r["reason"] for r in reason] == ["unaccounted"]  # type: ignore[attr-defined]


def test_a_report_of_the_other_state_yields_to_its_own_word(states: States) -> None:
    us, sv = states
    us.done("receive", "T-1", "--persons", "230", *RECEIVED)
    before = only(answer(us, "list"))
    receive(sv)
    exchange(sv, us)
    after = only(answer(us, "list"))
    reasons = only(answer(us, "variances"))["reasons"]

    assert (before["arrived"], before["acknowledged"]) == (230, False)
    assert (after["arrived"], after["acknowledged"]) == (238, True)
    assert {"said-by-both", "reported-otherwise"} <= set(after["flags"])  # type: ignore[call-overload]
    assert reasons == [
        {
            "reason": "reported-otherwise",
            "n": 8,
            "seq": 4,
            "since": "2025-03-16",
            "days_open": 4,
            "said": [
                {"seq": 3, "value": "238", "book": "sv.example/book"},
                {"seq": 4, "value": "230"},
            ],
        }
    ]


def test_who_came_unannounced_turns_out_to_be_a_peers_transfer(states: States) -> None:
    _, sv = states
    sv.done(
        *("receive", "--unannounced", "--from", "US", "--persons", "238", *RECEIVED)
    )
    before = answer(sv, "held")
    receive(sv, "--is", "R-1", "--persons", "238")
    after = answer(sv, "held")

    assert [row["ref"] for row in before["transfers"]] == ["R-1", "T-1"]
    assert before["in_transit_or_held_max"] == 476
    assert only(after)["book"] == "us.example/book"
    assert after["in_transit_or_held_max"] == 238
    assert answer(sv, "show", "R-1")["ref"] == "T-1"
    assert answer(sv, "verify")["verdict"] == "consistent"


def test_who_was_recognised_is_not_recognised_again(states: States) -> None:
    us, sv = states
    sv.done(
        *("receive", "--unannounced", "--from", "US", "--persons", "238", *RECEIVED)
    )
    receive(sv, "--is", "R-1", "--persons", "238")
    before = sv.bytes()
    again = sv.run("receive", "us:T-1", "--is", "R-1", "--persons", "238", *RECEIVED)

    assert (again.code, sv.bytes()) == (3, before)
    assert "R-1 was recognised already, by entry 4" in again.err
    exchange(sv, us)
    assert answer(us, "reconcile")["differences"] == []
    sv.done("retract", "4", "--reason", "of another group")
    receive(sv, "--is", "R-1", "--persons", "238")


def test_an_exit_of_a_peers_transfer_is_counted_by_both(states: States) -> None:
    us, sv = states
    receive(sv)
    sv.done("end", "us:T-1", "--persons", "38", *ENDED)
    exchange(sv, us)
    for desk, name in ((us, "T-1"), (sv, "us:T-1")):
        found = answer(desk, "show", name)

        assert found["balance"]["held_max"] == 200
        assert found["balance"]["exits"] == {"repatriated": 38}
        lines = answer(desk, "history", name)["entries"]
        assert sorted((line["kind"], line["seq"]) for line in lines) == [
            ("exit", 4),
            ("receipt", 3),
            ("transfer", 2),
        ]
    steps = answer(sv, "explain", "us:T-1")
    assert (steps["ref"], steps["book"]) == ("T-1", "us.example/book")
    assert {(s.get("book"), s["seq"]) for s in steps["steps"] if s["seq"]} >= {
        ("us.example/book", 2),
        (None, 3),
    }


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("us:T-2", "--persons", "1"), 4),
        (("mx:T-1", "--persons", "1"), 4),
        (("us:I-1", "--persons", "1"), 4),
    ],
)
def test_what_the_mirror_does_not_hold_is_not_received(
    states: States, argv: tuple[str, ...], code: int
) -> None:
    _, sv = states
    before = sv.bytes()

    assert sv.run("receive", *argv, *RECEIVED).code == code
    assert sv.bytes() == before


@pytest.mark.parametrize(
    "argv",
    [
        ("show", "us:T-9"),
        ("show", "us:I-9"),
        ("show", "us:99"),
        ("history", "us:T-9"),
        ("receive", "us:T-9", "--persons", "1", *RECEIVED),
    ],
)
def test_what_a_mirror_lacks_is_said_of_that_book(
    states: States, argv: tuple[str, ...]
) -> None:
    _, sv = states
    refused = sv.run(*argv)

    assert refused.code == 4
    assert f"{argv[1]}: the mirror of us.example/book" in refused.err
    assert "no T-9 in this book" in sv.run("show", "T-9").err
    assert "no entry 99 in this book" in sv.run("show", "99").err


def test_rules_are_judged_against_the_mirror(states: States) -> None:
    _, sv = states
    refused = sv.run(
        *("receive", "us:T-1", "--persons", "238"),
        *("--arrived", "2025-03-14T00:05-06:00"),
    )

    assert refused.code == 3
    assert "before" in refused.err


def test_a_correction_is_judged_against_the_mirror_too(states: States) -> None:
    _, sv = states
    receive(sv)
    early = ("--set", "/arrived=2025-03-14T00:05-06:00")
    refused = sv.run("correct", "3", *early, "--reason", "typing")
    sv.done("correct", "3", "--set", "/arrived_persons=237", "--reason", "typing")

    assert refused.code == 3
    assert only(answer(sv, "held"))["held_max"] == 237


def test_a_retracted_receipt_leaves_them_in_transit(states: States) -> None:
    us, sv = states
    receive(sv)
    sv.done("retract", "3", "--reason", "wrong group")
    exchange(sv, us)

    assert only(answer(us, "list"))["in_transit_max"] == 238
    assert only(answer(us, "list"))["acknowledged"] is False


def test_verify_says_whether_citations_fit_the_mirror(states: States) -> None:
    us, sv = states
    receive(sv)
    exchange(sv, us)
    found = answer(sv, "verify")["citations"]
    other = answer(us, "verify", "--book", "sv.example/book")["citations"]

    assert found == {"fitting": 1, "unseen": 0, "missing": []}
    assert other == {"fitting": 1, "unseen": 0, "missing": []}
    assert "1 citation of another book fits" in sv.done("verify").err


def test_a_citation_that_the_mirror_does_not_hold_is_a_finding(states: States) -> None:
    _, sv = states
    receive(sv)
    with tampering(sv.database) as book:
        # The mirror, not the own book: the last entry of the departure's state.
        book.execute(
            "UPDATE heading SET fault = 'rules record.x' "
            "WHERE book = 2 AND kind = 'transfer'"
        )
    found = answer(sv, "verify", code=10)

    assert [f["code"] for f in found["findings"]] == ["citation-unfit"]
    assert found["findings"][0]["seq"] == 3
    assert found["citations"]["fitting"] == 0


def test_citations_without_a_mirror_are_told(states: States) -> None:
    us, sv = states
    receive(sv)
    exchange(sv, us)
    with tampering(sv.database) as book:
        for table in (
            *("subject", "heading", "node", "checkpoint", "counter", "transfer"),
            *("term", "movement", "payment", "entry"),
        ):
            book.execute(f"DELETE FROM {table} WHERE book = 2")  # noqa: S608 (ours)
        book.execute("DELETE FROM book WHERE id = 2")
    outcome = sv.run("verify")
    found = answer(sv, "verify")["citations"]

    assert found == {"fitting": 0, "unseen": 1, "missing": ["us.example/book"]}
    assert "cannot be compared" in outcome.err


def test_exits_of_two_books_say_how_many_of_each(states: States) -> None:
    _, sv = states
    receive(sv)
    sv.done(*("receive", "--unannounced", "--from", "US", "--persons", "5", *RECEIVED))
    both = ("end", "us:T-1", "R-1", "--persons", "15", *ENDED)
    refused = sv.run(*both)
    sv.done(*both, "--split", "us:T-1=12", "--split", "R-1=3")
    rows = {row["ref"]: row["held_max"] for row in answer(sv, "held")["transfers"]}

    assert refused.code == 3
    assert "--split" in refused.err
    assert rows == {"T-1": 226, "R-1": 2}


def test_the_same_request_again_is_found_not_repeated(states: States) -> None:
    _, sv = states
    once = ("--once", "0" * 31 + "1")
    receive(sv, "--persons", "238", *once)
    again = answer(sv, "receive", "us:T-1", "--persons", "238", *RECEIVED, *once)

    assert again["repeated"] is True


def test_a_renewal_and_a_payment_of_both_books_count_once(states: States) -> None:
    us, sv = states
    receive(sv)
    renewed = (
        *("--until", "2026-09-15", "--persons", "238"),
        *("--agreed-on", "2025-03-19"),
    )
    us.done("renew", "T-1", *renewed)
    sv.done("renew", "us:T-1", *renewed)
    paid = (
        *("--stage", "payment", "--amount", "100.00 USD", "--at", "2025-03-19"),
        *("--payer", "US", "--payee", "SV"),
    )
    us.done("pay", "--for", "T-1", *paid)
    sv.done("pay", "--for", "us:T-1", *paid)
    exchange(sv, us)
    found = answer(us, "show", "T-1")

    assert [len(term["periods"]) for term in found["terms"]] == [1]
    assert [f["flag"] for f in found["flags"]].count("said-by-both") == 2
    assert found["terms"][0]["authorised_until"] == "2026-09-15"


def test_what_was_known_earlier_is_asked_of_every_book(states: States) -> None:
    _, sv = states
    before = answer(sv, "list", "--known-on", "2025-03-19")
    after = answer(sv, "list", "--known-on", "2025-03-20")

    assert before["transfers"] == []
    assert [head["size"] for head in before["complete_under"]][1] < 3
    assert only(after)["ref"] == "T-1"


@pytest.mark.parametrize(
    "argv",
    [
        ("correct", "us:T-1", "--set", "/persons/n=9", "--reason", "r"),
        ("retract", "us:T-1", "--reason", "r"),
    ],
)
def test_only_the_book_that_holds_an_entry_changes_it(
    states: States, argv: tuple[str, ...]
) -> None:
    _, sv = states
    before = sv.bytes()

    assert sv.run(*argv).code == 3
    assert sv.bytes() == before


def test_a_rival_value_of_a_peers_entry_is_a_claim(states: States) -> None:
    us, sv = states
    sv.done(
        *("claim", "us:T-1", "--field", "/persons/n", "--value", "237", "--by", "SV"),
        *("--status", "reported"),
    )
    exchange(sv, us)
    kinds = [e["kind"] for e in answer(us, "history", "T-1")["entries"]]

    assert kinds == ["transfer", "claim"]
    assert [e["kind"] for e in answer(sv, "history", "us:T-1")["entries"]] == kinds


def test_find_and_an_entry_of_a_mirror(states: States) -> None:
    _, sv = states
    (hit,) = answer(sv, "find", "a group")["found"]
    shown = answer(sv, "show", "us:2")

    assert (hit["book"], hit["seq"]) == ("us.example/book", 2)
    assert (shown["book"], shown["seq"], shown["kind"]) == (
        "us.example/book",
        2,
        "transfer",
    )


def test_today_tells_what_a_peer_does_not_answer(states: States) -> None:
    us, _ = states
    us.now = us.now.replace(month=4)
    found = answer(us, "today")["duties"]
    tasks = {duty["task"]: duty for duty in found}

    assert (tasks["unanswered"]["ref"], tasks["unanswered"]["detail"]) == (
        "T-1",
        "5-days",
    )
    assert tasks["mirror"]["detail"] == "sv.example/book"
    assert "unacknowledged" not in tasks
    said = us.done("today").err
    assert "sv.example/book is a mirror" in said


@pytest.mark.parametrize(
    ("kept", "taken", "said"),
    [
        (0, {"size": 0, "root": None, "day": None}, "no checkpoint of its log that"),
        (1, {"size": 4, "day": None}, "did not cosign it, so its day is not known"),
    ],
)
def test_a_mirror_whose_checkpoint_is_broken_or_of_no_known_day_says_so(
    states: States, kept: int, taken: dict[str, object], said: str
) -> None:
    _, sv = states
    with tampering(sv.database) as book:
        for size, note in book.execute(
            "SELECT size, note FROM checkpoint WHERE book = 2"
        ).fetchall():
            text, _, lines = bytes(note).rpartition(b"\n\n")
            signed = text + b"\n\n" + lines.splitlines(keepends=True)[0]
            book.execute(
                "UPDATE checkpoint SET note = ? WHERE book = 2 AND size = ?",
                (signed if kept else b"", size),
            )
    (_, mirror) = answer(sv, "held")["complete_under"]

    assert {**mirror["mirror"], **taken} == mirror["mirror"]
    assert said in sv.done("held").err


def test_both_books_say_how_many_left_and_do_not_agree(states: States) -> None:
    us, sv = states
    receive(sv)
    exchange(sv, us)
    paid = (
        *("--stage", "payment", "--amount", "5.00 USD", "--at", "2025-03-19"),
        *("--payer", "US", "--payee", "SV"),
    )
    us.done("end", "T-1", "--persons", "10", *ENDED)
    us.done("pay", "--for", "T-1", *paid)
    exchange(us, sv)
    sv.done("end", "us:T-1", "--persons", "11", *ENDED)
    sv.done("pay", "--for", "us:T-1", *paid)
    found = answer(sv, "variances")["transfers"]

    reasons = [(row["ref"], [r["reason"] for r in row["reasons"]]) for row in found]
    assert reasons == [("T-1", ["reported-otherwise"])]


def test_a_renewal_sent_again_after_its_transfer_was_retracted(states: States) -> None:
    us, _ = states
    renewal = (
        *("renew", "T-1", "--persons", "238", "--for", "P1Y"),
        *("--agreed-on", "2025-03-19", "--once", "0" * 31 + "7"),
    )
    first = answer(us, *renewal)
    us.done("retract", str(first["seq"]), "--reason", "r")
    us.done("retract", "2", "--reason", "r")
    again = answer(us, *renewal)

    assert (again["seq"], again["repeated"]) == (first["seq"], True)
