"""Nearest texts by TF-IDF."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.triage.tfidf import TextIndex, terms

WORDS = st.lists(st.sampled_from(["disk", "full", "slow", "net", "loss", "db", "api"]), min_size=1, max_size=6)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=8)


def test_terms_are_words_and_pairs_of_neighbours() -> None:
    assert terms("Disk FULL: db-1_x") == ["disk", "full", "db", "1", "x", "disk full", "full db", "db 1", "1 x"]


def test_nearest_are_those_that_share_the_rarest_terms() -> None:
    index = TextIndex({"a": "disk full", "b": "disk slow", "c": "packet loss"})
    assert [near.id for near in index.nearest("disk full on db-1", 5)] == ["a", "b"]
    assert index.nearest("nothing shared", 5) == []
    assert [near.id for near in index.nearest("disk full", 5, leave_out=["a"])] == ["b"]


def test_weights_follow_the_formula() -> None:
    index = TextIndex({"a": "disk disk", "b": "disk", "c": "loss"})
    disk, pair = (1 + math.log(2)) * (math.log(4 / 3) + 1), math.log(4 / 2) + 1
    length = math.hypot(disk, pair)
    assert index.vector("disk disk") == pytest.approx({"disk": disk / length, "disk disk": pair / length})


def test_a_text_that_is_added_counts_from_then_on() -> None:
    index = TextIndex({"a": "disk full"})
    before = index.vector("disk loss")["loss"]
    index.add("b", "loss")
    assert index.vector("disk loss")["loss"] < before
    assert [near.id for near in index.nearest("loss", 1)] == ["b"]
    with pytest.raises(ValueError, match="already"):
        index.add("b", "again")


@given(TEXTS, WORDS.map(" ".join))
@settings(max_examples=60)
def test_similarity_is_symmetric_bounded_and_what_nearest_says(texts: list[str], query: str) -> None:
    index = TextIndex({str(n): text for n, text in enumerate(texts)})
    assert index.similarity(query, query) == pytest.approx(1)
    found = {near.id: near.similarity for near in index.nearest(query, 99)}
    for id, text in enumerate(texts):
        similarity = index.similarity(query, text)
        assert 0 <= similarity <= 1 + 1e-12
        assert similarity == pytest.approx(index.similarity(text, query))
        assert similarity == pytest.approx(found.get(str(id), 0.0))
