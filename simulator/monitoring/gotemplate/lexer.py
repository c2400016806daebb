"""From the text of a template to its pieces: plain text, and actions as tokens.

`{{- ` removes the white space before an action, ` -}}` the white space behind it; `{{/* ... */}}` is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from simulator.monitoring.gotemplate.errors import TemplateError


class Kind(StrEnum):
    FIELD = "field"
    DOT = "dot"
    VARIABLE = "variable"
    IDENTIFIER = "identifier"
    STRING = "string"
    CHARACTER = "character"
    NUMBER = "number"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """`spaced` tells whether white space stands before it: `.A.B` is one chain, `.A .B` are two operands."""

    kind: Kind
    text: str
    line: int
    spaced: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Plain text, or the tokens of an action."""

    line: int
    text: str = ""
    action: tuple[Token, ...] | None = None


_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))(?![\w])
  | (?P<field>\.[^\W\d]\w*)
  | (?P<dot>\.)
  | (?P<variable>\$\w*)
  | (?P<identifier>[^\W\d]\w*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
  | (?P<character>'(?:\\.|[^'\\\n])+')
  | (?P<mark>:=|[=|(),])
    """,
    re.VERBOSE,
)
_COMMENT = re.compile(r"\{\{(-\s+)?/\*.*?\*/(\s+-)?\}\}", re.DOTALL)


def split(text: str) -> Iterator[Piece]:
    """The pieces of a template, in order, with white space trimmed as asked.  Raises TemplateError."""
    position, line, trim_next = 0, 1, False
    while position < len(text):
        opening = text.find("{{", position)
        plain = text[position:] if opening < 0 else text[position:opening]
        start_line = line
        line += plain.count("\n")
        trimmed = plain.lstrip() if trim_next else plain
        trim_next = False
        if opening < 0:
            yield Piece(start_line, trimmed)
            return
        left_trim = re.match(r"\{\{-\s", text[opening:]) is not None
        yield Piece(start_line, trimmed.rstrip() if left_trim else trimmed)
        comment = _COMMENT.match(text, opening)
        if comment is not None:
            position, trim_next = comment.end(), comment[2] is not None
            line += comment[0].count("\n")
            continue
        if re.match(r"\{\{(-\s+)?/\*", text[opening:]):
            raise TemplateError("unclosed comment", line)
        tokens, end, trim_next = _action(text, opening + (3 if left_trim else 2), line)
        yield Piece(line, action=tuple(tokens))
        line += text.count("\n", opening, end)
        position = end


def _action(text: str, position: int, line: int) -> tuple[list[Token], int, bool]:
    """The tokens of one action, where it ends, and whether the text behind it is to be trimmed."""
    tokens: list[Token] = []
    spaced = False
    while True:
        if text.startswith("}}", position):
            return tokens, position + 2, False
        if spaced and text.startswith("-}}", position):
            return tokens, position + 3, True
        found = _TOKEN.match(text, position)
        if found is None:
            rest = text[position : position + 1]
            if rest in ('"', "`", "'"):
                raise TemplateError("unterminated quoted string", line)
            raise TemplateError(f"unexpected {rest!r} in command" if rest else "unclosed action", line)
        position = found.end()
        kind = found.lastgroup
        if kind == "space":
            spaced = True
            line += found[0].count("\n")
            continue
        assert kind is not None
        tokens.append(Token(Kind(kind), found[0], line, spaced))
        spaced = False
