"""Functions that rewrite labels: `label_replace` and `label_join`.

Source: Prometheus, `promql/functions.go`; the `$1` and `${name}` of a replacement follow Go's `Regexp.Expand`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.vectors import Vector, merge_rows
from simulator.monitoring.regexp import compile_anchored

_CLASSIC_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)


def label_replace(
    vector: Vector, target: str, replacement: str, source: str, pattern: str, semantics: Semantics
) -> Vector:
    """Set `target` from the groups of `pattern` in the label `source`, for the series whose label matches."""
    try:
        compiled = compile_anchored(pattern, dot_all=not semantics.is_2)
    except ValueError:
        raise EvaluationError(f"invalid regular expression in label_replace(): {pattern}") from None
    _check_name(target, "destination label name in label_replace()", semantics)

    def rewrite(labels: Labels) -> Labels | None:
        found = compiled.fullmatch(labels.get(source, ""))
        return None if found is None else labels.replaced(target, expand(replacement, found))

    return _rewritten(vector, [rewrite(labels) for labels in vector.labels], target)


def label_join(vector: Vector, target: str, separator: str, sources: Sequence[str], semantics: Semantics) -> Vector:
    """Set `target` to the values of `sources`, joined."""
    for source in sources:
        _check_name(source, "source label name in label_join()", semantics)
    _check_name(target, "destination label name in label_join()", semantics)
    joined = [
        labels.replaced(target, separator.join(labels.get(source, "") for source in sources))
        for labels in vector.labels
    ]
    return _rewritten(vector, joined, target)


def expand(replacement: str, found: re.Match[str]) -> str:
    """Fill `$1`, `$name` and `${name}` from a match; unknown groups are empty, `$$` is a dollar sign."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return found[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _REFERENCE.sub(group, replacement)


def _rewritten(vector: Vector, labels: Sequence[Labels | None], target: str) -> Vector:
    kept = [old if new is None else new for new, old in zip(labels, vector.labels, strict=True)]
    unnamed = vector.unnamed.copy()
    if target == METRIC_NAME:
        unnamed &= [new is None for new in labels]
    return merge_rows(Vector(kept, vector.values, vector.present, unnamed))


def is_classic_name(name: str) -> bool:
    """Whether Prometheus 2 takes the name of a label."""
    return bool(_CLASSIC_NAME.fullmatch(name))


def _check_name(name: str, what: str, semantics: Semantics) -> None:
    """Prometheus 3 takes any UTF-8 name that is not empty."""
    if not (is_classic_name(name) if semantics.is_2 else name):
        raise EvaluationError(f"invalid {what}: {name}")
