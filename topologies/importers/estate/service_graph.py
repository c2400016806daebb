"""Service graphs as Tempo, the OpenTelemetry Collector and their kin count them from traces:

    traces_service_graph_request_total{client="web", server="orders", connection_type=""} 1204
    traces_service_graph_request_failed_total{client="web", server="orders", connection_type=""} 3

as text of a metrics endpoint, or as the answer of a query to Prometheus (a vector, or a matrix whose last values
count).

`client` called `server`, so it depends on it.  `connection_type` says more: at a `database` the server is one; over a
`messaging_system` the client hands work over and does not wait; a `virtual_node` is one that sends no traces itself,
either an outside caller (`user`), who is no part of the estate, or a peer, which is known by its name alone.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from timeline.findings import InputError, Place, nearest
from topologies.estate import ComponentKind
from topologies.importers.estate.draft import DIFFERENT, Draft, Edge, Evidence, Meaning
from topologies.importers.estate.files import MAX_EXPORT_BYTES, as_model, expand, records_in
from topologies.importers.estate.json_text import parse_json
from topologies.importers.estate.kinds import Guess, guess, stated
from topologies.importers.estate.rates import calls_per_request, says_calls
from topologies.importers.foreign import Foreign
from topologies.loading.document import read_text

FORMAT = "service-graph"
_PATTERNS = ("*.json", "*.prom", "*.txt", "*.metrics")
_COUNTS = re.compile(r"(?:\w+_)?service_graph_request(?P<failed>_failed)?(?:_total)?")
_SAMPLE = re.compile(
    r"\s*(?P<name>[a-zA-Z_:][\w:]*)\s*(?:\{(?P<labels>.*)\})?\s+(?P<value>\S+)(?:\s+-?\d+)?\s*(?:#.*)?"
)
_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')
_ESCAPES = {"n": "\n", "\\": "\\", '"': '"'}
_OUTSIDE = ("user", "")


@dataclass(frozen=True, slots=True)
class Sample:
    """One series at one moment."""

    name: str | None
    """None in answers to queries that add series up."""
    labels: Mapping[str, str]
    value: float
    place: Place


class _Series(Foreign):
    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: tuple[tuple[float, str], ...] = Field(default=())


def read_files(paths: Sequence[str], _: Path | None) -> Draft:
    """Raises InputError with everything that cannot be read."""
    return read([sample for path in expand(paths, _PATTERNS) for sample in _samples(path)])


def read(samples: Sequence[Sample]) -> Draft:
    """The graph of all samples together; series of one edge (instances, dimensions) are added."""
    draft = Draft(FORMAT)
    requests: list[Sample] = []
    counts: dict[tuple[str, str], float] = defaultdict(float)
    failed: dict[tuple[str, str], float] = defaultdict(float)
    others = 0
    for sample in samples:
        match = _COUNTS.fullmatch(sample.name) if sample.name is not None else None
        if sample.name is not None and match is None:
            others += 1
        elif match is not None and match["failed"]:
            failed[_ends(sample)] += sample.value
        else:
            requests.append(sample)
            counts[_ends(sample)] += sample.value
    if not requests:
        place = samples[0].place if samples else Place("the metrics")
        named = sorted({sample.name for sample in samples if sample.name})
        hint = nearest("traces_service_graph_request_total", named) or "export traces_service_graph_request_total"
        raise InputError.single("estate.foreign", Place(place.file), "there is no count of requests in it", hint)
    if others:
        message = f"{others} samples of other metrics say nothing about who calls whom"
        draft.remark(DIFFERENT, Place(samples[0].place.file), message)
    within = {ends: count for ends, count in counts.items() if ends[0] not in _OUTSIDE}
    from_outside = {("", ends[1]): count for ends, count in counts.items() if ends[0] in _OUTSIDE}
    rates = calls_per_request({**within, **from_outside})
    traced = {client for client, _ in within}
    traced |= {_ends(sample)[1] for sample in requests if _connection(sample) != "virtual_node"}
    for sample in requests:
        _read_edge(draft, sample, failed, rates, traced)
    return draft


def _ends(sample: Sample) -> tuple[str, str]:
    return sample.labels.get("client", ""), sample.labels.get("server", "")


def _connection(sample: Sample) -> str:
    return sample.labels.get("connection_type", "")


def _read_edge(
    draft: Draft,
    sample: Sample,
    failed: Mapping[tuple[str, str], float],
    rates: Mapping[tuple[str, str], float],
    traced: Set[str],
) -> None:
    client, server = _ends(sample)
    connection = _connection(sample)
    if connection == "virtual_node" and (client in _OUTSIDE or server in traced):
        connection = ""  # it is the other side that sends no traces
    if not server:
        draft.leave_out("edge", f"{client or '?'} -> ?", "it has no server", sample.place)
        return
    draft.mention(server, sample.place, kind=_kind(server, connection))
    if connection == "database":
        draft.nodes[server] = replace(draft.nodes[server], kind=_kind(server, connection))
    if client in _OUTSIDE:
        reason = "calls from outside: who calls is no part of the estate"
        draft.leave_out("edge", f"{client or 'outside'} -> {server}", reason, sample.place)
        return
    draft.mention(client, sample.place)
    says = says_calls(sample.value, failed.get((client, server), 0), "requests")
    meaning = Meaning.ASYNCHRONOUS if connection == "messaging_system" else Meaning.HARD
    evidence = Evidence(sample.place, says, "measured", "high")
    draft.edge(Edge(client, server, evidence, meaning, calls=rates.get((client, server))))


def _kind(server: str, connection: str) -> Guess:
    """What is called: a guess by its name, unless the connection says it."""
    named = guess(server)
    if connection == "database":
        told = named.kind in (ComponentKind.CACHE, ComponentKind.QUEUE, ComponentKind.STORAGE)
        return named if told else stated(ComponentKind.DATABASE, "connection_type database")
    if connection == "virtual_node" and named.kind is ComponentKind.SERVICE:
        return Guess(ComponentKind.EXTERNAL, "a peer that sends no traces itself", "low")
    return named


def _samples(path: Path) -> Iterator[Sample]:
    text = read_text(path, MAX_EXPORT_BYTES)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        yield from _of_answer(text, str(path))
    else:
        yield from _of_text(text, str(path))


def _of_answer(text: str, name: str) -> Iterator[Sample]:
    """The answer of `/api/v1/query` or `/api/v1/query_range`."""
    document = parse_json(text, name)
    for path, record in records_in(document, "data", "result"):
        series = as_model(document, path, record, _Series)
        points = [*series.values, *([series.value] if series.value is not None else [])]
        if points:
            labels = {key: value for key, value in series.metric.items() if key != "__name__"}
            place = document.place(path)
            yield Sample(series.metric.get("__name__"), labels, _number(points[-1][1], place), place)


def _of_text(text: str, name: str) -> Iterator[Sample]:
    """The text of a metrics endpoint (Prometheus or OpenMetrics)."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = Place(name, number, 1, line[:160] if line.isprintable() else "")
        match = _SAMPLE.fullmatch(line)
        if match is None:
            hint = 'expected a line like: name{client="a", server="b"} 12'
            raise InputError.single("estate.foreign", place, "this is no sample of a metric", hint)
        yield Sample(match["name"], _labels(match["labels"] or "", place), _number(match["value"], place), place)


def _labels(text: str, place: Place) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _LABEL.match(text, at)
        if match is None:
            raise InputError.single("estate.foreign", place, f"these labels cannot be read: {text[at:]!r}")
        found[match[1]] = re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[0]), match[2])
        at = match.end()
    return found


def _number(text: str, place: Place) -> float:
    """A value; what is not a number (no request yet) counts as none."""
    try:
        value = float(text)
    except ValueError:
        raise InputError.single("estate.foreign", place, f"{text!r} is no value of a sample") from None
    return value if math.isfinite(value) and value > 0 else 0.0
