"""What tests of explanations share: the steps of an office, found by their code."""

from collections.abc import Iterable, Mapping

from ledger.domain.steps import Step


def codes(steps: Iterable[Step]) -> list[str]:
    """Return the codes of steps, in order."""
    return [step.code for step in steps]


def values(steps: Iterable[Step], code: str) -> list[dict[str, str | int]]:
    """Return the values of every step with a code."""
    return [dict(step.values) for step in steps if step.code == code]


def value(steps: Iterable[Step], code: str) -> dict[str, str | int]:
    """Return the values of the only step with a code."""
    (found,) = values(steps, code)
    return found


def number(values: Mapping[str, str | int], name: str = "n") -> int:
    """Return a value that is a number."""
    found = values[name]
    assert isinstance(found, int)
    return found


def bounds(values: Mapping[str, str | int]) -> tuple[int, int]:
    """Return the least and the most that a step says."""
    if "n" in values:
        return number(values), number(values)
    return number(values, "least"), number(values, "most")
