"""A live plan: a scenario's faults on the real targets of a binding, with everything that will be done written out.

Making a plan reads (proofs, knobs) and changes nothing.  It is refused as a whole where any part of it is unsafe or
needs more than the budget; what no live fault can do on a target is listed, never dropped in silence.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from injectors.binding import Binding, Target
from injectors.faults import LiveFault
from injectors.faults.live import Prepared, Turn, of_kind
from injectors.identity import boot_ms
from injectors.knobs import KnobError
from injectors.proofs import Proven, prove
from injectors.refusals import require_harmless
from scenarios.models import ScenarioFault
from timeline.findings import InputError, SafetyRefused, nearest
from topologies.fields import Model

LONGEST_MS = 5 * 60_000
"""How long a fault lasts for which the scenario names no duration; each fault ends by itself."""
SLACK_MS = 60_000
"""For undoing, and for the steady state to come back."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault on one target."""

    id: str
    fault: LiveFault
    target: str
    parameters: Model
    at_ms: int
    duration_ms: int
    token: str
    description: str

    @property
    def until_ms(self) -> int:
        return self.at_ms + self.duration_ms


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fault of the scenario that is not done here, and why."""

    fault: str
    target: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What a run will do."""

    scenario: str
    binding: Binding
    faults: tuple[PlannedFault, ...]
    left_out: tuple[LeftOut, ...]
    proven: Mapping[str, Proven]
    """By target: who proved at planning time that it may be broken."""

    @property
    def length_ms(self) -> int:
        return max((fault.until_ms for fault in self.faults), default=0)

    @property
    def digest(self) -> str:
        """Names what will be done, for an approval: another fault, target, moment or binding gives another one."""
        what = {
            "scenario": self.scenario,
            "binding": self.binding.model_dump(mode="json"),
            "faults": [
                [f.id, f.fault.id, f.target, f.parameters.model_dump(mode="json"), f.at_ms, f.duration_ms]
                for f in self.faults
            ],
        }
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

    def target_of(self, fault: PlannedFault) -> Target:
        return self.binding.targets[fault.target]


def make_plan(title: str, faults: Mapping[str, ScenarioFault], binding: Binding) -> Plan:
    """Raises SafetyRefused where it must not be done, InputError where parameters of the binding are wrong."""
    require_harmless(binding)
    planned: list[PlannedFault] = []
    left_out: list[LeftOut] = []
    for name, wanted in sorted(faults.items(), key=lambda item: item[1].at):
        targets = [id for id, target in binding.targets.items() if wanted.target in (id, target.component)]
        replicas = wanted.parameters.get("replicas")
        if not targets:
            left_out.append(LeftOut(wanted.fault, wanted.target, "the binding has no target for it"))
        for id in targets[: replicas if isinstance(replicas, int) else None]:
            fault = _live_fault(wanted.fault, binding.targets[id])
            if fault is None:
                left_out.append(LeftOut(wanted.fault, id, _why_not(wanted.fault, binding.targets[id])))
                continue
            planned.append(_planned(f"{name}@{id}", wanted, fault, id, binding.targets[id]))
    if reasons := list(_beyond(binding, planned)):
        raise SafetyRefused(reasons)
    proven = {id: prove(id, binding.targets[id]) for id in dict.fromkeys(fault.target for fault in planned)}
    return Plan(title, binding, tuple(planned), tuple(left_out), proven)


def prepared(fault: PlannedFault, plan: Plan, proven: Proven, journal: Path) -> Prepared:
    """What the fault gets to know; what it starts ends by itself a little after the fault."""
    until = boot_ms() + fault.duration_ms + SLACK_MS
    return Prepared(fault.target, plan.target_of(fault), proven.process, fault.token, until, journal)


def turns_of(fault: PlannedFault, plan: Plan, proven: Proven, journal: Path) -> Sequence[Turn]:
    """The knobs that a fault turns, for the target as it is now.  Raises SafetyRefused and KnobError."""
    return fault.fault.turns(fault.parameters, prepared(fault, plan, proven, journal))


def dry_run(plan: Plan, journal: Path) -> Iterator[tuple[PlannedFault, Sequence[Turn] | str]]:
    """Each fault with the knobs that it would turn now, or why it could not."""
    for fault in plan.faults:
        try:
            yield fault, turns_of(fault, plan, plan.proven[fault.target], journal)
        except KnobError as error:
            yield fault, str(error)


def _live_fault(kind: str, target: Target) -> LiveFault | None:
    """The way that the binding chooses for the target, else the first that fits."""
    ways = of_kind(kind)
    chosen = [fault for fault in ways if fault.id in target.faults]
    return next((fault for fault in chosen or ways if fault.fits(target)), None)


def _why_not(kind: str, target: Target) -> str:
    ways = of_kind(kind)
    if not ways:
        return "there is no live fault of this kind"
    needs = "; ".join(
        f"{fault.id} needs {', '.join(part for part in fault.needs if not part.is_in(target)) or 'a disposable target'}"
        for fault in ways
    )
    return f"the target does not fit: {needs}"


def _planned(id: str, wanted: ScenarioFault, fault: LiveFault, target_id: str, target: Target) -> PlannedFault:
    duration = wanted.duration.median_ms if wanted.duration is not None else LONGEST_MS
    return PlannedFault(
        id,
        fault,
        target_id,
        _parameters(fault, wanted, target_id, target),
        max(0, wanted.at),
        duration,
        secrets.token_hex(12),
        wanted.description,
    )


def _parameters(fault: LiveFault, wanted: ScenarioFault, target_id: str, target: Target) -> Model:
    """Those of the binding for this way; else those of the scenario that have the same name."""
    given: dict[str, Any] = dict(target.faults.get(fault.id, {}))
    for name, value in wanted.parameters.items():
        if name in fault.parameters.model_fields:
            given.setdefault(name, value)
    try:
        return fault.parameters.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        hint = nearest(name, fault.parameters.model_fields) if first["type"] == "extra_forbidden" else ""
        raise InputError.single(
            "live.parameters", f"targets.{target_id}.faults.{fault.id}.{name}", str(first["msg"]), hint
        ) from None


def _beyond(binding: Binding, planned: Sequence[PlannedFault]) -> Iterator[str]:
    """What of the plan is beyond the budget."""
    budget = binding.budget
    targets = {fault.target for fault in planned}
    if len(planned) > budget.faults:
        yield f"The plan has {len(planned)} faults; the budget allows {budget.faults}."
    if len(targets) > budget.targets:
        yield f"The plan touches {len(targets)} targets; the budget allows {budget.targets}."
    minutes = max((fault.until_ms for fault in planned), default=0) / 60_000
    if minutes > budget.minutes:
        yield f"The plan takes {minutes:g} minutes; the budget allows {budget.minutes:g}."
    for fault in planned:
        together = [f for f in planned if f.at_ms <= fault.at_ms < f.until_ms]
        if len(together) > budget.at_once:
            names = ", ".join(f.id for f in together)
            yield f"{len(together)} faults at once ({names}); the budget allows {budget.at_once}."
            break
        component = binding.targets[fault.target].component
        of_it = [id for id, target in binding.targets.items() if target.component == component]
        hit = {f.target for f in together if f.target in of_it}
        if len(hit) > max(1 if budget.share > 0 else 0, int(budget.share * len(of_it))):
            yield f"{len(hit)} of {len(of_it)} targets of {component} at once; the budget allows {budget.share:.0%}."
            break
