"""Write the manual pages and the table of completion.

Typed as `python -m tests.regenerate_manual`. Both are read off the verbs and the
catalogue; a test compares them with what they should be.
"""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import ledger
from ledger.cli import PROGRAM
from ledger.cli.arguments import FLAGS, VALUED, lift
from ledger.cli.column_choices import choices
from ledger.cli.columns import VERB_OF, kind_of
from ledger.cli.help import Parameter
from ledger.cli.options import Globals, compose
from ledger.cli.parse import command_of, describe
from ledger.cli.verbs import GROUPS, VERBS, Verb
from ledger.cli.words import metavars
from ledger.exchange.column_map import shipped
from ledger.exchange.text_lines import ENCODINGS

PACKAGE = Path(ledger.__file__).parent
TABLE = PACKAGE / "cli" / "completion.json"
LANGUAGES = ("en", "es")
LISTED = frozenset(
    ("STATE", "ZONE", "REF", "REF|ENTRY", "ENTRY|REF", "REF=N", "I-n", "R-n")
)
OF_IMPORT = {
    "--kind": list(VERB_OF),
    "--map": shipped(),
    "--encoding": sorted(ENCODINGS),
}


def page_path(language: str) -> Path:
    """Return where the manual page of a language lies."""
    return PACKAGE / "manual" / f"{PROGRAM}.{language}.1"


def speaking(language: str) -> Globals:
    """Return a run that speaks a language."""
    return compose(
        lift(["--lang", language]),
        environ={},
        stdin=StringIO(),
        stdout=StringIO(),
        stderr=StringIO(),
    )


def table() -> str:
    """Return the text of the table: what each option of each verb takes."""
    ask = speaking("en")
    kinds = {verb: kind_of(ask, kind) for kind, verb in VERB_OF.items()}
    topics = [key for key in ask.catalogue.sentences if key.startswith("topic.")]
    found = {"help": {"": [key.removeprefix("topic.") for key in topics]}}
    for verb in VERBS:
        kind = kinds.get(verb.name)
        codes = dict(OF_IMPORT) if verb.name == "import" else {}
        for name, column in kind.columns.items() if kind is not None else ():
            if kind is not None and column.metavar:
                codes[f"--{name}"] = [
                    code.replace("_", "-") for code in choices(kind, column)
                ]
        found[verb.name] = dict(_takes(describe(command_of(ask, verb)), codes))
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _takes(
    parameters: list[Parameter], codes: dict[str, list[str]]
) -> Iterator[tuple[str, list[str]]]:
    for each in parameters:
        names = each.names if each.is_option else [""]
        for name in names:
            if name.startswith("--") or not each.is_option:
                yield name, codes.get(name) or _listed(each.metavar)


def _listed(metavar: str) -> list[str]:
    if metavar in LISTED or (metavar and metavar.islower()):
        return metavar.split("|")
    return [""] if metavar else []


def page(language: str) -> str:
    """Return the manual page of a language, for `man`."""
    ask = speaking(language)
    return "".join(f"{line}\n" for line in _lines(ask))


def _lines(ask: Globals) -> Iterator[str]:
    yield f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {ledger.__version__}"'
    yield from _heading(ask, "name")
    yield rf"{PROGRAM} \- {_plain(ask.say('manual.one-line'))}"
    yield from _heading(ask, "synopsis")
    yield f".B {PROGRAM}"
    yield _plain(ask.say("help.verb-and-options"))
    yield from _heading(ask, "description")
    yield _plain(ask.say("help.what", program=PROGRAM))
    yield from _heading(ask, "verbs")
    for group in GROUPS:
        yield f".SS {_plain(ask.say(f'group.{group}'))}"
        for verb in VERBS:
            if verb.group == group:
                yield from _verb(ask, verb)
    yield from _heading(ask, "options")
    for name, metavar in VALUED.items():
        key = f"option.global.{name.strip('-')}"
        yield from _item(f"{name} {metavars(ask, metavar)}", ask.say(key))
    for name, short in FLAGS.items():
        form = f"{short}, {name}" if short else name
        yield from _item(form, ask.say(f"option.global.{name.strip('-')}"))
    yield from _heading(ask, "environment")
    for name, key in (
        ("TRANSFER_LEDGER", "ledger"),
        ("TRANSFER_LEDGER_PASSPHRASE_FILE", "passphrase"),
        ("LC_ALL, LC_MESSAGES, LANG", "lang"),
    ):
        yield from _item(name, ask.say(f"manual.{key}"))
    yield from _heading(ask, "exit")
    yield from _raw(ask.say("topic.exit-codes"))


def _heading(ask: Globals, name: str) -> Iterator[str]:
    yield f".SH {_plain(ask.say(f'manual.{name}'))}"


def _verb(ask: Globals, verb: Verb) -> Iterator[str]:
    parameters = describe(command_of(ask, verb))
    places = [each.short_form for each in parameters if not each.is_option]
    needed = [x.short_form for x in parameters if x.is_option and x.required]
    line = " ".join([verb.name, *(metavars(ask, x) for x in (*places, *needed))])
    yield ".TP"
    yield f".B {_plain(line)}"
    about, _, example = ask.say(f"verb.{verb.key}.about").partition("\n\n")
    yield _plain(about)
    if example:
        yield ".RS"
        yield from _raw(example)
        yield ".RE"
    for each in parameters:
        if each.is_option:
            yield ".RS"
            yield from _item(metavars(ask, each.form), ask.say(each.sentence))
            yield ".RE"


def _item(name: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_plain(name)}"
    yield _plain(text)


def _raw(text: str) -> Iterator[str]:
    yield ".nf"
    yield from (_plain(line) for line in text.split("\n"))
    yield ".fi"


def _plain(text: str) -> str:
    """Return a text as roff: no hyphen, backslash or leading point is a command."""
    safe = text.replace("\\", r"\e").replace("-", r"\-").replace("\n", " ")
    return rf"\&{safe}" if safe.startswith((".", "'")) else safe


def regenerate() -> None:
    """Write the table and a page for each language."""
    TABLE.write_text(table(), encoding="utf-8")
    for language in LANGUAGES:
        page_path(language).write_text(page(language), encoding="utf-8")


if __name__ == "__main__":
    regenerate()
