"""The text exposition format, as far as a draft needs it: types, help, and the series of one scrape.

Source: Prometheus documentation, exposition formats (text format 0.0.4).  What OpenMetrics adds (units, exemplars,
`# EOF`) is read over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from timeline.findings import Finding, InputError, Place, Severity

_DECLARATION = re.compile(r"#\s*(TYPE|HELP)\s+([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\s+(.*))?$")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a series and its value."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(slots=True)
class Scrape:
    """What one scrape showed, in its order."""

    samples: list[Sample] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    helps: dict[str, str] = field(default_factory=dict)


def parse_exposition(text: str, name: str) -> Scrape:
    """Raises InputError with every line that is none of the format; `name` is what places call the text."""
    scrape, findings = Scrape(), []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            _read_line(line.strip(), scrape)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            place = Place(name, number, 1, line)
            findings.append(Finding("scrape.syntax", Severity.ERROR, place, message, hint))
    if not findings and not scrape.samples:
        message = "there is no series in this scrape"
        findings.append(Finding("scrape.syntax", Severity.ERROR, Place(name), message, "save what /metrics answers"))
    if findings:
        raise InputError(findings)
    return scrape


def _read_line(line: str, scrape: Scrape) -> None:
    if not line:
        return
    if line.startswith("#"):
        if declared := _DECLARATION.match(line):
            what, metric, text = declared.groups()
            (scrape.types if what == "TYPE" else scrape.helps)[metric] = _unescaped(text or "").strip()
        return
    scrape.samples.append(_sample(line))


def _sample(line: str) -> Sample:
    found = _NAME.match(line)
    if found is None:
        raise ValueError("a line begins with the name of a metric; or with '#', when it is a comment")
    labels, position = _labels(line, found.end())
    rest = line[position:].split()
    if not rest:
        raise ValueError("there is no value after the series; write one, as in `up 1`")
    try:
        value = float(rest[0])
    except ValueError:
        raise ValueError(f"{rest[0]!r} is not a value; write a number, NaN, +Inf or -Inf") from None
    return Sample(found[0], labels, value)


def _labels(line: str, position: int) -> tuple[dict[str, str], int]:
    """The labels that stand at a position, and where they end."""
    while line[position : position + 1] == " ":
        position += 1
    if line[position : position + 1] != "{":
        return {}, position
    labels: dict[str, str] = {}
    position += 1
    while line[position:].lstrip()[:1] != "}":
        found = _LABEL.match(line, position)
        if found is None:
            raise ValueError('the labels cannot be read; they look like {code="200", method="get"}')
        labels[found[1]] = _unescaped(found[2])
        position = found.end()
    return labels, line.index("}", position) + 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[0]), text)
