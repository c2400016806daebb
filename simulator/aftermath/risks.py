"""What an exercise showed about the risks that it tried, written into the register by whoever answers for each."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import simpy

from simulator.aftermath.office import Office
from timeline.details import FunctionDetail, RiskDetail, RiskLink
from timeline.distributions import Distribution
from timeline.references import Reference, RefKind


def assess(office: Office, risks: Sequence[RiskLink], takes: Distribution) -> Generator[simpy.Event, Any, None]:
    """One risk after another.  A risk that no register knows, or that nobody owns, has no line to write into."""
    ended = next(e for e in reversed(office.kernel.timeline) if e.kind == "exercise.ended")
    finding = _finding(office)
    for risk in risks:
        if not risk.owner:
            continue
        yield from office.work(takes, f"risk/{risk.risk}", "assesses", ended.subject.id)
        office.kernel.emit(
            "risk.assessed",
            Reference(RefKind.RISK, risk.risk),
            Reference(RefKind.SYSTEM, "risk-register"),
            RiskDetail(risk.risk, risk.title, risk.owner, finding),
            [0, ended.seq],
            rests_on=("organisation.after_incident.risk_update",),
        )


def _finding(office: Office) -> str:
    """How the business came through, in a line."""
    down: dict[str, int] = {}
    disrupted: set[str] = set()
    late: set[str] = set()
    for event in office.kernel.timeline.of_kind("function.disrupted", "function.restored", "exercise.ended"):
        id = event.subject.id
        if event.kind == "function.disrupted":
            disrupted.add(id)
            assert isinstance(event.detail, FunctionDetail)
            if event.detail.rto_ms is not None:
                down.setdefault(id, event.at_ms + event.detail.rto_ms)
        elif event.kind == "function.restored":
            if (due_ms := down.pop(id, None)) is not None and event.at_ms > due_ms:
                late.add(id)
        else:
            late |= {id for id, due_ms in down.items() if event.at_ms > due_ms}
    if not disrupted:
        return "no function was disrupted"
    return f"{len(disrupted)} functions were disrupted, {len(late)} for longer than their RTO"
