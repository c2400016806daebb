"""How Go prints values: `%v` and the verbs of `printf`.

Source: the documentation of Go's package `fmt`; numbers follow `strconv.FormatFloat`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from simulator.monitoring.gotemplate.values import Record, Value, is_list, type_name

_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.)?", re.DOTALL)
_INTEGER_VERBS = {"d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}
_SHORTEST_EXPONENT_FROM = 6


def go_string(value: Value) -> str:
    """A value as `%v` prints it: `3`, `1.5e+06`, `map[a:b]`, `[1 2]`, `<nil>`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return "<nil>"
        case float():
            return format_float(value)
        case Mapping():
            return "map[" + " ".join(f"{key}:{go_string(value[key])}" for key in sorted(value)) + "]"
        case Record(shown=shown) if shown:
            return shown
        case Record():
            return "{" + " ".join(go_string(one) for one in value.fields.values()) + "}"
        case _ if is_list(value):
            return "[" + " ".join(go_string(one) for one in value) + "]"
    return str(value)


def format_float(value: float, verb: str = "g", precision: int | None = None) -> str:
    """A float64 as Go's verbs e, f and g print it; without precision, the shortest text that reads back."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if precision is not None:
        return f"%.{precision}{verb}" % value
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    assert isinstance(exponent, int)
    point = len(digits) + exponent if any(digits) else 1
    minus = "-" if sign else ""
    scientific = verb in "eE" or (verb in "gG" and not -4 <= point - 1 < _SHORTEST_EXPONENT_FROM)
    if scientific:
        power = point - 1
        mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
        return f"{minus}{mantissa}{'E' if verb in 'EG' else 'e'}{'-' if power < 0 else '+'}{abs(power):02d}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    return minus + (text.ljust(point, "0")[:point]) + ("." + text[point:] if len(text) > point else "")


def go_quote(text: str) -> str:
    """A string as `%q` prints it."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    out = []
    for character in text:
        if character in escapes:
            out.append(escapes[character])
        elif character.isprintable():
            out.append(character)
        else:
            code = ord(character)
            out.append(f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}")
    return '"' + "".join(out) + '"'


def go_format(pattern: str, arguments: Sequence[Value]) -> str:
    """`printf`: mistakes show in the text, as in Go (`%!d(string=hi)`, `%!d(MISSING)`, `%!(EXTRA int=1)`)."""
    position = 0
    indexed = False

    def take() -> tuple[bool, Value]:
        nonlocal position
        position += 1
        return position <= len(arguments), arguments[position - 1] if position <= len(arguments) else None

    def replace(found: re.Match[str]) -> str:
        nonlocal position, indexed
        flags, width_text, precision_text, index, verb = found.groups()
        if verb is None:
            return "%!(NOVERB)"
        if verb == "%":
            return "%"
        width = take()[1] if width_text == "*" else int(width_text or 0)
        precision = take()[1] if precision_text == "*" else precision_text
        if index is not None:
            indexed = True
            position = int(index) - 1
        given, value = take()
        if not given:
            return f"%!{verb}(BADINDEX)" if index is not None else f"%!{verb}(MISSING)"
        digits = None if precision is None else int(precision or 0)
        return _pad(_verb(verb, value, flags, digits), value, flags, int(width))

    text = _VERB.sub(replace, pattern)
    if position < len(arguments) and not indexed:
        extra = ", ".join(f"{type_name(value)}={go_string(value)}" for value in arguments[position:])
        text += f"%!(EXTRA {extra})"
    return text


def _pad(text: str, value: Value, flags: str, width: int) -> str:
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and isinstance(value, int | float):
        sign = text[0] if text[:1] in "+-" and text else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _verb(verb: str, value: Value, flags: str, precision: int | None) -> str:
    if verb == "T":
        return type_name(value)
    if is_list(value):
        return "[" + " ".join(_verb(verb, one, flags, precision) for one in value) + "]"
    text = _verb_v(value, flags) if verb == "v" and not isinstance(value, float) else _typed(verb, value, precision)
    if text is None:
        shown = go_string(value)
        return f"%!{verb}({shown})" if value is None else f"%!{verb}({type_name(value)}={shown})"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and text[:1] not in "+-":
        text = ("+" if "+" in flags else " " if " " in flags else "") + text
    elif number and text.startswith("+") and "+" not in flags and "Inf" not in text:
        text = text[1:]
    return text


def _verb_v(value: Value, flags: str) -> str:
    return go_quote(value) if "#" in flags and isinstance(value, str) else go_string(value)


def _typed(verb: str, value: Value, precision: int | None) -> str | None:
    """The text of a verb that fits the type of the value, None when it does not fit."""
    match value:
        case bool():
            return go_string(value) if verb == "t" else None
        case int() if verb in _INTEGER_VERBS:
            return format(value, _INTEGER_VERBS[verb])
        case int() if verb == "c":
            return chr(value)
        case int() if verb == "q":
            return "'" + chr(value) + "'"
        case int() if verb == "U":
            return f"U+{value:04X}"
        case float() if verb in "eEfFgGv":
            kind = {"v": "g", "F": "f"}.get(verb, verb)
            default = 6 if kind in "eEf" else None
            return format_float(value, kind, default if precision is None else precision)
        case str() if verb in "sq":
            cut = value if precision is None else value[:precision]
            return cut if verb == "s" else go_quote(cut)
        case str() if verb in "xX":
            return value.encode().hex() if verb == "x" else value.encode().hex().upper()
        case Mapping() | Record() if verb == "s":
            return go_string(value)
    if verb in "sv" and not isinstance(value, int | float) and value is not None:
        return str(value)
    return None
