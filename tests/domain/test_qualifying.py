"""How exact a number is follows from the numbers that it is counted from."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.qualifying import (
    added,
    less,
    minus,
    number,
    plus,
    qualifier_of,
    turned,
)
from ledger.domain.values import QUALIFIERS, Qualifier, parse_persons, spell_persons

every = st.sampled_from(QUALIFIERS)


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ((), "exact"),
        (("exact", "exact"), "exact"),
        (("exact", "at_least"), "at_least"),
        (("at_least", "at_least"), "at_least"),
        (("at_least", "at_most"), "about"),
        (("exact", "about"), "about"),
    ],
)
def test_a_sum_is_as_exact_as_all_its_terms(
    said: tuple[Qualifier, ...], whole: Qualifier
) -> None:
    assert plus(*said) == whole


@given(every, every, every)
def test_sums_do_not_depend_on_their_order(
    a: Qualifier, b: Qualifier, c: Qualifier
) -> None:
    assert plus(a, plus(b, c)) == plus(plus(c, b), a)
    assert turned(turned(a)) == a


def holds(true: int, n: int, said: Qualifier) -> bool:
    """Tell whether what is said of a number is so."""
    return {
        "exact": true == n,
        "at_least": true >= n,
        "at_most": true <= n,
        "about": True,
    }[said]


pairs = st.tuples(*[st.integers(0, 50)] * 2)


@given(pairs, pairs, every, every)
def test_what_is_said_of_a_sum_and_a_difference_is_so(
    said: tuple[int, int], true: tuple[int, int], of_a: Qualifier, of_b: Qualifier
) -> None:
    (a, b), (true_a, true_b) = said, true
    if holds(true_a, a, of_a) and holds(true_b, b, of_b):
        assert holds(true_a + true_b, a + b, plus(of_a, of_b))
        assert holds(true_a - true_b, a - b, minus(of_a, of_b))


def test_a_number_that_is_not_exact_is_written_with_its_sign() -> None:
    about = number(100, "about")

    assert f"{about}" == str(about) == "≈100"
    assert about == 100
    assert json.dumps({"n": about}) == '{"n": 100}'
    assert (qualifier_of(about), qualifier_of(100)) == ("about", "exact")
    assert str(added((about, 23))) == "≈123"
    assert str(less(100, number(3, "at_least"))) == "≤97"
    assert type(number(about, "exact")) is int


@given(st.integers(1, 10_000_000), every)
def test_a_count_is_read_as_it_is_spelled(n: int, said: Qualifier) -> None:
    assert parse_persons(spell_persons(n, said)) == (n, said)
