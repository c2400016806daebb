"""A history with failure modes: classified by rules and by what was corrected by hand, and how far that can be trusted.

*Corrections* are labels by incident id: the review that `write_review` makes, edited, is a file of them.  What was
corrected wins, and becomes a neighbour of the texts that are like it (`scenarios.triage`): the more is corrected, the
better the rest is classified.  *Labels* only measure: they are compared with what is said without knowing them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scenarios.history.failure_modes import UNCLASSIFIED
from scenarios.history.record import IncidentRecord
from scenarios.triage.agreement import Agreement
from scenarios.triage.classifier import Answer, Labelled, Texts, TriageClassifier
from scenarios.triage.labels import Label
from timeline.files import write_whole

CORRECTION = "correction"
"""The rule of a mode that was set by hand, against what the classifier says."""
_SOURCE = "source"
"""The rule of a mode that the source itself gave."""


@dataclass(slots=True)
class Outcome:
    """How a history was classified: incidents by mode, and how what was said agrees with what is known."""

    modes: Counter[str] = field(default_factory=Counter)
    abstained: int = 0
    """Incidents for which there was an answer that was too seldom right to be given."""
    corrected: Agreement = field(default_factory=Agreement)
    """Corrections, with what is said without them."""
    measured: Agreement = field(default_factory=Agreement)
    """Labels, with what is said without them."""
    unused: list[str] = field(default_factory=list)
    """Corrections and labels of incidents that are not here."""

    @property
    def total(self) -> int:
        return self.modes.total()

    @property
    def classified_ratio(self) -> float | None:
        """The share of incidents with a mode; None where there are no incidents."""
        return None if not self.total else 1 - self.modes[UNCLASSIFIED] / self.total

    @property
    def agreement_ratio(self) -> float | None:
        """The share of corrected incidents where the same is said without them; None where none was corrected."""
        return None if not self.corrected.total else self.corrected.right / self.corrected.total


@dataclass(frozen=True, slots=True)
class Classified:
    """An incident with its mode, and what the classifier says of it."""

    record: IncidentRecord
    answer: Answer


def texts_of(record: IncidentRecord) -> Texts:
    """What a record says about its failure."""
    return {"title": record.title, "cause": record.cause, "service": record.service, "component": record.component}


def examples(records: Iterable[IncidentRecord], labels: Mapping[str, Label]) -> list[Labelled]:
    """The records that have a label, for a classifier to go by."""
    return [Labelled(r.id, texts_of(r), labels[r.id].mode) for r in records if r.id in labels]


def classified(
    records: Iterable[IncidentRecord],
    classifier: TriageClassifier,
    corrections: Mapping[str, Label],
    outcome: Outcome,
    labels: Mapping[str, Label] | None = None,
) -> Iterator[Classified]:
    """The records with their modes; tells `outcome` as it goes.  Modes that the source itself gave are kept.

    `classifier` may have the corrections among its labelled texts.
    """
    unused = {*corrections, *(labels or {})}
    for record in records:
        unused.discard(record.id)
        answer = _answer(record, classifier)
        if labels and (label := labels.get(record.id)) is not None:
            outcome.measured.add(label, answer.mode)
        mode, rule = answer.mode, answer.because if answer.is_known else None
        if (correction := corrections.get(record.id)) is not None:
            outcome.corrected.add(correction, mode)
            if correction.mode != mode:
                mode, rule = correction.mode, CORRECTION
        elif answer.abstains:
            outcome.abstained += 1
        outcome.modes[mode] += 1
        known = mode != UNCLASSIFIED
        yield Classified(replace(record, failure_mode=mode if known else None, failure_rule=rule), answer)
    outcome.unused = sorted(unused)


def _answer(record: IncidentRecord, classifier: TriageClassifier) -> Answer:
    """What is said of a record without its own correction."""
    if record.failure_mode is not None and record.failure_rule == _SOURCE:
        return Answer(record.failure_mode, record.failure_mode, None, None, rule=_SOURCE)
    return classifier.classify(texts_of(record), without=record.id)


def write_review(path: Path, rows: Iterable[Classified]) -> None:
    """A table to look through and to correct: `--corrections` takes it back with the column `mode` edited."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "mode", "rule", "words", "guess", "certainty", "neighbours", "service", "title", "cause"])
    for row in rows:
        record, answer = row.record, row.answer
        neighbours = " ".join(f"{near.id}={near.mode}:{near.similarity:.2f}" for near in answer.neighbours)
        certainty = "" if answer.confidence is None else f"{answer.confidence:.2f}"
        mode = record.failure_mode or UNCLASSIFIED
        told = [record.failure_rule, answer.found, answer.guess, certainty, neighbours]
        writer.writerow([record.id, mode, *told, record.service, record.title, record.cause])
    write_whole(path, text.getvalue())
