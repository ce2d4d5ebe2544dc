"""Where every figure of a transfer comes from, step by step.

An explanation rests on the same functions as the figures: it calls them, and says the
arithmetic between. `ledger.domain.steps` says what a step is.
"""

from datetime import date

from ledger.domain.custody import Pool
from ledger.domain.explaining_balance import explain_balance
from ledger.domain.explaining_money import explain_money
from ledger.domain.explaining_terms import explain_term
from ledger.domain.steps import Step

__all__ = ["Step", "explain", "explain_balance", "explain_money", "explain_term"]


def explain(pool: Pool, ref: str, on: date, *, money: bool = False) -> list[Step]:
    """Return the steps to the terms and the balance of a transfer, and to its money.

    Args:
        pool: The transfers that exits tie to this one.
        ref: The transfer, or the unannounced arrival.
        on: The day at whose end the figures hold.
        money: Whether to explain what an agreed sum has earned, too.
    """
    steps = [*explain_term(pool, ref, on=on), *explain_balance(pool, ref, on=on)]
    return [*steps, *explain_money(pool, ref, on=on)] if money else steps
