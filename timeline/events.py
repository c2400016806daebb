"""Events: everything that happens in an exercise, and the one vocabulary of their kinds.

An *event* has a number in its timeline (`seq`, from 0), a moment, a kind, a subject, an actor, a detail of the
family that its kind asks for, and its *causes*: numbers of earlier events without which it would not have
happened.  Causes make an acyclic graph from faults to scores.

Kinds are dotted, `family.what_happened`.  The first part also says which side an event belongs to:

- truth (`fault`, `signal`, `flow`, `function`, `workplace`, `staff`, `fallback`, `backlog`, `data`, `evidence`,
  `impact`): what is so, whoever knows it;
- monitoring (`alert`, `notification`, `monitoring`): what the machinery saw and sent;
- response (all others): what people and their tools did.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from timeline import details as d
from timeline import workflow_details as w
from timeline.log_lines import EnrichmentDetail
from timeline.playbooks import PlaybookDetail
from timeline.references import Reference
from timeline.triage import TriageDetail


class DataClass(StrEnum):
    """Who may read an event, from least to most confined."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


DETAIL_OF_KIND: dict[str, type] = {
    "exercise.started": d.ExerciseDetail,
    "exercise.ended": d.NoDetail,
    "fault.started": d.FaultDetail,
    "fault.spread": d.FaultDetail,
    "fault.ended": d.FaultDetail,
    "signal.health_changed": d.HealthDetail,
    "signal.changed": d.SignalDetail,
    "flow.breaker_opened": d.FlowDetail,
    "flow.breaker_probing": d.FlowDetail,
    "flow.breaker_closed": d.FlowDetail,
    "flow.cache_cold": d.FlowDetail,
    "flow.cache_warm": d.FlowDetail,
    "flow.scaled_out": d.FlowDetail,
    "flow.scaled_in": d.FlowDetail,
    "flow.replicas_ejected": d.FlowDetail,
    "flow.replicas_returned": d.FlowDetail,
    "flow.load_shed": d.FlowDetail,
    "flow.load_admitted": d.FlowDetail,
    "function.disrupted": d.FunctionDetail,
    "function.degraded": d.FunctionDetail,
    "function.restored": d.FunctionDetail,
    "workplace.closed": d.WorkplaceDetail,
    "workplace.evacuated": d.WorkplaceDetail,
    "workplace.reopened": d.WorkplaceDetail,
    "staff.relocating": d.RelocationDetail,
    "staff.short": d.StaffDetail,
    "staff.minimum_reached": d.StaffDetail,
    "staff.changed": d.StaffDetail,
    "fallback.started": d.FallbackDetail,
    "fallback.ended": d.FallbackDetail,
    "backlog.growing": d.BacklogDetail,
    "backlog.catching_up": d.BacklogDetail,
    "backlog.cleared": d.BacklogDetail,
    "data.lost": d.DataLossDetail,
    "data.corruption_found": d.CorruptionDetail,
    "data.corruption_carried": d.CorruptionDetail,
    "data.copies_destroyed": d.CorruptionDetail,
    "data.consistency_measured": d.ConsistencyDetail,
    "data.split_brain_began": d.ConflictDetail,
    "data.split_brain_ended": d.ConflictDetail,
    "data.reconciled": d.ReconciliationDetail,
    "recovery.copy_chosen": d.RecoveryDetail,
    "recovery.copy_unusable": d.RecoveryDetail,
    "recovery.loaded": d.RecoveryDetail,
    "recovery.verified": d.RecoveryDetail,
    "recovery.rejected": d.RecoveryDetail,
    "recovery.opened": d.RecoveryDetail,
    "recovery.checked": d.RecoveryDetail,
    "recovery.traced": d.RecoveryDetail,
    "recovery.workaround_applied": d.RecoveryDetail,
    "recovery.workaround_failed": d.RecoveryDetail,
    "recovery.rolled_back": d.RecoveryDetail,
    "recovery.no_quorum": d.RecoveryDetail,
    "recovery.fenced": d.RecoveryDetail,
    "impact.classified": d.ClassificationDetail,
    "monitoring.stopped": d.HealthDetail,
    "monitoring.resumed": d.HealthDetail,
    "alert.pending": d.AlertDetail,
    "alert.firing": d.AlertDetail,
    "alert.resolved": d.AlertDetail,
    "notification.sent": d.NotificationDetail,
    "notification.lost": d.NotificationDetail,
    "inject.delivered": d.MessageDetail,
    "report.received": d.MessageDetail,
    "alarm.raised": d.MessageDetail,
    "page.queued": d.PageDetail,
    "page.sent": d.PageDetail,
    "page.delivered": d.PageDetail,
    "page.failed": d.PageDetail,
    "page.acknowledged": d.PageDetail,
    "page.unanswered": d.PageDetail,
    "page.exhausted": d.PageDetail,
    "incident.opened": d.IncidentDetail,
    "incident.alert_attached": d.IncidentDetail,
    "incident.alert_damped": d.IncidentDetail,
    "incident.merged": d.IncidentDetail,
    "incident.triaged": d.IncidentDetail,
    "incident.assigned": d.IncidentDetail,
    "incident.reassigned": d.IncidentDetail,
    "incident.severity_changed": d.IncidentDetail,
    "incident.declared": d.IncidentDetail,
    "incident.mitigated": d.IncidentDetail,
    "incident.awaits_user": d.IncidentDetail,
    "incident.user_confirmed": d.IncidentDetail,
    "incident.reopened": d.IncidentDetail,
    "incident.resolved": d.IncidentDetail,
    "incident.closed": d.IncidentDetail,
    "triage.answered": TriageDetail,
    "triage.abstained": TriageDetail,
    "incident.prioritised": w.PriorityDetail,
    "stage.entered": w.StageDetail,
    "trigger.fired": w.WorkflowDetail,
    "trigger.failed": w.WorkflowDetail,
    "automation.acted": w.WorkflowDetail,
    "automation.failed": w.WorkflowDetail,
    "automation.stopped": w.WorkflowDetail,
    "problem.opened": w.ProblemDetail,
    "problem.incident_linked": w.ProblemDetail,
    "problem.analysed": w.ProblemDetail,
    "problem.root_cause_found": w.ProblemDetail,
    "problem.known_error": w.ProblemDetail,
    "problem.resolved": w.ProblemDetail,
    "indicator.seen": w.IndicatorDetail,
    "security.bridge_opened": w.SecurityBridgeDetail,
    "security.joined": w.SecurityBridgeDetail,
    "evidence.preserved": w.EvidenceDetail,
    "evidence.lost": w.EvidenceDetail,
    "role.assigned": d.RoleDetail,
    "role.unfilled": d.RoleDetail,
    "role.left": d.RoleDetail,
    "relief.called": d.RoleDetail,
    "handover.started": d.HandoverDetail,
    "handover.completed": d.HandoverDetail,
    "span.exceeded": d.SpanDetail,
    "span.kept": d.SpanDetail,
    "crisis.convened": d.CrisisDetail,
    "bridge.joined": d.RoleDetail,
    "bridge.left": d.RoleDetail,
    "situation.due": d.SituationDetail,
    "situation.reported": d.SituationDetail,
    "access.confined": d.AccessDetail,
    "access.refused": d.AccessDetail,
    "access.requested": d.AccessDetail,
    "access.granted": d.AccessDetail,
    "access.violated": d.AccessDetail,
    "ticket.enriched": EnrichmentDetail,
    "diagnosis.started": d.DiagnosisDetail,
    "diagnosis.checked": d.DiagnosisDetail,
    "diagnosis.handed_off": d.DiagnosisDetail,
    "diagnosis.concluded": d.DiagnosisDetail,
    "diagnosis.exhausted": d.DiagnosisDetail,
    "playbook.started": PlaybookDetail,
    "playbook.given_up": PlaybookDetail,
    "task.ready": d.TaskDetail,
    "task.started": d.TaskDetail,
    "task.completed": d.TaskDetail,
    "task.failed": d.TaskDetail,
    "task.repeated": d.TaskDetail,
    "task.escalated": d.TaskDetail,
    "task.skipped": d.TaskDetail,
    "approval.requested": d.ApprovalDetail,
    "approval.granted": d.ApprovalDetail,
    "approval.refused": d.ApprovalDetail,
    "approval.delegated": d.ApprovalDetail,
    "approval.bypassed": d.ApprovalDetail,
    "approval.retrospective_due": d.ApprovalDetail,
    "approval.retrospective_given": d.ApprovalDetail,
    "board.convened": d.BoardDetail,
    "decision.made": d.DecisionDetail,
    "decision.recorded": d.RecordDetail,
    "command.submitted": d.CommandDetail,
    "command.refused": d.CommandDetail,
    "command.completed": d.CommandDetail,
    "command.failed": d.CommandDetail,
    "update.due": d.MessageDetail,
    "update.sent": d.MessageDetail,
    "update.failed": d.MessageDetail,
    "update.owed": d.MessageDetail,
    "update.acknowledged": d.MessageDetail,
    "briefing.due": d.MessageDetail,
    "briefing.held": d.MessageDetail,
    "briefing.failed": d.MessageDetail,
    "text.flagged": d.DisclosureDetail,
    "text.disclosed": d.DisclosureDetail,
    "status_page.opened": d.StatusPageDetail,
    "status_page.posted": d.StatusPageDetail,
    "status_page.failed": d.StatusPageDetail,
    "callout.due": d.CalloutDetail,
    "callout.started": d.CalloutDetail,
    "callout.reached": d.CalloutDetail,
    "callout.failed": d.CalloutDetail,
    "callout.assessed": d.CalloutDetail,
    "loss.found": d.DataLossDetail,
    "vendor.obliged": d.ContractDetail,
    "obligation.classified": d.ClassificationDetail,
    "obligation.due": d.ObligationDetail,
    "obligation.filed": d.ObligationDetail,
    "obligation.failed": d.ObligationDetail,
    "sla.due": d.ServiceLevelDetail,
    "sla.paused": d.ServiceLevelDetail,
    "sla.escalated": d.ServiceLevelDetail,
    "sla.met": d.ServiceLevelDetail,
    "sla.breached": d.ServiceLevelDetail,
    "review.due": d.ReviewDetail,
    "review.asked_why": d.ReviewDetail,
    "review.completed": d.ReviewDetail,
    "review.approved": d.ReviewDetail,
    "review.authorised": d.ReviewDetail,
    "disclosure.drafted": d.PublicationDetail,
    "disclosure.withheld": d.PublicationDetail,
    "disclosure.published": d.PublicationDetail,
    "action.opened": d.ActionDetail,
    "action.closed": d.ActionDetail,
    "risk.assessed": d.RiskDetail,
    "aftermath.ended": d.NoDetail,
}
"""Each kind with its family of detail.  A kind that is not here does not exist."""

TRUTH = frozenset(
    {
        "exercise",
        "fault",
        "signal",
        "flow",
        "function",
        "workplace",
        "staff",
        "fallback",
        "backlog",
        "data",
        "evidence",
        "impact",
    }
)
"""Families that nobody in the response may read."""


@dataclass(frozen=True, slots=True)
class LiveStamp:
    """What drill and live events carry besides: wall-clock time, when it was seen, pace, and the hash chain."""

    wall: str
    observed_at_ms: int
    speed: float = 1.0
    prev_hash: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.  Raises ValueError when kind and detail do not belong together."""

    seq: int
    at_ms: int
    kind: str
    subject: Reference
    actor: Reference
    detail: object = field(default_factory=d.NoDetail)
    causes: tuple[int, ...] = ()
    data_class: DataClass = DataClass.INTERNAL
    rests_on: tuple[str, ...] = ()
    """Paths of the parameters (`organisation.people.p1.answer.night`) behind a draw that made this moment."""
    live: LiveStamp | None = None

    def __post_init__(self) -> None:
        family = DETAIL_OF_KIND.get(self.kind)
        if family is None:
            raise ValueError(f"{self.kind!r} is not a kind of event")
        if type(self.detail) is not family:
            raise ValueError(f"{self.kind} carries {family.__name__}, not {type(self.detail).__name__}")
        if any(cause >= self.seq for cause in self.causes):
            raise ValueError(f"event {self.seq} names a cause that does not come before it: {self.causes}")

    @property
    def family(self) -> str:
        return self.kind.partition(".")[0]
