"""When a combination counts as breaking an objective: in at least a stated share of exercises, by a test that may be
looked at after every one of them.

The test is betting (Ville 1939; Shafer and Vovk 2019).  Against "it breaks in at most this share" the *e-value* is the
likelihood of what was seen, averaged over all larger shares, relative to that under the share itself.  Were the claim
true, it would exceed 1/error at any time with a chance of at most `error`; so runs may go on until it does.

The search asks this of many combinations.  The k-th that is asked has to reach k(k+1)/error; the errors allowed then
sum to `error`, so **with a chance of at most `error` any finding at all is false**, however many combinations there
are.

What comes first is a screening: a combination that never broke in the first few exercises is passed over.  A
combination that breaks in exactly the share slips through with a chance of at most `missed`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Verdict(StrEnum):
    """What was found of a combination."""

    BREAKS = "breaks"
    HOLDS = "holds"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Rule:
    """When an objective counts as broken.  `share` is of exercises, in (0, 1)."""

    share: float = 0.5
    error: float = 0.05
    missed: float = 0.05
    confirm_at_most: int = 80
    """Fresh exercises of one combination, after which it stays unsure."""

    @property
    def screening(self) -> int:
        """Exercises without a failure after which a combination is passed over."""
        return max(math.ceil(math.log(self.missed) / math.log(1 - self.share)), 1)

    def verdict(self, broken: int, played: int, asked: int) -> Verdict | None:
        """Of the `asked`-th combination (from 1) that is confirmed; None while more has to be seen."""
        if e_value(broken, played, self.share) >= asked * (asked + 1) / self.error:
            return Verdict.BREAKS
        if e_value(played - broken, played, 1 - self.share) >= 1 / self.error:
            return Verdict.HOLDS
        return Verdict.UNSURE if played >= self.confirm_at_most else None


@cache
def e_value(hits: int, trials: int, share: float) -> float:
    """Evidence against "the probability is at most `share`", from independent trials; 1 where there is none.

    The mixture is uniform over (share, 1): its integral is an incomplete beta function.
    """
    from scipy.special import betaln
    from scipy.stats import beta

    misses = trials - hits
    log_mixture = betaln(hits + 1, misses + 1) + beta.logsf(share, hits + 1, misses + 1) - math.log(1 - share)
    log_share = hits * math.log(share) + misses * math.log(1 - share)
    return math.exp(min(float(log_mixture) - log_share, 700.0))
