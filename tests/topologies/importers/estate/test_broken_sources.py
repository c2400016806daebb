"""Whatever is done to a source, the outcome is an estate that loads or an error that names its place: no traceback."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from tests.topologies.importers.estate.importing import adds_up
from tests.topologies.importers.estate.test_backstage import CATALOG
from tests.topologies.importers.estate.test_compose import SHOP as COMPOSE
from tests.topologies.importers.estate.test_csv import EDGES, NODES
from tests.topologies.importers.estate.test_kubernetes import SHOP as MANIFESTS
from tests.topologies.importers.estate.test_servicenow import CIS, RELATIONS, api
from tests.topologies.importers.estate.test_traces import METRICS, answer
from timeline.findings import InputError
from topologies.estate import Estate
from topologies.importers.estate import Head, import_estate
from topologies.importers.estate.writing import topology
from topologies.loading.gathering import Gathered


def documents(text: str) -> list[Any]:
    loaded = YAML(typ="safe", pure=True).load_all(text)
    return [json.loads(json.dumps(document)) for document in loaded]


DATA: list[tuple[str, Any]] = [
    *(("backstage", document) for document in documents(CATALOG)),
    ("compose", documents(COMPOSE)[0]),
    *(("kubernetes", document) for document in documents(MANIFESTS)),
    ("servicenow", {"result": [*api(CIS), *api(RELATIONS)]}),
    ("jaeger", {"data": [{"parent": "a", "child": "b", "callCount": 3}]}),
    ("service-graph", answer()),
]
TEXTS = {"csv": [NODES, EDGES], "servicenow": [CIS, RELATIONS], "service-graph": [METRICS]}
VALUES = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1e308,
        "",
        "x",
        "$",
        "${",
        "a/b:c",
        [],
        [[]],
        {},
        {"x": None},
        ["a", 1],
        {"name": "x"},
        "é" * 99,
    ]
)


def paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in paths(value, (*path, key)))]


def estate_or_error(format: str, name: str, text: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_text(text)
        found = Gathered()
        result = found.attempt(lambda: import_estate(format, [str(file)]))
    if result is None:
        with pytest.raises(InputError) as error:
            found.complete()
        assert all(finding.place.file.startswith(str(file)) for finding in error.value.findings)
    else:
        assert adds_up(result)
        Estate.model_validate(topology(result, Head("t")))


@given(st.sampled_from(DATA), st.data())
@settings(max_examples=70)
def test_a_changed_document_is_read_or_refused(sample: tuple[str, Any], data: st.DataObject) -> None:
    format, document = sample[0], deepcopy(sample[1])
    for _ in range(data.draw(st.integers(1, 2))):
        *above, last = data.draw(st.sampled_from([path for path in paths(document) if path] or [("x",)]))
        place = document
        for key in above:
            place = place[key]
        if isinstance(place, dict) and data.draw(st.booleans()):
            place.pop(last, None)
        elif isinstance(place, list) or last in place:
            place[last] = deepcopy(data.draw(VALUES))
    estate_or_error(
        format, "source.yaml" if format in ("backstage", "compose") else "source.json", json.dumps(document)
    )


@pytest.mark.parametrize("format", TEXTS)
@given(data=st.data())
@settings(max_examples=25)
def test_a_changed_text_is_read_or_refused(format: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS[format]))
    start = data.draw(st.integers(0, len(text)))
    put = data.draw(st.sampled_from(["", '"', ",", ";", "\n", "{", "}", "\\", "\x00", "é", " ", "=", "NaN"]))
    changed = text[:start] + put + text[start + data.draw(st.integers(0, 4)) :]
    estate_or_error(format, "source.csv" if format != "service-graph" else "source.prom", changed)
