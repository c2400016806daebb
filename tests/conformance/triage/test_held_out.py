"""The classifier on incidents that it was not tuned on, against the figures that `docs/triage.md` states.

The history lies outside of the project; `BLACKSTART_SHARED_DATA` says where, else `../shared/data`.  Without it only
the labels are looked at.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from scenarios.history.classification import Classifier
from scenarios.history.classifying import examples, texts_of
from scenarios.history.failure_modes import UNCLASSIFIED, load_taxonomy
from scenarios.history.record import IncidentRecord
from scenarios.triage.agreement import Agreement
from scenarios.triage.classifier import Answer, TriageClassifier
from scenarios.triage.labels import Label, read_labels
from studies.intervals import proportion
from tests.conformance.triage.sampling import SAMPLE_SIZE, gcp_records, is_held_out, stratified_sample

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
TAXONOMY = load_taxonomy()
LABELS = read_labels(HERE / "gcp_labels.csv", TAXONOMY)
TOLERANCE = 0.02


@cache
def incidents() -> list[IncidentRecord]:
    """The public history; skips where it is not here."""
    stated = os.environ.get("BLACKSTART_SHARED_DATA")
    folders = [Path(stated)] if stated else [ROOT.parent / "shared/data", ROOT.parent.parent / "shared/data"]
    found = next((f / "incidents/gcp_status" for f in folders if (f / "incidents/gcp_status").exists()), None)
    if found is None:
        pytest.skip(f"there is no incidents/gcp_status in {' or '.join(map(str, folders))}")
    return gcp_records(found)


def part(held_out: bool) -> list[IncidentRecord]:
    return [r for r in incidents() if r.id in LABELS and is_held_out(r.id) is held_out]


def answers(held_out: bool) -> list[tuple[Label, Answer]]:
    """Labels with the answers of a classifier that was taught by the development part."""
    taught = TriageClassifier(Classifier(TAXONOMY), examples(part(held_out=False), LABELS))
    return [(LABELS[r.id], taught.classify(texts_of(r), without=r.id)) for r in part(held_out)]


def test_the_sample_can_be_drawn_again() -> None:
    assert {record.id for record in stratified_sample(incidents(), SAMPLE_SIZE)} == set(LABELS)


def test_forty_were_labelled_twice_and_agree_as_stated() -> None:
    with (HERE / "gcp_labels_again.csv").open(encoding="utf-8") as file:
        again = {row["incident"]: row["mode"] for row in csv.DictReader(file)}
    agreement = Agreement.of((LABELS[id], mode) for id, mode in again.items())
    assert (agreement.total, agreement.right) == (40, 37)
    assert agreement.kappa == pytest.approx(0.912, abs=0.001)


def test_accuracy_on_what_was_held_out() -> None:
    agreement = Agreement.of((label, answer.mode) for label, answer in answers(held_out=True))
    assert agreement.total == 96
    assert agreement.right / agreement.total >= 0.802 - TOLERANCE
    assert agreement.admitted / agreement.total >= 0.875 - TOLERANCE
    assert agreement.right_of_answered / agreement.answered >= 0.817 - TOLERANCE
    assert agreement.macro_f1 is not None
    assert agreement.macro_f1 >= 0.555 - TOLERANCE
    assert agreement.kappa is not None
    assert agreement.kappa >= 0.760 - TOLERANCE


def test_it_does_far_better_than_to_say_the_most_frequent_mode() -> None:
    judged = answers(held_out=True)
    frequent, _ = Counter(label.mode for label in LABELS.values()).most_common(1)[0]
    always = sum(label.mode == frequent for label, _ in judged)
    right = sum(label.mode == answer.mode for label, answer in judged)
    assert always / len(judged) == pytest.approx(0.229, abs=0.001)
    assert proportion(right, len(judged)).low > proportion(always, len(judged)).high


def test_the_surer_the_more_often_right() -> None:
    judged = answers(held_out=True)
    shares = []
    for low, high in ((0.5, 0.85), (0.85, 1.0)):
        band = [a.guess == label.mode for label, a in judged if a.confidence is not None and low <= a.confidence < high]
        assert len(band) >= 10
        shares.append(sum(band) / len(band))
    assert shares == sorted(shares)


def test_what_it_abstains_from_it_would_have_said_wrong_more_often_than_not() -> None:
    judged = [(label, answer) for part in (False, True) for label, answer in answers(part) if answer.abstains]
    assert judged
    assert all(answer.mode == UNCLASSIFIED for _, answer in judged)
    assert sum(label.mode == answer.guess for label, answer in judged) <= len(judged) / 2
