"""Module 6, playbooks kept up with lessons: what was done of them, and when (`reports.conformance` tells how)."""

from __future__ import annotations

from reports.conformance import PlaybookRun, playbook_runs
from reports.index import TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.references import task


@measure(
    "playbook_conformance",
    title="Playbook followed",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="6.6",
    reference="Carmona et al., Conformance Checking (2018) ch. 7; ISO 22301:2019 8.4.4",
)
def playbook_conformance(index: TimelineIndex) -> list[Sample]:
    """How well what was done fits the playbook: 1 - cost / worst of an optimal alignment, where each step that was
    skipped, added or out of order costs one, and the worst is that nothing fits.  One sample a run of a playbook; while
    its incident is not resolved, only what is overdue counts as skipped."""
    return [
        Sample(run.started.subject, run.alignment.fitness, _evidence(run), censored=not run.over)
        for run in playbook_runs(index)
    ]


@measure(
    "playbook_steps_on_time",
    title="Playbook steps in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="6.6",
    reference="HSEEP 2020 (critical tasks); ISO 22301:2019 8.4.4",
)
def playbook_steps_on_time(index: TimelineIndex) -> list[Sample]:
    """Share of the playbook's steps with a planned time that were completed by then.  One sample a step that was
    completed, or that is overdue although the plan asks for it."""
    return [
        Sample(task(step.id), float(step.late_ms <= 0), tuple(event.seq for event in step.events))
        for run in playbook_runs(index)
        for step in run.timed
    ]


def _evidence(run: PlaybookRun) -> tuple[int, ...]:
    deviations = [event.seq for step in (*run.skipped, *run.added) for event in step.events[-1:]]
    return (run.started.seq, *sorted(set(deviations) - {run.started.seq}))
