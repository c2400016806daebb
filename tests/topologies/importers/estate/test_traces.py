"""Graphs counted from traces: Jaeger's dependencies and the service graphs of Tempo and OpenTelemetry."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.topologies.importers.estate.importing import adds_up, edges, estate_of, imported, kinds, left_out
from timeline.findings import InputError
from topologies.importers.estate import Imported
from topologies.importers.estate.rates import calls_per_request

METRICS = """\
# HELP traces_service_graph_request_total Total count of requests between two nodes
# TYPE traces_service_graph_request_total counter
traces_service_graph_request_total{client="user",connection_type="virtual_node",server="web"} 100
traces_service_graph_request_total{client="web",connection_type="",server="orders",pod="a"} 120 1700000000000
traces_service_graph_request_total{client="web",connection_type="",server="orders",pod="b"} 80
traces_service_graph_request_total{client="orders",connection_type="database",server="ledger"} 600
traces_service_graph_request_total{client="orders",connection_type="database",server="redis-1"} 200
traces_service_graph_request_total{client="orders",connection_type="messaging_system",server="mail"} 50
traces_service_graph_request_total{client="mail",connection_type="virtual_node",server="api.\\"post\\".example"} 25
traces_service_graph_request_total{client="web",connection_type="",server="web"} 9
traces_service_graph_request_failed_total{client="web",connection_type="",server="orders"} 3
traces_service_graph_request_server_seconds_sum{client="web",server="orders"} 12.5
"""
KEPT = {
    ("web", "orders"),
    ("orders", "ledger"),
    ("orders", "redis-1"),
    ("orders", "mail"),
    ("mail", "api-post-example"),
}


def calls(result: Imported) -> dict[tuple[str, str], float | None]:
    return {(edge.source, edge.target): edge.calls for edge in result.edges}


def test_a_service_graph_says_who_calls_whom_how_often_and_how(tmp_path: Path) -> None:
    result = imported(tmp_path, "service-graph", {"graph.prom": METRICS})
    assert edges(result) == KEPT
    assert calls(result) == {
        ("web", "orders"): 2.0,
        ("orders", "ledger"): 3.0,
        ("orders", "redis-1"): 1.0,
        ("orders", "mail"): 0.25,
        ("mail", "api-post-example"): 0.5,
    }
    assert {str(edge.meaning) for edge in result.edges if edge.target == "mail"} == {"asynchronous"}
    assert kinds(result) == {
        "web": "service",
        "orders": "service",
        "ledger": "database",
        "redis-1": "cache",
        "mail": "service",
        "api-post-example": "external",
    }
    assert left_out(result) == [
        "a dependency of a thing on itself",
        "calls from outside: who calls is no part of the estate",
    ]
    assert (result.edge_counts.read, result.edge_counts.merged) == (8, 1)
    assert adds_up(result)
    assert result.edges[-1].evidence[0].says == "120 requests, 3 failed"
    estate = estate_of(result, tmp_path / "out")
    assert estate.components["orders"].depends_on["mail"].type == "asynchronous"
    assert estate.sources["components.web.depends_on.orders"].basis == "measured"


def answer(named: bool = True, matrix: bool = False) -> dict[str, object]:
    rows = []
    for line in METRICS.splitlines():
        if not line.startswith("traces_service_graph_request_total"):
            continue
        labels, _, value = line.partition("{")[2].rpartition("} ")
        metric = dict(pair.split("=", 1) for pair in labels.replace('\\"', "'").replace('"', "").split(","))
        metric |= {"__name__": "traces_service_graph_request_total"} if named else {}
        point = [1.7e9, value.split()[0]]
        rows.append({"metric": metric, **({"values": [[1.6e9, "1"], point]} if matrix else {"value": point})})
    return {"status": "success", "data": {"resultType": "matrix" if matrix else "vector", "result": rows}}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("matrix", [True, False])
def test_answers_of_prometheus_give_the_same_as_its_metrics(tmp_path: Path, named: bool, matrix: bool) -> None:
    result = imported(tmp_path, "service-graph", {"answer.json": answer(named, matrix)})
    assert edges(result) == KEPT
    assert calls(result) == calls(imported(tmp_path / "text", "service-graph", {"graph.prom": METRICS}))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('a{client="x" 1\n', 1, "no sample"),
        ('\ntraces_service_graph_request_total{client="x,server="y"} 1\n', 2, "labels cannot be read"),
        ('traces_service_graph_request_total{client="x",server="y"} many\n', 1, "no value"),
        ("up 1\n", 0, "no count of requests"),
    ],
)
def test_metrics_that_cannot_be_read_are_errors_with_their_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    with pytest.raises(InputError, match=says) as error:
        imported(tmp_path, "service-graph", {"graph.prom": text})
    assert error.value.findings[0].place.line == line


def test_jaeger_counts_become_calls_for_each_request(tmp_path: Path) -> None:
    days = [
        {
            "data": [
                {"parent": "web", "child": "orders", "callCount": 10},
                {"parent": "orders", "child": "db", "callCount": 9},
            ]
        },
        {
            "data": [
                {"parent": "orders", "child": "db", "callCount": 21},
                {"parent": "db", "child": "db", "callCount": 5},
            ]
        },
    ]
    result = imported(tmp_path, "jaeger", {"monday.json": days[0], "tuesday.json": days[1]})
    assert calls(result) == {("web", "orders"): None, ("orders", "db"): 3.0}
    assert (result.edge_counts.read, result.edge_counts.merged, result.edge_counts.left_out) == (4, 1, 1)
    assert adds_up(result)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{"data": [\n {"parent": "a"}\n]}', 2, "child"),
        ('{"data": [\n {"parent": "a", "child": "b", "callCount": -1}\n]}', 2, "callCount"),
        ('{"data":\n {"parent": "a"}}', 2, "expected a list"),
        ('{"data": [\n {"parent" "a"}]}', 2, "expected ':'"),
        ('{"data": [}', 1, "not JSON"),
        ('{"data": NaN}', 0, "NaN"),
        ("[" * 100_000, 0, "nested too deep"),
        ("", 0, "empty"),
    ],
)
def test_an_export_that_cannot_be_read_is_an_error_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    with pytest.raises(InputError, match=says) as error:
        imported(tmp_path, "jaeger", {"d.json": text})
    assert error.value.findings[0].place.line == line


NAMES = st.sampled_from("abcde")


@given(st.dictionaries(st.tuples(NAMES, NAMES), st.integers(0, 1000)))
def test_calls_times_requests_served_are_the_counts(counts: dict[tuple[str, str], int]) -> None:
    served = {name: sum(n for (one, other), n in counts.items() if other == name != one) for name in "abcde"}
    for (caller, callee), ratio in calls_per_request(counts).items():
        assert caller != callee
        assert math.isclose(ratio * served[caller], counts[caller, callee], rel_tol=6e-3, abs_tol=1e-9)
