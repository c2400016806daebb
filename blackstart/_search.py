"""Searches: from names and options to what is tried, and the folder with its findings.

search.json                 what is searched, while it goes on; then the answer with it
trials.jsonl                every exercise that was played
finding-1.yaml, ...         each finding as a scenario
INCOMPLETE                  until the search came to its end, or to that of its budget
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from blackstart._folders import INCOMPLETE, digest
from blackstart._plans import load, plan_of
from blackstart._runs import inputs_of
from scenarios.faults import FAULTS
from scenarios.loading import LoadedScenario
from scenarios.shipped import shipped_playbooks
from simulator.exercise import ExercisePlan
from studies.search import (
    Limits,
    Outcome,
    OutOfBudget,
    Question,
    Space,
    Stage,
    Trials,
    WorstStart,
    beginnings,
    space_of,
    usual_starts,
    worst_start,
)
from studies.search import search as search_space
from studies.search.document import document, worst_start_document
from studies.search.finding_file import finding_file
from studies.sweep import usual_jobs
from timeline.files import write_whole
from timeline.findings import InputError, nearest
from topologies.loading.nodes import plain
from topologies.shared_fate import fault_targets
from topologies.shipped import shipped_estates

ANSWER, TRIALS = "search.json", "trials.jsonl"
_UNFINISHED = "This search has not finished; the same command goes on with it.\n"
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be played, None: as much as it takes.  Exercises count over all sessions, time in this one."""

    exercises: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """A finished search."""

    folder: Path
    space: Space
    outcome: Outcome
    files: tuple[Path, ...]
    """Of the findings, in their rank."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The worst beginnings."""

    folder: Path
    answer: WorstStart


def search(
    scenario: str | Path,
    *,
    objectives: Sequence[str] = (),
    limits: Callable[[ExercisePlan], Limits] = lambda plan: Limits(starts=usual_starts(plan)),
    question: Question | None = None,
    budget: Budget | None = None,
    estate: str | Path | None = None,
    settings: Sequence[str] = (),
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress = lambda _, __: None,
) -> Searched:
    """Searches the smallest combinations that break one of the objectives (of all that have targets, where none is
    named) and leaves the folder `out`; one that was interrupted goes on where it was.

    `limits` say what may be combined, once the plan is known; by default losses of everything, everybody, and the usual
    beginnings.  Raises InputError before anything is written when an input is wrong
    or `out` holds something else.
    """
    loaded = load(scenario, estate=estate, settings=settings)
    plan, question = plan_of(loaded), question or Question()
    wanted = limits(plan)
    chosen = _objectives(plan, objectives, given=wanted.given)
    _refuse_unknown(plan, wanted)
    space = space_of(plan, _stated(loaded), wanted)
    stage = Stage(plan, space, chosen)
    asked = {"objectives": chosen, "limits": asdict(wanted), "rule": asdict(question.rule), "seed": question.seed}
    folder = _open(out, "search", loaded, settings, asked)
    with _trials(stage, jobs, folder, budget) as trials:
        outcome = search_space(trials, question, progress)
    files = _write_findings(folder, loaded, space, outcome, settings)
    _finish(folder, {**document(space, outcome), "files": [path.name for path in files]})
    return Searched(folder, space, outcome, files)


def search_worst_start(
    scenario: str | Path,
    over: Literal["week", "year"],
    *,
    by: str | None = None,
    seed: int = 1,
    budget: Budget | None = None,
    estate: str | Path | None = None,
    settings: Sequence[str] = (),
    jobs: int | None = None,
    out: Path | str | None = None,
    progress: Progress = lambda _, __: None,
) -> Compared:
    """Which hour of a week, or day of a year, hurts most if the scenario happens then.

    Raises InputError as `search` does, and when the budget ends before there is an answer.
    """
    loaded = load(scenario, estate=estate, settings=settings)
    plan = plan_of(loaded)
    _refuse_unfit_measure(by)
    moments = beginnings(plan, over)
    starts = tuple((one.id.removeprefix("start-"), one.at) for one in moments)
    limits = Limits(kinds=(), people=(), starts=starts, given=True)
    stage = Stage(plan, space_of(plan, _stated(loaded), limits), tuple(plan.scenario.objectives), by)
    folder = _open(out, "search-when", loaded, settings, {"over": over, "by": by, "seed": seed})
    with _trials(stage, jobs, folder, budget) as trials:
        try:
            answer = worst_start(trials, moments, seed, progress)
        except OutOfBudget:
            message, hint = "the budget ended before there was an answer", "the same command with more of it goes on"
            raise InputError.single("search.budget", str(folder), message, hint) from None
    _finish(folder, worst_start_document(answer))
    return Compared(folder, answer)


def _stated(loaded: LoadedScenario) -> dict[str, Any]:
    data = plain(loaded.scenario_document.root)
    assert isinstance(data, dict), "it has been loaded as a scenario"
    return data


def _objectives(plan: ExercisePlan, wanted: Sequence[str], *, given: bool) -> tuple[str, ...]:
    known = plan.scenario.objectives
    for id in wanted:
        if id not in known:
            message = f"{plan.name} has no objective {id!r}"
            raise InputError.single("input.option", "--objective", message, nearest(id, known))
    chosen = tuple(id for id in wanted or known if known[id].targets or given)
    if not chosen:
        hint = "name an objective with targets, or give --given for critical tasks to count"
        raise InputError.single("search.nothing-to-break", plan.name, "no objective has a target", hint)
    return chosen


def _refuse_unknown(plan: ExercisePlan, limits: Limits) -> None:
    options = (
        ("--kinds", "kind of fault", limits.kinds, FAULTS),
        ("--targets", "target", limits.targets, fault_targets(plan.estate)),
        ("--absent", "person", limits.people, plan.organisation.people),
    )
    for option, what, wanted, known in options:
        for id in wanted or ():
            if id not in known:
                raise InputError.single("input.option", option, f"there is no {what} {id!r}", nearest(id, known))


def _refuse_unfit_measure(by: str | None) -> None:
    from reports.measures import MEASURES
    from reports.measures.measure import Direction

    if by is None:
        return
    if by not in MEASURES:
        raise InputError.single("input.option", "--by", f"there is no measure {by!r}", nearest(by, MEASURES))
    if MEASURES[by].direction is not Direction.LOWER:
        message = f"of {by} more is better, so it does not tell how much something hurts"
        raise InputError.single("input.option", "--by", message, "choose one of which less is better")


def _trials(stage: Stage, jobs: int | None, folder: Path, budget: Budget | None) -> Trials:
    budget = budget or Budget()
    until_s = None if budget.seconds is None else time.monotonic() + budget.seconds
    return Trials(
        stage,
        jobs or usual_jobs(),
        folder / TRIALS,
        budget.exercises,
        out_of_time=lambda: until_s is not None and time.monotonic() >= until_s,
    )


def _open(
    out: Path | str | None, kind: str, loaded: LoadedScenario, settings: Sequence[str], asked: dict[str, Any]
) -> Path:
    """The folder with what is searched, made where it is not there."""
    whole = {"version": version("blackstart"), "inputs": digest(inputs_of(loaded, settings)), **asked}
    study = json.loads(json.dumps({"kind": kind, **whole}, default=str))
    mark = digest({"study": json.dumps(study)})
    folder = Path(out) if out is not None else Path("exercises") / f"{kind}-{loaded.name}-{mark[:10]}"
    if folder.exists() and not folder.is_dir():
        raise InputError.single("search.folder", str(folder), "this is a file, not a folder", "choose another --out")
    if folder.is_dir() and any(folder.iterdir()):
        _refuse_another(folder, study)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / INCOMPLETE, _UNFINISHED)
    write_whole(folder / ANSWER, json.dumps({"study": study}, indent=2) + "\n")
    return folder


def _refuse_another(folder: Path, study: dict[str, Any]) -> None:
    hint = "choose another --out, or remove the folder"
    try:
        there = json.loads((folder / ANSWER).read_text(encoding="utf-8"))["study"]
    except (OSError, ValueError, KeyError, TypeError):
        message = "this folder holds something else than a search"
        raise InputError.single("search.folder", str(folder), message, hint) from None
    apart = sorted(name for name in {*there, *study} if there.get(name) != study.get(name))
    if apart:
        message = f"this folder holds another search: it differs in {', '.join(apart)}"
        raise InputError.single("search.folder", str(folder), message, hint)


def _write_findings(
    folder: Path, loaded: LoadedScenario, space: Space, outcome: Outcome, settings: Sequence[str]
) -> tuple[Path, ...]:
    for old in folder.glob("finding-*.yaml"):
        old.unlink()
    shipped = loaded.estate.name in shipped_estates()
    topology = Path(loaded.estate.topology_document.name)
    estate = loaded.estate.name if shipped else os.path.relpath(topology, folder)
    named = loaded.scenario.playbook
    playbook = named
    if named is not None and named not in shipped_playbooks() and loaded.playbook_document is not None:
        playbook = os.path.relpath(loaded.playbook_document.name, folder)
    written = []
    for number, finding in enumerate(outcome.findings, start=1):
        written.append(folder / f"finding-{number}.yaml")
        write_whole(written[-1], finding_file(space, finding, estate, playbook, settings))
    return tuple(written)


def _finish(folder: Path, answer: dict[str, Any]) -> None:
    study = json.loads((folder / ANSWER).read_text(encoding="utf-8"))["study"]
    write_whole(folder / ANSWER, json.dumps({"study": study, **answer}, ensure_ascii=False, indent=2) + "\n")
    (folder / INCOMPLETE).unlink(missing_ok=True)
