"""Who was told what and when, as rows of the report: first messages of the plan, every text, callouts."""

from __future__ import annotations

from dataclasses import dataclass

from reports.callouts import CalloutCourse, callout_courses
from reports.index import TimelineIndex, detail_of
from reports.measures.communication import heard_by
from reports.quantities import write_ms
from timeline.details import Approval, DisclosureDetail, MessageDetail, StatusPageDetail
from timeline.events import Event

_APPROVALS: dict[Approval, tuple[str, str]] = {
    "": ("", "none"),
    "template": ("approved template", "good"),
    "approved": ("approved", "good"),
    "unapproved": ("approved by nobody", "bad"),
}
_WAYS = {
    "update.sent": "update",
    "update.failed": "update failed",
    "briefing.held": "briefing",
    "briefing.failed": "briefing failed",
    "status_page.posted": "status page",
    "status_page.failed": "status page failed",
}


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A first message that the plan owes, and what came of it."""

    owed: Event
    audience: str
    due_ms: int
    told: Event | None
    outcome: str
    verdict: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """Something that was said, or could not be."""

    event: Event
    way: str
    audience: str
    over: str
    text: str
    words: str
    """Where the words come from: template, approval."""
    verdict: str
    disclosed: tuple[str, ...]
    held_back: tuple[str, ...]
    promised_ms: int | None


@dataclass(frozen=True, slots=True)
class CalloutRow:
    """A call tree or a mass notification."""

    course: CalloutCourse
    target: str
    in_time: str
    verdict: str
    at_end: str
    over: str
    failures: tuple[str, ...]


def plan_rows(index: TimelineIndex) -> list[PlanRow]:
    """In the order in which they were owed."""
    told = index.of_kind("update.sent", "briefing.held", "status_page.posted")
    rows = []
    for owed in index.of_kind("update.owed"):
        detail = detail_of(owed, MessageDetail)
        if detail.due_at_ms is None:
            continue
        first = next((e for e in told if e.seq > owed.seq and heard_by(e) == (detail.incident, detail.audience)), None)
        if first is not None:
            late_ms = first.at_ms - detail.due_at_ms
            outcome = f"{write_ms(late_ms)} late" if late_ms > 0 else f"{write_ms(-late_ms)} left"
            verdict = "bad" if late_ms > 0 else "good"
        else:
            overdue = detail.due_at_ms <= index.until_ms
            outcome, verdict = ("never told", "bad") if overdue else ("not yet due at the end", "none")
        rows.append(PlanRow(owed, detail.audience, detail.due_at_ms, first, outcome, verdict))
    return rows


def text_rows(index: TimelineIndex) -> list[TextRow]:
    """Everything that was said to an audience, and what failed, in order."""
    disclosed = {seq: e for e in index.of_kind("text.disclosed") for seq in e.causes}
    return [_text_row(index, event, disclosed.get(event.seq)) for event in index.of_kind(*_WAYS)]


def _text_row(index: TimelineIndex, event: Event, disclosed: Event | None) -> TextRow:
    detail = event.detail
    assert isinstance(detail, MessageDetail | StatusPageDetail), event.kind
    is_page = isinstance(detail, StatusPageDetail)
    failed = event.kind.endswith(".failed")
    words, verdict = ("", "bad") if failed else _APPROVALS[detail.approval]
    held = [e for e in map(index.events.__getitem__, event.causes) if e.kind == "text.flagged"]
    return TextRow(
        event,
        _WAYS[event.kind],
        detail.audience,
        "" if isinstance(detail, StatusPageDetail) else detail.channel,
        _page_text(detail) if isinstance(detail, StatusPageDetail) else detail.text,
        f"{words} ({detail.template})" if words and detail.template else words,
        verdict,
        _words(disclosed),
        tuple(word for e in held for word in _words(e)),
        None if is_page or not isinstance(detail, MessageDetail) else detail.next_at_ms,
    )


def _page_text(detail: StatusPageDetail) -> str:
    if detail.reason:
        return detail.reason
    worse = [f"{entry.title}: {entry.state}" for entry in detail.entries if entry.state != "operational"]
    return f"[{'; '.join(worse) or 'everything operational'}] {detail.text}"


def _words(event: Event | None) -> tuple[str, ...]:
    return () if event is None else detail_of(event, DisclosureDetail).words


def callout_rows(index: TimelineIndex) -> list[CalloutRow]:
    """In the order in which they were asked for."""
    return [_callout_row(course, index) for course in callout_courses(index)]


def _callout_row(course: CalloutCourse, index: TimelineIndex) -> CalloutRow:
    detail = course.detail
    final = course.events[-1].detail
    over = [f"{way.channel} {way.people / detail.people:.0%}" for way in getattr(final, "over", ())]
    is_open = course.assessed is None
    met = course.reached_in_time >= detail.target_ratio
    verdict = "good" if met else "none" if is_open else "bad"
    at_end = next((share for _, share in reversed(course.progress)), 0.0)
    within = write_ms(detail.due_at_ms - course.due.at_ms)
    return CalloutRow(
        course,
        f"{detail.target_ratio:.0%} within {within}",
        f"{course.reached_in_time:.0%}" + (" so far" if is_open and index.until_ms < detail.due_at_ms else ""),
        verdict,
        f"{at_end:.0%}",
        ", ".join(over) or "nobody",
        course.failures,
    )
