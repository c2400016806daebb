"""A catalogue that is not what the estate is: what it may state, and what people find in it."""

from __future__ import annotations

import pytest

from simulator.estate import catalogued_graph, documented_graph
from timeline.findings import InputError
from topologies.estate import Estate
from topologies.loading.document import parse_document
from topologies.loading.validation import validate


def estate(catalogue: str) -> Estate:
    text = (
        "{format: blackstart/estate/1, title: test, timezone: UTC, components: {"
        "web: {title: web, kind: service, depends_on: {api: {type: hard}}}, "
        "api: {title: api, kind: service, depends_on: {db: {type: hard}}}, "
        f"db: {{title: db, kind: database}}}}, catalogue: {catalogue}}}"
    )
    return validate(parse_document(text, "estate.yaml"), Estate)


def test_people_find_neither_what_it_lacks_nor_that_something_is_gone() -> None:
    drifted = estate(
        "{missing: [{dependent: api, dependency: db}], stale: [{dependent: web, dependency: db}]}",
    )
    assert set(documented_graph(drifted).edges) == {("web", "api"), ("api", "db")}
    assert set(catalogued_graph(drifted).edges) == {("web", "api"), ("web", "db")}


def test_a_catalogue_that_is_kept_true_says_what_there_is() -> None:
    true = estate("{}")
    assert set(catalogued_graph(true).edges(data="type")) == set(documented_graph(true).edges(data="type"))


@pytest.mark.parametrize(
    ("catalogue", "says"),
    [
        ("{missing: [{dependent: web, dependency: db}]}", "cannot lack web -> db: there is no such dependency"),
        ("{stale: [{dependent: web, dependency: api}]}", "is right about web -> api: there is such a dependency"),
    ],
)
def test_what_is_no_drift_is_refused(catalogue: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        estate(catalogue)
