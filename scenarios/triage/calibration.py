"""How often an answer is right, by what speaks for it.

Labelled texts are each judged by all others (leave one out), and counted by the *evidence* for the answer: did a rule
match, did the neighbours say the same?  The confidence of an answer is the share of right ones among those with the
same evidence and rule.  Shares of few are drawn towards that of the evidence, and these towards that of all, as if
`_PRIOR` more had been seen with that share (the m-estimate, Cestnik 1990); that of all begins at one half (Laplace).

Example: a rule that was right 4 times of 4 where the neighbours agreed, which together were right 45 times of 50, all
answers 80 of 98 times: all 81/100; the evidence (45 + 4 * 0.81) / 54 = 0.89; the rule (4 + 4 * 0.89) / 8 = 0.95.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_PRIOR = 4.0


class Evidence(StrEnum):
    """What speaks for an answer."""

    BOTH = "both"
    RULE_ALONE = "rule-alone"
    NEIGHBOURS_ALONE = "neighbours-alone"
    RULE_AGAINST_NEIGHBOURS = "rule-against-neighbours"
    NEIGHBOURS_AGAINST_RULE = "neighbours-against-rule"
    NOTHING = "nothing"
    """No rule matched and no text is like it: "unclassified" is the answer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One labelled text judged by the others."""

    evidence: Evidence
    rule: str | None
    right: bool


@dataclass(slots=True)
class _Tally:
    right: int = 0
    seen: int = 0

    def add(self, right: bool) -> None:
        self.seen += 1
        self.right += right

    def drawn_to(self, share: float, prior: float = _PRIOR) -> float:
        return (self.right + prior * share) / (self.seen + prior)


class Reliability:
    """Confidence by evidence and rule."""

    def __init__(self, trials: Iterable[Trial]) -> None:
        self._all = _Tally()
        self._by_evidence: dict[Evidence, _Tally] = defaultdict(_Tally)
        self._by_rule: dict[tuple[Evidence, str | None], _Tally] = defaultdict(_Tally)
        for trial in trials:
            for tally in (
                self._all,
                self._by_evidence[trial.evidence],
                self._by_rule[trial.evidence, trial.rule],
            ):
                tally.add(trial.right)

    def of(self, evidence: Evidence, rule: str | None) -> float:
        """The confidence of an answer, in (0, 1)."""
        overall = self._all.drawn_to(0.5, prior=2)
        by_evidence = self._by_evidence.get(evidence, _Tally()).drawn_to(overall)
        return self._by_rule.get((evidence, rule), _Tally()).drawn_to(by_evidence)
