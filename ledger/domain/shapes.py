"""What a member of a record can be: shapes that read a value, and name every fault.

A value of restricted JSON comes in and a frozen record goes out, or every fault of the
value at once, each with its place; back goes the same value. The annotations of a
record's class are its only definition: they are made into shapes when the first record
of the class is read, so that a program that reads few kinds starts fast. What a record
must keep as a whole is said by its `__post_init__`, which is asked when each member
fits. The laws: what is read spells what was read; what the JSON Schema forbids is
refused; no fault repeats the value.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import fields

from ledger.domain.notation import (
    Anything,
    Between,
    Model,
    Sized,
    Spelled,
    Written,
)
from ledger.errors import LedgerError, RefusedError
from ledger.tlog.canonical import Json

JsonSchema = dict[str, Any]
Value = str | int

_LARGEST = 2**53


class Unfit(Exception):  # noqa: N818 - a finding; the gate makes the error of it
    """What is wrong with a value: each fault with its place, code and values."""

    def __init__(self, *faults: tuple[str, str, Mapping[str, Value]]) -> None:
        super().__init__(*faults)
        self.faults = faults

    def within(self, step: str | int) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
        """Yield the faults as they are seen from one step further out."""
        for place, code, values in self.faults:
            yield f"/{step}{place}", code, values


class Shape(Protocol):
    """How one member is read, spelled and described."""

    def read(self, value: Json) -> Any:
        """Return what a value spells, or raise `Unfit`."""

    def spell(self, value: Any) -> Json:
        """Return the value that spells it."""

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        """Return the JSON Schema; those of parts are put into `found`."""


def _unfit(code: str, **values: Value) -> Unfit:
    return Unfit(("", code, values))


def _check_length(length: int, bounds: Written | Sized) -> None:
    if length < bounds.least:
        raise _unfit("record.wrong-length", bound=str(bounds.least))
    if bounds.most is not None and length > bounds.most:
        raise _unfit("record.wrong-length", bound=str(bounds.most))


class _Plain(Struct, frozen=True):
    """A shape whose values spell themselves."""

    def spell(self, value: Any) -> Json:
        spelled: Json = value
        return spelled


# Most texts of a class are absent in most records: their patterns are never needed.
_pattern = cache(re.compile)


class _Text(_Plain, frozen=True):
    form: Written

    def read(self, value: Json) -> str:
        if type(value) is not str:
            raise _unfit("form.not-text")
        form = self.form
        _check_length(len(value), form)
        if form.pattern and _pattern(form.pattern).fullmatch(value) is None:
            raise _unfit(form.code)
        if form.check is not None:
            _ours(form.check, value)
        return value

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        schema: JsonSchema = {"type": "string"}
        if self.form.least:
            schema["minLength"] = self.form.least
        if self.form.most is not None:
            schema["maxLength"] = self.form.most
        if self.form.pattern:
            schema["pattern"] = self.form.pattern
        return schema


class _Number(_Plain, frozen=True):
    form: Between

    def read(self, value: Json) -> int:
        if type(value) is not int:
            raise _unfit("form.not-a-number")
        if value < self.form.low:
            raise _unfit("record.out-of-range", bound=str(self.form.low))
        if value > self.form.high:
            raise _unfit("record.out-of-range", bound=str(self.form.high))
        return value

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        return {
            "type": "integer",
            "minimum": self.form.low,
            "maximum": self.form.high,
        }


class _Truth(_Plain, frozen=True):
    def read(self, value: Json) -> bool:
        if type(value) is not bool:
            raise _unfit("form.not-true-or-false")
        return value

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        return {"type": "boolean"}


class _Choice(_Plain, frozen=True):
    choices: tuple[str | bool, ...]

    def read(self, value: Json) -> str | bool:
        for choice in self.choices:
            if type(value) is type(choice) and value == choice:
                return choice
        named = ", ".join(_word(choice) for choice in self.choices)
        raise _unfit("record.not-a-choice", choices=named)

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        kind = "boolean" if isinstance(self.choices[0], bool) else "string"
        if len(self.choices) == 1:
            return {"type": kind, "const": self.choices[0]}
        return {"type": kind, "enum": list(self.choices)}


def _word(choice: object) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


class _Written(Struct, frozen=True):
    form: Spelled

    def read(self, value: Json) -> object:
        if type(value) is not str:
            raise _unfit("form.not-text")
        return _ours(self.form.read, value)

    def spell(self, value: Any) -> Json:
        return self.form.spell(value)

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        return {
            "type": "string",
            "pattern": self.form.pattern,
            "description": self.form.description,
        }


def _ours(read: Callable[[str], object], text: str) -> object:
    """Return what a reader returns; its refusal is a fault of this value."""
    try:
        return read(text)
    except LedgerError as error:
        raise Unfit(("", error.code, error.values)) from None


class _Json(_Plain, frozen=True):
    def read(self, value: Json) -> Json:
        return _copied(value)

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        del found
        return {"type": ["boolean", "integer", "string", "array", "object"]}


def _copied(value: Json) -> Json:
    """Return a value of restricted JSON; anything else is refused."""
    match value:
        case bool() | str():
            return value
        case int() if abs(value) < _LARGEST:
            return value
        case list():
            return [_copied(item) for item in value]
        case dict():
            return {key: _copied(item) for key, item in value.items()}
        case _:
            raise _unfit("form.not-json")


class _List(Struct, frozen=True):
    item: Shape
    size: Sized

    def read(self, value: Json) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _unfit("form.not-a-list")
        _check_length(len(value), self.size)
        items: list[Any] = []
        faults: list[tuple[str, str, Mapping[str, Value]]] = []
        for place, item in enumerate(value):
            try:
                items.append(self.item.read(item))
            except Unfit as unfit:
                faults.extend(unfit.within(place))
        if faults:
            raise Unfit(*faults)
        return tuple(items)

    def spell(self, value: Any) -> Json:
        return [self.item.spell(item) for item in value]

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        schema: JsonSchema = {"type": "array", "items": self.item.schema(found)}
        if self.size.least:
            schema["minItems"] = self.size.least
        if self.size.most is not None:
            schema["maxItems"] = self.size.most
        return schema


class Member(Struct, frozen=True):
    """A member of a record.

    Attributes:
        name: Its name in the class.
        spelled: Its name in the JSON.
        form: Its type without what is around it.
        said: What its annotations say beyond the type.
        required: Whether every record has it.
        shape: How it is read.
    """

    name: str
    spelled: str
    form: Any
    said: tuple[object, ...]
    required: bool
    shape: Shape


class Part(Struct, frozen=True):
    """The shape of a record, or of a part of one."""

    model: type[Model]
    members: tuple[Member, ...]

    def read(self, value: Json) -> Any:
        """Return the record that an object spells, or raise `Unfit`."""
        if type(value) is not dict:
            raise _unfit("form.not-an-object")
        found: dict[str, Any] = {}
        faults: list[tuple[str, str, Mapping[str, Value]]] = []
        for member in self.members:
            spelled = member.spelled
            if spelled in value:
                try:
                    found[member.name] = member.shape.read(value[spelled])
                except Unfit as unfit:
                    faults.extend(unfit.within(spelled))
            elif member.required:
                faults.append((f"/{spelled}", "record.member-missing", {}))
        if len(found) < len(value):
            known = {member.spelled for member in self.members}
            faults += [
                (f"/{name}", "record.member-unknown", {})
                for name in value
                if name not in known
            ]
        if faults:
            raise Unfit(*faults)
        try:
            return self.model(**found)
        except RefusedError as error:
            raise Unfit(("", error.code, error.values)) from None

    def spell(self, value: Any) -> dict[str, Json]:
        """Return the object that spells a record, without absent members."""
        return {
            member.spelled: member.shape.spell(held)
            for member in self.members
            if (held := getattr(value, member.name)) is not None
        }

    def schema(self, found: dict[str, JsonSchema]) -> JsonSchema:
        """Return a reference to the schema, which is put into `found`."""
        name = self.model.__name__
        if name not in found:
            found[name] = {}
            found[name] = self.whole(found)
        return {"$ref": f"#/$defs/{name}"}

    def whole(self, found: dict[str, JsonSchema]) -> JsonSchema:
        """Return the schema of the record itself; its parts are put into `found`."""
        required = [member.spelled for member in self.members if member.required]
        return {
            "type": "object",
            "title": self.model.__name__,
            "description": cleandoc(str(self.model.__doc__)),
            "properties": {m.spelled: m.shape.schema(found) for m in self.members},
            **({"required": required} if required else {}),
            "additionalProperties": False,
        }


@cache
def shape_of(model: type[Model]) -> Part:
    """Return the shape that the annotations of a record's class describe."""
    members: list[Member] = []
    for each in fields(model):
        form, said = bare(each.type)
        members.append(
            Member(
                each.name,
                each.encode_name,
                form,
                said,
                each.required,
                _shape(form, said),
            )
        )
    return Part(model, tuple(members))


def _shape(form: Any, said: Sequence[object]) -> Shape:
    """Return how a type is read, with what its annotations say."""
    for extra in said:
        match extra:
            case Written():
                return _Text(extra)
            case Between():
                return _Number(extra)
            case Spelled():
                return _Written(extra)
            case Anything():
                return _Json()
            case _:
                pass
    if get_origin(form) is Literal:
        return _Choice(get_args(form))
    if get_origin(form) is tuple:
        (size,) = [extra for extra in said if isinstance(extra, Sized)] or [Sized(0)]
        inner = get_args(form)[0]
        return _List(_shape(*bare(inner)), size)
    return _Truth() if form is bool else shape_of(form)


def members_of(model: type[Model]) -> Mapping[str, Member]:
    """Return the members of a record's class, by what they are called in the JSON."""
    return {member.spelled: member for member in shape_of(model).members}


def bare(annotation: Any) -> tuple[Any, tuple[object, ...]]:
    """Return a type without what is around it, and what was around it."""
    match get_origin(annotation):
        case origin if origin in {Union, UnionType}:
            (kept,) = [a for a in get_args(annotation) if a is not NoneType]
            return bare(kept)
        case origin if origin is Annotated:
            inner, *said = get_args(annotation)
            form, more = bare(inner)
            return form, (*said, *more)
        case _:
            return annotation, ()
