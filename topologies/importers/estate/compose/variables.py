"""Variables of Compose: `.env` files, and `${NAME}` in values with its defaults.

`${A:-x}` and `${A-x}` give x where A is empty or not set; `${A:+x}` gives x where it is; `${A:?why}` is A; `$$` is a
dollar.  Values come from files alone, never from the environment of this process: the same files give the same estate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_DEPTH = 10
"""Defaults within defaults."""


def read_variables(text: str, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of an env file, each filled in with those above it and those known."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        match = _LINE.fullmatch(line)
        if match is None or line.lstrip().startswith("#"):
            continue
        name, value = match.groups()
        quote = value[0] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else ""
        value = value[1:-1] if quote else re.sub(r"\s+#.*$", "", value)
        found[name] = value if quote == "'" else fill_in(value, {**(known or {}), **found})
    return found


def fill_in(text: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """A value with its variables; what nobody sets is empty."""
    if depth > _DEPTH:
        return text
    parts: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        after = text[dollar + 1 : dollar + 2]
        if after == "$":
            parts.append("$")
            at = dollar + 2
        elif after == "{" and (end := _closing(text, dollar + 1)) > 0:
            parts.append(_expanded(text[dollar + 2 : end], variables, depth))
            at = end + 1
        elif match := _NAME.match(text, dollar + 1):
            parts.append(variables.get(match.group(), ""))
            at = match.end()
        else:
            parts.append("$")
            at = dollar + 1
    return "".join([*parts, text[at:]])


def _closing(text: str, opening: int) -> int:
    """The brace that closes the one at `opening`; -1 where none does."""
    open_braces = 0
    for place in range(opening, len(text)):
        open_braces += {"{": 1, "}": -1}.get(text[place], 0)
        if open_braces == 0:
            return place
    return -1


def _expanded(inside: str, variables: Mapping[str, str], depth: int) -> str:
    match = _NAME.match(inside)
    if match is None:
        return ""
    name, rest = match.group(), inside[match.end() :]
    value = variables.get(name)
    counts = bool(value) if rest.startswith(":") else value is not None
    operator, word = rest.removeprefix(":")[:1], rest.removeprefix(":")[1:]
    if operator == "-" and not counts:
        return fill_in(word, variables, depth + 1)
    if operator == "+":
        return fill_in(word, variables, depth + 1) if counts else ""
    return value or ""
