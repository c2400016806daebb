"""Values of an expression over a window of steps.

A *vector* holds series as rows and evaluation times (steps) as columns; `present` tells where a series has a value at
a step: NaN is a value, absence is not.  A *scalar* has one value at every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.promql.series import Mask, Values


@dataclass(slots=True)
class Scalar:
    """`values` float64[steps]."""

    values: Values


@dataclass(slots=True)
class Vector:
    """`values` float64[series, steps], `present` bool[series, steps].

    `unnamed` marks rows whose metric name is to be dropped at the end (only where names are dropped late).
    """

    labels: list[Labels]
    values: Values
    present: Mask
    unnamed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def __post_init__(self) -> None:
        if len(self.unnamed) != len(self.labels):
            self.unnamed = np.zeros(len(self.labels), dtype=np.bool_)

    @classmethod
    def empty(cls, steps: int) -> Vector:
        return cls([], np.empty((0, steps)), np.empty((0, steps), dtype=np.bool_))

    @property
    def steps(self) -> int:
        return int(self.values.shape[1])

    def rows(self, index: NDArray[np.intp] | Sequence[int]) -> Vector:
        """The rows named by `index`, in its order."""
        index = np.asarray(index, dtype=np.intp)
        labels = [self.labels[row] for row in index]
        return Vector(labels, self.values[index], self.present[index], self.unnamed[index])

    def where(self, keep: Mask) -> Vector:
        """Only where `keep` [series, steps] holds."""
        return Vector(self.labels, self.values, self.present & keep, self.unnamed)

    def compact(self) -> Vector:
        """Without rows that are present nowhere."""
        seen = self.present.any(axis=1)
        return self if seen.all() else self.rows(np.flatnonzero(seen))


def stack(vectors: Sequence[Vector], steps: int) -> Vector:
    """All rows of all vectors, in order."""
    if not vectors:
        return Vector.empty(steps)
    if len(vectors) == 1:
        return vectors[0]
    return Vector(
        [labels for vector in vectors for labels in vector.labels],
        np.concatenate([vector.values for vector in vectors]),
        np.concatenate([vector.present for vector in vectors]),
        np.concatenate([vector.unnamed for vector in vectors]),
    )


def merge_rows(vector: Vector) -> Vector:
    """One row per label set.

    Rows with equal labels may take turns, as series do whose name was dropped.  Raises EvaluationError where two of
    them have a value at the same step.
    """
    first_of: dict[Labels, int] = {}
    target = [first_of.setdefault(labels, len(first_of)) for labels in vector.labels]
    if len(first_of) == len(target):
        return vector
    values = np.zeros((len(first_of), vector.steps))
    present = np.zeros((len(first_of), vector.steps), dtype=np.bool_)
    unnamed = np.zeros(len(first_of), dtype=np.bool_)
    for row, into in enumerate(target):
        here = vector.present[row]
        if (present[into] & here).any():
            raise EvaluationError("vector cannot contain metrics with the same labelset")
        values[into] = np.where(here, vector.values[row], values[into])
        present[into] |= here
        unnamed[into] |= vector.unnamed[row]
    return Vector(list(first_of), values, present, unnamed)
