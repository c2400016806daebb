"""Automations that set each other off for ever, or can never run."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from timeline.findings import Severity
from timeline.predicates import Predicate
from timeline.references import RefKind
from topologies.automations import Automation
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.document import Document
from topologies.loading.estate import LoadedEstate


@estate_check("automation.loop", Severity.WARNING)
def automation_loop(estate: LoadedEstate) -> Iterator[Remark]:
    """Automations set each other off in a circle.

    Each sets a field to what the next one waits for, until the first one's condition turns true again.  A run stops
    them after `at_most` times; in the real ITSM they would fill the record, or its limit would stop others as well.
    Events cannot make such a circle: what has been seen once stays seen.
    """
    rules = estate.automations
    graph: nx.DiGraph[str] = nx.DiGraph()
    for id, rule in rules.items():
        for other, waiting in rules.items():
            if _sets(rule) & _waits_for(waiting.when):
                graph.add_edge(id, other)
    for circle in nx.strongly_connected_components(graph):
        ordered = [id for id in rules if id in circle]
        if len(ordered) > 1 or graph.has_edge(ordered[0], ordered[0]):
            document, path = _where(estate, ordered[0])
            others = ", ".join(ordered[1:])
            message = f"the automation {ordered[0]!r} sets itself off again" + (
                f", by way of {others}" if others else ""
            )
            yield Remark(document.place(path, key=True), message, "let one of them look at what another cannot undo")


@estate_check("automation.stage-never-kept", Severity.WARNING)
def automation_waits_for_stage(estate: LoadedEstate) -> Iterator[Remark]:
    """An automation waits for a stage, and the organisation keeps none.

    Without `lifecycle` in the organisation every incident stays `detected` for automations.
    """
    if estate.organisation.lifecycle is not None:
        return
    for id, rule in estate.automations.items():
        if rule.stages and "detected" not in rule.stages:
            document, path = _where(estate, id)
            yield Remark(
                document.place([*path, "stages"]),
                f"the automation {id!r} never runs: no incident becomes {' or '.join(rule.stages)} here",
                "state `lifecycle` in the organisation, an empty one is enough",
            )


def _where(estate: LoadedEstate, id: str) -> tuple[Document, list[str | int]]:
    """The file of an automation, and its path there."""
    path: list[str | int] = ["automations", id]
    return next((d, path) for d in estate.automation_documents if d.node(path) is not None)


def _sets(rule: Automation) -> set[tuple[str, str]]:
    return {(a.set_.field, a.set_.value) for a in rule.do if a.set_ is not None}


def _waits_for(when: Predicate) -> set[tuple[str, str]]:
    """Fields that a condition wants to have a value."""
    if when.known is not None:
        kind, _, field = when.known.subject.partition(":")
        return {(field, when.known.state)} if kind == RefKind.FIELD else set()
    return {wanted for part in (*(when.all or ()), *(when.any or ())) for wanted in _waits_for(part)}
