"""How the figures of a measure are distributed over replications, censored ones among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.measures import MEASURES, Direction
from studies.intervals import Quantile, quantile


@dataclass(frozen=True, slots=True)
class Distribution:
    """Figures of a measure over the replications in which there was one."""

    measure: str
    values: tuple[float, ...]
    censored: tuple[bool, ...]

    @property
    def open(self) -> int:
        return sum(self.censored)

    def quantile(self, share: float) -> Quantile:
        return figure_quantile(self.measure, self.values, self.censored, share)


def figure_quantile(measure: str, values: Sequence[float], censored: Sequence[bool], share: float) -> Quantile:
    """A quantile of figures.  Where more is better a censored figure is an upper bound: all is turned round."""
    if MEASURES[measure].direction is Direction.LOWER or not any(censored):
        return quantile(values, share, censored)
    turned = quantile([-value for value in values], 1 - share, censored)
    return Quantile(_minus(turned.value), _minus(turned.high), _minus(turned.low))


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
