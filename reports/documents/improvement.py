"""Strengths and areas for improvement, read off the rated parts of the objectives.

Every target and critical task that was not rated P is an *area for improvement*, told in the four steps that HSEEP
asks for: what was observed, what it is held against, why it came to that, what to do.  The why is the critical path: of
the time that the observation covers, what most of it was spent on.  The what to do is a *proposal by rule* from that
same thing; people decide about it, and so owner and dates stay open where no file names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reports.critical_path import time_spent
from reports.documents.model import Words
from reports.index import TimelineIndex, detail_of
from reports.measures import MEASURES
from reports.practices.names import PRACTICES
from reports.quantities import write_ms
from reports.scoring import Scores
from reports.scoring.model import ObjectiveScore, TargetScore, TaskScore
from reports.scoring.ratings import Rating
from reports.scoring.words import title_of, write_achieved, write_bound
from timeline.details import TaskDetail

Element = Literal["Planning", "Organisation", "Equipment", "Training", "Exercises"]
"""What has to change: the elements of capability that improvement plans are sorted by."""

OPEN = "to be assigned"


@dataclass(frozen=True, slots=True)
class Area:
    """One area for improvement; `number` is that of its objective in the report, and its own there."""

    number: str
    objective: str
    title: str
    rating: Rating
    observation: Words
    reference: str
    analysis: Words
    recommendation: Words
    element: Element
    owner: str
    """The role that the playbook gives the task to; otherwise open."""


@dataclass(frozen=True, slots=True)
class Lever:
    """What shortens a wait, and the element of capability that it belongs to."""

    text: str
    element: Element


LEVERS: Mapping[str, Lever] = {
    "waiting for an answer": Lever("shorten the escalation: fewer tries before the next person is called", "Planning"),
    "deciding": Lever("state beforehand who decides, and on what signs", "Planning"),
    "triage": Lever("let alerts name their owner and severity, so that nobody has to find out", "Equipment"),
    "steps before": Lever("remove from the playbook what this step need not wait for", "Planning"),
    "waiting for people": Lever("have a second person who can do it, and call them at the declaration", "Organisation"),
    "work of people": Lever("rehearse the step alone until it takes the planned time, or automate it", "Training"),
    "monitoring": Lever("alert on what users feel, with shorter windows and waits", "Equipment"),
    "users' reports": Lever("add a check that acts as a user does, so that monitoring is first", "Equipment"),
    "paging": Lever("let the first page go to somebody awake, over a second channel as well", "Organisation"),
    "filling roles": Lever("name deputies for each role of the command structure", "Organisation"),
    "finding the cause": Lever("give responders the dependency map and a runbook for this way of failing", "Training"),
    "approval": Lever("approve it beforehand for this case, or delegate the authority at night", "Planning"),
    "technical action": Lever("measure and shorten the technical step itself", "Equipment"),
    "systems coming back": Lever("shorten start, warm-up and catching up of the systems concerned", "Equipment"),
    "injects": Lever("ask whether the plan should wait for word from outside", "Planning"),
    "raising the alarm": Lever("have the floor wardens call at the first sign", "Training"),
    "evacuation": Lever("practise the way out and the counting of people", "Training"),
    "people on their way": Lever("shorten the way to the other place, or let more people work remotely", "Planning"),
    "setting up manual work": Lever("keep forms and lists for manual work at hand, and practise with them", "Training"),
    "communication": Lever("prepare templates that are approved beforehand, and one person who sends them", "Planning"),
    "reports to authorities": Lever("prepare the forms, and say beforehand who files them", "Planning"),
    "third parties": Lever("agree response times with the third party, and call it at the declaration", "Organisation"),
    "other": Lever("find out in the review what this time was spent on", "Exercises"),
}
"""By what most of the time was spent on, in the words of `reports.critical_path`."""

_BY_MODULE: Mapping[str, Element] = {
    "Governance": "Planning",
    "Response workflows": "Planning",
    "Detection and alerting": "Equipment",
    "Coordination": "Organisation",
    "Major incidents": "Training",
    "Learning": "Planning",
    "Continuity": "Planning",
    "Automation and scale": "Equipment",
}


def strengths_of(objective: ObjectiveScore) -> Iterator[Words]:
    """What was performed without challenges."""
    for target in objective.targets:
        if target.rating is Rating.P:
            yield Words(f"{title_of(target)}: {target.explanation}", target.evidence, "good")
    for task in objective.critical_tasks:
        if task.rating is Rating.P:
            yield Words(f"{task.title}: {task.explanation}", task.evidence, "good")


def not_exercised(objective: ObjectiveScore) -> Iterator[str]:
    """Targets of which the exercise showed nothing."""
    yield from (title_of(t) for t in objective.targets if t.rating is None)


def areas(index: TimelineIndex, scores: Scores) -> list[Area]:
    """Every area for improvement, in the order of the objectives."""
    return [
        area for place, objective in enumerate(scores.objectives, start=1) for area in areas_of(index, objective, place)
    ]


def areas_of(index: TimelineIndex, objective: ObjectiveScore, place: int) -> list[Area]:
    """Those of one objective, the `place`th of the report."""
    found: list[Area] = []
    for target in objective.targets:
        if target.rating not in (None, Rating.P):
            found.append(_of_target(index, objective, target, f"{place}.{len(found) + 1}"))
    for task in objective.critical_tasks:
        if task.rating not in (None, Rating.P):
            found.append(_of_task(index, objective, task, f"{place}.{len(found) + 1}"))
    return found


def _of_target(index: TimelineIndex, objective: ObjectiveScore, target: TargetScore, number: str) -> Area:
    assert target.rating is not None
    measure = MEASURES[target.measure]
    practice = PRACTICES.get(measure.practice)
    analysis, lever = _analyse(index, _deciding(index, target))
    text = f"Reach {write_bound(target)} (now {write_achieved(target)})"
    element = lever.element if lever else _BY_MODULE[practice.module] if practice else "Exercises"
    named = f"practice {practice.id}: {practice.title}; " if practice else ""
    return Area(
        number=number,
        objective=objective.title,
        title=title_of(target),
        rating=target.rating,
        observation=Words(target.explanation, target.evidence, _tone(target.rating)),
        reference=f"{named}{measure.reference}",
        analysis=analysis,
        recommendation=Words(f"{text}{': ' + lever.text if lever else ''}.", target.evidence),
        element=element,
        owner=OPEN,
    )


def _of_task(index: TimelineIndex, objective: ObjectiveScore, task: TaskScore, number: str) -> Area:
    assert task.rating is not None
    analysis, lever = _analyse(index, task.evidence)
    within = "" if task.planned_ms is None else f" within {write_ms(task.planned_ms)} of the declaration"
    last = index.events[task.evidence[-1]] if task.evidence else None
    evidence = task.evidence or (index.started.seq,)  # which states what was planned
    role = detail_of(last, TaskDetail).role if last is not None else ""
    return Area(
        number=number,
        objective=objective.title,
        title=task.title,
        rating=task.rating,
        observation=Words(task.explanation, evidence, _tone(task.rating)),
        reference=f"critical task {task.task} of the playbook{', planned' + within if within else ''}",
        analysis=analysis,
        recommendation=Words(f"Complete the task{within}{': ' + lever.text if lever else ''}.", evidence),
        element=lever.element if lever else "Training",
        owner=role or OPEN,
    )


def _deciding(index: TimelineIndex, target: TargetScore) -> tuple[int, ...]:
    """The events of the sample that the figure suffers from most."""
    measure = MEASURES[target.measure]
    samples = [s for s in measure.samples(index) if target.subject is None or str(s.subject) == target.subject]
    return measure.worst(samples).evidence if samples else ()


def _analyse(index: TimelineIndex, evidence: tuple[int, ...]) -> tuple[Words, Lever | None]:
    """Why it came to that: what the time between the first and the last event went into, and what lay behind."""
    if not evidence:
        return Words("Nothing on the timeline shows it, so nothing shows why."), None
    first, last = index.events[evidence[0]], index.events[evidence[-1]]
    behind = sorted({f"{f.detail.fault} on {f.detail.target}": f.begun.seq for f in index.faults_behind(last)}.items())
    cause = f"Behind it: {', '.join(name for name, _ in behind)}." if behind else ""
    # A record does not say what its end waited for.
    path = [] if index.is_partial else index.causality.path_to(last)
    spent = time_spent(path, first.at_ms)[:3]
    if not spent:
        return Words(cause or "The timeline names no cause.", tuple(seq for _, seq in behind) or evidence), None
    went = ", ".join(f"{s.on} ({write_ms(s.ms)})" for s in spent)
    seqs = {seq for s in spent for seq in s.evidence} | {seq for _, seq in behind} | {first.seq}
    return Words(f"Most of the time went into {went}. {cause}".rstrip(), tuple(sorted(seqs))), LEVERS[spent[0].on]


def _tone(rating: Rating) -> Literal["fair", "bad"]:
    return "fair" if rating is Rating.S else "bad"
