"""From a timeline and the files of its run to a review that is begun: everything that can be read off, is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.index import FaultSpan, FunctionSpan, Incident, TimelineIndex, detail_of
from reports.measures.continuity import losses
from reports.milestones import MEANINGS, Milestone, hurt_by, of_fault
from reports.quantities import write_ms, write_wall
from reports.review.chart import chain_of, chart_of, chart_of_chain, in_words, slowing, time_in
from reports.review.edits import edits_for
from reports.review.factors import FACTORS, Looked, factors_of
from reports.review.material import Material
from reports.review.model import (
    ActionItem,
    Chart,
    Factor,
    FailureMode,
    Impact,
    Method,
    Moment,
    Review,
    Statement,
)
from reports.scoring import Scores
from reports.story import story
from scenarios.faults import FAULTS
from scenarios.history.classification import Classifier
from scenarios.history.failure_modes import UNCLASSIFIED, load_taxonomy
from timeline.details import ActionDetail, DiagnosisDetail, HealthDetail, PageDetail
from timeline.events import Event
from timeline.findings import InputError, nearest
from timeline.instants import format_clock, to_wall

_TELLING_KINDS = frozenset(
    {
        "fault.started",
        "fault.ended",
        "function.disrupted",
        "function.degraded",
        "function.restored",
        "data.lost",
        "data.corruption_found",
        "workplace.closed",
        "incident.opened",
        "incident.declared",
        "incident.mitigated",
        "incident.resolved",
        "incident.reopened",
        "diagnosis.concluded",
        "diagnosis.handed_off",
        "decision.made",
        "command.completed",
        "command.failed",
        "crisis.convened",
        "sla.breached",
        "page.exhausted",
    }
)
"""What a reader who was not there wants to know."""


def review_of(
    index: TimelineIndex,
    scores: Scores,
    material: Material,
    *,
    incident: str | None = None,
    method: Method = Method.CAUSE_AND_EFFECT,
    by: str = "",
) -> Review:
    """The review of one incident; of the one that hurt most, where none is named.

    Raises InputError where there is no such incident, or none at all.
    """
    looked = look_at(index, incident)
    found = factors_of(looked)
    spans = longest_first(index, looked.hurt)
    whys = chain_of(index, spans[0], found) if spans else []
    factors, chart = found, chart_of(index, spans, found)
    if method is Method.FIVE_WHYS and spans:
        spent = time_in(index, spans[0])
        factors = slowing(spent[0].on, found) if spent else []
        chart = chart_of_chain(index, spans[0], whys)
    return Review(
        title=index.exercise.title,
        scenario=index.exercise.scenario,
        seed=index.exercise.seed,
        epoch=index.exercise.epoch,
        incident=looked.incident.subject.id,
        method=method,
        by=by,
        summary=tuple(_summary(looked, spans)),
        impact=tuple(_impact(looked)),
        moments=tuple(_moments(looked)),
        detection=tuple(_detection(looked)),
        response=tuple(_response(looked)),
        recovery=tuple(_recovery(looked, spans)),
        failure_modes=tuple(_failure_modes(looked.faults)),
        chart=chart,
        whys=tuple(whys),
        factors=tuple(factors),
        went_well=tuple(_went_well(looked, scores)),
        actions=tuple(_actions(looked, chart, factors, material)),
        edits=tuple(edits_for(looked, material)),
    )


def look_at(index: TimelineIndex, id: str | None) -> Looked:
    """The incident of that id, or the one that hurt longest.  Raises InputError as `review_of` does."""
    found = [_looked(index, incident) for incident in index.root_incidents]
    if id is not None:
        root = index.root_of(id)
        if root is None:
            hint = nearest(id, index.incidents)
            raise InputError.single("review.no-incident", "--incident", f"there is no incident {id!r} here", hint)
        return _looked(index, root)
    if not found:
        message = "there was no incident, so there is nothing to review"
        raise InputError.single("review.no-incident", "timeline", message, "did anything reach anybody?")
    return max(found, key=lambda one: (sum(s.elapsed_ms(index.until_ms) for s in one.hurt), -one.incident.opened.seq))


def _looked(index: TimelineIndex, incident: Incident) -> Looked:
    faults = [f for f in index.faults_of(incident.faults) if hurt_by(index, f)] or index.faults_of(incident.faults)
    mask = sum(1 << fault.number for fault in faults)
    behind = [s for s in index.impairments if index.causality.faults_behind(s.begun) & mask]
    disrupted = [s for s in index.disruptions if index.causality.faults_behind(s.begun) & mask]
    return Looked(index, incident, faults, disrupted or behind)


def longest_first(index: TimelineIndex, spans: Iterable[FunctionSpan]) -> list[FunctionSpan]:
    return sorted(spans, key=lambda span: (-span.elapsed_ms(index.until_ms), span.begun.seq))


def _summary(looked: Looked, spans: Sequence[FunctionSpan]) -> Iterator[Statement]:
    index = looked.index
    for fault in looked.faults:
        at = write_wall(fault.begun.at_ms, index.epoch)
        yield Statement(text=f"At {at}: {in_words(fault.begun)}.", evidence=(fault.begun.seq,))
    if spans:
        names = ", ".join(dict.fromkeys(span.subject.id for span in spans))
        longest = spans[0]
        lasted = write_ms(longest.elapsed_ms(index.until_ms)) + ("" if longest.ended else ", and was not over")
        text = f"It hurt {names}; {longest.subject.id} longest, for {lasted}."
        yield Statement(text=text, evidence=longest.evidence())
    else:
        yield Statement(text="No business function was hurt.", evidence=(looked.incident.opened.seq,))
    resolved = looked.incident.first("incident.resolved")
    if resolved is None:
        yield Statement(text="The incident was not resolved when the timeline ended.")
    else:
        took = write_ms(resolved.at_ms - looked.incident.opened.at_ms)
        evidence = (looked.incident.opened.seq, resolved.seq)
        yield Statement(text=f"The incident was resolved {took} after it had been opened.", evidence=evidence)


def _impact(looked: Looked) -> Iterator[Impact]:
    index = looked.index
    lost = {span.begun.seq: ms for span, ms, _ in losses(index)}
    for span in longest_first(index, looked.hurt):
        until_ms = index.until_ms if span.ended is None else span.ended.at_ms
        levels = [
            e.detail.level_ratio
            for e in index.of_kind("signal.health_changed")
            if e.subject == span.subject
            and span.begun.at_ms <= e.at_ms < until_ms
            and isinstance(e.detail, HealthDetail)
        ]
        yield Impact(
            function=span.subject.id,
            duration_ms=span.elapsed_ms(index.until_ms),
            still_down=span.ended is None,
            lowest_ratio=min([span.detail.level_ratio, *levels]),
            rto_ms=span.detail.rto_ms,
            lost_ms=lost.get(span.begun.seq),
            evidence=span.evidence(),
        )


def _moments(looked: Looked) -> Iterator[Moment]:
    """Sentences of the story that belong to the incident, of what a reader wants to know."""
    index = looked.index
    for line in story(index.events):
        event = line.event
        if event.kind in _TELLING_KINDS and event.at_ms <= index.until_ms and _belongs(looked, event):
            wall = write_wall(event.at_ms, index.epoch)
            yield Moment(clock=format_clock(event.at_ms), wall=wall, text=line.text, evidence=(event.seq,))


def _belongs(looked: Looked, event: Event) -> bool:
    mask = sum(1 << fault.number for fault in looked.faults)
    return bool(looked.index.causality.faults_behind(event) & mask)


def _reached(looked: Looked, milestone: Milestone) -> Event | None:
    found = [e for fault in looked.faults if (e := of_fault(looked.index, fault, milestone)) is not None]
    choose = max if milestone is Milestone.RESTORED else min
    return choose(found, key=lambda e: e.seq, default=None)


def _between(looked: Looked, begun: Milestone, ended: Milestone) -> Iterator[Statement]:
    one, other = _reached(looked, begun), _reached(looked, ended)
    if one is None:
        return
    if other is None:
        yield Statement(text=f"Never happened: {MEANINGS[ended]}.", evidence=(one.seq,))
        return
    apart_ms = other.at_ms - one.at_ms
    order = "after" if apart_ms >= 0 else "before"
    text = f"{write_ms(abs(apart_ms))} {order} {_WORDS[begun]}, {_WORDS[ended]}."
    yield Statement(text=text, evidence=(one.seq, other.seq))


_WORDS: dict[Milestone, str] = {
    Milestone.IMPACT: "the first business function suffered",
    Milestone.ALERTED: "the first alert fired",
    Milestone.DETECTED: "the first human knew",
    Milestone.ACKNOWLEDGED: "somebody acknowledged a page",
    Milestone.DECLARED: "a major incident was declared",
    Milestone.CAUSE_FOUND: "a true cause was found",
    Milestone.MITIGATED: "responders had verified that service was back",
    Milestone.RESTORED: "everything was whole again",
}
"""Milestones in half a sentence."""


def _detection(looked: Looked) -> Iterator[Statement]:
    yield from _between(looked, Milestone.IMPACT, Milestone.ALERTED)
    yield from _between(looked, Milestone.IMPACT, Milestone.DETECTED)
    first = _reached(looked, Milestone.DETECTED)
    if first is not None:
        yield Statement(text=f"What told of it first: {_told(first)}.", evidence=(first.seq,))


def _told(delivery: Event) -> str:
    if isinstance(delivery.detail, PageDetail):
        return f"a page to {delivery.detail.person} over {delivery.detail.channel}"
    return ", ".join(line.text for line in story([delivery]))


def _response(looked: Looked) -> Iterator[Statement]:
    yield from _between(looked, Milestone.DETECTED, Milestone.ACKNOWLEDGED)
    yield from _between(looked, Milestone.DETECTED, Milestone.DECLARED)
    yield from _between(looked, Milestone.DETECTED, Milestone.CAUSE_FOUND)
    checks = looked.of_kind("diagnosis.checked", "diagnosis.concluded")
    if checks:
        people = dict.fromkeys(detail_of(e, DiagnosisDetail).person for e in checks)
        text = f"{len(checks)} checks by {', '.join(people)}."
        yield Statement(text=text, evidence=tuple(e.seq for e in checks))


def _recovery(looked: Looked, spans: Sequence[FunctionSpan]) -> Iterator[Statement]:
    yield from _between(looked, Milestone.IMPACT, Milestone.RESTORED)
    yield from _between(looked, Milestone.IMPACT, Milestone.MITIGATED)
    for span in spans[:1]:
        for part in time_in(looked.index, span)[:5]:
            text = f"{write_ms(part.ms)} until {span.subject.id} was back: {part.on}."
            yield Statement(text=text, evidence=part.evidence)


def _failure_modes(faults: Iterable[FaultSpan]) -> Iterator[FailureMode]:
    taxonomy = load_taxonomy()
    classifier = Classifier(taxonomy)
    seen: set[tuple[str, str]] = set()
    for span in faults:
        kind = FAULTS.get(span.detail.fault)
        words = f"{kind.title}. {span.detail.description}" if kind is not None else span.detail.description
        found = classifier.classify({"title": words, "cause": words, "component": span.detail.target})
        family = kind.family if kind is not None else "not in the catalogue"
        if (found.mode, family) not in seen:
            seen.add((found.mode, family))
            title = taxonomy.modes[found.mode].title if found.mode != UNCLASSIFIED else "Not classified"
            yield FailureMode(mode=found.mode, title=title, rule=found.rule or "", family=family)


def _went_well(looked: Looked, scores: Scores) -> Iterator[Statement]:
    index = looked.index
    for span in longest_first(index, looked.hurt):
        rto_ms = span.detail.rto_ms
        if rto_ms is not None and span.ended is not None and span.elapsed_ms(index.until_ms) <= rto_ms:
            text = f"{span.subject.id} was back within its RTO of {write_ms(rto_ms)}."
            yield Statement(text=text, evidence=span.evidence())
    answered = looked.of_kind("page.acknowledged")
    missed = looked.of_kind("page.unanswered", "page.exhausted")
    if answered and not missed:
        people = dict.fromkeys(detail_of(e, PageDetail).person for e in answered)
        text = f"Every call was answered in its time ({', '.join(people)})."
        yield Statement(text=text, evidence=tuple(e.seq for e in answered))
    alerted, users = _reached(looked, Milestone.ALERTED), index.of_kind("report.received")
    if alerted is not None and (not users or alerted.seq < users[0].seq):
        yield Statement(text="An alert told of it before any user did.", evidence=(alerted.seq,))
    for objective in scores.objectives:
        if objective.rating == "P":
            yield Statement(text=f"Objective met without a challenge: {objective.title}.")


@dataclass(frozen=True, slots=True)
class _Due:
    """By when actions are due, and who owns what nobody else does."""

    date: str
    team: str | None


def _actions(looked: Looked, chart: Chart, factors: Sequence[Factor], material: Material) -> Iterator[ActionItem]:
    """Those that were agreed on after the incident, else one for each true cause of the chart; and one for each
    factor."""
    resolved = looked.incident.first("incident.resolved")
    from_ms = looked.index.until_ms if resolved is None else resolved.at_ms
    due = _Due(_date(from_ms + material.due_within_ms, looked.index.epoch), looked.incident.detail.team)
    id = looked.incident.subject.id
    hurt = longest_first(looked.index, looked.hurt)
    subject = str(hurt[0].subject) if hurt else None
    measure = "recovery_time_achieved" if hurt else None
    agreed = looked.of_kind("action.opened")
    for event in agreed:
        detail = detail_of(event, ActionDetail)
        yield ActionItem(
            id=event.subject.id,
            title=detail.title,
            because="true cause",
            owner=detail.owner,
            due=_date(detail.due_at_ms, looked.index.epoch),
            measure=measure,
            subject=subject,
            evidence=(event.seq,),
        )
    reached = {node.id for node in chart.nodes}
    causes = [fault for fault in looked.faults if not agreed and f"e{fault.begun.seq}" in reached]
    for number, fault in enumerate(causes, start=1):
        yield ActionItem(
            id=f"{id}-{number}",
            title=f"See to it that {fault.detail.fault} on {fault.detail.target} does no harm again",
            because="true cause",
            owner=material.owners.get(fault.detail.target, due.team),
            due=due.date,
            measure=measure,
            subject=subject,
            evidence=(fault.begun.seq,),
        )
    for factor in factors:
        kind = FACTORS[factor.id]
        yield ActionItem(
            id=f"{id}-{factor.id}",
            title=kind.remedy,
            because=factor.id,
            owner=due.team,
            due=due.date,
            measure=kind.measure,
            evidence=factor.evidence,
        )


def _date(at_ms: int, epoch: datetime) -> str:
    return to_wall(at_ms, epoch).date().isoformat()
