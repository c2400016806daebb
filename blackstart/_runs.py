"""Runs: an exercise played, scored and left in its folder.

A run folder holds `timeline.jsonl`, `scores.json`, `report.html`, `junit.xml`, `figures/`, `experience.yaml` (what
people know after it), `inputs/` (what was read, as read, with hashes) and `sources.json` (where parameters come from).
The marker `INCOMPLETE` is there from the first moment until everything else is, so a run that was killed never looks
complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from blackstart._folders import EXPERIENCE, INCOMPLETE, TIMELINE, digest, keep_inputs, make_folder
from blackstart._frames import events_frame
from blackstart._plans import load, plan_of
from reports.conformance import playbook_runs
from reports.evidence import Pack, write_pack
from reports.experience import experience_after
from reports.folder import SCORES, write_reports
from reports.index import TimelineIndex
from reports.playbook_edits import proposed_edits
from reports.scoring import Scores
from reports.scoring import score as score_timeline
from reports.sources import write_sources
from reports.webhooks import PLATFORMS, webhook_lines
from scenarios.experience import read_experience
from scenarios.loading import LoadedScenario
from simulator.exercise import ExercisePlan, run_exercise
from timeline.events import Event
from timeline.files import sync_folder, write_whole
from timeline.findings import InputError
from timeline.journal import Timeline
from timeline.store import TimelineFile, read_timeline
from topologies.loading.document import read_document
from topologies.loading.overlay import Given
from topologies.writing import to_yaml

_PROGRESS_EVERY_MS = 60_000
WEBHOOKS = "webhooks"
"""Folder of a run that holds the bodies of webhooks, where they were asked for."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    folder: Path
    timeline: Timeline
    scores: Scores

    def frame(self) -> pl.DataFrame:
        """Its timeline as a data frame, one row an event."""
        return events_frame(self.timeline)


def simulate(plan: ExercisePlan | LoadedScenario | str | Path, *, seed: int = 1) -> Timeline:
    """Plays an exercise in memory; nothing is written."""
    if not isinstance(plan, ExercisePlan):
        plan = plan_of(plan if isinstance(plan, LoadedScenario) else load(plan))
    return run_exercise(plan, seed)


def run(
    scenario: str | Path,
    *,
    estate: str | Path | None = None,
    seed: int = 1,
    settings: Sequence[Given] = (),
    out: Path | str | None = None,
    experience: Path | str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Run:
    """Plays and scores an exercise.  Its folder is `out`, by default `exercises/<scenario>-<input hash>-<seed>`.

    `experience` is the `experience.yaml` of an earlier run: what people learned there, they know here.  `progress` is
    told the share of exercise time that has passed.  Raises InputError before anything is written when an input is
    wrong, or when `out` holds something that is not a run.
    """
    loaded = load(scenario, estate=estate, settings=settings)
    plan = plan_of(loaded)
    inputs = inputs_of(loaded, settings)
    if experience is not None:
        plan = replace(plan, past=read_experience(Path(experience)))
        inputs["experience.yaml"] = to_yaml(plan.past.model_dump(mode="json"))
    folder = Path(out) if out is not None else Path("exercises") / f"{plan.name}-{digest(inputs)[:10]}-{seed}"
    make_folder(folder)
    keep_inputs(folder / "inputs", inputs)
    write_sources(folder, loaded.sources)
    timeline = Timeline()
    with TimelineFile(folder / TIMELINE) as file:
        timeline.listen(file)
        timeline.listen(_progress_of(plan, progress))
        run_exercise(plan, seed, timeline=timeline)
    scores = write_reports(timeline, folder)
    learned = experience_after(TimelineIndex(timeline), plan.past)
    write_whole(folder / EXPERIENCE, to_yaml(learned.model_dump(mode="json")))
    (folder / INCOMPLETE).unlink()
    sync_folder(folder)
    return Run(folder, timeline, scores)


def open_run(folder: Path | str) -> Run:
    """A run from its folder.  Raises InputError when there is none, or its timeline is damaged."""
    folder = Path(folder)
    path = folder / TIMELINE
    if not path.is_file():
        raise InputError.single("run.not-found", str(folder), f"there is no {TIMELINE} here", "is this a run folder?")
    timeline = read_timeline(path)
    return Run(folder, timeline, score_timeline(timeline))


def score(timeline: Timeline) -> Scores:
    """Scores of a timeline, from its events alone."""
    return score_timeline(timeline)


def report(folder: Path | str) -> Run:
    """Writes the documents of a run anew from its timeline.  One that was killed is reported as incomplete."""
    opened = open_run(folder)
    return Run(opened.folder, opened.timeline, write_reports(opened.timeline, opened.folder))


def export_webhooks(folder: Path | str) -> list[Path]:
    """Writes the webhook bodies of a run, one file of JSON lines for each platform, into its folder `webhooks`."""
    opened = open_run(folder)
    target = opened.folder / WEBHOOKS
    target.mkdir(exist_ok=True)
    index, written = TimelineIndex(opened.timeline), []
    for platform in PLATFORMS:
        written.append(target / f"{platform}.jsonl")
        write_whole(written[-1], webhook_lines(index, platform))
    return written


def propose(*folders: Path | str) -> str:
    """What runs of a playbook suggest to change in it, as a unified diff of the playbook as the first run read it.

    Raises InputError when a folder is no run, the first has no playbook, or none of them ran it.
    """
    first = open_run(folders[0])
    files = sorted((first.folder / "inputs" / "playbook").glob("*"))
    if not files:
        raise InputError.single("run.no-playbook", str(first.folder), "this run had no playbook", "name another run")
    runs = [run for folder in folders for run in playbook_runs(TimelineIndex(open_run(folder).timeline))]
    runs = [run for run in runs if run.plan.title == runs[0].plan.title]
    if not runs:
        raise InputError.single(
            "run.playbook-not-started", str(first.folder), "the playbook never began", "name another run"
        )
    return proposed_edits(read_document(files[0]), runs)


def pack(folder: Path | str) -> Pack:
    """The evidence pack of a run, in memory.  Raises InputError when its documents are not those of its timeline."""
    opened = open_run(folder)
    written = opened.folder / SCORES
    if not written.is_file() or written.read_text(encoding="utf-8") != opened.scores.to_json():
        raise InputError.single(
            "run.documents",
            str(written),
            "these scores are not what the timeline gives",
            f"write the documents anew: blackstart report {opened.folder}",
        )
    files = sorted(path for path in opened.folder.rglob("*") if path.is_file())
    return write_pack({path.relative_to(opened.folder).as_posix(): path.read_bytes() for path in files}, opened.scores)


def _progress_of(plan: ExercisePlan, progress: Callable[[float], None]) -> Callable[[Event], None]:
    told_ms = 0

    def tell(event: Event) -> None:
        nonlocal told_ms
        if event.at_ms - told_ms >= _PROGRESS_EVERY_MS:
            told_ms = event.at_ms
            progress(min(event.at_ms / plan.scenario.duration, 1.0))

    return tell


def inputs_of(loaded: LoadedScenario, settings: Sequence[Given]) -> dict[str, str]:
    """What was read, by its name in the folder `inputs`."""
    inputs = {f"{role}/{Path(document.name).name}": document.text for role, document in loaded.documents_by_role()}
    if (register := loaded.estate.register) is not None:
        inputs[f"estate/{Path(register.name).name}"] = register.text
    if settings:
        inputs["settings.txt"] = "".join(f"{setting}\n" for setting in settings)
    return inputs
