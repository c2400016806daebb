"""The classifier: rules and nearest neighbours, with what spoke for the answer.

Two voices are heard.  The *rules* find words (`scenarios.history.classification`).  The *neighbours* are the labelled
texts that are most like this one (`tfidf`): each votes for its mode with its similarity, and the heaviest mode is what
they say.  A text whose neighbours say nothing is nothing to them either, so `unclassified` gets votes as well.

Where both say the same, that is the answer; where one is silent, what the other says; where they disagree, the voice
that was right more often among the labelled texts when it was contradicted (`calibration`).  The *confidence* of an
answer is the share of labelled texts with the same evidence for which such an answer was right; below `threshold` the
classifier *abstains*, and keeps what it would have said as `guess`.

Without labelled texts only the rules speak, nothing is known about how often they are right, and they never abstain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scenarios.history.classification import Classification, Classifier
from scenarios.history.failure_modes import UNCLASSIFIED, TextField
from scenarios.triage.calibration import Evidence, Reliability, Trial
from scenarios.triage.tfidf import TextIndex

Texts = Mapping[str, str | None]
"""What is said about a failure: `title`, `cause`, `service`, `component`, as far as known."""
_COMPARED: tuple[TextField, ...] = ("title", "cause")
"""What neighbours are compared by: texts about one product are much alike, however it failed, by its name."""


class Voice(StrEnum):
    """Who decided."""

    RULES = "rules"
    NEIGHBOURS = "neighbours"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text whose failure mode somebody knows."""

    id: str
    texts: Texts
    mode: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled text that is like the one in question."""

    id: str
    mode: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the classifier says, and why."""

    mode: str
    """`unclassified` where it abstains, and where nothing speaks for any mode."""
    guess: str
    """What it would have said if it did not abstain."""
    confidence: float | None
    """Share of labelled texts with the same evidence where such an answer was right; None without labelled texts."""
    voice: Voice | None
    """Who decided; None where nobody said anything."""
    rule: str | None = None
    """The rule that matched, also where the neighbours decided."""
    found: str | None = None
    """The words that it found."""
    neighbours: tuple[Neighbour, ...] = ()
    """Those that speak for the guess, the most similar first."""

    @property
    def is_known(self) -> bool:
        return self.mode != UNCLASSIFIED

    @property
    def abstains(self) -> bool:
        return self.mode != self.guess

    @property
    def because(self) -> str | None:
        """What decided, in a word: the rule, or the nearest neighbour."""
        if self.voice is Voice.NEIGHBOURS:
            return f"like:{self.neighbours[0].id}"
        return self.rule


@dataclass(frozen=True, slots=True)
class Settings:
    """How the neighbours are heard."""

    count: int = 5
    """How many are asked."""
    similarity: float = 0.2
    """The least similarity of a text that counts."""
    threshold: float = 0.5
    """The least confidence of an answer that is given."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What both voices say about one text."""

    rules: Classification
    vote: str | None
    neighbours: tuple[Neighbour, ...]


def _text(texts: Texts) -> str:
    """What is said about the failure itself, as one text."""
    return "\n".join(text for name in _COMPARED if (text := texts.get(name)))


@dataclass(eq=False)
class TriageClassifier:
    """Classifies by rules and by labelled texts.  `without` leaves out one labelled text: to judge it by the others."""

    rules: Classifier
    labelled: Iterable[Labelled] = ()
    settings: Settings = Settings()
    _known: dict[str, Labelled] = field(init=False)
    _index: TextIndex = field(init=False)
    _reliability: Reliability = field(init=False)

    def __post_init__(self) -> None:
        self._known = {one.id: one for one in self.labelled}
        self._index = TextIndex({id: _text(one.texts) for id, one in self._known.items()})
        self._reliability = Reliability(
            trial for one in self._known.values() for trial in _trials(self._hear(one.texts, one.id), one.mode)
        )

    def classify(self, texts: Texts, without: str | None = None) -> Answer:
        """The answer for a text, which may be one of the labelled (`without`: its id)."""
        heard = self._hear(texts, without)
        rules = heard.rules
        mode, evidence = self._decide(heard)
        confidence = self._reliability.of(evidence, rules.rule) if self._known else None
        given = confidence is None or confidence >= self.settings.threshold
        decides = None if evidence is Evidence.NOTHING else Voice.RULES
        if evidence in (Evidence.NEIGHBOURS_ALONE, Evidence.NEIGHBOURS_AGAINST_RULE):
            decides = Voice.NEIGHBOURS
        return Answer(
            mode=mode if given else UNCLASSIFIED,
            guess=mode,
            confidence=confidence,
            voice=decides,
            rule=rules.rule,
            found=rules.found,
            neighbours=tuple(near for near in heard.neighbours if near.mode == mode),
        )

    def _decide(self, heard: _Heard) -> tuple[str, Evidence]:
        rules, vote = heard.rules, heard.vote
        if vote is None:
            return rules.mode, Evidence.RULE_ALONE if rules.is_known else Evidence.NOTHING
        if vote == rules.mode:
            return vote, Evidence.BOTH
        if not rules.is_known:
            return vote, Evidence.NEIGHBOURS_ALONE
        by_rule = self._reliability.of(Evidence.RULE_AGAINST_NEIGHBOURS, rules.rule)
        by_neighbours = self._reliability.of(Evidence.NEIGHBOURS_AGAINST_RULE, rules.rule)
        if by_neighbours > by_rule:
            return vote, Evidence.NEIGHBOURS_AGAINST_RULE
        return rules.mode, Evidence.RULE_AGAINST_NEIGHBOURS

    def _hear(self, texts: Texts, without: str | None) -> _Heard:
        left_out = () if without is None else (without,)
        nearest = self._index.nearest(_text(texts), self.settings.count, left_out)
        neighbours = tuple(
            Neighbour(near.id, self._known[near.id].mode, near.similarity)
            for near in nearest
            if near.similarity >= self.settings.similarity
        )
        votes: dict[str, float] = defaultdict(float)
        for neighbour in neighbours:
            votes[neighbour.mode] += neighbour.similarity
        # Of two modes with equal votes the one of the nearest neighbour, which was put in first.
        vote = max(votes, key=votes.__getitem__, default=None)
        return _Heard(self.rules.classify(texts), vote, neighbours)


def _trials(heard: _Heard, truth: str) -> Iterable[Trial]:
    """What a labelled text, judged by the others, tells about each sort of evidence that it has."""
    rules, vote = heard.rules, heard.vote
    if vote is None:
        evidence = Evidence.RULE_ALONE if rules.is_known else Evidence.NOTHING
        return [Trial(evidence, rules.rule, rules.mode == truth)]
    if vote == rules.mode:
        return [Trial(Evidence.BOTH, rules.rule, vote == truth)]
    if not rules.is_known:
        return [Trial(Evidence.NEIGHBOURS_ALONE, None, vote == truth)]
    return [
        Trial(Evidence.RULE_AGAINST_NEIGHBOURS, rules.rule, rules.mode == truth),
        Trial(Evidence.NEIGHBOURS_AGAINST_RULE, rules.rule, vote == truth),
    ]
