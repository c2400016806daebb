"""What moving one factor does to a response.

- *main effect*: of a level against the first level, averaged over all combinations of the other factors, replication by
  replication under the same random numbers; its interval is the paired one of `studies.paired`;
- *slope*: of the straight line through the response against the factor's position from lowest to highest (0 to 1), by
  least squares over all factors at once; a line, where the truth may bend;
- *elementary effect* (Morris 1991): what one step of a path did, per whole range of the factor.  `mu_star` is their
  mean size (Campolongo, Cariboni, Saltelli 2007), `mu` their mean, `sigma` their spread: large where the effect bends
  or depends on other factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.factors.replicates import Estimate, mean_interval
from studies.intervals import Values
from studies.paired import paired_difference


@dataclass(frozen=True, slots=True)
class Effect:
    """What a response has more at the value `to` of a factor than at `start`."""

    factor: str
    start: str
    to: str
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Elementary:
    """Elementary effects of one factor, in the unit of the response for the whole range of the factor."""

    factor: str
    mu: Estimate
    mu_star: Estimate
    sigma: float


def main_effect(first: Values, second: Values) -> Estimate:
    """Of two levels: points x replications each, with the other factors and the replications in the same order.

    Raises ValueError with fewer replications than a paired interval needs.
    """
    found = paired_difference(first.mean(axis=0).tolist(), second.mean(axis=0).tolist())
    return Estimate(found.difference, found.low, found.high)


def slopes(positions: Values, response: Values) -> list[Estimate]:
    """For each factor.  `positions` are replicates x points x factors, `response` replicates x points."""
    found = np.array([_line(at, of) for at, of in zip(positions, response, strict=True)])
    return [mean_interval(column) for column in found.T]


def _line(positions: Values, response: Values) -> Values:
    design = np.column_stack([np.ones(len(positions)), positions])
    # Less its first value, so that a response which does not vary has slopes of exactly 0.
    fitted: Values = np.linalg.lstsq(design, response - response[0], rcond=None)[0]
    return fitted[1:]


def elementary_effects(factors: tuple[str, ...], positions: Values, response: Values) -> tuple[Elementary, ...]:
    """`positions` are paths x steps x factors, `response` paths x steps."""
    moved = np.diff(positions, axis=1)
    gained = np.diff(response, axis=1)
    found = []
    for column, factor in enumerate(factors):
        step = moved[:, :, column]
        which = np.abs(step).argmax(axis=1)  # each path moves each factor in exactly one of its steps
        paths = np.arange(len(step))
        effects = gained[paths, which] / step[paths, which]
        found.append(
            Elementary(factor, mean_interval(effects), mean_interval(np.abs(effects)), float(effects.std(ddof=1)))
        )
    return tuple(found)
