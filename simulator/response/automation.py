"""Automations of the ITSM in a run: each watches each incident, and acts when its condition turns true.

An automation sees what the people and tools of the incident know.  It runs when its condition turns true, and again
when it has been false in between; of its own events it sees no more than of others'.  Two that undo each other's fields
would go on for ever: after `at_most` runs for one incident an automation is stopped, which is put on record once.
(`topologies.checks.automations` finds such a pair before anything runs.)
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from simulator.response.workflow import Order, Workflow
from timeline.references import automation
from timeline.workflow_details import StageDetail, WorkflowDetail
from topologies.automations import Automation
from topologies.lifecycle import Stage


class Automations:
    """Runs the automations of an organisation."""

    def __init__(self, room: Room, workflow: Workflow, rules: Mapping[str, Automation]) -> None:
        self._room = room
        self._workflow = workflow
        self._rules = rules

    def follow(self, case: Case) -> None:
        for id, rule in self._rules.items():
            self._room.kernel.env.process(self._watch(case, id, rule))

    def _watch(self, case: Case, id: str, rule: Automation) -> Generator[simpy.Event, Any, None]:
        held, runs, kernel = False, 0, self._room.kernel
        while case.parent is None:
            holds = self._holds(case, rule)
            if holds and not held:
                if runs == rule.at_most:
                    detail = WorkflowDetail(case.id, id, rule.do[0].name, reason=f"it has run {runs} times")
                    kernel.emit("automation.stopped", case.reference, automation(id), detail, [self._cause(case)])
                    return
                runs += 1
                kernel.env.process(self._act(case, id, rule, self._cause(case), runs))
            held = holds
            now, knowledge = kernel.now(), case.knowledge
            due = [moment - now for moment in rule.when.due_ms(knowledge) if moment > now]
            yield knowledge.news() | kernel.env.timeout(min(due)) if due else knowledge.news()

    def _holds(self, case: Case, rule: Automation) -> bool:
        in_stage = not rule.stages or self._stage(case) in rule.stages
        return in_stage and rule.when.holds(case.knowledge, self._room.kernel.now())

    def _stage(self, case: Case) -> Stage:
        """The stage that the record of the incident says; where stages are not kept, detected."""
        entered = [
            e.detail for e in case.knowledge.events_seen() if e.kind == "stage.entered" and e.subject == case.reference
        ]
        last = entered[-1] if entered else None
        return Stage(last.stage) if isinstance(last, StageDetail) else Stage.DETECTED

    def _act(self, case: Case, id: str, rule: Automation, cause: int, run: int) -> Generator[simpy.Event, Any, None]:
        for position, action in enumerate(rule.do):
            order = Order("automation", id, automation(id), cause, f"{case.id}/{id}/run-{run}/{position}", rule.channel)
            yield from self._workflow.carry_out(case, action, order)

    def _cause(self, case: Case) -> int:
        """What was learned last made the condition true."""
        return max((event.seq for event in case.knowledge.events_seen()), default=case.last_event)
