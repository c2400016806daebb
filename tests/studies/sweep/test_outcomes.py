"""A row against the scores that it was made from."""

from __future__ import annotations

import blackstart
from blackstart._sweeps import load_arm
from reports.measures import MEASURES
from simulator.exercise import run_exercise
from studies.sweep import replication_of
from studies.sweep.outcomes import frame_of, rows_of


def test_a_row_says_what_the_scores_of_the_run_say() -> None:
    arm = load_arm("corner-lab-crash", settings=["scenario.duration=12m"])
    scores = blackstart.score(run_exercise(arm.plan, 5, replication=2))
    row = replication_of("a", 2, scores)
    assert {o.id: (o.met, o.score) for o in row.objectives} == {o.id: (o.met, o.score) for o in scores.objectives}
    assert {f.id: f.value for f in row.figures} == {m.id: m.value for m in scores.measures if m.value is not None}
    assert [(t.task, t.met, t.delay_s) for t in row.tasks] == [
        (t.task, t.rating is not None and t.rating.is_met, t.delay_s)
        for o in scores.objectives
        for t in o.critical_tasks
    ]
    assert row.tasks
    assert len(row.samples) == sum(len(m.samples) for m in scores.measures)
    assert rows_of(frame_of([row])) == [row]


def test_a_figure_is_censored_while_any_sample_could_still_make_it_worse() -> None:
    arm = load_arm("corner-lab-crash", settings=["scenario.duration=12m"])
    scores = blackstart.score(run_exercise(arm.plan, 5))
    row = replication_of("a", 0, scores)
    censored = {figure.id for figure in row.figures if figure.censored}
    opens = {m.id for m in scores.measures if m.value is not None and any(s.censored for s in m.samples)}
    assert "time_to_restore" in censored <= opens
    for id in opens - censored:
        value = scores.measure(id).value
        assert (MEASURES[id].direction, value) in (("higher", 0), ("lower", 1))
