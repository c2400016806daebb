"""Which signs of trouble belong to one incident: correlation by time, topology and text, over several sources.

A *sign* is something delivered that tells of trouble: an alert (of metrics, logs, probes or a vendor's status feed) or
users' reports.  It points at nodes of the documented graph, and says something in words.  It is *related* to an open
incident when it comes within `window` of the incident's last sign, and

- one of its nodes lies within `hops` edges of a node that the incident points at, whichever way the edges run, or
- its words are like those of a sign of the incident, by `text_similarity` at least (the cosine of TF-IDF vectors over
  all signs so far, so that words that every alert has count little).

What is near counts before what sounds alike: a sign joins the nearest incident, and only where none is near the one
with the most similar sign.  Signs of a source that is not among `sources` are not seen: neither do they join an
incident, nor does anything join one that they opened.

Example: web -> api -> db.  With `hops: 1`, an alert on db does not join an incident that points at web, but one that
points at api; with `hops: 2` it joins both.  "Web logs: too many clients" joins an incident of "Db logs: too many
clients" where texts are compared, however far web is from db.  The wider the net, the fewer incidents one cause makes
(completeness) and the more causes end up in one incident (purity): `reports/measures` measures both against the known
cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from scenarios.triage.tfidf import TextIndex
from simulator.response.case import Case
from topologies.event_management import Correlation, MonitoringSource

_SOURCES: Mapping[str, MonitoringSource] = {"logs": "logs", "vendor-feed": "vendor-feed"}
"""Sources by the label that `monitoring.sources` sets; rules over metrics set none."""


def source_of(labels: Mapping[str, str]) -> MonitoringSource:
    """Where an alert comes from."""
    return _SOURCES.get(labels.get("source", ""), "metrics")


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that tells of trouble: nodes of the documented graph, words, and where it comes from."""

    nodes: Sequence[str]
    source: MonitoringSource
    text: str = ""


class Correlator:
    """Finds the incident that a sign belongs to, knowing the documentation and what was delivered."""

    def __init__(self, spec: Correlation, graph: nx.DiGraph[str]) -> None:
        self._spec = spec
        self._graph = graph.to_undirected(as_view=True)
        self._distances: dict[str, dict[str, int]] = {}
        self._texts = TextIndex()
        self._said: dict[Case, list[str]] = {}
        """What was said of each incident."""
        self._unseen: set[Case] = set()
        """Incidents that were opened by signs of other sources."""

    def related(self, cases: Iterable[Case], sign: Sign, at_ms: int) -> Case | None:
        """The incident that a sign is related to: the nearest, else the one that sounds most alike; of equals the
        first."""
        if not self._sees(sign):
            return None
        recent = [c for c in cases if at_ms - c.last_sign_ms <= self._spec.window and c not in self._unseen]
        near = [
            (distance, number, case)
            for number, case in enumerate(recent)
            if (distance := self._distance(sign.nodes, case.symptoms)) is not None
        ]
        if near:
            return min(near)[2]
        alike = [(-similarity, n, case) for n, case in enumerate(recent) if (similarity := self._alike(sign, case))]
        return min(alike, default=(0, 0, None))[2]

    def take(self, case: Case, sign: Sign) -> None:
        """A sign became part of an incident."""
        if not self._sees(sign):
            if case not in self._said:
                self._unseen.add(case)
        elif self._spec.text_similarity is not None and sign.text:
            self._texts.add(str(len(self._texts)), sign.text)
            self._said.setdefault(case, []).append(sign.text)

    def _sees(self, sign: Sign) -> bool:
        return sign.source in self._spec.sources

    def _alike(self, sign: Sign, case: Case) -> float:
        """How like the most similar sign of an incident this one is; 0 where that is not enough."""
        if self._spec.text_similarity is None or not sign.text:
            return 0.0
        most = max((self._texts.similarity(sign.text, said) for said in self._said.get(case, ())), default=0.0)
        return most if most >= self._spec.text_similarity else 0.0

    def _distance(self, nodes: Iterable[str], symptoms: Iterable[str]) -> int | None:
        """Edges between the nearest two; None where none is within reach."""
        symptoms = list(symptoms)
        return min((d for node in nodes for s in symptoms if (d := self._near(node).get(s)) is not None), default=None)

    def _near(self, node: str) -> dict[str, int]:
        known = self._distances.get(node)
        if known is None:
            known = nx.single_source_shortest_path_length(self._graph, node, cutoff=self._spec.hops)
            self._distances[node] = known
        return known
