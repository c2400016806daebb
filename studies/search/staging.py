"""An exercise of a combination: the scenario as its file would state it, and the plan that is played.

The file of a finding and what the search played are made from the same data, so they cannot differ.  What speaks of
faults that are left out goes with them: targets whose subject they are, injects that wait for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scenarios.models import Scenario
from simulator.exercise import ExercisePlan
from studies.search.space import Names, Sort, Space
from topologies.canonical import canonical


def scenario_of(space: Space, combination: Names) -> dict[str, Any]:
    """The scenario of a combination, as plain data."""
    data = dict(space.scenario)
    own: Mapping[str, Any] = data.get("faults") or {}
    chosen = [space.elements[id] for id in sorted(combination)]
    faults = dict(own) if space.given else {}
    for element in chosen:
        if element.sort is Sort.FAULT:
            faults[element.id] = own[element.id] if element.value is None else element.value
        elif element.sort is Sort.START:
            data["starts_at"] = element.value
    absent = {*data.get("absent", ()), *(element.value for element in chosen if element.sort is Sort.ABSENCE)}
    data["faults"], data["absent"] = faults, sorted(absent)
    data.pop("recorded", None)
    data.pop("sources", None)
    return _without_mention_of({f"fault:{id}" for id in own if id not in faults}, data)


def plan_of(plan: ExercisePlan, space: Space, combination: Names) -> ExercisePlan:
    """What is played of it."""
    return replace(plan, scenario=canonical(Scenario.model_validate(scenario_of(space, combination))))


def _without_mention_of(faults: set[str], data: dict[str, Any]) -> dict[str, Any]:
    objectives = {}
    for id, objective in (data.get("objectives") or {}).items():
        targets = [target for target in objective.get("targets", ()) if target.get("subject") not in faults]
        if targets or objective.get("critical_tasks"):
            objectives[id] = {**objective, "targets": targets}
    injects = {
        id: inject
        for id, inject in (data.get("injects") or {}).items()
        if not faults & set(_texts(inject.get("when"))) and inject.get("objective") in (None, *objectives)
    }
    return {**data, "objectives": objectives, "injects": injects}


def _texts(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    return [text for part in parts for text in _texts(part)]
