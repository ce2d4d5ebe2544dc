import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import errors
from ledger.cli.verbs import VERBS
from ledger.domain.variances import FlagCode
from ledger.exchange.catalogue import (
    Catalogue,
    Sentence,
    choose_language,
    forms,
    languages,
    placeholders,
)
from tests.sources import PACKAGE, calls_in, files

KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.LedgerError)
}
ENGLISH = Catalogue.load("en")


def test_a_sentence_is_filled() -> None:
    catalogue = Catalogue(
        "en", {"a": "{x} of {{{y}}}", "b": {"one": "{n} cat", "other": "{n} cats"}}
    )

    assert catalogue.say("a", x="{y}", y=2, z="unused") == "{y} of {2}"
    assert [catalogue.say("b", n=n) for n in (0, 1, 2)] == ["0 cats", "1 cat", "2 cats"]
    assert catalogue.has("a")
    assert not catalogue.has("c")


def test_a_sentence_of_two_numbers_has_a_form_for_each() -> None:
    days = {"by": "days", "one": "{n} in a day", "other": "{n} in {days} days"}
    both = {"by": "days", "one": "one in a day", "other": "one in {days} days"}
    catalogue = Catalogue("en", {"a": {"one": both, "other": days}, "b": days})

    said = [catalogue.say("a", n=n, days=d) for n in (1, 2) for d in (1, 2)]

    assert said == ["one in a day", "one in 2 days", "2 in a day", "2 in 2 days"]
    assert catalogue.say("b", n=1, days=1) == "1 in a day"
    assert forms(catalogue.sentences["a"]) == [*forms(both), *forms(days)]
    assert placeholders(catalogue.sentences["a"]) == {"n", "days"}
    with pytest.raises(KeyError, match="b"):
        catalogue.say("b", n=1)


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("{x}", {}),
        ("{x.real}", {"x": 1}),
        ("{x!r}", {"x": 1}),
        ("{x:d}", {"x": 1}),
        ("{}", {"x": 1}),
        ("{", {}),
        ("}", {}),
        ({"one": "a", "other": "b"}, {}),
    ],
)
def test_what_cannot_be_filled_is_a_bug_named_by_its_key(
    sentence: str | dict[str, str], values: dict[str, int]
) -> None:
    with pytest.raises(KeyError, match=r"the\.key"):
        Catalogue("en", {"the.key": sentence}).say("the.key", **values)


def test_a_missing_sentence_is_a_bug_named_by_its_key() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        ENGLISH.say("no.such")


@given(st.text())
def test_a_value_is_never_read_as_a_sentence(value: str) -> None:
    assert Catalogue("en", {"k": "<{v}>"}).say("k", v=value) == f"<{value}>"


def test_the_names_in_a_sentence_are_found() -> None:
    assert placeholders("{a} {{b}} {c_1}") == {"a", "c_1"}
    assert placeholders({"one": "{a}", "other": "{n}"}) == {"a", "n"}
    with pytest.raises(ValueError, match="x:d"):
        placeholders("{x:d}")


@pytest.mark.parametrize(
    ("explicit", "environ", "chosen"),
    [
        (None, {}, "en"),
        ("en", {"LANG": "es_SV.UTF-8"}, "en"),
        ("zz", {}, "en"),
        ("../../x", {}, "en"),
        ("\x1b", {}, "en"),
        (None, {"LC_ALL": "", "LANG": "en_GB"}, "en"),
        (None, {"LC_ALL": "C", "LANG": "es_SV"}, "en"),
        (None, {"LC_MESSAGES": "POSIX"}, "en"),
    ],
)
def test_the_language_is_one_that_there_is(
    explicit: str | None, environ: dict[str, str], chosen: str
) -> None:
    assert choose_language(explicit, environ) == chosen


@pytest.mark.parametrize("language", languages())
def test_every_language_is_chosen_by_name_and_by_locale(language: str) -> None:
    locale = f"{language}_XX.UTF-8"

    assert choose_language(language.upper(), {}) == language
    assert choose_language(None, {"LC_ALL": locale, "LANG": "en"}) == language
    assert choose_language(None, {"LC_MESSAGES": locale}) == language


def test_another_language_falls_back_to_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "en.json").write_text('{"a": "one", "b": "two"}')
    (tmp_path / "locale" / "es.json").write_text('{"a": "uno"}')
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)
    monkeypatch.setattr(
        "pkgutil.get_data", lambda _, name: (tmp_path / name).read_bytes()
    )

    spanish = Catalogue.load(choose_language("es,en", {}))

    assert languages() == ["en", "es"]
    assert (spanish.say("a"), spanish.say("b")) == ("uno", "two")


# The catalogue and the code, held against each other. Each test names all misses.


def listed(misses: Iterable[str] | Mapping[str, object]) -> str:
    """Return all misses, one a line; pytest itself shows the first few."""
    if isinstance(misses, Mapping):
        misses = [f"{key}: {value}" for key, value in misses.items()]
    return "\n".join(["", *sorted(misses)])


def calls() -> Iterator[tuple[str, ast.Call]]:
    for file in files():
        for call in calls_in(file):
            yield f"{file.relative_to(PACKAGE)}:{call.lineno}", call


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def literals(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return literals(body) + literals(orelse)
        case _:
            return []


def raised() -> Iterator[tuple[str, str, set[str | None]]]:
    """Yield place, code and keyword names of every error that the code makes."""
    for place, call in calls():
        if name_of(call) in KINDS and call.args:
            for code in literals(call.args[0]):
                yield place, code, {each.arg for each in call.keywords}


def test_every_error_has_a_sentence() -> None:
    missing = {
        f"error.{code}": place
        for place, code, _ in raised()
        if not ENGLISH.has(f"error.{code}")
    }

    assert not missing, listed(missing)


def test_every_sentence_of_an_error_is_used() -> None:
    # A code may stand in a table from which it is raised.
    used = {
        f"error.{node.value}"
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    unused = {key for key in ENGLISH.sentences if key.startswith("error.")} - used

    assert not unused, listed(unused)


def test_every_placeholder_of_an_error_is_a_value_that_it_carries() -> None:
    wrong = {
        place: (code, sorted(needed - given))
        for place, code, given in raised()
        if ENGLISH.has(f"error.{code}")
        and None not in given
        and (needed := placeholders(ENGLISH.sentences[f"error.{code}"])) - given
    }

    assert not wrong, listed(wrong)


def test_codes_are_written_as_the_house_writes_them() -> None:
    odd = {
        code
        for _, code, _ in raised()
        if not re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", code)
    }

    assert not odd, listed(odd)


def test_every_key_that_the_code_says_is_there() -> None:
    places = {"say": 0, "talk": 1, "confirm": 1}
    said = {
        key: place
        for place, call in calls()
        if (at := places.get(name_of(call), 9)) < len(call.args)
        for key in literals(call.args[at])
    }
    missing = {key: place for key, place in said.items() if not ENGLISH.has(key)}

    assert not missing, listed(missing)


def test_every_option_and_argument_has_a_sentence() -> None:
    said = {
        key: place
        for place, call in calls()
        if name_of(call) in ("Option", "Argument")
        for each in call.keywords
        if each.arg == "help"
        for key in literals(each.value)
    }
    missing = {key: place for key, place in said.items() if not ENGLISH.has(key)}

    assert not missing, listed(missing)


def test_every_flag_has_a_sentence_and_a_name_for_tables() -> None:
    missing = {
        key
        for code in get_args(FlagCode)
        for key in (f"flag.{code}", f"flag-name.{code}")
        if not ENGLISH.has(key)
    }

    assert not missing, listed(missing)


@pytest.mark.parametrize("language", languages())
def test_what_a_term_runs_from_is_worded_in_one_way(language: str) -> None:
    catalogue = Catalogue.load(language)
    for event in ("admitted", "arrived", "departed", "signed", "in_force"):
        words = catalogue.say(f"word.trigger.{event}")
        code = event.replace("_", "-")
        explained = catalogue.say(f"explain.term.trigger-{code}", trigger=words)
        counted = catalogue.say(f"summary.counted.{event}", start="2025-03-16")

        assert f" {words}." in explained
        assert f" {words}: " in counted


def test_every_column_has_a_heading() -> None:
    said = {
        f"column.{key}": place
        for place, call in calls()
        if name_of(call) == "Column"
        and call.args
        and all(each.arg != "heading" for each in call.keywords)
        for key in literals(call.args[0])
    }
    missing = {key: place for key, place in said.items() if not ENGLISH.has(key)}

    assert not missing, listed(missing)


def test_every_verb_is_there_and_described() -> None:
    missing = []
    for verb in VERBS:
        try:
            module = import_module(verb.module)
        except ModuleNotFoundError:
            missing.append(f"{verb.module} ({verb.name})")
        else:
            if not hasattr(module, verb.function):
                missing.append(f"{verb.module}.{verb.function}")
    missing += [
        key
        for verb in VERBS
        for key in (f"verb.{verb.key}.summary", f"verb.{verb.key}.about")
        if not ENGLISH.has(key)
    ]

    assert not missing, listed(missing)


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_is_flat_sorted_and_written_in_one_way(language: str) -> None:
    text = (PACKAGE / "locale" / f"{language}.json").read_text(encoding="utf-8")
    sentences = json.loads(text)

    assert (
        text
        == json.dumps(dict(sorted(sentences.items())), ensure_ascii=False, indent=2)
        + "\n"
    )
    for key, sentence in sentences.items():
        assert re.fullmatch(r"[a-z0-9._-]+", key), key
        assert isinstance(sentence, str) or has_both_forms(sentence), key
        assert placeholders(sentence) is not None, key


def has_both_forms(sentence: Mapping[str, object]) -> bool:
    """Return whether there is a sentence, or are two, for one and for more."""
    inner = [sentence.get("one"), sentence.get("other")]
    return set(sentence) - {"by"} == {"one", "other"} and all(
        isinstance(each, str) or (isinstance(each, Mapping) and has_both_forms(each))
        for each in inner
    )


@pytest.mark.parametrize("language", languages())
def test_a_number_beside_its_noun_decides_the_form(language: str) -> None:
    own = json.loads((PACKAGE / "locale" / f"{language}.json").read_text("utf-8"))
    nouns = "days|entries|transfers|terms|persons|hashes"
    counted = re.compile(rf"\{{([a-z_]+)\}} (?:{nouns})\b")
    # Always two or more: a pool, an exit of several, a limit of the program.
    many = {("flag.pooled", "n"), ("history.exit-shared", "transfers")}
    many |= {("error.proof.too-many-hashes", "limit")}
    many |= {("error.tiles.bundle-too-long", "limit")}
    odd = {
        (key, name)
        for key, sentence in own.items()
        for form in forms(sentence)
        for name in counted.findall(form)
        if name not in {"most", "persons"} and not decides(sentence, name)
    }

    assert odd - many == set()


def decides(sentence: object, name: str) -> bool:
    """Return whether a number decides between forms of a sentence."""
    if not isinstance(sentence, Mapping):
        return False
    inner = (sentence["one"], sentence["other"])
    return sentence.get("by", "n") == name or all(decides(x, name) for x in inner)


def test_no_article_is_written_before_a_word_that_is_filled_in() -> None:
    odd = {
        key
        for key, sentence in ENGLISH.sentences.items()
        for form in forms(sentence)
        if re.search(r"\b[Aa]n? “?\{", form)
    }

    assert odd == set()


@pytest.mark.parametrize("language", languages())
def test_another_language_says_the_same_things(language: str) -> None:
    own = json.loads((PACKAGE / "locale" / f"{language}.json").read_text("utf-8"))

    assert set(own) == set(ENGLISH.sentences)
    english = ENGLISH.sentences
    assert [key for key in own if shape(own[key]) != shape(english[key])] == []


def shape(sentence: Sentence) -> object:
    """Return what each form of a sentence needs, and what decides between them."""
    if isinstance(sentence, str):
        return placeholders(sentence)
    return {
        name: each if name == "by" else shape(each) for name, each in sentence.items()
    }


@pytest.mark.parametrize("language", languages())
def test_an_error_starts_in_lower_case_and_has_no_final_period(language: str) -> None:
    odd = {
        key
        for key, sentence in Catalogue.load(language).sentences.items()
        if key.startswith("error.")
        for form in forms(sentence)
        # An abbreviation (JSON, UTC) may start it.
        if form.endswith(".") or (form[:1].isupper() and not form[1:2].isupper())
    }

    assert not odd, listed(odd)
