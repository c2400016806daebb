"""Label sets: what names a series.

A *label set* maps label names to values; the metric's name is the label `__name__`.  A label with an empty value
and a missing one are the same thing, so empty ones are never kept.  Label sets are immutable and hashable: results
are joined, grouped and compared by them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

METRIC_NAME = "__name__"
BUCKET_LABEL = "le"
NORMALISED_LABELS = (BUCKET_LABEL, "quantile")


class Labels(Mapping[str, str]):
    """An immutable label set, sorted by label name."""

    __slots__ = ("_hash", "_pairs")

    def __init__(self, pairs: Mapping[str, str] | None = None, /, **more: str) -> None:
        given = {**(pairs or {}), **more}
        self._pairs = {name: given[name] for name in sorted(given) if given[name]}
        self._hash = hash(tuple(self._pairs.items()))

    @classmethod
    def _of_sorted(cls, pairs: dict[str, str]) -> Labels:
        """Label set of pairs known to be sorted and not empty."""
        labels = cls.__new__(cls)
        labels._pairs = pairs
        labels._hash = hash(tuple(pairs.items()))
        return labels

    def __getitem__(self, name: str) -> str:
        return self._pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Labels):
            return self._hash == other._hash and self._pairs == other._pairs
        return dict(self._pairs) == other

    def __lt__(self, other: Labels) -> bool:
        return tuple(self._pairs.items()) < tuple(other._pairs.items())

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """As PromQL writes it: `up{job="api"}`, `{}`."""
        name = self._pairs.get(METRIC_NAME, "")
        pairs = ", ".join(f"{k}={quote(v)}" for k, v in self._pairs.items() if k != METRIC_NAME)
        if name and not pairs:
            return name
        return f"{name}{{{pairs}}}"

    def in_full(self) -> str:
        """As Prometheus writes it in messages, the name among the labels: `{__name__="up", job="api"}`."""
        return "{" + ", ".join(f"{name}={quote(value)}" for name, value in self._pairs.items()) + "}"

    @property
    def metric_name(self) -> str:
        return self._pairs.get(METRIC_NAME, "")

    def keep(self, names: Collection[str]) -> Labels:
        """Only the labels in `names`."""
        return Labels._of_sorted({k: v for k, v in self._pairs.items() if k in names})

    def without(self, names: Collection[str]) -> Labels:
        """All labels but those in `names`."""
        return Labels._of_sorted({k: v for k, v in self._pairs.items() if k not in names})

    def without_name(self) -> Labels:
        """The labels without the metric's name."""
        return self.without((METRIC_NAME,)) if METRIC_NAME in self._pairs else self

    def replaced(self, name: str, value: str) -> Labels:
        """With one label set, or removed where the value is empty."""
        return Labels({**self._pairs, name: value})


def quote(text: str) -> str:
    """A string in double quotes as Go's `%q` writes printable text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def normalised_number(number: str) -> str:
    """A number as Prometheus 3 writes it in `NORMALISED_LABELS` when it scrapes: the shortest digits, with a point (`1`
    becomes `1.0`) or, from 1e+06 on, an exponent.  Raises ValueError for what is no number.

    Source: Prometheus, `model/labels/float.go`.
    """
    value = float(number)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    exact = Decimal(repr(value)).normalize()
    text = "".join(map(str, exact.as_tuple().digits))
    if value and not -4 <= exact.adjusted() < 6:
        mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
        return f"{'-' if value < 0 else ''}{mantissa}e{exact.adjusted():+03}"
    plain = format(exact, "f")
    return plain if "." in plain else f"{plain}.0"


EMPTY = Labels()
