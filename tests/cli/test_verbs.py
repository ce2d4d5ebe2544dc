from importlib.util import find_spec
from io import StringIO

import pytest

from ledger.cli import parse
from ledger.cli.arguments import FLAGS, VALUED, lift
from ledger.cli.options import compose
from ledger.cli.verbs import GROUPS, VERBS, find

# A module that is not there at all is told by tests/exchange/test_catalogue.py.
THERE = [verb for verb in VERBS if find_spec(verb.module)]


def test_every_verb_stands_once_and_in_a_group() -> None:
    names = [verb.name for verb in VERBS]

    assert len(names) == len(set(names))
    assert {verb.group for verb in VERBS} == set(GROUPS)


def test_every_verb_is_found_by_its_words() -> None:
    for verb in VERBS:
        assert find([*verb.name.split(), "rest"], VERBS) == (verb, ["rest"])


def test_the_options_of_verbs_are_explained_and_apart_from_the_global_ones() -> None:
    stream = StringIO()
    ask = compose(lift([]), environ={}, stdin=stream, stdout=stream, stderr=stream)
    taken = {*VALUED, *FLAGS, *FLAGS.values()}
    wrong = []
    for verb in THERE:
        for each in parse.describe(parse.command_of(ask, verb)):
            if taken.intersection(each.names):
                wrong.append(f"{verb.name} {each.form}: is global")
            if not ask.catalogue.has(each.sentence):
                wrong.append(f"{verb.name} {each.form}: no sentence {each.sentence!r}")

    if wrong:
        pytest.fail("\n".join(wrong))
