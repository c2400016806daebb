"""Mistakes in action and in reading, as likely as knowledge of the field is missing.

A *slip* in an action either does it to another component of the same kind, with all that comes of it, or does nothing
until somebody notices.  A check *misread* shows something that is not so: all well where it is not, or a fault where
there is none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from timeline.commands import Action, Observation

if TYPE_CHECKING:
    from simulator.response.room import Room


def misread(room: Room, node: str, who: str, occasion: str, seen: Observation) -> Observation | None:
    """What somebody takes a check for that told him nothing; None when he knows that it told nothing."""
    mistakes = room.organisation.working.mistakes
    entity = f"person/{who}"
    if mistakes is None or not room.kernel.streams.chance(mistakes.misread, entity, "misreads", occasion):
        return None
    if seen.own_fault is not None or seen.suffers_from:
        return replace(seen, own_fault=None, suffers_from=(), utilisation=None)
    possible = room.facts.possible.get(node, frozenset[Action]())
    plausible = sorted(id for id, ways in room.facts.cleared_by.items() if possible.intersection(ways))
    if not plausible:
        return None
    drawn = room.kernel.streams.uniform(entity, "misreads-as", occasion)
    return replace(seen, own_fault=plausible[int(drawn * len(plausible))])


def slip_of(room: Room, action: Action, target: str, who: str, occasion: str) -> str | None:
    """What goes wrong when somebody acts: nothing (None), another target, or the target itself for a step without
    effect."""
    mistakes = room.organisation.working.mistakes
    kind = room.facts.kinds.get(target)
    if mistakes is None or kind is None:
        return None
    streams, entity = room.kernel.streams, f"person/{who}"
    if not streams.chance(mistakes.slip * (1 - room.staff.skill(who, kind)), entity, "slips", occasion):
        return None
    alike = sorted(
        id
        for id, other in room.facts.kinds.items()
        if other == kind and id != target and action in room.facts.possible.get(id, ())
    )
    if not alike or not streams.chance(mistakes.wrong_target, entity, "takes-another", occasion):
        return target
    return alike[int(streams.uniform(entity, "which", occasion) * len(alike))]
