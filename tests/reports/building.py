"""Timelines for tests, one line an event: minutes, kind, subject, the events it follows from, and what is special.

story = Story(functions=["payments"])
fault = story.add(0, "fault.started", "fault:crash")
story.add(2, "alert.firing", "alert:DatabaseDown", fault)
scores = score(story.end(60))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from timeline.details import (
    ExerciseDetail,
    FaultMode,
    FunctionAnalysis,
    ObjectiveDetail,
    ObjectiveOfService,
    PageEntryState,
    PlaybookTask,
    RecordedMoment,
    Target,
)
from timeline.events import DETAIL_OF_KIND, Event
from timeline.instants import MINUTE
from timeline.journal import Timeline
from timeline.log_lines import LogLine
from timeline.references import SCENARIO, Reference
from timeline.workflow_details import FunctionClients, ProblemRule, SeverityRow, StageTrigger

EPOCH = "2026-03-14T02:10:00+01:00"

_USUAL: dict[str, dict[str, Any]] = {
    "FaultDetail": {"fault": "crash", "target": "db", "ended_by": "restart"},
    "HealthDetail": {"state": "down", "level_ratio": 0.0},
    "SignalDetail": {"signal": "latency", "value": 1.0},
    "FlowDetail": {"component": "db", "dependency": "store", "replicas": 2, "ratio": 0.5},
    "FunctionDetail": {"level_ratio": 0.0, "rto_ms": 60 * MINUTE, "rpo_ms": MINUTE, "mtpd_ms": None},
    "WorkplaceDetail": {"people": 12, "reason": "gas"},
    "StaffDetail": {
        "need": "clerk",
        "present": 0,
        "needed": 10,
        "minimum": 4,
        "remote": 0,
        "alternate": 0,
        "travelling": 0,
        "waiting": 10,
        "absent": 0,
        "level_ratio": 0.0,
    },
    "RelocationDetail": {"function": "payments", "need": "clerk", "to": "remote", "people": 4},
    "FallbackDetail": {"title": "by hand", "throughput_ratio": 0.4},
    "BacklogDetail": {"work_ms": 0, "rate_ratio": 1.0, "level_ratio": 0.0},
    "CrisisDetail": {"incident": "i1", "roles": ("crisis-director", "scribe"), "quorum": 2},
    "DataLossDetail": {"component": "ledger", "lost_ms": 30_000, "transactions": 900.0},
    "CorruptionDetail": {"data": "ledger", "since_ms": 0, "by": "job"},
    "ConsistencyDetail": {"data": "ledger", "other": "queue", "transactions": 900.0, "consistent_ratio": 0.9},
    "ConflictDetail": {"data": "ledger", "former": "a", "lasted_ms": 60_000, "transactions": 70.0, "ended_by": "link"},
    "ReconciliationDetail": {"data": "ledger", "transactions": 900.0, "recovered": 890.0, "took_ms": 60_000},
    "RecoveryDetail": {"target": "ledger", "copy": "nightly@1", "as_of_ms": 0, "took_ms": 60_000},
    "AlertDetail": {"name": "A", "labels": (), "annotations": (), "value": 1.0, "active_at_ms": 0, "fingerprint": "a"},
    "NotificationDetail": {"receiver": "team", "group_key": "g", "status": "firing", "alerts": ("A",)},
    "PageDetail": {"incident": "i1", "person": "duty-1", "channel": "push"},
    "IncidentDetail": {"state": "open", "severity": "sev1", "source": "alert", "team": "ops"},
    "RoleDetail": {"incident": "i1", "role": "incident-manager", "person": "duty-1"},
    "SpanDetail": {"incident": "i1", "role": "incident-manager", "person": "duty-1", "led": 7, "at_most": 5},
    "HandoverDetail": {"incident": "i1", "role": "incident-manager", "giver": "duty-1", "taker": "duty-2"},
    "SituationDetail": {"incident": "i1", "by": "duty-1", "due_at_ms": 0, "next_due_at_ms": 30 * MINUTE},
    "RecordDetail": {"incident": "i1", "decision": 0, "scribe": "duty-2"},
    "BoardDetail": {"incident": "i1", "roles": ("incident-manager", "scribe"), "quorum": 2},
    "AccessDetail": {"incident": "i1", "person": "duty-1", "clearance": "internal", "needed": "restricted"},
    "DiagnosisDetail": {
        "incident": "i1",
        "person": "duty-1",
        "candidates_left": 3,
        "checked": "db",
        "finding": "crash on db",
    },
    "TriageDetail": {"incident": "i1", "mode": "storage", "confidence": 0.9, "because": "disk-words"},
    "EnrichmentDetail": {"incident": "i1", "lines": (LogLine("db", "process exited"),)},
    "PlaybookDetail": {"incident": "i1", "title": "a playbook"},
    "TaskDetail": {"title": "a task", "incident": "i1", "person": "duty-1"},
    "ApprovalDetail": {
        "action": "fail-over",
        "requested_by": "duty-1",
        "approver": "boss",
        "incident": "i1",
        "due_at_ms": 60 * MINUTE,
    },
    "DecisionDetail": {"incident": "i1", "question": "?", "options": ("a", "b"), "chosen": "a", "by": "boss"},
    "CommandDetail": {"action": "fail-over", "target": "db", "incident": "i1"},
    "ClassificationDetail": {"obligation": "dora", "applies": True, "met": ("clients",), "unknown": ()},
    "ObligationDetail": {
        "obligation": "dora",
        "report": "initial",
        "title": "Initial notification",
        "incident": "i1",
        "due_at_ms": 240 * MINUTE,
    },
    "ContractDetail": {
        "incident": "i1",
        "vendor": "cloud",
        "severity": "sev1",
        "respond_by_ms": 30 * MINUTE,
        "restore_by_ms": 120 * MINUTE,
        "provides": ("db",),
        "covered": True,
    },
    "StatusPageDetail": {
        "entries": (PageEntryState("function:payments", "Payments", "operational"),),
        "audience": "customers",
        "major_below_ratio": 0.2,
        "incident": "i1",
    },
    "DisclosureDetail": {"audience": "customers", "rules": ("host-names",), "words": ("core-db-1",), "incident": "i1"},
    "CalloutDetail": {
        "title": "Everybody",
        "stakeholders": "staff",
        "people": 10,
        "target_ratio": 0.9,
        "due_at_ms": 60 * MINUTE,
        "incident": "i1",
    },
    "PriorityDetail": {"priority": "p1", "impact": "high", "urgency": "high"},
    "StageDetail": {"stage": "triaged", "previous": "assigned", "dwelt_ms": MINUTE, "severity": "sev1"},
    "WorkflowDetail": {"incident": "i1", "rule": "triaged/tell", "action": "notify", "target": "executives"},
    "ProblemDetail": {
        "state": "known-error",
        "title": "Why",
        "incidents": ("i1",),
        "person": "duty-1",
        "cause": "crash on db",
    },
    "IndicatorDetail": {"incident": "i1", "indicator": "ransom-note", "seen_in": "log", "where": "db"},
    "SecurityBridgeDetail": {"incident": "i1", "criterion": "ransomware", "indicators": ("ransom-note",)},
    "EvidenceDetail": {"target": "db", "fault": "f", "action": "restore"},
    "ServiceLevelDetail": {
        "agreement": "standard",
        "promise": "resolve",
        "incident": "i1",
        "severity": "sev1",
        "target_ms": 240 * MINUTE,
        "due_at_ms": 240 * MINUTE,
        "left_ms": 10 * MINUTE,
    },
    "ReviewDetail": {
        "incident": "i1",
        "method": "five-whys",
        "by": "lead",
        "due_at_ms": 0,
        "found": ("crash on db",),
        "about": "db is down",
    },
    "PublicationDetail": {"incident": "i1", "audience": "customers", "by": "lead", "waits_for": ("legal",)},
    "ActionDetail": {"incident": "i1", "title": "a second copy", "owner": "ops", "due_at_ms": 0},
    "RiskDetail": {"risk": "r1", "title": "loss of a database", "owner": "ops", "finding": "objectives met"},
    "MessageDetail": {"channel": "mail", "sender": "lead", "audience": "executives", "text": "news", "incident": "i1"},
}


def target(measure: str, **bounds: Any) -> Target:
    return Target(measure, **bounds)


def objective(id: str = "o", *targets: Target, tasks: Sequence[str] = (), weight: float = 1.0) -> ObjectiveDetail:
    return ObjectiveDetail(id, f"Objective {id}", weight, targets, tuple(tasks))


def planned(id: str, expected_min: float | None = None, *, critical: bool = True) -> PlaybookTask:
    return PlaybookTask(id, f"Task {id}", critical, None if expected_min is None else round(expected_min * MINUTE))


def recorded(milestone: str, at_min: float, *, fitted: bool = False) -> RecordedMoment:
    return RecordedMoment(milestone, round(at_min * MINUTE), "public report", fitted)


class Story:
    """An exercise under construction; it begins with `exercise.started`."""

    def __init__(
        self,
        *objectives: ObjectiveDetail,
        functions: Sequence[str] = (),
        tasks: Sequence[PlaybookTask] = (),
        record: Sequence[RecordedMoment] = (),
        evidence_class: str = "modelled",
        begins_min: float = 0,
        slos: Sequence[ObjectiveOfService] = (),
        analyses: Sequence[FunctionAnalysis] = (),
        modes: Mapping[str, str] | None = None,
        severities: Sequence[SeverityRow] = (),
        clients: Sequence[FunctionClients] = (),
        triggers: Sequence[StageTrigger] = (),
        problem_rule: ProblemRule | None = None,
    ) -> None:
        self.timeline = Timeline()
        detail = ExerciseDetail(
            scenario="test",
            title="A test",
            estate="lab",
            seed=1,
            epoch=EPOCH,
            duration_ms=480 * MINUTE,
            evidence_class=evidence_class,
            objectives=objectives,
            tasks=tuple(tasks),
            functions=tuple(functions),
            recorded=tuple(record),
            version="0",
            slos=tuple(slos),
            analyses=tuple(analyses),
            failure_modes=tuple(FaultMode(fault, mode) for fault, mode in (modes or {}).items()),
            severities=tuple(severities),
            clients=tuple(clients),
            stage_triggers=tuple(triggers),
            problem_rule=problem_rule,
        )
        self.started = self.timeline.emit(
            round(begins_min * MINUTE), "exercise.started", Reference.parse("exercise:test"), SCENARIO, detail
        )

    def add(
        self,
        minute: float,
        kind: str,
        subject: str,
        *causes: Event,
        actor: str = "system:test",
        rests_on: Sequence[str] = (),
        **fields: Any,
    ) -> Event:
        """Emits an event; `fields` are those of its detail that differ from the usual."""
        family = DETAIL_OF_KIND[kind]
        detail = family(**(_USUAL.get(family.__name__, {}) | fields))
        return self.timeline.emit(
            round(minute * MINUTE),
            kind,
            Reference.parse(subject),
            Reference.parse(actor),
            detail,
            [cause.seq for cause in causes],
            rests_on=rests_on,
        )

    def end(self, minute: float) -> Timeline:
        self.timeline.emit(
            round(minute * MINUTE), "exercise.ended", Reference.parse("exercise:test"), SCENARIO, causes=[0]
        )
        return self.timeline


def of_every_kind() -> Timeline:
    """One event of every kind that there is, each following from the one before it."""
    story = Story(
        objective("o", target("time_to_detect", at_most=60.0), tasks=["t"]),
        functions=["payments"],
        tasks=[planned("t", 20)],
        record=[recorded("detected", 5)],
    )
    subjects = {"fault": "fault:f", "function": "function:payments", "data": "function:payments", "task": "task:t"}
    subjects |= dict.fromkeys(("staff", "fallback", "backlog"), "function:payments")
    subjects |= {"incident": "incident:i1", "alert": "alert:A", "page": "person:duty-1", "signal": "function:payments"}
    last = story.started
    for minute, kind in enumerate(k for k in DETAIL_OF_KIND if not k.startswith("exercise.")):
        fields = {"parent": "i2"} if kind == "incident.merged" else {}
        last = story.add(minute, kind, subjects.get(kind.partition(".")[0], "component:db"), last, **fields)
    return story.end(len(DETAIL_OF_KIND))


def long_story(events: int) -> Timeline:
    """A fault with a function and then very many alerts that fire and end."""
    story = Story(objective("o", target("time_to_detect", at_most=600.0)), functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    down = story.add(1, "function.disrupted", "function:payments", fault)
    for number in range(events // 2):
        fired = story.add(2 + number / 1000, "alert.firing", f"alert:A{number % 40}", fault, fingerprint=str(number))
        story.add(2 + number / 1000, "alert.resolved", f"alert:A{number % 40}", fired, fingerprint=str(number))
    story.add(3 + events / 1000, "function.restored", "function:payments", down)
    return story.end(4 + events / 1000)
