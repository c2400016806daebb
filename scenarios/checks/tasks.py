"""Whether the planned response can be carried out: an order that ends, people who may, actions that are possible."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from scenarios.checks.catalogue import scenario_check
from scenarios.loading import LoadedScenario
from scenarios.models import PlaybookTaskModel
from timeline.commands import CHANGES_NOTHING, Action
from timeline.findings import Place, Severity
from topologies.checks import Remark
from topologies.estate import Estate

_RECOVERY_FIELD = {
    Action.RESTART: "restart",
    Action.ROLL_BACK: "roll_back",
    Action.DISABLE: "disable",
    Action.REPAIR: "repair",
    Action.SCALE_OUT: "scale_out",
    Action.SHED_LOAD: "shed_load",
    Action.REBUILD: "rebuild",
    Action.FENCE: "fence",
    Action.COLD_START: "cold_start",
}
"""Actions whose duration the target must state to make them possible."""
_STATED_ELSEWHERE = {
    Action.RESTORE: "state `data: {backups: ...}` on it",
    Action.VERIFY: "state `data: {check: ...}` on it",
    Action.TRACE: "state `data: {check: {trace: <duration>}}` on it",
    Action.RECONCILE: "state `data: {reconciliation: ...}` on it",
    Action.WORKAROUND: "state `workaround` on it",
    Action.FAIL_BACK: "state `fail_back` on the pair",
}
"""What makes an action possible that is not a duration under `recovery`."""


@scenario_check("task.cycle", Severity.ERROR)
def tasks_in_a_circle(loaded: LoadedScenario) -> Iterator[Remark]:
    """Tasks of the playbook wait for each other in a circle.

    None of them ever becomes ready.
    """
    tasks = dict(tasks_of(loaded))
    graph: nx.DiGraph[str] = nx.DiGraph((id, before) for id, task in tasks.items() for before in task.after)
    for circle in nx.strongly_connected_components(graph):
        first = min(circle)
        if len(circle) > 1 or graph.has_edge(first, first):
            message = f"these tasks wait for each other: {', '.join(sorted(circle))}"
            yield Remark(place_of(loaded, first, "after"), message, "remove one of the `after`")


@scenario_check("task.impossible-action", Severity.ERROR)
def impossible_actions(loaded: LoadedScenario) -> Iterator[Remark]:
    """A task asks for an action that its target does not offer.

    A component offers the actions whose duration its `recovery` states; only a standby pair with a standby can fail
    over, only a workplace be relocated, only a function with a manual fallback go over to it.  The task would fail
    every time.
    """
    estate = loaded.estate.topology
    for id, task in tasks_of(loaded):
        if task.does is None:
            continue
        reason = _why_impossible(estate, task.does.action, task.does.target)
        if reason:
            place = place_of(loaded, id, "does")
            yield Remark(place, f"{task.does.target!r} cannot {task.does.action.replace('-', ' ')}", reason)


@scenario_check("task.nobody-may", Severity.ERROR)
def nobody_may(loaded: LoadedScenario) -> Iterator[Remark]:
    """Nobody has authority over an action that the playbook asks for.

    The organisation lists it with no role, no team and no approver, or not at all: the task is always refused.
    """
    allowed = {a.action for a in loaded.estate.organisation.authority if a.roles or a.teams or a.approver or a.change}
    for id, task in tasks_of(loaded):
        if task.does is not None and task.does.action not in CHANGES_NOTHING and task.does.action not in allowed:
            message = f"nobody in the organisation may order {task.does.action.replace('-', ' ')!r}"
            yield Remark(place_of(loaded, id, "does"), message, "add it to `authority` in organisation.yaml")


def tasks_of(loaded: LoadedScenario) -> list[tuple[str, PlaybookTaskModel]]:
    """The tasks of the playbook, none without one."""
    return list(loaded.playbook.tasks.items()) if loaded.playbook is not None else []


def place_of(loaded: LoadedScenario, task: str, field: str) -> Place:
    """Where a field of a task stands."""
    assert loaded.playbook_document is not None, "tasks come from a playbook"
    return loaded.playbook_document.place(["tasks", task, field])


def _why_impossible(estate: Estate, action: Action, target: str) -> str:
    """What is missing, or an empty string when the action is possible."""
    if action is Action.FAIL_OVER:
        pair = estate.standby_pairs.get(target)
        if pair is None:
            return "only a standby pair can fail over"
        return "" if pair.standby is not None else "the pair has no standby"
    if action is Action.RELOCATE:
        site = estate.sites.get(target)
        return "" if site is not None and site.workplace is not None else "only a site that states `workplace` can"
    if action is Action.START_FALLBACK:
        function = estate.functions.get(target)
        return "" if function is not None and function.fallback is not None else "only a function with a `fallback` can"
    if action in _STATED_ELSEWHERE:
        return _what_data_lack(estate, action, target)
    field = _RECOVERY_FIELD.get(action)
    component = estate.components.get(target)
    if field is None or component is None or getattr(component.recovery, field) is not None:
        return ""
    return f"state how long it takes: `recovery: {{{field.replace('_', '-')}: <duration>}}`"


def _what_data_lack(estate: Estate, action: Action, target: str) -> str:
    thing = estate.components.get(target) or estate.standby_pairs.get(target)
    data = thing.data if thing is not None else None
    check = data.check if data is not None else None
    stated = {
        Action.RESTORE: data is not None and bool(data.backups),
        Action.VERIFY: check is not None,
        Action.TRACE: check is not None and check.trace is not None,
        Action.RECONCILE: data is not None and data.reconciliation is not None,
        Action.WORKAROUND: thing is not None and thing.workaround is not None,
        Action.FAIL_BACK: target in estate.standby_pairs and estate.standby_pairs[target].fail_back is not None,
    }
    return "" if stated[action] else _STATED_ELSEWHERE[action]
