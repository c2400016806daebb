"""How much of a response's variance is due to each factor: Sobol' indices.

With f at the samples A, B and A_i (A with factor i of B), N points each, V the variance of f over A and B:

    first order   S_i  = mean(f(B) (f(A_i) - f(A))) / V        Saltelli et al. (2010), formula b of table 2
    total         ST_i = mean((f(A) - f(A_i))^2) / (2 V)       Jansen (1999), formula f

f is taken less its mean over A and B, which changes neither and steadies the first.  S_i is what would be gone of the
variance, on average, were the factor known; ST_i what would stay were all others known.  A factor that moves nothing
has a total index of exactly 0, as the points it tells apart play under the same random numbers.

The response at a point is the mean over the replications that it plays, under the same random numbers as the other
points of its replicate: what the chances alone would move is no part of V.  What a factor does differently under
different chances is; more replications of a point average it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.factors.replicates import Estimate, ratio_interval
from studies.intervals import Values


@dataclass(frozen=True, slots=True)
class Index:
    """Indices of one factor."""

    factor: str
    first: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class Samples:
    """A response at the samples: `a` and `b` replicates x points, `mixed` factors x replicates x points."""

    a: Values
    b: Values
    mixed: Values


def sobol_indices(factors: tuple[str, ...], samples: Samples) -> tuple[Index, ...]:
    """Empty where the response does not vary: there is nothing to explain."""
    both = np.concatenate([samples.a, samples.b], axis=1)
    centre = both.mean(axis=1, keepdims=True)
    variance = both.var(axis=1)
    a, b = samples.a - centre, samples.b - centre
    found = []
    for factor, response in zip(factors, samples.mixed, strict=True):
        moved = response - centre - a
        first = ratio_interval((b * moved).mean(axis=1), variance)
        total = ratio_interval((moved**2).mean(axis=1) / 2, variance)
        if first is None or total is None:
            return ()
        found.append(Index(factor, first, total))
    return tuple(found)
