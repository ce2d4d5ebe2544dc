"""Whom a renewal met is counted once for a pool, and stays what it was."""

from ledger.domain.custody import pool_of
from ledger.domain.terms import met_by
from tests.office import Office


def test_whom_a_renewal_met_is_the_same_when_it_is_asked_again() -> None:
    office = Office()
    office.transfer()
    office.receipt("T-1", 238)
    office.renewal("T-1", 100, agreed_on="2026-03-01")
    pool = pool_of(office.history, "T-1")
    (item,) = pool.cases["T-1"].renewals

    first = met_by(pool, "T-1", item)

    assert [n for _, n, _ in first] == [100]
    assert met_by(pool, "T-1", item) is first
