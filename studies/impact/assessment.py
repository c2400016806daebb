"""The impact of single faults, all of them.

For each *case* (a kind of fault on a target that it fits, in full: all replicas, as it is at last when it grows) the
levels of the estate are settled twice: with the fail-overs that happen by themselves (*waiting* for people), and with
every standby in place (*switched*).  Components are loaded as in the busiest hour, so a loss of capacity counts at its
worst.

A function is *lost* when its level falls below its minimum while people have not acted.  Its *technical recovery* is
the shortest documented way back, each step at its 90th percentile:

- what ends the fault: the quickest action that the kind of fault allows and the target gives a duration for, with the
  time to start up;
- the switches: the slowest of the fail-overs by hand in this case, if the function is whole enough once they are made.

Detection, paging, diagnosis, approval come on top.  An RTO is *at risk* when technical recovery alone exceeds it, or is
unknown.  What load brings about (retries, queues that grow) is left out, as `simulator.estate.columns` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.faults import FAULTS, Effect, FaultKind
from simulator.estate.columns import Columns, Levels
from simulator.estate.continuity import lowest_level
from simulator.estate.graph import FUNCTION_PREFIX, CompiledEstate, Node, Role, compile_estate
from simulator.estate.health import WHOLE, Settling, capacity_limits, own_state
from simulator.estate.recovery import duration_of
from timeline.instants import HOUR
from topologies.estate import BusinessFunction, Component, Estate, Site
from topologies.shared_fate import COPIED, SharedThing, fault_targets

_CASES_AT_ONCE = 128
"""Bounds memory: levels are an array of nodes by this many cases."""
_USUAL_WORST = 0.9
"""Percentile of durations."""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of fault on one target: what it leaves of each node that it hits, and where it can be mended."""

    target: str
    kind: FaultKind
    effect: Effect
    hits: dict[Node, Effect]
    sits: tuple[Node, ...]
    copied: bool = False
    """To be mended at each node where it sits."""


@dataclass(frozen=True, slots=True)
class FaultImpact:
    """What one fault does.  Recovery times are in milliseconds, None where no way back is documented."""

    target: str
    fault: str
    lost: dict[str, int | None]
    """Functions lost until people act, with their technical recovery, in the order of the file."""
    lost_for_good: tuple[str, ...]
    """Those that no standby saves: they wait until the fault is ended."""
    rto_at_risk: tuple[str, ...]
    blast_radius: int
    """Components and sites besides the target that no longer serve all that they should."""

    def loss(self, functions: dict[str, BusinessFunction]) -> float | None:
        """Financial loss until technical recovery, in the currency of the estate; None where a time or a rate of a lost
        function is unknown."""
        total = 0.0
        for id, recovery_ms in self.lost.items():
            rate = functions[id].loss_per_hour
            if rate is None or recovery_ms is None:
                return None
            total += rate * recovery_ms / HOUR
        return total


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """A thing whose loss takes functions with it, whatever standby there is."""

    target: str
    functions: tuple[str, ...]
    """Lost by any of its faults."""
    expected_loss: float | None
    """Each time that the costliest of its faults happens, of those whose recovery and loss rates are known."""
    costliest: str | None
    undocumented: tuple[str, ...]
    """Kinds of fault whose loss cannot be told."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """All faults of an estate, and its single points of failure, the costliest first, unknown costs last."""

    faults: tuple[FaultImpact, ...]
    single_points: tuple[SinglePoint, ...]


def assess(estate: Estate, *, only: str | None = None) -> Assessment:
    """Every fault of the catalogue, or of the one kind named `only`, on everything that it fits.

    Raises KeyError for a kind that does not exist.
    """
    compiled = compile_estate(estate)
    load_as_in_the_busiest_hour(estate, compiled)
    wanted = FAULTS.values() if only is None else [FAULTS[only]]
    kinds = {kind: at_last(kind.effect_of(kind.typical)) for kind in wanted}
    things = fault_targets(estate)
    ordered = {id: things[id] for id in (*(id for id in compiled.nodes if id in things), *things)}
    cases = [
        case_of(compiled, id, thing, kind, effect)
        for id, thing in ordered.items()
        for kind, effect in kinds.items()
        if kind.applies_to(thing) and not kind.of_people
    ]
    columns = Columns(compiled)
    impacts: list[FaultImpact] = []
    for start in range(0, len(cases), _CASES_AT_ONCE):
        impacts += _settled(estate, compiled, columns, cases[start : start + _CASES_AT_ONCE])
    return Assessment(tuple(impacts), _single_points(estate, impacts))


def at_last(effect: Effect) -> Effect:
    """What an effect turns into in the end."""
    while effect.later is not None:
        effect = effect.later[1]
    return effect


def case_of(
    compiled: CompiledEstate, id: str, thing: Component | Site | SharedThing, kind: FaultKind, effect: Effect
) -> Case:
    """A kind of fault on the thing of that id, with an effect."""
    if isinstance(thing, SharedThing):
        part_of = {compiled[member]: how.replicas for member, how in thing.members.items()}
        hits = {node: effect if count is None else effect.on_replicas(count) for node, count in part_of.items()}
        return Case(id, kind, effect, hits, tuple(part_of), thing.kind in COPIED)
    target = compiled[id]
    if not kind.inside:
        return Case(id, kind, effect, {target: effect}, (target,))
    inside = [n for n in compiled.nodes.values() if n.component is not None and n.component.site == id]
    return Case(id, kind, effect, dict.fromkeys(inside, effect), (target,))


def load_as_in_the_busiest_hour(estate: Estate, compiled: CompiledEstate) -> None:
    """Puts every function's demand on at its peak."""
    for spec in estate.functions.values():
        if spec.demand is not None:
            compiled[spec.demand.entry].external_rps += spec.demand.peak_rps
    Settling(lambda _: [], lambda _: None, lambda _: None).settle(compiled.nodes.values())


def _settled(
    estate: Estate, compiled: CompiledEstate, columns: Columns, cases: Sequence[Case]
) -> Iterator[FaultImpact]:
    own = columns.untouched(len(cases))
    own_touched = np.zeros(len(cases), dtype=np.intp)
    for number, case in enumerate(cases):
        for node, effect in case.hits.items():
            own[columns.number[node.id], number] = left = left_of(node, effect)
            own_touched[number] += left < WHOLE
    waiting, switched = columns.settle(own), columns.settle(own, switched=True)
    counted = [n for id, n in columns.number.items() if compiled[id].role in (Role.COMPONENT, Role.SITE)]
    touched = (waiting[counted] < WHOLE).sum(axis=0) - own_touched
    lost, stays = _lost_functions(estate, columns, waiting), _lost_functions(estate, columns, switched)
    switching_ms = _switching_ms(compiled, columns, waiting, switched)
    ids = list(estate.functions)
    for number, case in enumerate(cases):
        clearing_ms = _clearing_ms(case)
        sooner_ms = _sooner(clearing_ms, int(switching_ms[number]))
        recovery = {
            ids[function]: clearing_ms if stays[function, number] else sooner_ms
            for function in np.flatnonzero(lost[:, number]).tolist()
        }
        yield FaultImpact(
            target=case.target,
            fault=case.kind.id,
            lost=recovery,
            lost_for_good=tuple(ids[function] for function in np.flatnonzero(stays[:, number]).tolist()),
            rto_at_risk=tuple(id for id, ms in recovery.items() if _at_risk(estate.functions[id].rto, ms)),
            blast_radius=int(touched[number]),
        )


def left_of(node: Node, effect: Effect) -> float:
    """What an effect leaves of a node by itself, under the load of the busiest hour: nothing where nobody reaches it.

    (What is cut off from a few only does not occur: usual partitions cut off from everybody.)
    """
    if effect.between is not None:
        return 0.0 if effect.between.inward and effect.down else 1 - effect.error_ratio
    own = own_state(node, [effect])
    admitted, _ = capacity_limits(node, own)
    return admitted * (1 - own.errors)


def _lost_functions(estate: Estate, columns: Columns, levels: Levels) -> npt.NDArray[np.bool_]:
    """Function x case: whether it is below its minimum."""
    functions = levels[[columns.number[FUNCTION_PREFIX + id] for id in estate.functions]]
    lowest = np.array([lowest_level(spec) for spec in estate.functions.values()])
    return functions < lowest[:, None]


def _switching_ms(compiled: CompiledEstate, columns: Columns, waiting: Levels, switched: Levels) -> Levels:
    """For each case the slowest of the switches by hand that are due in it."""
    slowest = np.zeros(waiting.shape[1])
    for node in compiled.nodes.values():
        pair = node.pair
        if pair is not None and pair.fail_over is not None and pair.fail_over.mode == "manual":
            number = columns.number[node.id]
            due = waiting[number] < switched[number]
            slowest = np.maximum(slowest, due * pair.fail_over.takes.quantile(_USUAL_WORST))
    return slowest


def _clearing_ms(case: Case) -> int | None:
    """Until it is mended: at the node where that is quickest, or at each of them where each has a copy."""
    times = [_mending_ms(case, node) for node in case.sits]
    known = [ms for ms in times if ms is not None]
    if case.copied:
        return max(known) if known and len(known) == len(times) else None
    return min(known, default=None)


def _mending_ms(case: Case, node: Node) -> int | None:
    durations = [duration_of(action, node) for action in case.kind.cleared_by]
    known = [duration.quantile(_USUAL_WORST) for duration in durations if duration is not None]
    if not known:
        return None
    start_up = node.component.recovery.start_up if node.component else None
    needs_start = case.effect.needs_start_up and start_up is not None
    return min(known) + (start_up.quantile(_USUAL_WORST) if needs_start and start_up is not None else 0)


def _sooner(clearing_ms: int | None, switching_ms: int) -> int:
    return switching_ms if clearing_ms is None else min(clearing_ms, switching_ms)


def _at_risk(rto_ms: int | None, recovery_ms: int | None) -> bool:
    return rto_ms is not None and (recovery_ms is None or recovery_ms > rto_ms)


def _single_points(estate: Estate, impacts: Sequence[FaultImpact]) -> tuple[SinglePoint, ...]:
    by_target: dict[str, list[FaultImpact]] = {}
    for impact in impacts:
        if impact.lost_for_good:
            by_target.setdefault(impact.target, []).append(impact)
    points = [_single_point(estate, target, of_target) for target, of_target in by_target.items()]
    return tuple(sorted(points, key=lambda p: (p.expected_loss or 0.0, len(p.functions)), reverse=True))


def _single_point(estate: Estate, target: str, impacts: Sequence[FaultImpact]) -> SinglePoint:
    losses = {impact.fault: impact.loss(estate.functions) for impact in impacts}
    known = {fault: loss for fault, loss in losses.items() if loss is not None}
    costliest = max(known, key=known.__getitem__, default=None)
    lost = {id for impact in impacts for id in impact.lost_for_good}
    return SinglePoint(
        target,
        tuple(id for id in estate.functions if id in lost),
        None if costliest is None else known[costliest],
        costliest,
        tuple(fault for fault in losses if fault not in known),
    )
