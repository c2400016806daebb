"""A live run as an exercise: its folder with a timeline that is on disk event by event, its journal, its result."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from injectors.live_timeline import LiveClock, live_timeline
from injectors.plan import Plan
from injectors.running import Runner, RunResult
from scenarios.loading import LoadedScenario
from timeline.details import ExerciseDetail
from timeline.findings import InputError
from timeline.references import Reference, RefKind

LIVE = "live"
TIMELINE = "timeline.jsonl"
_FACILITATOR = Reference(RefKind.SYSTEM, "injector")
_KNOWN = ("exercise.started", "exercise.ended", "fault.started", "fault.ended")
"""Kinds of event of which a live run without monitoring has every one."""


def play(loaded: LoadedScenario, plan: Plan, folder: Path, journals: Path) -> RunResult:
    """Raises SafetyRefused before anything is touched, InputError where the folder is taken."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError.single(
            "output.not-empty", str(folder), "there is something here already", "name another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    clock = LiveClock()
    exercise = Reference(RefKind.EXERCISE, plan.scenario)
    with live_timeline(folder / TIMELINE, clock) as timeline:
        timeline.emit(0, "exercise.started", exercise, _FACILITATOR, _described(loaded, plan, clock))
        journal = journals / f"{clock.started:%Y%m%dT%H%M%S%f}-{plan.scenario}"
        result = Runner(plan, journals, journal, timeline, clock).run()
        timeline.emit(clock.now(), "exercise.ended", exercise, _FACILITATOR)
    return result


def _described(loaded: LoadedScenario, plan: Plan, clock: LiveClock) -> ExerciseDetail:
    return ExerciseDetail(
        scenario=plan.scenario,
        title=loaded.scenario.title,
        estate=loaded.estate.name,
        seed=0,
        epoch=clock.started.isoformat(timespec="milliseconds"),
        duration_ms=plan.length_ms,
        evidence_class=LIVE,
        functions=tuple(loaded.estate.topology.functions),
        practices=loaded.scenario.practices,
        version=version("blackstart"),
        complete_kinds=_KNOWN,
    )
