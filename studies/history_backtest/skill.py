"""Skill against a baseline, with an interval that respects that incidents near in time are alike.

Skill is 1 - (mean score of the model) / (mean score of the baseline): 0 is no better, 1 perfect.  The interval comes
from a bootstrap over blocks of time (Kuensch 1989): whole blocks of test cases are drawn again with replacement, so
that what goes together stays together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scenarios.history.calibration.families import Floats

_DRAWS = 4000
_MOST_BLOCKS, _LEAST_BLOCKS = 60, 5


class Verdict(StrEnum):
    """What the interval of the skill allows to say."""

    BETTER = "better"
    NO_SKILL = "no skill shown"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Skill:
    """Skill with its 95 % interval over `blocks` blocks of `block_s` seconds; bounds are None with too few blocks."""

    value: float
    low: float | None
    high: float | None
    blocks: int
    block_s: float

    @property
    def verdict(self) -> Verdict:
        if self.low is not None and self.low > 0:
            return Verdict.BETTER
        if self.high is not None and self.high < 0:
            return Verdict.WORSE
        return Verdict.NO_SKILL


def skill(model: Floats, baseline: Floats, at_s: Floats, seed: int = 0) -> Skill:
    """The skill of scores of the same cases, which came at `at_s`."""
    length_s = float(at_s.max() - at_s.min()) or 1.0
    wanted = int(np.clip(len(at_s) // 5, _LEAST_BLOCKS, _MOST_BLOCKS))
    block_s = length_s / wanted
    number = np.minimum((at_s - at_s.min()) // block_s, wanted - 1).astype(np.intp)
    _, block = np.unique(number, return_inverse=True)
    blocks = int(block.max()) + 1
    of_model, of_baseline = np.bincount(block, model), np.bincount(block, baseline)
    value = 1 - float(of_model.sum() / of_baseline.sum()) if of_baseline.sum() > 0 else 0.0
    if blocks < _LEAST_BLOCKS:
        return Skill(value, None, None, blocks, block_s)
    drawn = np.random.default_rng(seed).integers(0, blocks, (_DRAWS, blocks))
    below = of_baseline[drawn].sum(1)
    values = 1 - of_model[drawn].sum(1) / np.where(below > 0, below, np.nan)
    low, high = np.nanquantile(values, [0.025, 0.975])
    return Skill(value, float(low), float(high), blocks, block_s)
