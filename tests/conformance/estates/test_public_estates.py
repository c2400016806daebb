"""Estates that people really have: public samples of each format are imported without losing an edge.

The samples are not part of the project.  BLACKSTART_PUBLIC_ESTATES names a folder with one folder a format; what each
holds is counted here a second time with nothing but a JSON, YAML or CSV reader.  `pytest -s` prints the figures.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from topologies.importers.estate import Head, Imported, estate_files, import_estate
from topologies.loading.estate import load_topology
from topologies.writing import write_estate

VARIABLE = "BLACKSTART_PUBLIC_ESTATES"
Edges = set[tuple[str, str]]


def samples(format: str) -> Path:
    root = os.environ.get(VARIABLE)
    if not root or not (Path(root) / format).is_dir():
        pytest.skip(f"{VARIABLE} names no folder with samples of {format}")
    return Path(root) / format


def imported(format: str, *paths: Path) -> Imported:
    result = import_estate(format, [str(path) for path in paths])
    for counts in (result.node_counts, result.edge_counts):
        assert counts.read == counts.kept + counts.merged + counts.left_out
    nodes, edges = result.node_counts, result.edge_counts
    print(f"\n{format} {paths[0].name}: {nodes.kept + nodes.mentioned} things, {edges}")
    return result


def by_key(result: Imported) -> Edges:
    return {(result.nodes[e.source].key, result.nodes[e.target].key) for e in result.edges}


def loads(result: Imported, folder: Path) -> None:
    write_estate(folder, estate_files(result, Head("Sample")))
    load_topology(folder)


def documents(path: Path) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).load_all(path.read_text())


def test_jaeger(tmp_path: Path) -> None:
    for number, file in enumerate(sorted(samples("jaeger").glob("*.json"))):
        data = json.loads(file.read_text())
        links = data["data"] if isinstance(data, dict) else data
        result = imported("jaeger", file)
        assert by_key(result) == {(x["parent"], x["child"]) for x in links if x["parent"] != x["child"]}
        assert result.edge_counts.read == len(links)
        loads(result, tmp_path / str(number))


def test_compose(tmp_path: Path) -> None:
    count = 0
    for number, file in enumerate(sorted(samples("compose").rglob("compose.y*ml"))):
        services = next(documents(file)).get("services") or {}
        wanted = {(name, other) for name, service in services.items() for other in service.get("depends_on") or ()}
        ended = {
            (name, other)
            for name, service in services.items()
            if isinstance(service.get("depends_on"), dict)
            for other, how in service["depends_on"].items()
            if how and how.get("condition") == "service_completed_successfully"
        }
        result = imported("compose", file)
        assert set(services) <= {node.key for node in result.nodes.values()}
        assert wanted - ended <= by_key(result)
        loads(result, tmp_path / str(number))
        count += len(wanted)
    assert count


def test_kubernetes(tmp_path: Path) -> None:
    for number, file in enumerate(sorted(samples("kubernetes").rglob("*.yaml"))):
        objects = [o for o in documents(file) if o]
        services = {o["metadata"]["name"] for o in objects if o["kind"] == "Service"}
        workloads = [o for o in objects if o["kind"] in ("Deployment", "StatefulSet", "DaemonSet")]
        wanted: set[tuple[str, str]] = set()
        for workload in workloads:
            pod = workload["spec"]["template"]["spec"]
            for container in pod["containers"] + pod.get("initContainers", []):
                values = [str(env.get("value", "")).partition(":")[0] for env in container.get("env", [])]
                wanted |= {(workload["metadata"]["name"], value) for value in values if value in services}
        result = imported("kubernetes", file)
        edges = {(result.nodes[e.source].title, result.nodes[e.target].title) for e in result.edges}
        assert {edge for edge in wanted if edge[0] != edge[1]} <= edges
        assert {w["metadata"]["name"] for w in workloads} <= {node.title for node in result.nodes.values()}
        assert result.node_counts.read == len(objects)
        loads(result, tmp_path / str(number))


def test_backstage(tmp_path: Path) -> None:
    folder = samples("backstage")
    entities = [e for file in sorted(folder.rglob("*.yaml")) for e in documents(file) if e]
    stated = 0
    for entity in entities:
        spec = entity.get("spec") or {}
        stated += sum(len(spec.get(f) or ()) for f in ("dependsOn", "dependencyOf", "providesApis", "consumesApis"))
        stated += sum(field in spec for field in ("system", "domain", "subcomponentOf"))
    result = imported("backstage", folder)
    assert result.node_counts.read == len(entities)
    assert result.edge_counts.read == stated
    loads(result, tmp_path / "out")


def test_csv(tmp_path: Path) -> None:
    folder = samples("csv")
    rows = [row for file in sorted(folder.glob("*edges*.csv")) for row in csv.DictReader(file.read_text().splitlines())]
    result = imported("csv", folder)
    assert by_key(result) == {(row["Source"], row["Target"]) for row in rows}
    assert result.edge_counts.read == len(rows)
    loads(result, tmp_path / "out")


def test_servicenow(tmp_path: Path) -> None:
    folder = samples("servicenow")
    records = [r for file in sorted(folder.glob("*.json")) for r in json.loads(file.read_text())["result"]]
    relations = [r for r in records if "parent" in r and "child" in r]
    result = imported("servicenow", folder)
    assert result.edge_counts.read == len(relations)
    unknown = sum("nobody knows what" in record.reason for record in result.left_out)
    assert result.edge_counts.kept + unknown == len(relations)
    loads(result, tmp_path / "out")


def test_service_graph(tmp_path: Path) -> None:
    for number, file in enumerate(sorted(samples("service-graph").glob("*.prom"))):
        calls = re.findall(r'traces_service_graph_request_total\{client="([^"]*)",server="([^"]*)"', file.read_text())
        result = imported("service-graph", file)
        assert by_key(result) == {(client, server) for client, server in calls if client != "user"}
        assert result.edge_counts.read == len(calls)
        loads(result, tmp_path / str(number))
