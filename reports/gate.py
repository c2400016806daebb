"""A gate: what a run has to show for a build to go on, stated beside the code and not in the scenario.

    format: blackstart/gate/1
    score_at_least: 80
    objectives: all                      # or a list of ids
    targets:
      - {measure: time_to_detect, at_most: 5m}
      - {measure: rto_met, subject: "function:payments", at_least: 1}

A condition holds or it does not: a near miss does not, nor what the exercise did not see to its end or did not call
for.  A run that did not come to its end fails every condition.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from reports.index import TimelineIndex
from reports.measures import read_measures
from reports.scoring import Outcome, Scores, rate_target
from scenarios.models import TargetModel
from timeline.details import Target
from timeline.findings import InputError, nearest
from timeline.journal import Timeline
from topologies.fields import Id, Model


class Gate(Model):
    """What `blackstart score --gate` reads."""

    format: Literal["blackstart/gate/1"]
    score_at_least: float | None = Field(default=None, ge=0, le=100)
    objectives: Literal["all"] | tuple[Id, ...] = ()
    """These must be met (rated P or S)."""
    targets: tuple[TargetModel, ...] = ()

    @model_validator(mode="after")
    def _asks_for_something(self) -> Gate:
        if self.score_at_least is None and not self.objectives and not self.targets:
            raise ValueError("a gate that asks for nothing lets everything pass")
        return self


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a gate, judged."""

    name: str
    holds: bool
    explanation: str


def judge(gate: Gate, timeline: Timeline, scores: Scores) -> list[Condition]:
    """Every condition of a gate.  Raises InputError when it names an objective or a measure that does not exist."""
    conditions = [*_of_score(gate, scores), *_of_objectives(gate, scores), *_of_targets(gate, timeline)]
    if scores.complete:
        return conditions
    return [Condition(c.name, False, "the run did not come to its end") for c in conditions]


def _of_score(gate: Gate, scores: Scores) -> Iterator[Condition]:
    if gate.score_at_least is not None:
        said = "not rated" if scores.score is None else f"{scores.score:.1f}"
        holds = scores.score is not None and scores.score >= gate.score_at_least
        yield Condition("score", holds, f"{said}; wanted at least {gate.score_at_least:g}")


def _of_objectives(gate: Gate, scores: Scores) -> Iterator[Condition]:
    known = {objective.id: objective for objective in scores.objectives}
    for id in known if gate.objectives == "all" else gate.objectives:
        if id not in known:
            hint = nearest(id, known)
            raise InputError.single("gate.unknown-objective", "gate", f"the run has no objective {id!r}", hint)
        rated = f"rated {known[id].rating or 'not at all'}"
        yield Condition(f"objective {id}", known[id].met, f"{known[id].title}: {rated}")


def _of_targets(gate: Gate, timeline: Timeline) -> Iterator[Condition]:
    index = TimelineIndex(timeline)
    samples = read_measures(index) if gate.targets else {}
    for wanted in gate.targets:
        target = Target(wanted.measure, wanted.at_most, wanted.at_least, wanted.subject)
        rated = rate_target(index, target, samples)
        name = wanted.measure if wanted.subject is None else f"{wanted.measure} of {wanted.subject}"
        yield Condition(name, rated.outcome is Outcome.MET, rated.explanation)


def junit_xml(scenario: str, conditions: Sequence[Condition]) -> str:
    """One suite, each condition a test case."""
    failed = sum(not condition.holds for condition in conditions)
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=f"blackstart.gate.{scenario}",
        tests=str(len(conditions)),
        failures=str(failed),
        errors="0",
        skipped="0",
    )
    for condition in conditions:
        case = ElementTree.SubElement(suite, "testcase", classname=f"gate.{scenario}", name=condition.name)
        if not condition.holds:
            ElementTree.SubElement(case, "failure", message=condition.explanation)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
