"""What people have learned in an exercise, read off its timeline: the file that the next exercise begins with."""

from __future__ import annotations

from collections import Counter, defaultdict

from reports.index import TimelineIndex, detail_of
from scenarios.experience import FORMAT, NOBODY_EXERCISED, PastExercises, PersonExperience
from timeline.details import DiagnosisDetail, RoleDetail, TaskDetail
from timeline.playbooks import PlaybookDetail


def experience_after(index: TimelineIndex, before: PastExercises = NOBODY_EXERCISED) -> PastExercises:
    """What everybody knew before, and what this exercise added.

    Whoever was on the bridge of an incident or did a task in it took part in its playbook, and has met the true causes
    that were found in it, each once.  A wrong conclusion teaches nothing.
    """
    took_part = _took_part(index)
    playbooks: dict[str, Counter[str]] = defaultdict(Counter)
    causes: dict[str, Counter[str]] = defaultdict(Counter)
    for event in index.of_kind("playbook.started"):
        plan = detail_of(event, PlaybookDetail)
        for who in took_part[_root(index, plan.incident)]:
            playbooks[who][plan.title] += 1
    truths = {f"{fault.detail.fault} on {fault.detail.target}": fault.detail.target for fault in index.faults}
    concluded = index.of_kind("diagnosis.concluded")
    met = {(_root(index, e.subject.id), truths.get(detail_of(e, DiagnosisDetail).finding or "")) for e in concluded}
    for incident, component in met:
        if component is not None:
            for who in took_part[incident]:
                causes[who][component] += 1
    people = {
        who: PersonExperience(
            playbooks=_added(known.playbooks if known else {}, playbooks[who]),
            causes=_added(known.causes if known else {}, causes[who]),
        )
        for who in sorted({*before.people, *playbooks, *causes})
        for known in [before.people.get(who)]
    }
    return PastExercises(format=FORMAT, people={who: p for who, p in people.items() if p.playbooks or p.causes})


def _took_part(index: TimelineIndex) -> dict[str, dict[str, None]]:
    """Who worked on each root incident."""
    people: dict[str, dict[str, None]] = defaultdict(dict)
    for event in index.of_kind("bridge.joined"):
        joined = detail_of(event, RoleDetail)
        people[_root(index, joined.incident)][joined.person] = None
    for event in index.of_kind("task.completed", "task.failed"):
        task = detail_of(event, TaskDetail)
        if task.person is not None:
            people[_root(index, task.incident)][task.person] = None
    for event in index.of_kind("diagnosis.checked", "diagnosis.concluded"):
        people[_root(index, event.subject.id)][detail_of(event, DiagnosisDetail).person] = None
    return people


def _root(index: TimelineIndex, incident: str) -> str:
    root = index.root_of(incident)
    return incident if root is None else root.subject.id


def _added(before: dict[str, int], times: Counter[str]) -> dict[str, int]:
    return {name: before.get(name, 0) + times[name] for name in sorted({*before, *times})}
