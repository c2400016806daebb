"""Every kind of fault on everything of the shipped bank that it fits: it begins, it ends, and the bank is as before."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from scenarios.faults import FAULTS
from scenarios.models import ScenarioFault
from simulator.estate import ModelledEstate
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.signals import SignalBoard
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline
from topologies.loading.estate import load_topology
from topologies.shared_fate import fault_targets

NOON = datetime(2026, 3, 10, 11, 35, tzinfo=ZoneInfo("Europe/Vienna"))
BANK = load_topology("meridian-bank")
LASTS_MS = 40 * MINUTE
"""Long enough for what takes longest to show: a flood, a room that heats up."""
APART_MS = 100 * MINUTE
"""From one fault to the next: start-ups and batteries are over by then."""


def estate(until_ms: int) -> ModelledEstate:
    kernel = Kernel(Timeline(), Streams(1), NOON)
    made = ModelledEstate(
        kernel, BANK, SignalBoard(-2 * HOUR), lambda: None, lambda *_: None, lambda *_: None, until_ms=until_ms
    )
    made.start()
    return made


def cases(kind: str) -> list[str]:
    fitting = [id for id, thing in fault_targets(BANK).items() if FAULTS[kind].applies_to(thing)]
    return ["platform"] if kind == "staff-absence" else fitting


ELSEWHERE = {"cooling-loss", "job-failure", "rack-loss"}
"""The bank states no cooling, no batch jobs and no racks."""


@pytest.mark.parametrize("kind", sorted(set(FAULTS) - ELSEWHERE))
def test_it_begins_and_ends_on_whatever_it_fits(kind: str) -> None:
    targets = cases(kind) if not FAULTS[kind].permanent else cases(kind)[:1]
    made = estate((len(targets) + 1) * APART_MS)
    made.schedule(
        {
            f"on-{target}": ScenarioFault.model_validate(
                {
                    "fault": kind,
                    "target": target,
                    "at": f"{MINUTE + number * APART_MS}ms",
                    "duration": f"{LASTS_MS}ms",
                    "parameters": dict(FAULTS[kind].typical),
                }
            )
            for number, target in enumerate(targets)
        }
    )
    made.kernel.env.run(until=MINUTE + (len(targets) - 1) * APART_MS + LASTS_MS + APART_MS // 2)
    assert len(made.kernel.timeline.of_kind("fault.started")) == len(targets)
    if FAULTS[kind].permanent:
        return
    assert len(made.kernel.timeline.of_kind("fault.ended")) == len(targets)
    assert {id: round(node.level, 3) for id, node in made.compiled.nodes.items() if node.level < 0.999} == {}


def test_the_bank_has_something_for_every_other_kind() -> None:
    assert {kind for kind in FAULTS if not cases(kind)} == ELSEWHERE
