"""What a row of a summary says where it has more, or less, than our own rows."""

from ledger.exchange.catalogue import Catalogue
from ledger.exchange.summary_lines import money, who
from ledger.tlog.canonical import Json


class Words:
    """Says sentences, and values as they are."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.plain = catalogue.say

    def said(self, value: Json, *, member: str = "") -> str:
        return f"{member} {value}"

    def member(self, name: str) -> str:
        return name


ROW: dict[str, Json] = {
    "persons": {"n": 9, "qualifier": "exact"},
    "asserted_by": "US",
    "status": "official",
    "acknowledged": False,
    "open": [{"flag": "unacknowledged", "seq": 1}],
}


def test_who_was_not_signed_for_is_said_once() -> None:
    silent: dict[str, Json] = {**ROW, "open": [{"flag": "unannounced", "seq": 1}]}

    assert "flag.unacknowledged" not in dict(who(ROW))
    assert "flag.unacknowledged" in dict(who(silent))


def test_a_member_of_an_agreed_sum_that_is_new_is_told_by_its_name() -> None:
    agreed: Json = {
        "amount": "5.00",
        "currency": "USD",
        "per": "total",
        "instalments": "two",
    }
    say = Words(Catalogue.load("en"))
    found = money({"compensation": agreed}, say)
    said = [values for key, values in found if key == "page.member"]

    assert [values["path"] for values in said] == ["instalments"]
