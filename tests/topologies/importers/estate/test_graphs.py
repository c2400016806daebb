"""Whatever the graph and its names: written in a format and imported it is the same, in any order of its rows."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.topologies.importers.estate.importing import adds_up
from timeline.findings import InputError
from topologies.estate import Estate
from topologies.importers.estate import Head, Imported, estate_files, import_estate
from topologies.importers.estate.naming import assign_ids, slug
from topologies.importers.estate.writing import topology
from topologies.loading.estate import load_topology
from topologies.writing import write_estate

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
PLAIN = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
Edges = list[tuple[str, str]]


def as_csv(edges: Edges) -> tuple[str, str]:
    text = io.StringIO()
    csv.writer(text).writerows([("source", "target", "type"), *((*edge, "calls") for edge in edges)])
    return "edges.csv", text.getvalue()


def as_jaeger(edges: Edges) -> tuple[str, str]:
    return "d.json", json.dumps({"data": [{"parent": a, "child": b, "callCount": 1} for a, b in edges]}, indent=1)


def as_compose(edges: Edges) -> tuple[str, str]:
    services: dict[str, Any] = {name: {} for edge in edges for name in edge}
    for source, target in edges:
        services[source].setdefault("depends_on", []).append(target)
    return "compose.yaml", json.dumps({"services": services})


def as_metrics(edges: Edges) -> tuple[str, str]:
    def quoted(name: str) -> str:
        return name.replace("\\", "\\\\").replace('"', '\\"')

    lines = [f'traces_service_graph_request_total{{client="{quoted(a)}",server="{quoted(b)}"}} 1\n' for a, b in edges]
    return "graph.prom", "".join(lines)


def imported_back(format: str, write: Callable[[Edges], tuple[str, str]], edges: Edges) -> Imported:
    with TemporaryDirectory() as folder:
        name, text = write(edges)
        (Path(folder) / name).write_text(text, encoding="utf-8")
        return import_estate(format, [str(Path(folder) / name)])


def graph_of(result: Imported) -> set[tuple[str, str]]:
    return {(result.nodes[e.source].title, result.nodes[e.target].title) for e in result.edges}


WRITERS = {"csv": as_csv, "jaeger": as_jaeger, "compose": as_compose, "service-graph": as_metrics}


@pytest.mark.parametrize("format", WRITERS)
@settings(max_examples=25)
@given(data=st.data())
def test_a_graph_comes_back_as_it_was_written(format: str, data: st.DataObject) -> None:
    names = PLAIN if format == "compose" else TEXT.filter(lambda name: name == name.strip() and name != "user")
    pairs = st.tuples(names, names)
    drawn = data.draw(st.lists(pairs, min_size=1, max_size=12, unique=True))
    folded: dict[str, str] = {}
    edges = [(folded.setdefault(a.casefold(), a), folded.setdefault(b.casefold(), b)) for a, b in drawn]
    edges = list(dict.fromkeys(edges))
    result = imported_back(format, WRITERS[format], edges)
    assert graph_of(result) == {edge for edge in edges if edge[0] != edge[1]}
    assert adds_up(result)
    Estate.model_validate(topology(result, Head("t")))
    shuffled = random.Random(1).sample(edges, len(edges))
    other = imported_back(format, WRITERS[format], shuffled)
    assert topology(other, Head("t")) == topology(result, Head("t"))


@given(st.dictionaries(st.uuids().map(str), st.lists(st.text(max_size=90), max_size=3), max_size=20))
def test_ids_are_unique_valid_and_the_same_in_any_order(names: dict[str, list[str]]) -> None:
    ids = assign_ids(names)
    assert len(set(ids.values())) == len(names)
    assert all(0 < len(id) <= 80 and id[0].isalnum() and slug(id) == id for id in ids.values())
    assert assign_ids(dict(reversed(names.items()))) == ids


def test_a_name_keeps_its_id_when_others_come_that_look_like_it() -> None:
    assert assign_ids({"1": ["db"]})["1"] == assign_ids({"1": ["db"], "2": ["DB"], "3": ["d b", "x d b"]})["1"] == "db"


def test_an_estate_that_would_be_too_long_leaves_its_sources_to_the_account(tmp_path: Path) -> None:
    result = imported_back("csv", as_csv, [("a", "b"), ("b", "c")])
    whole = estate_files(result, Head("t"))["topology.yaml"]
    short = estate_files(result, Head("t"), max_length=len(whole) - 1)["topology.yaml"]
    assert "\nsources:\n" in whole
    assert "\nsources:\n" not in short
    write_estate(tmp_path / "short", {"topology.yaml": short})
    assert set(load_topology(tmp_path / "short").components) == {"a", "b", "c"}
    with pytest.raises(InputError, match="more than one estate holds"):
        estate_files(result, Head("t"), max_length=100)


def test_names_are_folded_to_letters_that_ids_have() -> None:
    assert [slug(name) for name in ("Café №1", "Straße", "a.b/c", "日本", "--x__")] == [
        "cafe-no1",
        "strasse",
        "a-b-c",
        "",
        "x",
    ]
