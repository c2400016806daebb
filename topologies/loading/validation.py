"""From plain data to models: every disagreement becomes a finding with its place and what was expected.

pydantic finds what is wrong; this module says it in the words of the file: which key, on which line, what is
possible there, and the nearest valid name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from timeline.findings import Finding, InputError, Severity, nearest
from topologies.loading.document import Document
from topologies.loading.nodes import MappingNode, Step
from topologies.loading.shape import Shape

M = TypeVar("M", bound=BaseModel)

_SHOWN = 60
_PROMETHEUS_NAMES = "metrics and labels are named with letters, digits and '_', and do not begin with a digit"
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9._-]+")


def validate(document: Document, model: type[M]) -> M:
    """The document as a model.  Raises InputError with every disagreement."""
    wrong_format = _format_finding(document, model)
    if wrong_format is not None:
        raise InputError([wrong_format])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError(disagreements(error, document, Shape.of(model))) from None
    except RecursionError:
        # Only a model that contains itself (a predicate) can go this deep.
        message = "conditions are nested too deeply"
        raise InputError.single("model.bad-value", document.place([]), message, "flatten them") from None


def disagreements(
    error: ValidationError, document: Document, shape: Shape, below: tuple[Step, ...] = ()
) -> list[Finding]:
    """The findings of a pydantic error; `below` is the path of the validated part within the document."""
    findings: dict[tuple[Step, ...], Finding] = {}
    for details in error.errors(include_url=False):
        if _is_long_enough_as_written(details):
            continue
        path, in_key = _path_in(document, (*below, *details["loc"]))
        # A union reports one error for each of its members: the first one speaks for all.
        findings.setdefault(path, _finding(details, path, in_key, document, shape, len(below)))
    return sorted(findings.values(), key=lambda f: (f.place.line, f.place.column))


def _is_long_enough_as_written(details: ErrorDetails) -> bool:
    """A list is too short for pydantic when too few of its items are right; what is wrong with these is said."""
    given = details["input"]
    return details["type"] == "too_short" and isinstance(given, list) and len(given) >= details["ctx"]["min_length"]


def _format_finding(document: Document, model: type[BaseModel]) -> Finding | None:
    """What is wrong with the format line; one wrong format would otherwise give an error for every key."""
    place = document.place([])
    if not isinstance(document.data, dict):
        message = f"expected a map of `key: value` lines, found {_kind_of(document.data)}"
        return Finding("model.wrong-type", Severity.ERROR, place, message)
    field = model.model_fields.get("format")
    if field is None or get_origin(field.annotation) is not Literal:
        return None
    expected = get_args(field.annotation)[0]
    given = document.data.get("format")
    if given == expected:
        return None
    if given is None:
        message, path = "the file does not say which format it has", []
        hint = f"begin it with `format: {expected}`"
    else:
        message, path = f"this file has the format {_show(given)}, expected {expected!r}", ["format"]
        hint = _format_hint(str(given), expected)
    return Finding("model.format", Severity.ERROR, document.place(path), message, hint)


def _format_hint(given: str, expected: str) -> str:
    kind, _, version = expected.rpartition("/")
    if given.startswith(f"{kind}/"):
        return f"this version of Blackstart reads version {version} of the format"
    return nearest(given, [expected]) or "is this the right file?"


def _path_in(document: Document, loc: tuple[Step, ...]) -> tuple[tuple[Step, ...], bool]:
    """The path in the file of a pydantic location, and whether the key itself is meant.

    Locations hold steps that no file has (`[key]`, names of union members): those are left out, unless it is the
    last step, which may be a key that is missing.
    """
    in_key = loc[-1:] == ("[key]",)
    steps = loc[:-1] if in_key else loc
    path: list[Step] = []
    node: object = document.data
    for position, step in enumerate(steps):
        inner = _inside(node, step)
        if inner is not _NOTHING:
            path.append(step)
            node = inner
        elif position == len(steps) - 1 and isinstance(node, dict):
            path.append(step)
    return tuple(path), in_key


_NOTHING = object()


def _inside(data: object, step: Step) -> object:
    if isinstance(data, dict):
        return data.get(step, _NOTHING)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return _NOTHING


def _finding(
    details: ErrorDetails, path: tuple[Step, ...], in_key: bool, document: Document, shape: Shape, skip: int
) -> Finding:
    kind = details["type"]
    inner = shape.at(path[skip:])
    around = shape.at(path[skip:-1]) if len(path) > skip else None
    if kind == "missing":
        name = str(path[-1])
        message = f"{name!r} is missing here"
        return _error("model.missing", document, path, True, message, expectation(inner))
    if kind == "extra_forbidden":
        name = str(path[-1])
        known = set(around.fields) if around is not None else set()
        present = _keys_at(document, path[:-1])
        message = f"there is no field {name!r} here"
        return _error("model.unknown-key", document, path, True, message, _nearest_field(name, known, present))
    if in_key:
        if "A-Z" in str(details.get("ctx", {}).get("pattern", "")):
            message, hint = f"{path[-1]!r} is no name for Prometheus", _PROMETHEUS_NAMES
        else:
            message, hint = f"{path[-1]!r} cannot be an id", _id_hint(str(path[-1]))
        return _error("model.bad-id", document, path, True, message, hint)
    return _value_finding(details, path, document, inner)


def _value_finding(details: ErrorDetails, path: tuple[Step, ...], document: Document, shape: Shape | None) -> Finding:
    kind, given = details["type"], details["input"]
    if shape is not None and shape.values and kind in ("enum", "literal_error"):
        message = f"{_show(given)} is not possible here"
        hint = nearest(str(given), shape.values) or "known: " + ", ".join(shape.values)
        return _error("model.not-one-of", document, path, False, message, hint)
    if kind == "value_error" and isinstance(given, str) and "(" in given and ")" not in given:
        message = f"{_show(given)} ends before its closing ')'"
        hint = "inside {...} a comma ends the value: put it in quotes, or write one key a line"
        return _error("model.bad-value", document, path, False, message, hint)
    if kind == "value_error":
        message, hint = _split_hint(str(details["ctx"]["error"]))
        return _error("model.bad-value", document, path, False, message, hint)
    if kind == "string_pattern_mismatch" and "a-z0-9" in str(details["ctx"]["pattern"]):
        message = f"{_show(given)} cannot be an id"
        return _error("model.bad-id", document, path, False, message, _id_hint(str(given)))
    if given is None:
        name = path[-1] if path else "the file"
        message = f"there is nothing after {str(name)!r}"
        hint = "give a value, or leave the line out if it is not known"
        return _error("model.wrong-type", document, path, True, message, hint)
    if kind in ("too_short", "too_long"):
        message = _wrong_length(details)
        return _error("model.out-of-range", document, path, False, message, expectation(shape))
    out_of_range = kind.startswith(("greater_", "less_", "string_too", "string_pattern", "finite"))
    id = "model.out-of-range" if out_of_range else "model.wrong-type"
    message = f"{_show(given)} should {_SAID_PLAINLY.get(kind) or details['msg'].removeprefix('Input should ')}"
    return _error(id, document, path, False, message, _type_hint(kind, given, expectation(shape)))


def _wrong_length(details: ErrorDetails) -> str:
    """For lists and maps: pydantic counts what passed validation, people count what they wrote."""
    given = details["input"]
    found = len(given) if isinstance(given, dict | list) else 0
    context = details["ctx"]
    bound = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']}"
    return f"{bound} entries are needed here, found {found}"


_SAID_PLAINLY = {
    "model_type": "be a map of `key: value` lines",
    "dict_type": "be a map of `key: value` lines",
    "tuple_type": "be a list",
    "list_type": "be a list",
    "string_type": "be text",
    "int_type": "be a whole number",
    "int_parsing": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "float_parsing": "be a number",
    "bool_type": "be true or false",
    "bool_parsing": "be true or false",
    "timezone_aware": "be a moment with its offset from UTC, like 2026-03-14T02:10:00+01:00",
}


def _type_hint(kind: str, given: object, expected: str) -> str:
    if kind == "string_type" and isinstance(given, bool | int | float):
        return "put it in quotes"
    if kind in ("tuple_type", "list_type"):
        return f"write [{given}]" if isinstance(given, str) else "write one item a line, each after a '-'"
    return expected


def expectation(shape: Shape | None) -> str:
    """What a value of this shape looks like, as a hint; empty where there is nothing helpful to say."""
    if shape is None:
        return ""
    if shape.values:
        return "one of: " + ", ".join(shape.values)
    if shape.references:
        return f"the id of a {' or '.join(shape.references)}"
    if shape.fields:
        required = [name for name, inner in _required(shape) if inner]
        return "a map with " + ", ".join(required) if required else ""
    examples = {_example(metadata) for _, metadata in shape.alternatives}
    return next((example for example in sorted(examples) if example), "")


def _example(metadata: tuple[Any, ...]) -> str:
    functions: list[Callable[..., Any]] = [m.func for m in metadata if hasattr(m, "func")]
    names = {function.__name__.strip("_") for function in functions}
    if "duration" in names:
        return "a duration like 90s, 15m or 2h30m"
    if "distribution" in names:
        return "a duration like 15m, or a distribution like lognormal(median=8m, p90=25m)"
    if "timezone" in names:
        return "a time zone like Europe/Zurich"
    return ""


def _required(shape: Shape) -> list[tuple[str, bool]]:
    return [
        (info.alias or name, info.is_required()) for model in shape.models for name, info in model.model_fields.items()
    ]


def _nearest_field(name: str, known: set[str], present: set[str]) -> str:
    """Fields that are not there yet come first: a misspelt key is rarely the second of its kind."""
    hint = nearest(name, known - present) or nearest(name, known)
    return hint or ("fields: " + ", ".join(sorted(known)) if known else "")


def _keys_at(document: Document, path: tuple[Step, ...]) -> set[str]:
    node = document.node(path)
    return set(node.entries) if isinstance(node, MappingNode) else set()


def _id_hint(given: str) -> str:
    proposal = _NOT_IN_AN_ID.sub("-", given.lower()).strip("-._")
    rule = "ids are lower-case letters, digits, '.', '-' and '_', and begin with a letter or a digit"
    return f"{rule}; for example {proposal[:80]!r}" if proposal and proposal != given else rule


def _split_hint(text: str) -> tuple[str, str]:
    """A validator that says `what is wrong; what to do` gives both."""
    message, _, hint = text.partition("; ")
    return message, hint


def _show(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "nothing"}[value]
    if isinstance(value, dict | list | tuple):
        return _kind_of(value)
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:g}"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 4] + "...'"


def _kind_of(value: object) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return _show(value)


def _error(id: str, document: Document, path: tuple[Step, ...], key: bool, message: str, hint: str) -> Finding:
    return Finding(id, Severity.ERROR, document.place(path, key=key), message, hint)
