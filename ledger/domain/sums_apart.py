"""Sums that an account lists and does not add, and the stages of what was moved.

Stages of payments have IATI's meanings.
Source: IATI Standard 2.03, codelist TransactionType.
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from ledger.domain.money import Money

Stage: TypeAlias = Literal["pledge", "commitment", "payment", "expenditure", "refund"]
Reason: TypeAlias = Literal[
    "accrues",
    "ambiguous",
    "per-person",
    "not-counted",
    "of-instrument",
    "of-renewal",
    "beside",
]

STAGES: Final[tuple[Stage, ...]] = (
    "pledge",
    "commitment",
    "payment",
    "expenditure",
    "refund",
)


class Apart(Struct, frozen=True):
    """A sum that is listed and not added.

    Attributes:
        seq: The entry that says it.
        what: The stage of a payment; `agreed` for a sum that was agreed on.
        money: The sum.
        per: Per what.
        status: How the claim stands.
        reason: Why it is not added, or that what it earned is.
    """

    seq: int
    what: Stage | Literal["agreed"]
    money: Money
    per: str
    status: str
    reason: Reason
