"""What a plain YAML scalar means: the core schema of YAML 1.2.2 (section 10.3.2), and where YAML 1.1 differs.

Files of Prometheus and Alertmanager are read by go-yaml, which still knows parts of YAML 1.1: to it `012` is
ten, `1_000` a thousand and `0b11` three, and an untyped `yes` is true.  Here these are 12 and text.
Timestamps are text in both worlds; the models parse them.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

MAX_NUMBER_LENGTH = 100
"""Characters of the longest number accepted; longer ones are mistakes, and slow to convert."""

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar.  Raises ValueError for a number too long to be meant."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "+-.0123456789":
        return text
    for pattern, base in ((_DECIMAL, 10), (_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(_bounded(text), base) if base == 10 else int(_bounded(text)[2:], base)
    if _FLOAT.fullmatch(text):
        return float(_bounded(text))
    return text


def convert(text: str, tag: str) -> Scalar:
    """The value of a scalar under an explicit tag, such as `!!int "12"`; `tag` is its short name, `int`.

    Raises ValueError when the text is not of that type, KeyError when the tag is not a plain scalar's.
    """
    if tag == "str":
        return text
    expected: type = {"int": int, "float": float, "bool": bool, "null": type(None)}[tag]
    value = resolve(text)
    if expected is float and type(value) is int:
        return float(value)
    if type(value) is not expected:
        raise ValueError(f"{text!r} is not a value of !!{tag}")
    return value


def _bounded(text: str) -> str:
    if len(text) > MAX_NUMBER_LENGTH:
        raise ValueError(f"a number of {len(text)} digits is too long")
    return text
