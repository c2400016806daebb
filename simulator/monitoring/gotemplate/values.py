"""Values in templates, and how Go sees them.

| Python | Go |
|---|---|
| `str`, `bool`, `int`, `float`, `None` | `string`, `bool`, `int`, `float64`, nil |
| mapping | map; a missing key gives the empty string, as a map of strings would |
| list, tuple | slice |
| `Record` | struct: named fields, and methods |
| `MethodMap`, `MethodList` | a map or slice whose type has methods |
| `SafeText` | text that HTML shows as it is |

Everything else is opaque: it can be printed and passed on, not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.monitoring.gotemplate.errors import TemplateError

Value = Any


@dataclass(frozen=True, slots=True)
class Record:
    """A struct: `fields` by name, and `methods` that take the arguments a template gives them."""

    type_name: str
    fields: Mapping[str, Value]
    methods: Mapping[str, Callable[..., Value]] = field(default_factory=dict)
    shown: str = ""
    """How it is printed, where its type says so itself."""


class MethodMap(dict[str, Value]):
    """A map with methods, which come before its keys."""

    def __init__(self, values: Mapping[str, Value], methods: Mapping[str, Callable[..., Value]]) -> None:
        super().__init__(values)
        self.methods = methods


class MethodList(list[Value]):
    """A slice with methods; it has no fields."""

    def __init__(self, values: Sequence[Value], methods: Mapping[str, Callable[..., Value]]) -> None:
        super().__init__(values)
        self.methods = methods


class SafeText(str):
    """Text that is not escaped in HTML."""

    __slots__ = ()


def is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_true(value: Value) -> bool:
    """Go's truth: zero, nil and everything empty are false; a struct is always true."""
    if isinstance(value, str | Mapping) or is_list(value):
        return len(value) > 0
    if isinstance(value, bool | int | float):
        return value != 0
    return value is not None


def type_name(value: Value) -> str:
    """The name of the type that Go would report."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case str():
            return "string"
        case int():
            return "int"
        case float():
            return "float64"
        case Record():
            return value.type_name
        case Mapping():
            return "map[string]string"
        case _ if is_list(value):
            return "[]interface {}"
    return type(value).__name__


def read_field(value: Value, name: str, arguments: Sequence[Value]) -> Value:
    """`value.name`, with `arguments` when it is a method.  Raises TemplateError as Go would."""
    if isinstance(value, Record | MethodMap | MethodList) and (method := value.methods.get(name)) is not None:
        return method(*arguments)
    if isinstance(value, Record):
        if name not in value.fields:
            raise TemplateError(f"can't evaluate field {name} in type {value.type_name}")
        found = value.fields[name]
    elif isinstance(value, Mapping):
        found = value.get(name, "")
    elif value is None:
        raise TemplateError(f"nil pointer evaluating interface {{}}.{name}")
    else:
        raise TemplateError(f"can't evaluate field {name} in type {type_name(value)}")
    if arguments:
        raise TemplateError(f"{name} has arguments but cannot be invoked as function")
    return found
