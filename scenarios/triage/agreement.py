"""How far the answers of a classifier agree with labels.

- *accuracy*: the share of answers that are the label; *admitted*: those that are its second mode count as well;
- *macro-F1*: the mean over modes of the harmonic mean of precision and recall (Sokolova and Lapalme 2009), over all
  modes that were labelled or answered, so that a rare mode counts as much as a frequent one;
- *kappa*: agreement beyond chance (Cohen 1960): (accuracy - expected) / (1 - expected), where `expected` is what two
  would agree on who use each mode as often as labels and answers do, but at random.

`unclassified` is a mode like others here: to say nothing about a text that says nothing is right.

Example: labels a a b b, answers a b b b: accuracy 3/4, F1 of a 2/3 and of b 4/5, macro-F1 11/15; expected
1/2 * 1/4 + 1/2 * 3/4 = 1/2, kappa 1/2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from scenarios.history.failure_modes import UNCLASSIFIED
from scenarios.triage.labels import Label


@dataclass(frozen=True, slots=True)
class OfMode:
    """How one mode fared."""

    mode: str
    labelled: int
    answered: int
    right: int

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.labelled + self.answered)


@dataclass(slots=True)
class Agreement:
    """Counts of labels with answers, in pairs."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Label and answer to how many there were."""
    admitted: int = 0
    """Answers that are the label or its second mode."""

    @classmethod
    def of(cls, judged: Iterable[tuple[Label, str]]) -> Agreement:
        """From labels with answers."""
        agreement = cls()
        for label, answer in judged:
            agreement.add(label, answer)
        return agreement

    def add(self, label: Label, answer: str) -> None:
        self.pairs[label.mode, answer] += 1
        self.admitted += label.admits(answer)

    @property
    def total(self) -> int:
        return self.pairs.total()

    @property
    def right(self) -> int:
        return sum(count for (label, answer), count in self.pairs.items() if label == answer)

    @property
    def answered(self) -> int:
        """How many got a mode at all."""
        return sum(count for (_, answer), count in self.pairs.items() if answer != UNCLASSIFIED)

    @property
    def right_of_answered(self) -> int:
        return self.right - self.pairs[UNCLASSIFIED, UNCLASSIFIED]

    @property
    def modes(self) -> list[OfMode]:
        """Each mode that was labelled or answered, the most frequent label first."""
        labelled, answered = self._margins()
        names = sorted({*labelled, *answered}, key=lambda mode: (-labelled[mode], mode))
        return [OfMode(mode, labelled[mode], answered[mode], self.pairs[mode, mode]) for mode in names]

    @property
    def macro_f1(self) -> float | None:
        """None where nothing was labelled."""
        modes = self.modes
        return sum(mode.f1 for mode in modes) / len(modes) if modes else None

    @property
    def kappa(self) -> float | None:
        """None where chance alone would agree on everything, and where nothing was labelled."""
        if not self.total:
            return None
        labelled, answered = self._margins()
        expected = Fraction(sum(labelled[mode] * answered[mode] for mode in labelled), self.total**2)
        return None if expected == 1 else float((Fraction(self.right, self.total) - expected) / (1 - expected))

    def _margins(self) -> tuple[Counter[str], Counter[str]]:
        labelled, answered = Counter[str](), Counter[str]()
        for (label, answer), count in self.pairs.items():
            labelled[label] += count
            answered[answer] += count
        return labelled, answered
