"""What may make an incident last longer, as columns of a regression: the *terms* of a duration model.

    term       columns                            prior of its coefficients (on the log scale)
    grouped    one a level (priority, service)    independent normal: small groups are drawn towards the common value
    periods    one a stretch of the calendar      a series that returns to the common value: neighbours are alike, and
                                                  what was learned of the latest stretch fades with distance
    slope      one, standardised (load)           normal with a fixed standard deviation

The common standard deviation of a term's coefficients is its *spread*; it is estimated, and where the data show no
difference between the levels it goes to zero and the term with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.history.calibration.families import Floats

_SLOPE_SPREAD = 0.3
"""An effect of e^0.3 (a third longer) for one standard deviation more: weak, but no extrapolation to absurd values."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """A term with one coefficient for each level that occurs."""

    name: str
    levels: tuple[str, ...]

    @classmethod
    def of(cls, name: str, values: Sequence[str]) -> Grouped:
        return cls(name, tuple(sorted(set(values))))

    @property
    def width(self) -> int:
        return len(self.levels)

    def columns(self, values: Sequence[str]) -> Floats:
        """Indicator matrix, cases x levels; a level never seen has no column, so its row is zero."""
        places = {level: number for number, level in enumerate(self.levels)}
        matrix = np.zeros((len(values), self.width))
        for row, value in enumerate(values):
            if (column := places.get(value)) is not None:
                matrix[row, column] = 1.0
        return matrix

    def precision(self) -> Floats:
        """Inverse of the prior covariance for a spread of 1."""
        return np.eye(self.width)

    def unexplained(self, values: Sequence[str]) -> Floats:
        """Prior variance that each case has beyond its columns, for a spread of 1: all of it for an unseen level."""
        known = set(self.levels)
        return np.array([0.0 if value in known else 1.0 for value in values])


@dataclass(frozen=True, slots=True)
class Periods:
    """A term with one coefficient for each of `count` stretches of `length_s`, the last one ending at `end_s`.

    Coefficients k stretches apart have correlation `memory` ** k.
    """

    name: str
    end_s: float
    length_s: float
    count: int
    memory: float

    @property
    def width(self) -> int:
        return self.count

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(str(number) for number in range(self.count))

    def _place(self, values: Sequence[float]) -> Floats:
        return np.ceil((np.asarray(values, dtype=np.float64) - self.end_s) / self.length_s) + self.count - 1

    def columns(self, values: Sequence[float]) -> Floats:
        """Cases x stretches; a moment behind the last stretch has its coefficient, faded by the distance."""
        places = self._place(values)
        inside = np.clip(places, 0, self.count - 1).astype(np.intp)
        matrix = np.zeros((len(places), self.count))
        matrix[np.arange(len(places)), inside] = self.memory ** np.abs(places - inside)
        return matrix

    def precision(self) -> Floats:
        """Inverse covariance of a stationary first-order series of variance 1: tridiagonal."""
        if self.count == 1:
            return np.eye(1)
        square = self.memory**2
        diagonal = np.full(self.count, 1 + square)
        diagonal[[0, -1]] = 1.0
        off = np.full(self.count - 1, -self.memory)
        return np.asarray((np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)) / (1 - square), dtype=np.float64)

    def unexplained(self, values: Sequence[float]) -> Floats:
        places = self._place(values)
        distance = np.abs(places - np.clip(places, 0, self.count - 1))
        return np.asarray(1 - self.memory ** (2 * distance), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Slope:
    """A term with one coefficient of a figure, in standard deviations from its mean over the fitted cases."""

    name: str
    mean: float
    deviation: float

    @classmethod
    def of(cls, name: str, values: Sequence[float]) -> Slope:
        array = np.asarray(values, dtype=np.float64)
        return cls(name, float(array.mean()), float(array.std()) or 1.0)

    @property
    def width(self) -> int:
        return 1

    @property
    def levels(self) -> tuple[str, ...]:
        return ("one standard deviation more",)

    def columns(self, values: Sequence[float]) -> Floats:
        """Cases x 1; beyond three standard deviations an effect is not carried on."""
        z = (np.asarray(values, dtype=np.float64) - self.mean) / self.deviation
        return np.asarray(np.clip(z, -3, 3)[:, None], dtype=np.float64)

    def precision(self) -> Floats:
        return np.eye(1) / _SLOPE_SPREAD**2

    def unexplained(self, values: Sequence[float]) -> Floats:
        return np.zeros(len(values))


Term = Grouped | Periods | Slope
Values = dict[str, Sequence[str] | Sequence[float]]
"""What was known of each case, by the name of the term that uses it."""


@dataclass(frozen=True, slots=True)
class Design:
    """The terms of a model side by side: a column of ones, then the columns of each term."""

    terms: tuple[Term, ...]

    @property
    def width(self) -> int:
        return 1 + sum(term.width for term in self.terms)

    def slices(self) -> list[slice]:
        """Where the columns of each term stand."""
        ends = np.cumsum([1, *(term.width for term in self.terms)])
        return [slice(int(begin), int(end)) for begin, end in pairwise(ends)]

    def matrix(self, values: Values, cases: int) -> Floats:
        """Cases x columns, from the values of each term by its name."""
        parts = [np.ones((cases, 1)), *(term.columns(values[term.name]) for term in self.terms)]  # type: ignore[arg-type]
        return np.hstack(parts)

    def unexplained(self, values: Values, cases: int, spreads: Floats) -> Floats:
        """Variance of the location of each case that its columns leave open."""
        total = np.zeros(cases)
        for term, spread in zip(self.terms, spreads, strict=True):
            total += spread**2 * term.unexplained(values[term.name])  # type: ignore[arg-type]
        return total

    def precision(self, spreads: Floats) -> Floats:
        """Prior precision of all columns; none for the common value."""
        matrix = np.zeros((self.width, self.width))
        for term, where, spread in zip(self.terms, self.slices(), spreads, strict=True):
            matrix[where, where] = term.precision() / spread**2
        return matrix


def is_estimated(term: Term) -> bool:
    """Whether the spread of a term is estimated (a single slope cannot show one)."""
    return not isinstance(term, Slope)
