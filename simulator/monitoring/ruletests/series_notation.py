"""The notation for series in tests: `http_requests_total{job="api"} 0+10x100 _x5 stale`.

| item | means |
|---|---|
| `5` | one sample |
| `5x3` | the sample and three repetitions: 5 5 5 5 |
| `5+2x3` | a start and three increments: 5 7 9 11 (also `-`) |
| `_`, `_x3` | one, or three, times no sample |
| `stale` | a staleness marker |

Items stand at multiples of an interval.  Histogram items (`{{...}}`) are refused: native histograms are not
supported.  Source: Prometheus, `docs/configuration/unit_testing_rules.md` and `promql/promqltest/README.md`.
"""

from __future__ import annotations

import re

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, STALE, Labels
from simulator.monitoring.promql.series import Mask, Values

_NUMBER = r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN])"
_ITEM = re.compile(rf"([+-]?{_NUMBER})(?:(?:([+-])({_NUMBER}))?x(\d+))?")
_GAPS = re.compile(r"_(?:x(\d+))?")
_STALE_ITEM = re.compile(r"stale(?:x(\d+))?")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_QUOTED = r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])*'" + r"|`[^`]*`"
_LABEL = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*|{_QUOTED})\s*(?:=\s*({_QUOTED})\s*)?(,|\}})", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class UnsupportedNotation(ValueError):
    """The notation is right and uses a feature that is not evaluated here, which the message names."""


def parse_series(text: str) -> tuple[Labels, Values, Mask]:
    """A label set and its items: values float64[n], and where there is a sample, bool[n]."""
    labels, rest = parse_labels(text)
    values, present = parse_items(rest)
    return labels, values, present


def parse_items(text: str) -> tuple[Values, Mask]:
    """Items as values float64[n] and where there is a sample, bool[n].

    Raises ValueError for what is not an item, UnsupportedNotation for native histograms.
    """
    if "{{" in text:
        raise UnsupportedNotation("native histograms are not supported")
    values: list[Values] = []
    present: list[Mask] = []
    for item in text.split():
        if found := _GAPS.fullmatch(item):
            count = int(found[1]) if found[1] else 1
            values.append(np.full(count, np.nan))
            present.append(np.zeros(count, dtype=np.bool_))
            continue
        values.append(_samples(item))
        present.append(np.ones(len(values[-1]), dtype=np.bool_))
    if not values:
        return np.empty(0), np.empty(0, dtype=np.bool_)
    return np.concatenate(values), np.concatenate(present)


def _samples(item: str) -> Values:
    if found := _STALE_ITEM.fullmatch(item):
        return np.full(int(found[1] or 0) + 1, STALE)
    found = _ITEM.fullmatch(item)
    if found is None:
        raise ValueError(f"{item!r} is not an item of a series; write 5, 5x3, 5+2x3, _x3 or stale")
    start, sign, increment, times = found.groups()
    count = int(times or 0) + 1
    if increment is None:
        return np.full(count, number(start))
    step = number(increment) * (-1.0 if sign == "-" else 1.0)
    # Increments are added one by one, so that rounding is that of the original.
    return np.cumsum(np.concatenate([[number(start)], np.full(count - 1, step)]))


def number(text: str) -> float:
    """A decimal number (`0x5` is six zeros in this notation).  Raises ValueError."""
    if not re.fullmatch(rf"[+-]?{_NUMBER}", text):
        raise ValueError(f"{text!r} is not a number")
    return float(text)


def parse_labels(text: str) -> tuple[Labels, str]:
    """The label set at the start of `text` (`name{a="b"}`, `{"quoted.name", a="b"}`) and what follows it."""
    text = text.strip()
    labels: dict[str, str] = {}
    name = _NAME.match(text)
    if name:
        labels[METRIC_NAME] = name[0]
    position = name.end() if name else 0
    if text[position:].lstrip().startswith("{") and not text[position:].lstrip().startswith("{{"):
        position = text.index("{", position) + 1
        while not text[position:].lstrip().startswith("}"):
            found = _LABEL.match(text, position)
            if found is None:
                raise ValueError(f'{text!r} is not a series; expected name{{label="value"}} and its items')
            key = unquote(found[1]) if found[1][0] in "\"'`" else found[1]
            if found[2] is None:
                labels[METRIC_NAME] = key
            else:
                labels[key] = unquote(found[2])
            position = found.end() if found[3] == "," else found.end() - 1
        position = text.index("}", position) + 1
    elif not name:
        raise ValueError(f'{text!r} is not a series; expected name{{label="value"}} and its items')
    return Labels(labels), text[position:]


def unquote(text: str) -> str:
    """The value of a string as PromQL quotes it."""
    if text[0] == "`":
        return text[1:-1]

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return _SIMPLE.get(found[1], found[1])
        if found[5]:
            return chr(int(found[5], 8))
        return chr(int(found[2] or found[3] or found[4], 16))

    return _ESCAPE.sub(replace, text[1:-1])
