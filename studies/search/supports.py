"""What a good run relied on: the parts of the estate and the people without whom it might have gone otherwise.

This is the forward half of lineage-driven fault injection (Alvaro, Rosen, Hellerstein 2015, "Lineage-driven fault
injection", SIGMOD; Alvaro and others 2016, "Automating failure testing research at internet scale", SoCC).  There the
lineage of a good outcome is traced through the data; here it is

- the causes of the events behind the scores, all the way up: who acted, which components were worked on, over which
  channels people were reached, what watched and what paged;
- what carries the functions once the faults of the run have struck: down the dependencies, the active side of each
  standby pair, as many members of each group as it needs, those that are not hit first.

Whatever else breaks the objective must take something of this away: that is what makes the guided search end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reports.scoring import Scores
from simulator.estate.graph import FUNCTION_PREFIX, CompiledEstate, Node, Role, compile_estate
from simulator.exercise import ExercisePlan
from studies.search.space import HOUR_OF_DAY, Names, Sort, Space
from timeline.details import PageDetail
from timeline.events import Event
from timeline.journal import Timeline
from timeline.references import Reference, RefKind
from topologies.estate import Estate
from topologies.organisation import Organisation


class Carriers:
    """What carries the functions of an estate of which some nodes are hit."""

    def __init__(self, compiled: CompiledEstate, hit: Names) -> None:
        self._compiled, self._hit = compiled, hit
        self._carries: dict[str, bool] = {}

    def below(self, ids: Iterable[str]) -> set[str]:
        """These nodes and everything that they stand on."""
        found: set[str] = set()
        waiting = [id for id in ids if id in self._compiled.nodes]
        while waiting:
            id = waiting.pop()
            if id not in found:
                found.add(id)
                waiting += self._next(self._compiled[id])
        return found

    def _next(self, node: Node) -> Iterator[str]:
        if node.pair is not None:
            standby, fail_over = node.pair.standby, node.pair.fail_over
            over = standby is not None and not self.carries(node.pair.primary) and self.carries(standby)
            yield standby if over and standby is not None else node.pair.primary
            if over and fail_over is not None:
                yield from filter(None, (fail_over.link, fail_over.witness))
        elif node.group is not None:
            members = sorted(node.group.members, key=lambda id: not self.carries(id))
            yield from members[: node.group.needed]
        else:
            yield from (edge.dependency.id for edge in node.needs)

    def carries(self, id: str) -> bool:
        """Whether a node is as it should be, before anybody mends anything."""
        if id not in self._carries:
            self._carries[id] = True  # nodes that need each other do not keep each other down
            self._carries[id] = id not in self._hit and self._stands(self._compiled[id])
        return self._carries[id]

    def _stands(self, node: Node) -> bool:
        if node.role is Role.PAIR:
            return any(self.carries(edge.dependency.id) for edge in node.needs)
        if node.group is not None:
            return sum(map(self.carries, node.group.members)) >= node.group.needed
        return all(self.carries(edge.dependency.id) for edge in node.needs if edge.spec.type == "hard")


def relied_on(
    plan: ExercisePlan, space: Space, combination: Names, timeline: Timeline, scores: Scores
) -> tuple[str, ...]:
    """Elements that would take away something on which a good run of a combination relied, sorted."""
    struck = [space.elements[id] for id in combination if space.elements[id].sort is Sort.FAULT]
    hit = frozenset(node for element in struck for node in element.takes)
    carriers = Carriers(compile_estate(plan.estate), hit)
    lineage = _lineage(timeline, scores)
    worked_on = _worked_on(lineage)
    nodes = {*worked_on, *_stores(plan.estate, worked_on), *_machinery(plan, lineage)}
    nodes |= {FUNCTION_PREFIX + id for id in plan.estate.functions}
    relied = {*carriers.below(nodes), *_people(lineage), HOUR_OF_DAY}
    return tuple(
        id for id, element in sorted(space.elements.items()) if id not in combination and element.takes & relied
    )


def _lineage(timeline: Timeline, scores: Scores) -> list[Event]:
    """Events behind the scores with all their causes, and those by which whoever acts there was reached."""
    events = list(timeline)
    waiting = [seq for objective in scores.objectives for target in objective.targets for seq in target.evidence]
    waiting += [seq for objective in scores.objectives for task in objective.critical_tasks for seq in task.evidence]
    found: set[int] = set()
    followed: set[str] = set()
    while waiting:
        seq = waiting.pop()
        if seq in found:
            continue
        found.add(seq)
        waiting += events[seq].causes
        actor = events[seq].actor
        if actor.kind is RefKind.PERSON and actor.id not in followed:
            followed.add(actor.id)
            waiting += [e.seq for e in events if e.kind == "page.acknowledged" and e.actor == actor]
    return [events[seq] for seq in sorted(found)]


def _people(lineage: Iterable[Event]) -> set[str]:
    return {str(event.actor) for event in lineage if event.actor.kind is RefKind.PERSON}


def _worked_on(lineage: Iterable[Event]) -> set[str]:
    kinds = ("command.", "recovery.", "approval.")
    return {e.subject.id for e in lineage if e.kind.startswith(kinds) and _is_part(e.subject)}


def _stores(estate: Estate, nodes: Iterable[str]) -> set[str]:
    """Where copies and logs of what was worked on lie."""
    holders = [estate.components.get(id) or estate.standby_pairs.get(id) for id in nodes]
    found: set[str | None] = set()
    for data in (holder.data for holder in holders if holder is not None):
        if data is not None:
            found |= {plan.stored_at for plan in data.backups.values()}
            found |= set() if data.log is None else {data.log.stored_at}
    return {id for id in found if id is not None}


def _is_part(subject: Reference) -> bool:
    return subject.kind in (RefKind.COMPONENT, RefKind.SITE, RefKind.DATA)


def _machinery(plan: ExercisePlan, lineage: Iterable[Event]) -> set[str]:
    """Components that watched, told and connected."""
    platform, needed = plan.estate.platform, set[str | None]()
    for event in lineage:
        family = event.kind.partition(".")[0]
        if family in ("alert", "notification"):
            needed |= {platform.prometheus, platform.alertmanager}
        elif family == "page":
            needed |= {platform.paging, *_channel(plan.organisation, event)}
        elif family in ("incident", "task", "decision"):
            needed |= {platform.itsm, platform.chat}
    return {id for id in needed if id is not None}


def _channel(organisation: Organisation, event: Event) -> tuple[str, ...]:
    detail = event.detail
    if not isinstance(detail, PageDetail) or detail.channel not in organisation.channels:
        return ()
    return tuple(organisation.channels[detail.channel].needs)
