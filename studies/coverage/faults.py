"""Which faults are tried: every kind on everything that it fits, with the parameters of an expectation where there is
one and those that the catalogue calls typical otherwise.

A *case* is one fault, or for pairs two at once.  It is named `kind@target` (two of them joined by `+`), and by its
expectation too where several ask for the same fault with different parameters.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pydantic import ValidationError

from scenarios.faults import FAULTS, FaultKind
from scenarios.models import ScenarioFault
from topologies.estate import Estate
from topologies.expectations import Expectation
from topologies.shared_fate import fault_targets


@dataclass(frozen=True, slots=True)
class TriedFault:
    """One kind of fault on one target; `parameters` are those of an expectation, or typical ones."""

    kind: str
    target: str
    parameters: Mapping[str, Any]

    def scheduled(self, at_ms: int) -> ScenarioFault:
        """It begins at a moment and lasts."""
        return ScenarioFault.model_validate(
            {"fault": self.kind, "target": self.target, "at": f"{at_ms}ms", "parameters": dict(self.parameters)}
        )


@dataclass(frozen=True, slots=True)
class Case:
    """What is tried at once, and which expectations judge it.  `lasts_ms` is how long it is watched."""

    id: str
    faults: tuple[TriedFault, ...]
    expectations: tuple[str, ...]
    lasts_ms: int

    @property
    def is_pair(self) -> bool:
        return len(self.faults) > 1


@dataclass(frozen=True, slots=True)
class Untried:
    """A kind of fault that could not be tried, with the reason."""

    id: str
    reason: str


def single_cases(
    estate: Estate, expectations: Mapping[str, Expectation], lasts_ms: int, only: Collection[str] = ()
) -> tuple[list[Case], list[Untried]]:
    """Every fault of the catalogue on everything that it fits, and every fault that an expectation names.

    An expectation that waits longer than `lasts_ms` is watched for as long as it waits.  `only` names the kinds that
    are wanted, if not all.
    """
    cases: list[Case] = []
    untried: list[Untried] = []
    things = fault_targets(estate)
    for target, thing in sorted(things.items()):
        for kind in (FAULTS[id] for id in sorted(FAULTS) if (not only or id in only) and not FAULTS[id].of_people):
            expected = {id: e for id, e in expectations.items() if (e.fault, e.target) == (kind.id, target)}
            if not expected and not kind.applies_to(thing):
                continue
            for case in _cases(kind, target, expected, lasts_ms):
                reason = _refusal(kind, case.faults[0].parameters)
                if reason:
                    untried.append(Untried(case.id, reason))
                else:
                    cases.append(case)
    return cases, untried


def pair_cases(singles: list[Case]) -> list[Case]:
    """Every two of the faults that have expectations, at once."""
    expected = sorted((case for case in singles if case.expectations), key=lambda case: case.id)
    return [
        Case(
            f"{one.id}+{other.id}",
            one.faults + other.faults,
            one.expectations + other.expectations,
            max(one.lasts_ms, other.lasts_ms),
        )
        for one, other in combinations(expected, 2)
    ]


def _cases(kind: FaultKind, target: str, expected: Mapping[str, Expectation], lasts_ms: int) -> Iterator[Case]:
    by_parameters: dict[str, dict[str, Expectation]] = {}
    for id, expectation in sorted(expected.items()):
        by_parameters.setdefault(json.dumps(expectation.parameters, sort_keys=True), {})[id] = expectation
    name = f"{kind.id}@{target}"
    if not by_parameters:
        yield Case(name, (TriedFault(kind.id, target, kind.typical),), (), lasts_ms)
    for alike in by_parameters.values():
        first, *_ = alike
        parameters = alike[first].parameters or kind.typical
        yield Case(
            name if len(by_parameters) == 1 else f"{name}#{first}",
            (TriedFault(kind.id, target, parameters),),
            tuple(alike),
            max([lasts_ms, *(expectation.within for expectation in alike.values())]),
        )


def _refusal(kind: FaultKind, parameters: Mapping[str, Any]) -> str:
    """Why the kind does not take these parameters; empty when it does."""
    try:
        kind.effect_of(parameters)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(str(step) for step in first['loc']) or kind.id}: {first['msg']}"
    return ""
