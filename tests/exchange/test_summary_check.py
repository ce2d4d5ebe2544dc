"""A summary that was changed, or that never fitted, is told apart from a sound one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import MalformedError
from ledger.exchange.sshsig import sign_file
from ledger.exchange.summary_check import (
    EXIT_CODES,
    SummaryReport,
    check_summary,
    is_summary,
)
from ledger.tlog import canonical
from ledger.tlog.note import SIG_COSIGNATURE
from tests.books import FEW_SEEDS, book
from tests.office import Office, signer
from tests.summaries import (
    AUDITOR,
    FINGERPRINT,
    checkpoint,
    plausible_summary,
    signed,
    summary_of,
)

Change = Callable[[dict[str, Any]], None]


def office() -> Office:
    """Return an office: 1 T-1, 2 receipt, 3 exit, 4 payment, 5 claim, 6 remark,
    7 correction, 8 void, 9 T-2 and 10 its receipt."""
    made = Office()
    made.transfer()
    made.receipt("T-1", 238)
    made.exit(["T-1"], 3, "2025-04-01")
    made.payment(["T-1"], "5.00")
    made.claim(1, "/persons/n", 250)
    made.remark(1)
    made.correct(1, {"path": "/text", "new": "as read"})
    made.put(b"not a page\n")
    made.transfer(persons={"n": 5, "qualifier": "exact"})
    made.receipt("T-2", 5)
    return made


OFFICE = office()
SUMMARY = summary_of(OFFICE)


def checked(
    change: Change | None = None, *, expected: str | None = FINGERPRINT
) -> SummaryReport:
    """Return what checking comes to after a change that its signer signed again."""
    summary = copy.deepcopy(SUMMARY)
    if change is not None:
        change(summary)
    content, signature = signed(summary)
    return check_summary(content, signature, expected=expected)


def put(*path: str | int, value: Any) -> Change:
    """Return a change that puts a value somewhere."""

    def change(summary: dict[str, Any]) -> None:
        holder: Any = summary
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return change


def drop(*path: str | int) -> Change:
    """Return a change that takes a member or an item away."""

    def change(summary: dict[str, Any]) -> None:
        holder: Any = summary
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]

    return change


def lines(note: bytes) -> list[str]:
    return note.decode().splitlines()


def forked() -> list[str]:
    """Return a checkpoint of the same book and size, over other entries."""
    other = Office()
    for _ in range(10):
        other.transfer()
    return lines(checkpoint(other))


def test_a_sound_summary_is_verified() -> None:
    report = checked()

    assert report == SummaryReport(
        "verified",
        fingerprint=FINGERPRINT,
        book="us.example/book",
        size=11,
        proofs=11,
        on="2030-01-01",
    )
    assert report.exit_code == 0


@pytest.mark.parametrize("seed", FEW_SEEDS)
def test_the_summary_of_a_plausible_book_is_verified(seed: int) -> None:
    content, signature = signed(plausible_summary(seed))

    report = check_summary(content, signature, expected=FINGERPRINT)

    assert report.verdict == "verified"
    assert report.proofs == report.size == len(book(seed).notes)


@pytest.mark.parametrize("expected", [None, "SHA256:" + "A" * 43])
def test_a_signer_that_nobody_asked_for_is_untrusted(expected: str | None) -> None:
    report = checked(expected=expected)

    assert (report.verdict, report.exit_code) == ("untrusted", 13)
    assert report.code == "summary.other-signer"
    assert report.fingerprint == FINGERPRINT


def test_what_does_not_fit_comes_before_who_signed_it() -> None:
    report = checked(put("entries", 0, "proof", 0, value="0" * 64), expected=None)

    assert report.verdict == "rewritten"


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        pytest.param(
            put("transfers", 0, "entries", 0, "leaf", value="0" * 64),
            "tree.not-included",
            1,
            id="another leaf",
        ),
        pytest.param(
            put("transfers", 0, "entries", 0, "proof", 0, value="0" * 64),
            "tree.not-included",
            1,
            id="another proof",
        ),
        pytest.param(
            drop("transfers", 0, "entries", 0, "proof", 0),
            "tree.proof-too-short",
            1,
            id="a shorter proof",
        ),
        pytest.param(
            lambda s: s["entries"][0]["proof"].append("0" * 64),
            "tree.proof-too-long",
            0,
            id="a longer proof",
        ),
        pytest.param(
            put("transfers", 0, "entries", 0, "seq", value=2),
            "tree.not-included",
            2,
            id="another number",
        ),
        pytest.param(
            put("entries", 0, "seq", value=11),
            "tree.index-beyond-size",
            11,
            id="a number beyond the checkpoint",
        ),
        pytest.param(
            put("books", 0, "checkpoint", value=lines(checkpoint(OFFICE, size=10))),
            "tree.not-included",
            1,
            id="an earlier checkpoint",
        ),
        pytest.param(
            put("books", 0, "checkpoint", value=forked()),
            "tree.not-included",
            1,
            id="a checkpoint of another history",
        ),
        pytest.param(
            put("void", 0, "leaf", value="0" * 64),
            "summary.other-leaf",
            8,
            id="another leaf of a void entry",
        ),
        pytest.param(
            put("claims", 0, "target", "leaf", value="0" * 64),
            "summary.other-leaf",
            1,
            id="another leaf of what is claimed of",
        ),
        pytest.param(
            put("books", 0, "genesis", value="0" * 64),
            "summary.other-leaf",
            0,
            id="another genesis",
        ),
    ],
)
def test_what_does_not_fit_the_checkpoint_is_rewritten(
    change: Change, code: str, seq: int
) -> None:
    report = checked(change)

    assert (report.verdict, report.exit_code) == ("rewritten", 11)
    assert (report.code, report.seq) == (code, seq)
    assert report.book == "us.example/book"


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        pytest.param(put("entries", value=[]), 0, id="no others"),
        pytest.param(drop("entries", 1), 8, id="no void entry"),
        pytest.param(drop("transfers", 0, "entries", 0), 1, id="no opening"),
        pytest.param(lambda s: s["transfers"][0]["entries"].pop(3), 4, id="no payment"),
        pytest.param(lambda s: s["transfers"][0]["entries"].pop(4), 5, id="no claim"),
        pytest.param(lambda s: s["transfers"][0]["entries"].pop(5), 6, id="no remark"),
        pytest.param(
            lambda s: s["transfers"][0]["entries"].pop(6), 7, id="no correction"
        ),
        pytest.param(
            put("corrections", 0, "target", value=77), 77, id="another target"
        ),
        pytest.param(
            put("claims", 0, "target", "seq", value=77), 77, id="another claim"
        ),
        pytest.param(
            put("late", value=[{"seq": 77, "days": 1}]), 77, id="late beside the rows"
        ),
        pytest.param(
            put("later", value=[{"seq": 77, "kind": "remark"}]), 77, id="a later one"
        ),
        pytest.param(put("remarks", 0, "seq", value=77), 77, id="another remark"),
    ],
)
def test_an_entry_without_its_proof_makes_it_partial(change: Change, seq: int) -> None:
    report = checked(change)

    assert (report.verdict, report.exit_code) == ("partial", 14)
    assert (report.code, report.seq) == ("summary.entry-without-proof", seq)


def test_a_transfer_without_any_proof_makes_it_partial() -> None:
    def change(summary: dict[str, Any]) -> None:
        put("transfers", 1, "entries", value=[])(summary)
        put("transfers", 1, "late", value=[])(summary)

    report = checked(change)

    assert (report.verdict, report.code) == ("partial", "summary.row-without-proof")


def key_named(name: str, number: int, **members: int) -> str:
    return signer(name, number, **members).key.format()


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        pytest.param([], "summary.checkpoint-not-signed", id="no key"),
        pytest.param(
            [key_named("us.example/book", 66)],
            "summary.checkpoint-not-signed",
            id="another key",
        ),
        pytest.param(
            [key_named("us.example/book", 66, algorithm=SIG_COSIGNATURE)],
            "summary.checkpoint-not-signed",
            id="a witness's key",
        ),
        pytest.param(
            [key_named("us.example/clerk-07", 11)],
            "summary.log-key-of-another-book",
            id="another name",
        ),
        pytest.param(
            [OFFICE.keys["log"].key.format(), key_named("sv.example/book", 66)],
            "summary.log-key-of-another-book",
            id="another name beside the right one",
        ),
    ],
)
def test_a_checkpoint_that_no_listed_log_key_signed_is_a_bad_signature(
    keys: list[str], code: str
) -> None:
    report = checked(put("books", 0, "log_keys", value=keys))

    assert (report.verdict, report.exit_code, report.code) == (
        "bad_signature",
        12,
        code,
    )
    assert report.fingerprint == FINGERPRINT


def test_a_checkpoint_of_another_book_is_a_bad_signature() -> None:
    other = Office(book="sv.example/book", state="SV")

    report = checked(put("books", 0, "checkpoint", value=lines(checkpoint(other))))

    assert (report.verdict, report.code) == (
        "bad_signature",
        "summary.checkpoint-not-signed",
    )


def test_a_checkpoint_whose_root_was_changed_is_a_bad_signature() -> None:
    report = checked(put("books", 0, "checkpoint", 2, value="A" * 43 + "="))

    assert report.verdict == "bad_signature"


def test_one_of_several_log_keys_is_enough() -> None:
    keys = [key_named("us.example/book", 66), OFFICE.keys["log"].key.format()]

    assert checked(put("books", 0, "log_keys", value=keys)).verdict == "verified"


@pytest.mark.parametrize(
    ("change", "at", "code"),
    [
        pytest.param(drop("books"), "/books", "missing", id="no book"),
        pytest.param(
            lambda s: s["books"].append(s["books"][0]), "/books", "one-book", id="two"
        ),
        pytest.param(
            put("scope", "book", value="sv.example/book"),
            "/scope/book",
            "other-book",
            id="scope",
        ),
        pytest.param(
            put("books", 0, "book", value="sv.example/book"),
            "/scope/book",
            "other-book",
            id="its name",
        ),
        pytest.param(
            put("books", 0, "checkpoint", 1, value=11),
            "/books/0/checkpoint/1",
            "form-string",
            id="no line",
        ),
        pytest.param(
            put("books", 0, "checkpoint", 0, value="a\nb"),
            "/books",
            "record:summary.not-one",
            id="two lines",
        ),
        pytest.param(
            put("books", 0, "log_keys", 0, value="no key"),
            "/books",
            "record:key.not-a-vkey",
            id="no key",
        ),
        pytest.param(
            drop("books", 0, "checkpoint", 3),
            "/books",
            "record:note.no-signature",
            id="no note",
        ),
        pytest.param(drop("books", 0, "genesis"), "/books/0/genesis", "missing"),
        pytest.param(put("books", value=7), "/books", "form-array", id="books"),
        pytest.param(put("transfers", value={}), "/transfers", "form-array"),
        pytest.param(put("transfers", value=[7]), "/transfers/0", "form-object"),
        pytest.param(put("remarks", value=[7]), "/remarks/0", "form-object"),
        pytest.param(put("corrections", value=[7]), "/corrections/0", "form-object"),
        pytest.param(put("entries", 0, value=7), "/entries/0", "form-object"),
        pytest.param(
            put("entries", 0, "seq", value=True), "/entries/0/seq", "form-integer"
        ),
        pytest.param(
            put("entries", 0, "seq", value=-1),
            "/entries/0/seq",
            "too-few",
            id="below",
        ),
        pytest.param(
            put("entries", 0, "leaf", value="A" * 64), "/entries/0/leaf", "form-pattern"
        ),
        pytest.param(
            put("entries", 0, "leaf", value=7),
            "/entries/0/leaf",
            "form-string",
            id="a leaf",
        ),
        pytest.param(drop("entries", 0, "proof"), "/entries/0/proof", "missing"),
        pytest.param(
            put("entries", 0, "proof", 0, value="x"),
            "/entries/0/proof/0",
            "form-pattern",
        ),
        pytest.param(drop("claims", 0, "seq"), "/claims/0/seq", "missing"),
        pytest.param(
            put("claims", 0, "kind", value="payment"), "/claims/0/kind", "form-choice"
        ),
        pytest.param(
            put("claims", 0, "path", value="x"),
            "/claims/0/path",
            "record:form.not-a-path",
        ),
        pytest.param(
            drop("payments", 0, "payer"),
            "/payments/0/payer",
            "record:record.member-missing",
        ),
        pytest.param(
            put("corrections", 0, "target", value="1"),
            "/corrections/0/target",
            "form-integer",
        ),
        pytest.param(
            put("corrections", 0, "kind", value="retraction"),
            "/corrections/0/changes",
            "unknown",
        ),
        pytest.param(put("scope", "whole", value=1), "/scope/whole", "form-boolean"),
        pytest.param(put("scope", "all", value=True), "/scope/all", "unknown"),
        pytest.param(put("on", value="2025-02-30"), "/on", "form-day"),
        pytest.param(put("on", value=7), "/on", "form-string", id="a number as a day"),
        pytest.param(put("made_at", value="2025"), "/made_at", "form-pattern"),
        pytest.param(put("proves", value=7), "/proves", "form-string"),
        pytest.param(
            put("totals", "departed", value=-1), "/totals/departed", "too-few"
        ),
        pytest.param(
            put("transfers", 0, "open", 0, "flag", value="fine"),
            "/transfers/0/open/0/flag",
            "form-choice",
        ),
        pytest.param(
            put("transfers", 0, "ref", value="X-1"),
            "/transfers/0/ref",
            "form-pattern",
        ),
        pytest.param(
            put("transfers", 0, "origin", value="us"),
            "/transfers/0/origin",
            "form-pattern",
        ),
        pytest.param(
            put("transfers", 0, "term", "colour", value="red"),
            "/transfers/0/term/colour",
            "unknown",
        ),
        pytest.param(
            put("transfers", 0, "terms", 0, "without_recorded_authority", value=False),
            "/transfers/0/terms/0/without_recorded_authority",
            "form-choice",
        ),
    ],
)
def test_what_is_signed_and_has_another_form_is_altered(
    change: Change, at: str, code: str
) -> None:
    report = checked(change)

    assert (report.verdict, report.exit_code) == ("altered", 10)
    assert report.code == "summary.impossible"
    assert report.fingerprint == FINGERPRINT
    assert (at, code) in [(odd.at, odd.code) for odd in report.oddities]


def test_another_schema_is_no_summary() -> None:
    with pytest.raises(MalformedError, match=r"summary\.not-one"):
        checked(put("schema", value="transfer-ledger/summary/2"))


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"schema":1}', b"not JSON"])
def test_what_is_signed_and_no_summary_is_malformed(content: bytes) -> None:
    with pytest.raises(MalformedError):
        check_summary(content, sign_file(content, AUDITOR), expected=FINGERPRINT)


def test_a_summary_in_another_spelling_is_malformed() -> None:
    content = signed(SUMMARY)[0].replace(b'":', b'": ', 1)

    with pytest.raises(MalformedError, match=r"json\.not-canonical"):
        check_summary(content, sign_file(content, AUDITOR), expected=FINGERPRINT)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    content, signature = signed(SUMMARY)
    at = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= data.draw(st.integers(1, 255))

    report = check_summary(bytes(changed), signature, expected=FINGERPRINT)

    assert (report.verdict, report.exit_code) == ("bad_signature", 12)
    assert report == SummaryReport("bad_signature", "sshsig.wrong-signature")


def test_a_signature_that_is_none_is_bad() -> None:
    report = check_summary(signed(SUMMARY)[0], "no signature", expected=FINGERPRINT)

    assert report == SummaryReport("bad_signature", "sshsig.not-a-signature")


def test_a_signature_for_another_purpose_is_bad() -> None:
    content, _ = signed(SUMMARY)
    other = sign_file(content, AUDITOR, namespace="file")

    report = check_summary(content, other, expected=FINGERPRINT)

    assert report == SummaryReport("bad_signature", "sshsig.other-namespace")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_number_or_hash_of_a_proof_can_be_changed_and_verified(
    data: st.DataObject,
) -> None:
    summary = copy.deepcopy(SUMMARY)
    rows = [row["entries"] for row in summary["transfers"]] + [summary["entries"]]
    entry = data.draw(st.sampled_from([entry for row in rows for entry in row]))
    match data.draw(st.sampled_from(["seq", "leaf", "proof"])):
        case "seq":
            entry["seq"] = data.draw(
                st.integers(0, 20).filter(lambda seq: seq != entry["seq"])
            )
        case "leaf":
            entry["leaf"] = _flipped(entry["leaf"], data)
        case _:
            at = data.draw(st.integers(0, len(entry["proof"]) - 1))
            entry["proof"][at] = _flipped(entry["proof"][at], data)

    report = check_summary(*signed(summary), expected=FINGERPRINT)

    assert report.verdict == "rewritten"


def _flipped(text: str, data: st.DataObject) -> str:
    at = data.draw(st.integers(0, 63))
    digit = f"{int(text[at], 16) ^ data.draw(st.integers(1, 15)):x}"
    return text[:at] + digit + text[at + 1 :]


def test_every_verdict_has_an_exit_code_of_the_interface() -> None:
    assert EXIT_CODES == {
        "verified": 0,
        "altered": 10,
        "rewritten": 11,
        "bad_signature": 12,
        "untrusted": 13,
        "partial": 14,
    }


def test_a_file_says_of_itself_that_it_is_a_summary() -> None:
    content, _ = signed(SUMMARY)

    assert is_summary(content)
    assert is_summary(content.replace(b'":"', b'": "'))
    assert not is_summary(canonical.encode({"schema": "transfer-ledger/due/1"}))
    assert not is_summary(b"")


def test_a_summary_of_a_whole_book_that_leaves_an_entry_out_is_partial() -> None:
    # Nothing else in the summary speaks of that entry.
    left_out = 10

    def leave_out(said: dict[str, Any]) -> None:
        for holder in (said, *said["transfers"]):
            kept = [row for row in holder["entries"] if row["seq"] != left_out]
            holder["entries"] = kept

    report = checked(leave_out)

    assert (report.verdict, report.exit_code) == ("partial", 14)
    assert (report.code, report.seq) == ("summary.entry-left-out", left_out)
