"""Sweeps over factors: from a file of factors to points as arms, every error at its place in that file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from blackstart._sweeps import load_arm, play_into, usual_folder
from reports.measures import MEASURES
from scenarios.factors import Factor, Factors
from scenarios.shipped import shipped_factors
from studies.factors import FactorStudy, points_of, study_of, write_documents
from studies.paired import FEWEST
from studies.sweep import Arm, Progress, Shard, writing
from studies.sweep import study_of as sweep_of
from studies.sweep.arms import STRETCH, Point
from timeline.findings import Finding, InputError, nearest
from topologies.loading.document import Document, read_document
from topologies.loading.nodes import Step
from topologies.loading.validation import validate


def sweep_factors(
    scenario: str | Path,
    factors: str | Path,
    replications: int | None = None,
    *,
    estate: str | Path | None = None,
    seed: int = 1,
    settings: Sequence[str] = (),
    jobs: int | None = None,
    shard: Shard | None = None,
    out: Path | str | None = None,
    progress: Progress = lambda _, __: None,
) -> FactorStudy:
    """Plays a scenario at every point of a file of factors (a shipped name or a path), so many replications at each, by
    default as many as the file says, and leaves the folder `out`, by default
    `exercises/factors-<scenario>-<input hash>-<seed>`; one that was interrupted goes on where it was.

    Raises InputError before anything is written when an input is wrong or `out` holds something else.
    """
    document, model = load_factors(factors)
    count = replications or model.replications
    _refuse_counts(model, count)
    base = load_arm(scenario, estate=estate, settings=settings)
    _refuse_unknown_responses(document, model, base)
    _try_values(document, model, scenario, estate, settings)
    arms = tuple(
        _arm(document, model, point, place, scenario, estate, settings)
        for place, point in enumerate(points_of(model, seed))
    )
    study = sweep_of(arms, seed, count, shard, factors=model)
    if study.shard.of > len(arms):
        message = f"{len(arms)} points cannot be cut into {study.shard.of} shards"
        raise InputError.single("input.option", "--shard", message, "ask for fewer shards")
    folder = Path(out) if out is not None else usual_folder("factors", base.record.name, study)
    with writing(folder, study) as opened:
        play_into(opened, arms, jobs, progress)
        found = study_of(opened)
        write_documents(found)
        opened.finish()
    return found


def load_factors(source: str | Path) -> tuple[Document, Factors]:
    """A file of factors, by the name of a shipped one or a path.  Raises InputError with everything that is wrong."""
    shipped = shipped_factors()
    path = shipped.get(str(source), Path(source))
    if not path.is_file():
        message = "there is no such file of factors, shipped or as a path"
        raise InputError.single("input.not-found", str(source), message, nearest(path.stem, shipped))
    document = read_document(path)
    return document, validate(document, Factors)


def _setting(factor: Factor, value: Any) -> str:
    """As for `--set`; JSON is YAML, and leaves no doubt about what is text."""
    return f"{factor.path}={json.dumps(value, ensure_ascii=False)}"


def _arm(
    document: Document,
    factors: Factors,
    point: Point,
    place: int,
    scenario: str | Path,
    estate: str | Path | None,
    settings: Sequence[str],
) -> Arm:
    made = [_setting(factor, factor.value(at)) for factor, at in zip(factors.factors.values(), point.at, strict=True)]
    try:
        return load_arm(scenario, estate=estate, settings=[*settings, *made], name=f"p{place:05d}", point=point)
    except InputError as error:
        raise InputError(_at_factors(document, factors, error.findings)) from None


def _try_values(
    document: Document, factors: Factors, scenario: str | Path, estate: str | Path | None, settings: Sequence[str]
) -> None:
    """Each factor alone, at its levels or ends: everything that is wrong in the file is told at once."""
    found: dict[Finding, None] = {}
    for id, factor in factors.factors.items():
        for number, value in enumerate(factor.levels or (factor.value(0.0), factor.value(1.0))):
            at: tuple[Step, ...] = ("levels", number) if factor.levels is not None else ("path",)
            try:
                load_arm(scenario, estate=estate, settings=[*settings, _setting(factor, value)])
            except InputError as error:
                found |= dict.fromkeys(_at_factors(document, factors, error.findings, {id: at}))
    if found:
        raise InputError(list(found))


def _at_factors(
    document: Document,
    factors: Factors,
    findings: Iterable[Finding],
    values: Mapping[str, tuple[Step, ...]] | None = None,
) -> list[Finding]:
    """Findings about a setting, at the path of the factor that made it, or at its value where that is known."""
    found = []
    for finding in findings:
        place = finding.place
        for id, factor in factors.factors.items():
            if f"{place.file}=".startswith(f"--set {factor.path}="):
                below = ("path",) if finding.id.startswith("overlay.") else (values or {}).get(id, ("path",))
                place = document.place(["factors", id, *below])
        found.append(Finding(finding.id, finding.severity, place, finding.message, finding.hint))
    return found


def _refuse_counts(factors: Factors, replications: int) -> None:
    if not 1 <= replications <= STRETCH:
        message = f"a point cannot have {replications} replications"
        raise InputError.single("input.option", "--replications", message, f"ask for at most {STRETCH}")
    if factors.design.kind == "factorial" and replications < FEWEST:
        message = f"{replications} replications a point are too few for paired intervals"
        raise InputError.single("input.option", "--replications", message, f"play at least {FEWEST}")


def _refuse_unknown_responses(document: Document, factors: Factors, arm: Arm) -> None:
    known = [*arm.plan.scenario.objectives, *MEASURES]
    for place, id in enumerate(factors.responses):
        if id not in known:
            message = f"{arm.record.name} has no objective, and there is no measure, {id!r}"
            raise InputError.single(
                "factors.unknown-response", document.place(["responses", place]), message, nearest(id, known)
            )
