"""The help screens, in the language of the run.

They are ours and not Typer's, so that they speak the catalogue's languages and the
first of them costs no import.
"""

import textwrap
from collections.abc import Iterable, Sequence

from msgspec import Struct

from ledger.cli import PROGRAM
from ledger.cli.arguments import FLAGS, VALUED
from ledger.cli.options import Globals
from ledger.cli.render import width
from ledger.cli.verbs import GROUPS, Verb
from ledger.cli.words import metavars

_widest = 100
_most_indent = 30


class Parameter(Struct, frozen=True):
    """One argument or option of a verb, as help needs it.

    Attributes:
        names: Its spellings (`-o`, `--out`), or the one name of an argument.
        metavar: What stands for its value; empty for a flag.
        sentence: Its key in the catalogue.
        default: Its default, if that is worth showing.
        is_option: Whether it is given by name.
        required: Whether it has to be given.
        repeated: Whether it may be given several times.
    """

    names: Sequence[str]
    metavar: str
    sentence: str
    default: str
    is_option: bool
    required: bool
    repeated: bool

    @property
    def form(self) -> str:
        """Return how it is written (`-o, --out FILE`, `REF…`)."""
        return ", ".join(self.names) + self._value if self.is_option else self._value

    @property
    def short_form(self) -> str:
        """Return how it stands in the line of usage (`--out FILE`, `[REF…]`)."""
        if self.is_option:
            return self.names[-1] + self._value
        return self._value if self.required else f"[{self._value}]"

    @property
    def _value(self) -> str:
        space = " " if self.is_option and self.metavar else ""
        return f"{space}{self.metavar}{'…' if self.repeated else ''}"


def first_screen(ask: Globals, verbs: Sequence[Verb]) -> str:
    """Return what `--help` shows: what this is, and the verbs of every day."""
    return (
        "".join(
            [
                *_opening(ask),
                *_group(ask, verbs, GROUPS[0]),
                *_paragraph(ask, ask.say("help.more", program=PROGRAM)),
            ]
        ).rstrip("\n")
        + "\n"
    )


def whole_screen(ask: Globals, verbs: Sequence[Verb]) -> str:
    """Return what `help` shows: every verb and every global option."""
    parts = list(_opening(ask))
    for group in GROUPS:
        parts += _group(ask, verbs, group)
    parts += _section(ask, "help.global", _global_options(ask))
    names = ", ".join(topics(ask))
    parts += _paragraph(ask, ask.say("help.topic", program=PROGRAM, topics=names))
    return "".join(parts).rstrip("\n") + "\n"


def topics(ask: Globals) -> list[str]:
    """Return the names of the help topics, in alphabetical order."""
    keys = ask.catalogue.sentences
    return sorted(k.removeprefix("topic.") for k in keys if k.startswith("topic."))


def topic_screen(ask: Globals, name: str) -> str:
    """Return the help of a topic; its commands and its tables are not folded."""
    return "".join(
        f"{line if line.startswith((' ', '$')) else _fold(ask, line)}\n"
        for line in ask.say(f"topic.{name}").split("\n")
    )


def family_screen(ask: Globals, first: str, verbs: Sequence[Verb]) -> str:
    """Return the help of a first word that several verbs share."""
    return (
        "".join(
            [
                _usage(ask, f"{PROGRAM} {first} …"),
                *_section(ask, "help.verbs", _summaries(ask, verbs)),
            ]
        ).rstrip("\n")
        + "\n"
    )


def verb_screen(ask: Globals, verb: Verb, parameters: Sequence[Parameter]) -> str:
    """Return the help of one verb."""
    arguments = [each for each in parameters if not each.is_option]
    choices = [each for each in parameters if each.is_option]
    needed = [metavars(ask, each.short_form) for each in choices if each.required]
    places = [metavars(ask, each.short_form) for each in arguments]
    line = [PROGRAM, verb.name, *places, *needed]
    if len(choices) > len(needed):
        line.append(ask.say("help.some-options"))
    parts = [
        _usage(ask, " ".join(line)),
        *_paragraph(ask, ask.say(f"verb.{verb.key}.about")),
        *_section(ask, "help.arguments", _explained(ask, arguments)),
        *_section(ask, "help.options", _explained(ask, choices)),
        *_paragraph(ask, ask.say("help.everywhere", program=PROGRAM)),
    ]
    if verb.name in topics(ask):
        parts.append(topic_screen(ask, verb.name))
    return "".join(parts).rstrip("\n") + "\n"


def _opening(ask: Globals) -> Iterable[str]:
    yield from _paragraph(ask, ask.say("help.what", program=PROGRAM))
    yield _usage(ask, f"{PROGRAM} {ask.say('help.verb-and-options')}")


def _usage(ask: Globals, line: str) -> str:
    return _fold(ask, ask.say("help.usage", line=line), indent=4) + "\n\n"


def _group(ask: Globals, verbs: Iterable[Verb], group: str) -> list[str]:
    members = [verb for verb in verbs if verb.group == group]
    return _section(ask, f"group.{group}", _summaries(ask, members))


def _summaries(ask: Globals, verbs: Iterable[Verb]) -> list[tuple[str, str]]:
    return [(verb.name, ask.say(f"verb.{verb.key}.summary")) for verb in verbs]


def _global_options(ask: Globals) -> list[tuple[str, str]]:
    valued = [
        (
            f"{name} {metavars(ask, metavar)}",
            ask.say(f"option.global.{name.strip('-')}"),
        )
        for name, metavar in VALUED.items()
    ]
    flags = [
        (
            f"{short}, {name}" if short else name,
            ask.say(f"option.global.{name.strip('-')}"),
        )
        for name, short in FLAGS.items()
    ]
    return valued + flags


def _explained(ask: Globals, parameters: Iterable[Parameter]) -> list[tuple[str, str]]:
    rows = []
    for each in parameters:
        sentence = ask.say(each.sentence)
        if each.required and each.is_option:
            sentence += f" ({ask.say('help.required')})"
        if each.default:
            sentence += f" ({ask.say('help.default', value=each.default)})"
        rows.append((metavars(ask, each.form), sentence))
    return rows


def _section(ask: Globals, title: str, rows: Sequence[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    longest = max(len(left) for left, _ in rows)
    indent = min(longest, _most_indent) + 4
    parts = [ask.say(title) + "\n"]
    for left, right in rows:
        start = f"  {left}".ljust(indent)
        if len(left) > _most_indent:
            parts.append(start + "\n")
            start = " " * indent
        parts.append(_fold(ask, right, start=start, indent=indent) + "\n")
    return [*parts, "\n"]


def _paragraph(ask: Globals, text: str) -> list[str]:
    lines = [
        _example(ask, line) if line.startswith("  ") else _fold(ask, line)
        for line in text.split("\n")
    ]
    return ["\n".join(lines) + "\n\n"]


def _example(ask: Globals, line: str) -> str:
    """Return a command as it can be typed, over several lines where it is too long."""
    room = min(width(ask), _widest)
    if len(line) <= room:
        return line
    folded = textwrap.wrap(
        line,
        room - 2,
        subsequent_indent=" " * 4,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return " \\\n".join(folded)


def _fold(ask: Globals, text: str, *, start: str = "", indent: int = 0) -> str:
    return textwrap.fill(
        text,
        min(width(ask), _widest),
        initial_indent=start,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
