"""What an action needs before it can begin: what must serve, what must have been done, what there is to work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.estate.graph import Node, Role
from simulator.estate.health import SERVING
from simulator.randomness import Streams
from timeline.commands import Action, Command
from topologies.recovery import Procedure

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate

_NO_CONDITIONS = Procedure()


def procedure_of(node: Node, action: Action) -> Procedure:
    """What the file states for an action on a node; no conditions where it states nothing."""
    thing = node.component or node.pair
    return _NO_CONDITIONS if thing is None else thing.procedures.get(action, _NO_CONDITIONS)


def unmet(estate: ModelledEstate, command: Command, node: Node) -> str:
    """The first prerequisite that is not met, in words; empty when the action can begin."""
    procedure = procedure_of(node, command.action)
    for id in procedure.needs:
        if estate.compiled[id].level < SERVING:
            return f"it needs {id}, which is not serving"
    for before in procedure.after:
        if (before.action, before.target) not in estate.completed:
            return f"{before.action} of {before.target} comes first"
    if command.action is Action.RESTORE:
        return _copy_missing(estate, command, node)
    if command.action is Action.REBUILD and node.component is not None and node.component.data is not None:
        return "" if node.component.data.derived_from else "its data would be gone: there is nothing to load them from"
    if command.action is Action.FAIL_BACK:
        return _no_way_back(estate, node)
    return ""


def comes_to_nothing(streams: Streams, command: Command, node: Node) -> bool:
    """Whether an attempt, once its time has passed, has come to nothing by chance."""
    failure = procedure_of(node, command.action).failure
    return failure > 0 and streams.chance(
        failure, f"{node.role.name.lower()}/{node.id}", f"{command.action}-fails", command.occasion
    )


def _copy_missing(estate: ModelledEstate, command: Command, node: Node) -> str:
    copies = estate.data.copies(node)
    if not copies:
        return "there is no copy to restore"
    wanted = command.restore
    if wanted is not None and all(copy.id != wanted.copy for copy in copies):
        return f"there is no copy {wanted.copy}"
    return ""


def _no_way_back(estate: ModelledEstate, node: Node) -> str:
    assert node.role is Role.PAIR
    assert node.pair is not None
    if node.active == node.pair.primary:
        return f"{node.active} is active already"
    primary = estate.compiled[node.pair.primary]
    return "" if primary.level >= SERVING else f"{primary.id} is not serving"
