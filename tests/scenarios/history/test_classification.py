"""Failure modes: the rule that matched, corrections that win."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scenarios.history.classification import Classifier
from scenarios.history.classifying import CORRECTION, Classified, Outcome, classified, examples, write_review
from scenarios.history.failure_modes import UNCLASSIFIED, Kind, Taxonomy, load_taxonomy
from scenarios.history.record import IncidentRecord
from scenarios.triage.classifier import TriageClassifier
from scenarios.triage.labels import Label, read_labels

TAXONOMY = load_taxonomy()


def record(id: str, **fields: Any) -> IncidentRecord:
    return IncidentRecord(
        **{"id": id, "opened_at": datetime(2026, 3, 1, tzinfo=UTC), "source": "csv", "source_line": 2, **fields}
    )


def taxonomy(**rules: dict[str, Any]) -> Taxonomy:
    return Taxonomy.model_validate(
        {"format": "blackstart/failure-modes/1", "modes": {"a": {"title": "A"}, "b": {"title": "B"}}, "rules": rules}
    )


@pytest.mark.parametrize(
    ("title", "mode"),
    [
        ("Errors after the rollout of version 12", "upgrade"),
        ("Packet loss between the data centres", "network"),
        ("TLS certificate of the API has expired", "configuration"),
        ("Misconfigured load balancer drops requests", "configuration"),
        ("Memory leak in the scheduler", "bug"),
        ("Queue is overloaded after a traffic spike", "load"),
        ("Payments fail because of Stripe", "dependency"),
        ("Cooling failed in hall 2", "power"),
        ("DDoS attack on the web shop", "security"),
        ("Table dropped by mistake", "human"),
        ("Disk full on db-1", "storage"),
        ("Kernel panic on node 7", "server"),
        ("Flooding of the basement", "natural-disaster"),
        ("Faulty DIMM in the database server", "hardware"),
        ("Web shop is down", "halt"),
        ("Reports are delayed", "late"),
        ("Balances are shown incorrectly", "content"),
        ("Elevated errors", "erratic"),
        ("We are looking into it", UNCLASSIFIED),
    ],
)
def test_shipped_rules_know_what_titles_say(title: str, mode: str) -> None:
    assert Classifier(TAXONOMY).classify({"title": title}).mode == mode


def test_every_shipped_mode_has_a_rule_and_every_cause_its_published_name() -> None:
    assert {rule.mode for rule in TAXONOMY.rules.values()} == set(TAXONOMY.modes)
    assert sum(mode.kind is Kind.CAUSE for mode in TAXONOMY.modes.values()) == 13
    assert all(mode.after for mode in TAXONOMY.modes.values())


def test_a_cause_outweighs_a_symptom_and_says_which_words_decided() -> None:
    found = Classifier(TAXONOMY).classify({"title": "Web shop is down: packet  loss"})
    assert (found.mode, found.rule, found.found) == ("network", "network-words", "packet  loss")
    assert found.weights is not None
    assert found.weights["network"] > found.weights["halt"] > 0


def test_weights_of_several_rules_add_up_and_the_heaviest_is_named() -> None:
    rules = taxonomy(
        one={"mode": "a", "weight": 1, "words": ["x"]},
        two={"mode": "a", "weight": 1.5, "words": ["y"]},
        three={"mode": "b", "weight": 2, "words": ["z"]},
    )
    found = Classifier(rules).classify({"title": "x y z"})
    assert (found.mode, found.rule) == ("a", "two")
    assert Classifier(rules).classify({"title": "x z"}).mode == "b"


def test_of_two_equal_modes_the_one_named_first_wins_then_the_first_in_the_file() -> None:
    rules = taxonomy(
        b={"mode": "b", "words": ["x"], "fields": ["title", "cause"]},
        a={"mode": "a", "words": ["x", "y"], "fields": ["title", "cause"]},
    )
    assert Classifier(rules).classify({"title": "x"}).mode == "a"
    assert Classifier(rules).classify({"title": "y then x"}).mode == "a"
    assert Classifier(taxonomy(**{**_rule("b", "x"), **_rule("a", "y")})).classify({"title": "x, y"}).mode == "b"
    assert Classifier(taxonomy(**{**_rule("b", "x"), **_rule("a", "y")})).classify({"title": "y, x"}).mode == "a"


def _rule(mode: str, word: str) -> dict[str, Any]:
    return {mode: {"mode": mode, "words": [word]}}


@pytest.mark.parametrize(
    ("title", "mode"),
    [
        ("Deployments are failing", "halt"),
        ("Deployments may fail now and then", "erratic"),
        ("Increased failure rate of logins", "erratic"),
        ("Errors and delays of the queue", "erratic"),
        ("Delays and errors of the queue", "late"),
        ("Reports do not load: not loading", "halt"),
        ("Orders not shown: not showing", "content"),
        ("Problems creating accounts", "halt"),
        ("Errors after an upgrade of the cluster", "upgrade"),
        ("Upgrades of clusters are failing", "halt"),
        ("Certificate page is slow", "late"),
        ("Capacity planning page is slow", "late"),
    ],
)
def test_failing_is_told_from_failing_now_and_then_and_a_subject_from_a_cause(title: str, mode: str) -> None:
    assert Classifier(TAXONOMY).classify({"title": title}).mode == mode


def test_a_list_of_components_does_not_say_which_one_failed() -> None:
    classify = Classifier(TAXONOMY).classify
    assert classify({"title": "We look into it", "component": "Networking"}).mode == "network"
    assert not classify({"title": "We look into it", "component": "Networking, Mail, Chat"}).is_known


@pytest.mark.parametrize(
    ("word", "text", "matches"),
    [
        ("load", "download", False),
        ("load", "the LOAD is high", True),
        ("over*", "overloaded", True),
        ("over*", "cover", False),
        ("disk full", "disk\n full", True),
        ("c++", "a c++ service", True),
        ("down", "down.", True),
    ],
)
def test_words_are_whole_words(word: str, text: str, matches: bool) -> None:
    rules = taxonomy(r={"mode": "a", "words": [word]})
    assert Classifier(rules).classify({"title": text}).is_known is matches


def test_a_rule_looks_only_where_it_may_and_not_where_an_exception_stands() -> None:
    rules = taxonomy(r={"mode": "a", "words": ["disk"], "unless": ["disk jockey"], "fields": ["cause"]})
    classify = Classifier(rules).classify
    assert not classify({"title": "disk"}).is_known
    assert not classify({"cause": "the disk jockey's disk"}).is_known
    assert classify({"cause": "disk", "title": None}).is_known


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"r": {"mode": "aa", "words": ["x"]}}, "did you mean 'a'|known: a, b"),
        ({"r": {"mode": "a"}}, "needs words or a pattern"),
        ({"r": {"mode": "a", "pattern": "("}}, "no regular expression"),
        ({"r": {"mode": "a", "words": ["x"], "weight": 0}}, "greater than 0"),
    ],
)
def test_rules_that_cannot_be_meant_say_why(rules: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        taxonomy(**rules)


def classify_all(
    records: list[IncidentRecord], corrections: dict[str, Label], outcome: Outcome, **more: Any
) -> list[Classified]:
    classifier = TriageClassifier(Classifier(TAXONOMY), examples(records, corrections))
    return list(classified(records, classifier, corrections, outcome, **more))


def test_corrections_win_and_show_how_often_the_same_is_said_without_them() -> None:
    records = [record("1", title="Disk full"), record("2", title="Packet loss"), record("3", title="odd"), record("4")]
    outcome = Outcome()
    corrections = {"1": Label("storage"), "2": Label("human"), "3": Label(UNCLASSIFIED), "9": Label("bug")}
    done = classify_all(records, corrections, outcome)
    assert [one.record.failure_mode for one in done] == ["storage", "human", None, None]
    assert [one.record.failure_rule for one in done] == ["storage-words", CORRECTION, None, None]
    assert (outcome.corrected.total, outcome.corrected.right, outcome.unused) == (3, 2, ["9"])
    assert (outcome.classified_ratio, outcome.agreement_ratio) == (0.5, pytest.approx(2 / 3))


def test_what_was_corrected_becomes_a_neighbour_of_what_is_like_it() -> None:
    taught = [record(f"t{n}", title=f"The blue rabbit is on kiosk {n}") for n in range(6)]
    new = record("new", title="The blue rabbit is on kiosk 9")
    (alone,) = classify_all([new], {}, Outcome())
    assert alone.record.failure_mode is None
    done = classify_all([*taught, new], {one.id: Label("hardware") for one in taught}, Outcome())[-1]
    assert done.record.failure_mode == "hardware"
    assert done.record.failure_rule == f"like:{done.answer.neighbours[0].id}"
    assert done.answer.confidence is not None
    assert done.answer.confidence > 0.5


def test_labels_are_compared_and_never_used() -> None:
    records = [record("1", title="Disk full"), record("2", title="odd"), record("3", title="Disk full")]
    labels = {"1": Label("storage"), "2": Label("bug"), "3": Label("human", "storage"), "8": Label("bug")}
    outcome = Outcome()
    done = classify_all(records, {}, outcome, labels=labels)
    assert [one.record.failure_mode for one in done] == ["storage", None, "storage"]
    assert (outcome.measured.right, outcome.measured.admitted, outcome.measured.total) == (1, 2, 3)
    assert outcome.unused == ["8"]


def test_a_mode_that_the_source_gave_is_kept() -> None:
    given = record("1", title="Disk full", failure_mode="power", failure_rule="source")
    (done,) = classify_all([given], {}, Outcome())
    assert (done.record.failure_mode, done.record.failure_rule) == ("power", "source")


def test_a_review_edited_by_hand_is_a_file_of_corrections(tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    write_review(review, classify_all([record("1", title='Disk full, "again"')], {}, Outcome()))
    assert read_labels(review, TAXONOMY) == {"1": Label("storage")}
    review.write_text(review.read_text().replace("1,storage", "1,human"))
    assert read_labels(review, TAXONOMY) == {"1": Label("human")}


def test_a_review_says_which_words_decided(tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    write_review(review, classify_all([record("1", title="Disk  full")], {}, Outcome()))
    assert review.read_text().splitlines()[1].startswith("1,storage,storage-words,Disk  full,storage,,")
