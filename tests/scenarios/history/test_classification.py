"""Failure modes: the rule that matched, corrections that win."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scenarios.history.classification import Classifier
from scenarios.history.classifying import CORRECTION, Outcome, classified, read_corrections, write_review
from scenarios.history.failure_modes import UNCLASSIFIED, Kind, Taxonomy, load_taxonomy
from scenarios.history.record import IncidentRecord
from timeline.findings import InputError

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


def test_of_two_equal_modes_the_first_in_the_file_wins() -> None:
    rules = taxonomy(b={"mode": "b", "words": ["x"]}, a={"mode": "a", "words": ["x"]})
    assert Classifier(rules).classify({"title": "x"}).mode == "a"


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


def test_corrections_win_and_show_how_often_the_rules_were_right() -> None:
    records = [record("1", title="Disk full"), record("2", title="Disk full"), record("3", title="odd"), record("4")]
    outcome = Outcome()
    corrections = {"1": "storage", "2": "human", "3": UNCLASSIFIED, "9": "bug"}
    done = list(classified(records, TAXONOMY, corrections, outcome))
    assert [r.failure_mode for r in done] == ["storage", "human", None, None]
    assert [r.failure_rule for r in done] == ["storage-words", CORRECTION, None, None]
    assert (outcome.corrected, outcome.agreed, outcome.unused) == (3, 2, ["9"])
    assert (outcome.classified_ratio, outcome.agreement_ratio) == (0.5, pytest.approx(2 / 3))


def test_a_mode_that_the_source_gave_is_kept() -> None:
    given = record("1", title="Disk full", failure_mode="power", failure_rule="source")
    (done,) = classified([given], TAXONOMY, {}, Outcome())
    assert (done.failure_mode, done.failure_rule) == ("power", "source")


def test_a_review_edited_by_hand_is_a_file_of_corrections(tmp_path: Path) -> None:
    review = tmp_path / "review.csv"
    done = list(classified([record("1", title='Disk full, "again"')], TAXONOMY, {}, Outcome()))
    write_review(review, done)
    assert read_corrections(review, TAXONOMY) == {"1": "storage"}
    review.write_text(review.read_text().replace("storage", "human"))
    assert read_corrections(review, TAXONOMY) == {"1": "human"}


def test_corrections_that_cannot_be_meant_are_told_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_text("id,mode\n1,storrage\n2,\n3,bug\n3,load\n4\n")
    with pytest.raises(InputError) as raised:
        read_corrections(path, TAXONOMY)
    assert [f.place.line for f in raised.value.findings] == [2, 5, 6]
    assert "did you mean 'storage'" in str(raised.value)
