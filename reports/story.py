"""A timeline told as a story: one plain sentence an event, for those who were not there.

Not every event is worth a sentence: repeated pages and the pulse of the machinery are left to the full list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.index import where_of
from timeline.events import Event
from timeline.instants import HOUR, MINUTE, SECOND, format_duration
from timeline.references import RefKind


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, the event that it tells, and the side that the event belongs to."""

    event: Event
    side: str
    text: str


def story(events: Iterable[Event]) -> list[Line]:
    """The sentences of a timeline, in order."""
    lines = []
    for event in events:
        tell = _SENTENCES.get(event.kind)
        if tell is not None:
            side, sentence = tell
            lines.append(Line(event, side, sentence(event.detail, event)))
    return lines


Sentence = Callable[[Any, Event], str]


def _name(event: Event) -> str:
    return event.subject.id


def _who(event: Event) -> str:
    return event.actor.id


def _is_system(event: Event) -> bool:
    """Whether a record names a tool, and nobody who did it."""
    return event.actor.kind is RefKind.SYSTEM


def _page(d: Any, e: Event) -> str:
    where = f" for {d.incident}" if e.subject.kind != "vendor" else ""
    return f"{d.person} is called over {d.channel or 'the usual way'}{where} ({d.purpose or 'page'})"


def _does(detail: Any) -> str:
    about = f" {detail.target}" if detail.target else ""
    return f"{detail.action}{about}{_if(detail.text, ': {}')}"


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}"


def _if(said: str | None, form: str) -> str:
    """Words around something that a record may not say."""
    return form.format(said) if said else ""


def _backlog(detail: Any) -> str:
    return f"{detail.work_ms / HOUR:.1f} hours of work"


def _met(detail: Any) -> str:
    return f" ({', '.join(detail.met)})" if detail.met else ""


def _loss(detail: Any) -> str:
    """A record may say how much and not where."""
    much = f"{_about(detail.lost_ms)} of data" if detail.lost_ms else "no data"
    return f"{much} on {detail.component}" if detail.component else much


def _lost(detail: Any) -> str:
    return f"{format_duration(detail.lost_ms)} of data on {detail.component}"


def _sorted(detail: Any) -> str:
    sure = _if(detail.confidence and _percent(detail.confidence), " ({} sure)")
    suspects = _if(", ".join(detail.suspects), ", suspects {}")
    runbook = _if(detail.runbook, ", and knows the runbook {}")
    return f"The triage bot takes {detail.incident} for {detail.mode}{sure}: {detail.because}{suspects}{runbook}"


_APPLIES = {True: "has to be reported", False: "does not have to be reported", None: "is not yet to be judged"}

_SENTENCES: Mapping[str, tuple[str, Sentence]] = {
    "exercise.started": (
        "exercise",
        lambda d, _: f"The {'record' if d.complete_kinds else 'exercise'} begins: {d.title}",
    ),
    "exercise.ended": ("exercise", lambda *_: "The timeline ends here"),
    "fault.started": ("estate", lambda d, _: f"{d.description} ({d.fault} on {d.target})"),
    "fault.ended": ("estate", lambda d, _: f"{d.fault} on {d.target} is over, ended by {d.ended_by}"),
    "flow.breaker_opened": (
        "estate",
        lambda d, _: f"{d.component} calls {d.dependency} no more: its breaker opens ({_percent(d.ratio)} had failed)",
    ),
    "flow.breaker_probing": ("estate", lambda d, _: f"{d.component} tries a few calls to {d.dependency}"),
    "flow.breaker_closed": ("estate", lambda d, _: f"{d.component} calls {d.dependency} again: its breaker closes"),
    "flow.cache_cold": ("estate", lambda d, _: f"{d.component} is cold: it holds {_percent(d.ratio)} of what is asked"),
    "flow.cache_warm": ("estate", lambda d, _: f"{d.component} is warm again ({_percent(d.ratio)} of what is asked)"),
    "flow.scaled_out": ("estate", lambda d, _: f"{d.component} has grown to {d.replicas} replicas"),
    "flow.scaled_in": ("estate", lambda d, _: f"{d.component} is back to {d.replicas} replicas"),
    "flow.replicas_ejected": ("estate", lambda d, _: f"{d.replicas} of {d.component} taken out by the load balancer"),
    "flow.replicas_returned": ("estate", lambda d, _: f"{d.replicas} of {d.component} back behind the load balancer"),
    "flow.load_shed": ("estate", lambda d, _: f"{d.component} lets in only {_percent(d.ratio)} of what arrives"),
    "flow.load_admitted": ("estate", lambda d, _: f"{d.component} lets in {_percent(d.ratio)} of what arrives"),
    "function.disrupted": (
        "business",
        lambda d, e: (
            f"{_name(e)} falls below its minimum level ({_percent(d.level_ratio)} of normal): its RTO clock runs"
        ),
    ),
    "function.degraded": ("business", lambda d, e: f"{_name(e)} works in part ({_percent(d.level_ratio)} of normal)"),
    "function.restored": ("business", lambda d, e: f"{_name(e)} is back ({_percent(d.level_ratio)} of normal)"),
    "workplace.closed": (
        "places",
        lambda d, e: f"{_name(e)} is lost: {d.reason}; {d.people} people of the business functions stop working",
    ),
    "workplace.evacuated": ("places", lambda _, e: f"Everybody is out of {_name(e)}"),
    "workplace.reopened": (
        "places",
        lambda d, e: f"{_name(e)} is open again" + (f"; {d.people} people go back in" if d.people else ""),
    ),
    "staff.relocating": ("places", lambda d, e: f"{d.people} of {d.function} ({d.need}) leave {_name(e)} for {d.to}"),
    "staff.short": (
        "places",
        lambda d, e: f"{_name(e)} is below its minimum of people: {d.present} of {d.minimum} ({d.need})",
    ),
    "staff.minimum_reached": (
        "places",
        lambda d, e: f"{_name(e)} has its minimum of people: {d.present} of {d.needed} needed ({d.need})",
    ),
    "staff.changed": ("places", lambda d, e: f"{_name(e)} has {d.present} of {d.needed} people ({d.need})"),
    "fallback.started": (
        "business",
        lambda d, e: f"{_name(e)} is carried on by hand ({_percent(d.throughput_ratio)} of normal): {d.title}",
    ),
    "fallback.ended": ("business", lambda d, e: f"The manual work for {_name(e)} ends: {d.reason}"),
    "backlog.growing": (
        "business",
        lambda d, e: f"Work of {_name(e)} is left undone: {_backlog(d)}, growing at {_percent(d.rate_ratio)} of normal",
    ),
    "backlog.catching_up": ("business", lambda d, e: f"{_name(e)} catches up: {_backlog(d)} wait"),
    "backlog.cleared": ("business", lambda _, e: f"{_name(e)} has caught up"),
    "data.lost": (
        "business",
        lambda d, e: (
            f"{_name(e)} loses {_loss(d)}" + (f", about {d.transactions:.0f} transactions" if d.transactions else "")
        ),
    ),
    "data.corruption_found": ("estate", lambda d, _: f"The data of {d.data} are found to be wrong, by a {d.by}"),
    "data.corruption_carried": ("estate", lambda d, _: f"The corruption is back in service on {d.data}: {d.by}"),
    "data.copies_destroyed": ("estate", lambda d, _: f"Copies of {d.data} are destroyed by {d.by}"),
    "data.consistency_measured": (
        "estate",
        lambda d, _: (
            f"{d.data} and {d.other} disagree about {d.transactions:,.0f} transactions"
            + (f"; {d.consistent_ratio:.1%} of records agree" if d.consistent_ratio is not None else "")
        ),
    ),
    "data.split_brain_began": ("estate", lambda d, _: f"Both members of {d.data} accept writes: {d.former} goes on"),
    "data.split_brain_ended": (
        "estate",
        lambda d, _: (
            f"Only one member of {d.data} writes again after {_about(d.lasted_ms)} ({d.ended_by})"
            + (f"; {d.transactions:,.0f} transactions are in conflict" if d.transactions is not None else "")
        ),
    ),
    "data.reconciled": (
        "estate",
        lambda d, _: f"{d.recovered:,.0f} of {d.transactions:,.0f} transactions of {d.data} are made good",
    ),
    "recovery.copy_chosen": ("response", lambda d, e: f"{_who(e)} takes copy {d.copy} of {d.target}{_of(d, e)}"),
    "recovery.copy_unusable": ("estate", lambda d, _: f"Copy {d.copy} of {d.target} cannot be loaded"),
    "recovery.loaded": ("estate", lambda d, e: f"The data of {d.target} are loaded{_of(d, e)}"),
    "recovery.verified": ("estate", lambda d, _: f"The restored data of {d.target} are checked: no differences"),
    "recovery.rejected": ("estate", lambda d, _: f"The check finds differences on {d.target}: {d.reason}"),
    "recovery.opened": (
        "estate",
        lambda d, _: f"{d.target} is opened{'' if d.verified else ' without a check'}",
    ),
    "recovery.checked": ("estate", lambda d, _: f"The data of {d.target} are compared in service: {d.reason}"),
    "recovery.traced": ("estate", lambda d, e: f"The first wrong record in {d.target} is found{_of(d, e)}"),
    "recovery.workaround_applied": ("estate", lambda d, _: f"The workaround on {d.target} holds"),
    "recovery.workaround_failed": (
        "estate",
        lambda d, _: f"The workaround on {d.target} fails{'' if d.planned else ', and nobody wrote down a way back'}",
    ),
    "recovery.rolled_back": (
        "estate",
        lambda d, _: f"The workaround on {d.target} is rolled back after {_about(d.took_ms)}",
    ),
    "recovery.no_quorum": ("estate", lambda d, _: f"{d.target} does not switch by itself: {d.reason}"),
    "recovery.fenced": (
        "estate",
        lambda d, _: f"{d.target} is fenced" if d.verified else f"Fencing {d.target} fails: {d.reason}",
    ),
    "monitoring.stopped": ("monitoring", lambda _, e: f"{_name(e)} stops working: monitoring is blind here"),
    "monitoring.resumed": ("monitoring", lambda _, e: f"{_name(e)} works again"),
    "alert.firing": ("monitoring", lambda d, _: f"Alert {d.name} fires{_labels(d)}"),
    "notification.lost": ("monitoring", lambda d, _: f"A notification to {d.receiver} cannot be delivered: {d.reason}"),
    "report.received": (
        "users",
        lambda d, _: (
            f"{d.count} user{'s' if d.count > 1 else ''} report{'' if d.count > 1 else 's'}"
            + (f" by {d.channel}" if d.channel != d.audience else "")
            + f": {d.text}"
        ),
    ),
    "alarm.raised": ("users", lambda d, _: f"The {d.sender} call: {d.text}"),
    "inject.delivered": ("exercise", lambda d, _: f"{d.sender} to {d.audience} by {d.channel}: {d.text}"),
    "page.queued": (
        "response",
        lambda d, _: f"Everybody of {d.policy} has an incident: {d.incident} waits for a free one",
    ),
    "page.sent": ("response", _page),
    "page.acknowledged": ("response", lambda d, _: f"{d.person} answers ({d.purpose or 'page'})"),
    "page.unanswered": (
        "response",
        lambda d, _: f"Nobody answers step {d.step + 1} of {d.policy or 'the escalation'}: it escalates",
    ),
    "page.exhausted": (
        "response",
        lambda d, _: f"{_if(d.policy, 'The policy {}') or 'The escalation'} has reached nobody",
    ),
    "incident.opened": (
        "response",
        lambda d, e: f"Incident {_name(e)} is opened{_if(d.source, ' from {}')}: {d.title}",
    ),
    "incident.merged": ("response", lambda d, e: f"Incident {_name(e)} becomes part of {d.parent}"),
    "incident.triaged": ("response", lambda d, e: f"{_who(e)} has judged {_name(e)}: {d.severity}"),
    "incident.reassigned": (
        "response",
        lambda d, e: f"{_name(e)} goes to {d.team}" + ("" if _is_system(e) else f", {_who(e)} takes over"),
    ),
    "incident.severity_changed": ("response", lambda d, e: f"{_name(e)} is now {d.severity}"),
    "incident.declared": (
        "response",
        lambda d, e: (
            (f"{_name(e)} is declared" if _is_system(e) else f"{_who(e)} declares {_name(e)}")
            + f" a major incident{_if(d.severity, ' ({})')}"
        ),
    ),
    "incident.mitigated": (
        "response",
        lambda _, e: (
            "It is logged that service is back" if _is_system(e) else f"{_who(e)} has verified that service is back"
        ),
    ),
    "incident.awaits_user": (
        "response",
        lambda _, e: f"Those who reported {_name(e)} are asked whether it works again",
    ),
    "incident.user_confirmed": ("response", lambda _, e: f"Those who reported {_name(e)} say that it works again"),
    "incident.reopened": ("response", lambda _, e: f"Incident {_name(e)} is reopened: the trouble is back"),
    "incident.resolved": ("response", lambda _, e: f"Incident {_name(e)} is resolved"),
    "triage.answered": ("response", lambda d, _: _sorted(d)),
    "triage.abstained": ("response", lambda d, _: f"The triage bot cannot tell what {d.incident} is"),
    "incident.prioritised": (
        "response",
        lambda d, e: f"{_name(e)} has priority {d.priority} (impact {d.impact}, urgency {d.urgency})",
    ),
    "stage.entered": ("response", lambda d, e: f"{_name(e)} is now {d.stage}"),
    "trigger.fired": ("response", lambda d, e: f"{_name(e)} sets off {d.rule}: {_does(d)}"),
    "trigger.failed": ("response", lambda d, e: f"{_name(e)} should set off {d.rule}, and does not: {d.reason}"),
    "automation.acted": ("response", lambda d, e: f"The automation {d.rule} acts on {_name(e)}: {_does(d)}"),
    "automation.failed": ("response", lambda d, e: f"The automation {d.rule} fails on {_name(e)}: {d.reason}"),
    "automation.stopped": ("response", lambda d, e: f"The automation {d.rule} is stopped for {_name(e)}: {d.reason}"),
    "problem.opened": ("response", lambda d, e: f"Problem {_name(e)} is opened ({d.reason}): {d.title}"),
    "problem.incident_linked": (
        "response",
        lambda d, e: f"Incident {d.incidents[-1]} is linked to problem {_name(e)} ({d.reason})",
    ),
    "problem.analysed": ("response", lambda d, e: f"{d.person} has analysed {_name(e)}: {d.reason}"),
    "problem.root_cause_found": (
        "response",
        lambda d, e: f"{d.person} has found the root cause of {_name(e)}: {d.cause}",
    ),
    "problem.known_error": (
        "response",
        lambda d, e: f"{_name(e)} is a known error: {d.cause}{_if(d.workaround, ', against which {} helps')}",
    ),
    "problem.resolved": ("response", lambda d, e: f"The cause of {_name(e)} is removed: {d.cause}"),
    "indicator.seen": (
        "response",
        lambda d, _: f"A sign of an attack is seen: {d.indicator} ({d.seen_in}{_if(d.where, ', on {}')})",
    ),
    "security.bridge_opened": (
        "response",
        lambda d, e: f"Security is called into {_name(e)} ({d.criterion}: {', '.join(d.indicators)})",
    ),
    "security.joined": ("response", lambda _, e: f"{_who(e)} of security is on {_name(e)}"),
    "evidence.preserved": ("estate", lambda d, _: f"The traces on {d.target} are secured"),
    "evidence.lost": ("estate", lambda d, _: f"The traces on {d.target} are lost: {d.action} came first"),
    "role.assigned": ("response", lambda d, _: f"{d.person} takes the role {d.role}"),
    "role.unfilled": ("response", lambda d, _: f"Nobody could be reached for the role {d.role}"),
    "role.left": ("response", lambda d, _: f"{d.person} gives up the role {d.role}"),
    "relief.called": ("response", lambda d, _: f"A relief is called for {d.person} ({d.role}): {d.reason}"),
    "handover.completed": (
        "response",
        lambda d, _: (
            f"{d.giver} has handed over to {d.taker} ({d.role})"
            + (f"; {len(d.lost)} of {len(d.carried)} things are lost" if d.lost else "")
        ),
    ),
    "span.exceeded": ("response", lambda d, _: f"{d.person} leads {d.led} people as {d.role}, {d.at_most} at most"),
    "span.kept": ("response", lambda d, _: f"{d.person} leads {d.led} people as {d.role}"),
    "situation.reported": ("response", lambda d, e: f"{_who(e)} reports on the situation after asking {d.asked}"),
    "access.confined": ("response", lambda d, e: f"What is said about {_name(e)} is {d.needed} from now on"),
    "access.refused": ("response", lambda d, e: f"{d.person} may not read about {_name(e)}: {d.reason}"),
    "access.granted": ("response", lambda d, e: f"{d.person} gets access to {_name(e)} from {d.approver}"),
    "access.violated": ("response", lambda d, e: f"{d.person} reads about {_name(e)} without the clearance"),
    "crisis.convened": ("response", lambda d, _: f"The crisis team is together: {', '.join(d.roles)}"),
    "ticket.enriched": (
        "response",
        lambda d, e: (
            f"Logs on the ticket {_name(e)}: " + "; ".join(f"{line.component}: {line.line}" for line in d.lines)
            if d.lines
            else f"No log lines for {_name(e)}: {d.reason}"
        ),
    ),
    "diagnosis.checked": ("response", lambda d, _: f"{d.person} checks {d.checked}: {d.finding}"),
    "diagnosis.handed_off": ("response", lambda d, _: f"The search goes {d.finding}: {d.person}"),
    "diagnosis.concluded": ("response", lambda d, _: f"{d.person} has found the cause: {d.finding}"),
    "decision.made": (
        "response",
        lambda d, _: f"{d.by} decides: {_if(d.question, '{} ')}{d.chosen}{_if(d.evidence, ' ({})')}",
    ),
    "approval.requested": ("response", lambda d, e: f"{d.requested_by} asks for approval: {d.action} {_name(e)}"),
    "approval.granted": ("response", lambda d, e: f"{d.approver} approves: {d.action} {_name(e)}"),
    "approval.refused": ("response", lambda d, e: f"{d.action} {_name(e)} is refused: {d.reason}"),
    "approval.delegated": ("response", lambda d, e: f"{d.approver} decides on {d.action} {_name(e)}: {d.reason}"),
    "approval.bypassed": (
        "response",
        lambda d, e: f"{d.requested_by} orders {d.action} of {_name(e)} without approval: {d.reason}",
    ),
    "approval.retrospective_given": (
        "response",
        lambda d, e: f"{_who(e)} approves in retrospect: {d.action} {_name(e)}",
    ),
    "board.convened": ("response", lambda d, _: f"The emergency board has its quorum: {', '.join(d.roles)}"),
    "decision.recorded": ("response", lambda d, _: f"{d.scribe} has written the decision down"),
    "playbook.started": ("response", lambda d, _: f"The playbook begins: {d.title}"),
    "playbook.given_up": ("response", lambda d, _: f"The playbook “{d.title}” is given up: {d.reason}"),
    "task.started": ("response", lambda d, _: f"{d.person} begins: {d.title}"),
    "task.completed": ("response", lambda d, _: f"Done: {d.title}"),
    "task.failed": ("response", lambda d, _: f"Failed: {d.title} ({d.reason})"),
    "task.repeated": ("response", lambda d, _: f"Once more: {d.title} ({d.reason})"),
    "task.escalated": ("response", lambda d, _: f"{d.person} takes over: {d.title}"),
    "task.skipped": ("response", lambda d, _: f"Never begun: {d.title} ({d.reason})"),
    "command.submitted": ("response", lambda d, e: f"{_who(e)} orders {d.action} of {d.target}"),
    "command.refused": ("response", lambda d, _: f"{d.action} of {d.target} may not be ordered: {d.reason}"),
    "command.completed": ("estate", lambda d, _: f"{d.action} of {d.target} is done"),
    "command.failed": ("estate", lambda d, _: f"{d.action} of {d.target} comes to nothing: {d.reason}"),
    "update.sent": ("response", lambda d, e: f"{_name(e)} are told: {d.text}"),
    "update.failed": ("response", lambda d, e: f"The update to {_name(e)} fails: {d.text}"),
    "update.owed": ("response", lambda _, e: f"{_name(e)} have to be told"),
    "update.acknowledged": ("response", lambda d, e: f"{_name(e)}: {d.text}"),
    "briefing.held": ("response", lambda d, e: f"{_who(e)} has briefed {_name(e)}: {d.text}"),
    "briefing.failed": ("response", lambda d, e: f"The briefing of {_name(e)} fails: {d.text}"),
    "text.flagged": ("response", lambda d, _: f"The text for {d.audience} is held back: {_said(d)}"),
    "text.disclosed": ("response", lambda d, _: f"The text for {d.audience} gives away {_said(d)}"),
    "status_page.posted": ("response", lambda d, e: f"{_who(e)} changes the status page: {_page_shows(d)}"),
    "status_page.failed": ("response", lambda d, _: f"The status page cannot be changed: {d.reason}"),
    "callout.due": ("response", lambda d, _: f"{d.people:,} people have to be told ({d.title})"),
    "callout.started": ("response", lambda d, e: f"{_who(e)} starts to tell them: {d.title}"),
    "callout.failed": ("response", lambda d, _: f"{d.title}: {d.reason}"),
    "callout.assessed": (
        "response",
        lambda d, _: (
            f"{d.title}: {d.reached / d.people:.0%} reached in the time in which {d.target_ratio:.0%} should be"
        ),
    ),
    "impact.classified": (
        "business",
        lambda d, e: f"In truth the incident {_APPLIES[d.applies]} for {_name(e)}{_met(d)}",
    ),
    "loss.found": ("response", lambda d, e: f"A reconciliation finds what {_name(e)} has lost: {_lost(d)}"),
    "vendor.obliged": (
        "response",
        lambda d, _: (
            f"The contract of {d.vendor} runs ({d.severity})"
            + ("" if d.covered else "; nobody works there at this hour, and nobody is on call")
        ),
    ),
    "obligation.classified": (
        "response",
        lambda d, e: f"{d.by} judges that the incident {_APPLIES[d.applies]} for {_name(e)}{_met(d)}",
    ),
    "obligation.due": ("response", lambda d, e: f"{d.title} ({_name(e)}) is owed from now on"),
    "obligation.filed": ("response", lambda d, e: f"{_who(e)} files: {d.title} ({_name(e)})"),
    "obligation.failed": ("response", lambda d, e: f"{d.title} ({_name(e)}) cannot be filed: {d.reason}"),
    "sla.due": (
        "response",
        lambda d, _: (
            f"{d.agreement} promises to {d.promise} {d.incident} ({d.severity}) within {format_duration(d.target_ms)}"
            if d.due_at_ms is not None
            else f"{d.agreement} promises nothing more about {d.incident} ({d.severity})"
        ),
    ),
    "sla.paused": ("response", lambda d, _: f"The clock of {d.agreement} for {d.incident} stands still"),
    "sla.escalated": ("response", lambda d, _: f"Time runs out to {d.promise} {d.incident}: {d.agreement} escalates"),
    "sla.met": (
        "response",
        lambda d, _: (
            f"The promise to {d.promise} {d.incident} is kept, with {_about(d.left_ms)} left"
            if d.left_ms >= 0
            else f"The promise to {d.promise} {d.incident} is kept {_about(-d.left_ms)} late"
        ),
    ),
    "sla.breached": ("response", lambda d, _: f"The promise to {d.promise} {d.incident} is broken"),
    "review.due": ("afterwards", lambda d, _: f"{d.incident} has to be reviewed ({d.method}), and that authorised"),
    "review.asked_why": ("afterwards", lambda d, _: f"{d.by} asks why {d.about}: {', '.join(d.found)}"),
    "review.completed": (
        "afterwards",
        lambda d, _: f"{d.by} completes the review of {d.incident}: {', '.join(d.found) or 'no cause found'}",
    ),
    "review.approved": ("afterwards", lambda d, _: f"{d.by} approves the review of {d.incident}"),
    "review.authorised": ("afterwards", lambda d, _: f"The review of {d.incident} is authorised"),
    "disclosure.drafted": ("afterwards", lambda d, e: f"{d.by} has words about {d.incident} ready for {_name(e)}"),
    "disclosure.withheld": (
        "afterwards",
        lambda d, e: f"What {_name(e)} would be told is held back until {', '.join(d.waits_for)} have approved",
    ),
    "disclosure.published": (
        "afterwards",
        lambda d, e: (
            f"{_name(e)} are told what happened"
            + (f", although {', '.join(d.waits_for)} have not approved" if d.waits_for else "")
        ),
    ),
    "action.opened": (
        "afterwards",
        lambda d, _: f"To be done: {d.title} ({d.owner or 'nobody owns it'})",
    ),
    "action.closed": ("afterwards", lambda d, _: f"{d.owner} has done: {d.title}"),
    "risk.assessed": ("afterwards", lambda d, e: f"The register says of the risk {_name(e)}: {d.finding}"),
    "aftermath.ended": ("exercise", lambda *_: "Nobody looks any further than this"),
}


def _of(detail: Any, event: Event) -> str:
    """How old the data are that an event speaks of."""
    if detail.as_of_ms is None:
        return ""
    return f", {_about(event.at_ms - detail.as_of_ms)} old"


def _about(ms: int) -> str:
    """A length as people say it: to the minute once it is longer than an hour, to the second once longer than one."""
    step = MINUTE if ms >= HOUR else SECOND if ms >= SECOND else 1
    return format_duration(round(ms / step) * step)


def _said(detail: Any) -> str:
    return f"{', '.join(detail.words)} ({', '.join(detail.rules)})"


def _page_shows(detail: Any) -> str:
    """What is not as usual, as the page has it."""
    worse = [f"{entry.title}: {entry.state}" for entry in detail.entries if entry.state != "operational"]
    return ", ".join(worse) or "everything is operational"


def _labels(detail: Any) -> str:
    where = where_of(detail)
    return f" for {where}" if where else ""
