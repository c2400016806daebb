"""Rules and neighbours together: who is heard, how sure the answer is, when there is none."""

from collections.abc import Sequence
from typing import Any

import pytest

from scenarios.history.classification import Classifier
from scenarios.history.failure_modes import UNCLASSIFIED, Taxonomy
from scenarios.triage.calibration import Evidence, Reliability, Trial
from scenarios.triage.classifier import Labelled, Settings, TriageClassifier, Voice

RULES = {"disk": {"mode": "storage", "words": ["disk"]}, "link": {"mode": "network", "words": ["link"]}}


def classifier(labelled: Sequence[tuple[str, str]] = (), **settings: Any) -> TriageClassifier:
    modes = {mode: {"title": mode} for mode in ("storage", "network", "bug")}
    taxonomy = Taxonomy.model_validate({"format": "blackstart/failure-modes/1", "modes": modes, "rules": RULES})
    known = [Labelled(f"t{n}", {"title": text}, mode) for n, (text, mode) in enumerate(labelled)]
    return TriageClassifier(Classifier(taxonomy), known, Settings(**settings))


RABBITS = [(f"blue rabbit {n} on screen", "bug") for n in range(6)]
DISKS = [(f"disk {n} is full of it", "storage") for n in range(6)]


def test_without_labelled_texts_the_rules_speak_and_never_abstain() -> None:
    answer = classifier().classify({"title": "the disk is odd"})
    assert (answer.mode, answer.rule, answer.found, answer.confidence) == ("storage", "disk", "disk", None)
    assert answer.voice is Voice.RULES
    assert not answer.abstains


def test_where_the_rules_are_silent_the_neighbours_speak() -> None:
    answer = classifier([*RABBITS, *DISKS]).classify({"title": "blue rabbit 9 on screen"})
    assert (answer.mode, answer.voice, answer.rule) == ("bug", Voice.NEIGHBOURS, None)
    assert {near.mode for near in answer.neighbours} == {"bug"}
    assert answer.because == f"like:{answer.neighbours[0].id}"
    similarities = [near.similarity for near in answer.neighbours]
    assert similarities == sorted(similarities, reverse=True)


def test_where_nothing_speaks_the_answer_is_that_nothing_is_known() -> None:
    answer = classifier(RABBITS).classify({"title": "purple"})
    assert (answer.mode, answer.voice, answer.abstains) == (UNCLASSIFIED, None, False)


def test_whom_to_believe_is_learnt_from_what_was_contradicted() -> None:
    """Here "disk" in a text about the blue rabbit was never about storage."""
    misled = [(f"blue rabbit {n} on the disk screen", "bug") for n in range(6)]
    answer = classifier(misled).classify({"title": "blue rabbit on the disk screen"})
    assert (answer.mode, answer.voice, answer.rule) == ("bug", Voice.NEIGHBOURS, "disk")
    honest = [(f"link {n} and disk of the blue rabbit", "storage") for n in range(3)]
    assert classifier([*DISKS, *honest]).classify({"title": "disk is full of it"}).mode == "storage"


def test_it_abstains_where_such_answers_were_wrong_too_often_and_keeps_its_guess() -> None:
    odd = [("disk alpha", "bug"), ("disk beta", "network"), ("disk gamma", "bug"), ("disk delta", "network")]
    answer = classifier(odd, similarity=0.99).classify({"title": "disk epsilon"})
    assert (answer.mode, answer.guess, answer.abstains) == (UNCLASSIFIED, "storage", True)
    assert answer.confidence is not None
    assert answer.confidence < 0.5
    assert classifier(odd, similarity=0.99, threshold=0.0).classify({"title": "disk epsilon"}).mode == "storage"


def test_a_labelled_text_is_judged_by_the_others() -> None:
    known = classifier([("unique words here", "bug"), *RABBITS])
    assert known.classify({"title": "unique words here"}).mode == "bug"
    assert known.classify({"title": "unique words here"}, without="t0").mode == UNCLASSIFIED


def test_the_more_a_rule_was_right_the_surer_its_answers() -> None:
    trials = [Trial(Evidence.RULE_ALONE, "good", True)] * 20 + [Trial(Evidence.RULE_ALONE, "bad", False)] * 20
    reliability = Reliability(trials)
    assert reliability.of(Evidence.RULE_ALONE, "good") > 0.85
    assert reliability.of(Evidence.RULE_ALONE, "bad") < 0.15
    assert reliability.of(Evidence.RULE_ALONE, "never seen") == pytest.approx(0.5)


def test_the_example_of_calibration() -> None:
    trials = (
        [Trial(Evidence.BOTH, "r", True)] * 4
        + [Trial(Evidence.BOTH, "q", n < 41) for n in range(46)]
        + [Trial(Evidence.NOTHING, None, n < 35) for n in range(48)]
    )
    assert Reliability(trials).of(Evidence.BOTH, "r") == pytest.approx((4 + 4 * (45 + 4 * 0.81) / 54) / 8)
    assert Reliability([]).of(Evidence.NOTHING, None) == 0.5
