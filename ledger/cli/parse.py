"""From a verb's words to one call of its function; the only module that knows Typer.

Typer reads the annotations and parses; what it would say itself, in English and with
the input quoted, is said here with the codes of our own errors.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from enum import Enum
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer import main as typer_main
from typer._click import Command, Context
from typer._click import Parameter as ClickParameter
from typer._click import exceptions as refused
from typer._click import types as kinds
from typer._click.core import ParameterSource
from typer._types import TyperChoice

from ledger.cli.arguments import Word
from ledger.cli.help import Parameter
from ledger.cli.options import Globals
from ledger.cli.verbs import Verb
from ledger.errors import UsageError

Convert = Callable[[Any], int]

_number = re.compile("-?[0-9]{1,18}")
_metavars = {"number": "N", "path": "FILE", "file": "FILE", "directory": "DIR"}
_option = re.compile("--?[A-Za-z0-9][A-Za-z0-9-]{0,30}")


def whole_number(option: str, *, low: float | None, high: float | None) -> Convert:
    """Return the reader of a whole number in ASCII digits.

    Typer's own takes `1_000`, ` 5 ` and the digits of every script too.

    Args:
        option: The name of the option, for the sentences.
        low: The smallest number it takes, or None.
        high: The largest number it takes, or None.
    """

    def read(value: str | int) -> int:
        number = value if isinstance(value, int) else None
        if isinstance(value, str) and _number.fullmatch(value):
            number = int(value)
        fits = number is not None and (
            (low is None or number >= low) and (high is None or number <= high)
        )
        if number is not None and fits:
            return number
        if low is not None and high is not None:
            raise UsageError(
                "usage.not-between", option=option, low=int(low), high=int(high)
            )
        if low is not None:
            raise UsageError("usage.not-from", option=option, low=int(low))
        if high is not None:
            raise UsageError("usage.not-up-to", option=option, high=int(high))
        raise UsageError("usage.not-a-number", option=option)

    return read


def command_of(ask: Globals, verb: Verb) -> Command:
    """Import the verb's module, and only that, and return its parser."""
    function = getattr(import_module(verb.module), verb.function)
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(verb.name, help=" ", add_help_option=False)(_bound(ask, function))
    command = typer_main.get_command(app)
    for param in command.params:
        if isinstance(param.type, kinds.IntParamType):
            param.type = _strict(param, param.type)
    return command


def call(command: Command, words: Sequence[str]) -> int:
    """Parse the words, call the verb and return its exit code.

    Raises:
        UsageError: The words are not what the verb takes.
        LedgerError: Whatever the verb raises.
    """
    try:
        context = command.make_context(command.name, list(words))
    except refused.UsageError as error:
        _refuse(command, error)
    _refuse_twice(command, context, words)
    for param in command.params:
        given = context.params.get(str(param.name))
        context.params[str(param.name)] = _remembering(given, _label(param))
    with context:
        return command.invoke(context) or 0


def given(command: Command, words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what the words give, whatever they leave open.

    Returns:
        The values by the name of the option, or the metavar of the argument; of a
        flag `yes`, or `no` for its opposite.

    Raises:
        UsageError: An option that takes one value was given two.
    """
    # What is no option at all is left to `call`, which refuses it.
    context = command.make_context(command.name, list(words), resilient_parsing=True)
    _refuse_twice(command, context, words)
    return {
        param.opts[-1] if _is_option(param) else _metavar(param): _texts(
            context.params[str(param.name)]
        )
        for param in command.params
        if context.get_parameter_source(str(param.name)) == ParameterSource.COMMANDLINE
    }


def _texts(value: Any) -> tuple[str, ...]:
    match value:
        case bool():
            return ("yes" if value else "no",)
        case list() | tuple():
            return tuple(map(str, value))
        case _:
            return (str(value),)


def _refuse_twice(command: Command, context: Context, words: Sequence[str]) -> None:
    """Refuse an option that takes one value and was given two; none of them wins.

    A flag that is given again says the same again, unless it has an opposite.
    """
    _, _, order = command.make_parser(context).parse_args(list(words))
    for param in order:
        one_value = _is_option(param) and not param.multiple
        flag = getattr(param, "is_flag", False) and not param.secondary_opts
        if one_value and not flag and order.count(param) > 1:
            raise UsageError("usage.option-twice", option=_label(param))


def _remembering(value: Any, option: str) -> Any:
    """Return the texts of a value as words that know their option."""
    match value:
        case str():
            return Word(value, option)
        case tuple():
            return tuple(_remembering(each, option) for each in value)
        case _:
            return value


def describe(command: Command) -> list[Parameter]:
    """Return what help says about each parameter, arguments first."""
    shown = [
        Parameter(
            names=_names(param),
            metavar=_metavar(param),
            sentence=getattr(param, "help", None) or "",
            default=_default(param),
            is_option=_is_option(param),
            required=param.required,
            repeated=param.multiple or param.nargs == -1,
        )
        for param in command.params
        if not getattr(param, "hidden", False)
    ]
    return sorted(shown, key=lambda each: each.is_option)


def _bound(ask: Globals, function: Callable[..., int | None]) -> Callable[..., Any]:
    """Return the verb without its first parameter, as Typer inspects functions."""
    signature = inspect.signature(function, eval_str=True)
    _, *others = signature.parameters.values()

    def verb(**values: Any) -> int | None:
        return function(ask, **values)

    vars(verb)["__signature__"] = signature.replace(parameters=others)
    verb.__annotations__ = {each.name: each.annotation for each in others}
    return verb


def _strict(param: ClickParameter, kind: kinds.IntParamType) -> kinds.FuncParamType:
    limits = kind if isinstance(kind, kinds.IntRange) else None
    read = whole_number(
        _label(param),
        low=limits.min if limits else None,
        high=limits.max if limits else None,
    )
    read.__name__ = "number"
    return kinds.FuncParamType(read)


def _refuse(command: Command, error: refused.UsageError) -> NoReturn:
    match error:
        case refused.NoSuchOption():
            _no_such_option(command, error.option_name)
        case refused.BadOptionUsage():
            flags = [p for p in command.params if getattr(p, "is_flag", False)]
            if any(error.option_name in (*p.opts, *p.secondary_opts) for p in flags):
                raise UsageError(
                    "usage.takes-no-value", option=error.option_name
                ) from None
            raise UsageError("usage.needs-value", option=error.option_name) from None
        case refused.MissingParameter(param=ClickParameter() as param):
            name = _label(param)
            if _is_option(param):
                raise _missing_option(command, name, param.metavar) from None
            raise UsageError("usage.missing-argument", name=name) from None
        case refused.BadParameter(param=ClickParameter() as param):
            _bad_value(param)
        case _:
            raise UsageError("usage.too-many") from None


def _missing_option(command: Command, option: str, shown: str | None) -> UsageError:
    """Return that an option is missing, with what it can be where that is a choice."""
    if shown is not None and "|" in shown and shown.islower():
        choices = ", ".join(shown.split("|"))
        return UsageError("usage.missing-choice", option=option, choices=choices)
    from ledger.cli.question_tables import TABLES  # noqa: PLC0415 - only after a slip

    for question in TABLES.get(command.name or "", ()):
        if question.option == option and question.choices:
            choices = ", ".join(question.choices)
            return UsageError("usage.missing-choice", option=option, choices=choices)
    return UsageError("usage.missing-option", option=option)


def _no_such_option(command: Command, given: str) -> NoReturn:
    from difflib import get_close_matches  # noqa: PLC0415 - only after a slip

    if not _option.fullmatch(given):
        raise UsageError("usage.odd-option") from None
    known = [name for p in command.params if _is_option(p) for name in p.opts]
    if near := get_close_matches(given, known):
        raise UsageError(
            "usage.no-such-option-near", option=given, near=", ".join(near)
        ) from None
    raise UsageError("usage.no-such-option", option=given) from None


def _bad_value(param: ClickParameter) -> NoReturn:
    option = _label(param)
    match param.type:
        case TyperChoice(choices=choices):
            raise UsageError(
                "usage.not-one-of", option=option, choices=", ".join(map(str, choices))
            ) from None
        case _:
            raise UsageError("usage.bad-value", option=option) from None


def _is_option(param: ClickParameter) -> bool:
    return param.param_type_name == "option"


def _names(param: ClickParameter) -> list[str]:
    short_first = sorted(param.opts, key=lambda name: name.startswith("--"))
    return [*short_first, *param.secondary_opts]


def _label(param: ClickParameter) -> str:
    return _names(param)[-1] if _is_option(param) else _metavar(param)


def _metavar(param: ClickParameter) -> str:
    if getattr(param, "is_flag", False) or getattr(param, "count", False):
        return ""
    if param.metavar:
        return param.metavar
    if not _is_option(param):
        return str(param.name).upper().replace("_", "-")
    if isinstance(param.type, TyperChoice):
        return "|".join(map(str, param.type.choices))
    return _metavars.get(param.type.name, "TEXT")


def _default(param: ClickParameter) -> str:
    default = param.default.value if isinstance(param.default, Enum) else param.default
    shown = isinstance(default, str | int) and not isinstance(default, bool)
    return str(default) if shown and getattr(param, "show_default", False) else ""
