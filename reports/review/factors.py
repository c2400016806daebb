"""What made an incident worse or longer: each contributing factor read off the timeline, with its evidence.

The list of factors is closed, so that two reviews can be compared.  Each has the measure by which a later exercise
shows whether what was done about it helped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reports.index import FaultSpan, FunctionSpan, Incident, TimelineIndex, detail_of
from reports.measures.governance import approval_wait
from reports.measures.service_levels import promises
from reports.milestones import Milestone, of_fault
from reports.quantities import write_ms, write_seconds
from reports.review.model import Factor
from timeline.details import (
    CommandDetail,
    DataLossDetail,
    DiagnosisDetail,
    PageDetail,
    RoleDetail,
    TaskDetail,
)
from timeline.events import Event
from timeline.instants import MINUTE

_LATE_RATIO = 0.25
"""Detection that takes more of the shortest RTO than this is late."""
_WAITED_S = 300.0
"""Approvals that together took less than this are part of the work."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a review is about: an incident, the faults behind it that hurt, and what they hurt."""

    index: TimelineIndex
    incident: Incident
    faults: Sequence[FaultSpan]
    hurt: Sequence[FunctionSpan]

    def is_about(self, incident: str | None) -> bool:
        """Whether an event of that incident belongs here."""
        root = self.index.root_of(incident) if incident is not None else None
        return root is self.incident

    def of_kind(self, *kinds: str) -> list[Event]:
        """Events of these kinds whose detail names the incident, or what was merged into it."""
        return [e for e in self.index.of_kind(*kinds) if self.is_about(getattr(e.detail, "incident", None))]


Found = tuple[str, Iterable[int]]
"""A sentence, and the events that it rests on."""


@dataclass(frozen=True, slots=True)
class FactorKind:
    """One factor of the list: its title, what to do about it, and the measure that shows whether that helped."""

    id: str
    title: str
    remedy: str
    measure: str | None
    find: Callable[[Looked], Found | None]
    slows: tuple[str, ...] = ()
    """What time is spent on because of it, as `critical_path.waited_for` calls it."""


def factors_of(looked: Looked) -> list[Factor]:
    """The factors that contributed, in the order of the list."""
    found = []
    for kind in FACTORS.values():
        if (answer := kind.find(looked)) is not None:
            text, evidence = answer
            found.append(Factor(id=kind.id, title=kind.title, text=text, evidence=tuple(sorted(set(evidence)))))
    return found


def unalerted(looked: Looked) -> list[FaultSpan]:
    """Faults that hurt the business and that no alert told of."""
    return [f for f in looked.faults if of_fault(looked.index, f, Milestone.ALERTED) is None]


def _no_alert(looked: Looked) -> Found | None:
    silent = unalerted(looked)
    if not silent or not looked.index.tells("alert.firing"):
        return None
    named = ", ".join(f"{span.detail.fault} on {span.detail.target}" for span in silent)
    return f"No alert ever told of {named}", [span.begun.seq for span in silent]


def _late_detection(looked: Looked) -> Found | None:
    rto_ms = min((s.detail.rto_ms for s in looked.hurt if s.detail.rto_ms is not None), default=None)
    worst: tuple[int, Event, Event] | None = None
    for fault in looked.faults:
        impact = of_fault(looked.index, fault, Milestone.IMPACT)
        detected = of_fault(looked.index, fault, Milestone.DETECTED)
        if impact is not None and detected is not None:
            took_ms = detected.at_ms - impact.at_ms
            if worst is None or took_ms > worst[0]:
                worst = took_ms, impact, detected
    if rto_ms is None or worst is None or worst[0] <= _LATE_RATIO * rto_ms:
        return None
    took_ms, impact, detected = worst
    text = f"It took {write_ms(took_ms)} until a human knew, of a shortest RTO of {write_ms(rto_ms)}"
    return text, (impact.seq, detected.seq)


def _users_first(looked: Looked) -> Found | None:
    reports = [e for e in looked.index.of_kind("report.received") if _behind(looked, e)]
    pages = [e for e in looked.of_kind("page.delivered") if _behind(looked, e)]
    if not reports or (pages and pages[0].seq < reports[0].seq):
        return None
    earlier = f", {write_ms(pages[0].at_ms - reports[0].at_ms)} before anybody was paged" if pages else ""
    return f"Users noticed first{earlier}", [reports[0].seq, *(e.seq for e in pages[:1])]


def _missed_pages(looked: Looked) -> Found | None:
    missed = looked.of_kind("page.unanswered", "page.exhausted")
    if not missed:
        return None
    people = dict.fromkeys(p for e in missed if (p := detail_of(e, PageDetail).person))
    exhausted = sum(e.kind == "page.exhausted" for e in missed)
    text = f"{len(missed) - exhausted} pages were not answered in their time ({', '.join(people)})"
    return text + (f"; {exhausted} calls reached nobody at all" if exhausted else ""), [e.seq for e in missed]


def _channel_failed(looked: Looked) -> Found | None:
    failed = looked.of_kind("page.failed", "update.failed")
    if not failed:
        return None
    return f"{len(failed)} pages or updates did not get through", [e.seq for e in failed]


def _monitoring_down(looked: Looked) -> Found | None:
    stopped = [e for e in looked.index.of_kind("monitoring.stopped") if _behind(looked, e)]
    if not stopped:
        return None
    return f"Monitoring went down with it: {', '.join(dict.fromkeys(e.subject.id for e in stopped))}", [
        e.seq for e in stopped
    ]


def _roles_unfilled(looked: Looked) -> Found | None:
    unfilled = looked.of_kind("role.unfilled")
    if not unfilled:
        return None
    roles = dict.fromkeys(detail_of(e, RoleDetail).role for e in unfilled)
    return f"Nobody could be reached for {', '.join(roles)}", [e.seq for e in unfilled]


def _wrong_hypotheses(looked: Looked) -> Found | None:
    truth = {f"{span.detail.fault} on {span.detail.target}" for span in looked.index.faults}
    if not looked.index.tells("fault.started"):
        return None
    concluded = looked.of_kind("diagnosis.concluded")
    wrong = [e for e in concluded if detail_of(e, DiagnosisDetail).finding not in truth]
    vain = [
        e
        for e in looked.of_kind("diagnosis.checked")
        if detail_of(e, DiagnosisDetail).finding in ("nothing wrong", "inconclusive")
    ]
    if not wrong and len(vain) <= len(concluded):
        return None
    text = f"{len(vain)} checks looked in the wrong place or told nothing"
    if wrong:
        text += f"; found and not true: {', '.join(str(detail_of(e, DiagnosisDetail).finding) for e in wrong)}"
    return text, [e.seq for e in (*vain, *wrong)]


def _handed_off(looked: Looked) -> Found | None:
    handed = looked.of_kind("diagnosis.handed_off")
    if not handed:
        return None
    return f"The search changed hands {len(handed)} times, and a part of what was known was lost each time", [
        e.seq for e in handed
    ]


def _approvals(looked: Looked) -> Found | None:
    asked = {e.seq for e in looked.of_kind("approval.requested")}
    waits = [s for s in approval_wait(looked.index) if s.evidence[0] in asked]
    total_s = sum(s.value for s in waits)
    if total_s < _WAITED_S:
        return None
    text = f"{len(waits)} approvals took {write_seconds(total_s)} together"
    return text, [seq for s in waits for seq in s.evidence]


def _not_in_playbook(looked: Looked) -> Found | None:
    """Actions that ended a fault and that no task of the playbook had foreseen."""
    index = looked.index
    if not index.exercise.tasks:
        return None
    found = []
    for span in looked.faults:
        if span.ended is None:
            continue
        commands = [index.events[c] for c in span.ended.causes if index.events[c].family == "command"]
        for command in commands:
            ordered = next((e for e in _order_behind(index, command) if e.kind == "command.submitted"), command)
            if not any(index.events[c].kind == "task.started" for c in _near(index, ordered)):
                found.append(ordered)
    if not found:
        return None
    named = ", ".join(dict.fromkeys(_action_in_words(e) for e in found))
    return f"What ended it stands in no playbook: {named}", [e.seq for e in found]


def _action_in_words(event: Event) -> str:
    detail = detail_of(event, CommandDetail)
    return f"{detail.action} of {detail.target}"


def _order_behind(index: TimelineIndex, command: Event) -> Iterator[Event]:
    yield from (index.events[c] for c in command.causes if index.events[c].family == "command")


def _near(index: TimelineIndex, ordered: Event) -> set[int]:
    """What an order followed from, over the approvals that it needed."""
    seen: set[int] = set()
    frontier = list(ordered.causes)
    while frontier:
        seq = frontier.pop()
        if seq not in seen:
            seen.add(seq)
            if index.events[seq].family in ("approval", "page", "vendor"):
                frontier.extend(index.events[seq].causes)
    return seen


def _tasks_failed(looked: Looked) -> Found | None:
    failed = looked.of_kind("task.failed", "task.skipped")
    if not failed:
        return None
    named = ", ".join(dict.fromkeys(detail_of(e, TaskDetail).title for e in failed))
    return f"Tasks of the playbook that failed or were never begun: {named}", [e.seq for e in failed]


def _actions_failed(looked: Looked) -> Found | None:
    kinds = ("command.failed", "command.refused", "recovery.workaround_failed", "recovery.rejected")
    failed = [e for e in looked.index.of_kind(*kinds) if _behind(looked, e)]
    if not failed:
        return None
    return f"{len(failed)} actions came to nothing or were refused", [e.seq for e in failed]


def _vendors_late(looked: Looked) -> Found | None:
    engaged = looked.of_kind("vendor.obliged")
    waits: list[tuple[int, Event, Event]] = []
    for called in engaged:
        answered = next(
            (e for e in looked.of_kind("page.acknowledged") if e.subject == called.subject and e.seq > called.seq), None
        )
        if answered is not None and answered.at_ms - called.at_ms > 30 * MINUTE:
            waits.append((answered.at_ms - called.at_ms, called, answered))
    if not waits:
        return None
    longest = max(waits, key=lambda wait: wait[0])
    text = f"{longest[1].subject.id} came {write_ms(longest[0])} after it had been called"
    return text, [e.seq for _, called, answered in waits for e in (called, answered)]


def _promises_broken(looked: Looked) -> Found | None:
    until_ms = looked.index.until_ms
    broken = [p for p in promises(looked.index) if p.incident is looked.incident and p.is_over(until_ms)]
    if not broken:
        return None
    named = ", ".join(f"to {p.detail.promise} ({p.detail.severity})" for p in broken)
    return f"Service levels that were not kept: {named}", [seq for p in broken for seq in p.evidence()]


def _data_lost(looked: Looked) -> Found | None:
    lost = [
        e for e in looked.index.of_kind("data.lost") if _behind(looked, e) and detail_of(e, DataLossDetail).lost_ms > 0
    ]
    if not lost:
        return None
    most = max(lost, key=lambda e: detail_of(e, DataLossDetail).lost_ms)
    detail = detail_of(most, DataLossDetail)
    return f"Up to {write_ms(detail.lost_ms)} of data were lost ({most.subject.id})", [e.seq for e in lost]


def _reopened(looked: Looked) -> Found | None:
    again = [e for e in looked.index.of_kind("incident.reopened") if e.subject == looked.incident.subject]
    return (f"It came back {len(again)} times after it had been resolved", [e.seq for e in again]) if again else None


def _behind(looked: Looked, event: Event) -> bool:
    return any(looked.index.causality.is_behind(fault.number, event) for fault in looked.faults)


_ALL = (
    FactorKind("no-alert", "No alert", "Alert on it", "time_to_detect", _no_alert, ("monitoring", "users' reports")),
    FactorKind(
        "late-detection",
        "Late detection",
        "Notice it sooner",
        "time_to_detect",
        _late_detection,
        ("monitoring", "paging"),
    ),
    FactorKind(
        "users-first",
        "Users noticed first",
        "Notice it before users do",
        "detected_before_users",
        _users_first,
        ("users' reports",),
    ),
    FactorKind(
        "missed-pages",
        "Missed pages",
        "Reach people at that hour",
        "time_to_acknowledge",
        _missed_pages,
        ("paging", "waiting for an answer", "filling roles"),
    ),
    FactorKind(
        "channel-failed",
        "Messages that did not arrive",
        "Add a way to reach people",
        None,
        _channel_failed,
        ("paging",),
    ),
    FactorKind(
        "monitoring-down",
        "Monitoring failed with it",
        "Keep monitoring apart from what it watches",
        "time_to_detect",
        _monitoring_down,
        ("monitoring",),
    ),
    FactorKind(
        "roles-unfilled", "Roles without anybody", "Name more deputies", None, _roles_unfilled, ("filling roles",)
    ),
    FactorKind(
        "wrong-hypotheses",
        "Looked in the wrong place",
        "Make alerts and dashboards point at the cause",
        "time_to_find_cause",
        _wrong_hypotheses,
        ("finding the cause",),
    ),
    FactorKind(
        "handed-off",
        "Search changed hands",
        "Page the owner of the cause first",
        "time_to_find_cause",
        _handed_off,
        ("finding the cause", "triage"),
    ),
    FactorKind(
        "approval-wait", "Waited for approval", "Delegate the approval", "approval_wait", _approvals, ("approval",)
    ),
    FactorKind(
        "not-in-playbook",
        "Not in the playbook",
        "Write the step into the playbook",
        "time_to_mitigate",
        _not_in_playbook,
        ("deciding", "steps before"),
    ),
    FactorKind(
        "tasks-failed",
        "Tasks that failed",
        "Mend the steps of the playbook that failed",
        "time_to_mitigate",
        _tasks_failed,
        ("work of people", "steps before"),
    ),
    FactorKind(
        "actions-failed",
        "Actions in vain",
        "Find out why the action did not help",
        "time_to_mitigate",
        _actions_failed,
        ("technical action",),
    ),
    FactorKind(
        "vendors-late",
        "Third parties late",
        "Renegotiate, or do without",
        "vendor_sla_breaches",
        _vendors_late,
        ("third parties",),
    ),
    FactorKind("promises-broken", "Service levels broken", "Escalate sooner", "sla_attainment", _promises_broken),
    FactorKind("data-lost", "Data lost", "Copy data more often", "rpo_met", _data_lost),
    FactorKind("reopened", "It came back", "Verify longer before resolving", None, _reopened),
)
FACTORS = {kind.id: kind for kind in _ALL}
