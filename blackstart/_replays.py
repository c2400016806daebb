"""Replays: from a history (or a model of one) and an estate to what would have happened, and its documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from blackstart._coverage import CoverageInput, coverage_input
from scenarios.history.calibration.fitting import fit_history
from scenarios.history.calibration.model_file import HistoryModel, model_of, read_model
from scenarios.history.record import IncidentRecord, read_history
from simulator.randomness import Streams
from studies.replay import (
    Asked,
    DetectionSource,
    DetectionTables,
    HistoryReplay,
    ReplayMapping,
    World,
    future,
    parse_stress,
    place,
    propose,
    read_mapping,
    replay_history,
    write_folder,
)
from timeline.findings import InputError
from topologies.loading.overlay import Given

_MODEL = (".yaml", ".yml")
_TUESDAY_MORNING = datetime(2026, 3, 3, 10)


@dataclass(frozen=True, slots=True)
class Past:
    """What is replayed: incidents, and the model behind them where they are a future."""

    path: Path
    records: tuple[IncidentRecord, ...]
    model: HistoryModel | None

    def fitted(self) -> HistoryModel:
        """The model, fitted here to a history.  Raises InputError where it has no time to restore."""
        model = self.model
        if model is None:
            model = model_of(fit_history(self.records), self.records, self.path.read_bytes())
        if model.restore is None:
            message = "no time to restore could be fitted to it"
            raise _refused(str(self.path), message, "replay it without --fitted")
        return model


def past(history: str | Path, *, weeks: int = 52, seed: int = 1) -> Past:
    """A history (Parquet), or so many weeks of a future that follows on the history of a model (YAML).

    Raises InputError for what cannot be read, and a model that says nothing of incidents a week.
    """
    path = Path(history)
    if path.suffix not in _MODEL:
        return Past(path, tuple(read_history(path)), None)
    model = read_model(path)
    begins = datetime.fromisoformat(model.history.watched_until)
    try:
        return Past(path, tuple(future(model, begins, weeks, Streams(seed))), model)
    except ValueError as error:
        hint = "fit a model to more weeks of a history with a calendar"
        raise _refused(str(history), str(error), hint) from None


def mapping_for(
    given: Past, subject: CoverageInput, mapping: str | Path | None, *, deal: bool = False
) -> ReplayMapping:
    """The mapping of a file, or the one that is proposed."""
    estate = subject.subject.estate
    return propose(given.records, estate, deal=deal) if mapping is None else read_mapping(Path(mapping), estate)


def replay(
    history: str | Path | Past,
    estate: str | Path,
    *,
    mapping: str | Path | None = None,
    deal: bool = False,
    detection: Literal["modelled", "recorded"] = "modelled",
    fitted: bool = False,
    stress: str | None = None,
    against: str | Path | None = None,
    overlay: Sequence[Given] = (),
    settings: Sequence[Given] = (),
    as_dated: bool = False,
    replications: int = 20,
    weeks: int = 52,
    at: datetime | None = None,
    seed: int = 1,
    jobs: int = 1,
    detection_table: str | Path | None = None,
    out: str | Path | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> HistoryReplay:
    """Lets the incidents of a history (or of `weeks` of a future from its model) happen again on an estate.

    `overlay` is set on every variant, `settings` on the one that is replayed beside, as are `stress` and `against`;
    `fitted` takes times from the fit instead of the modelled people; `at` is when detection is tried.  The answer does
    not depend on `jobs`, nor on `detection_table`, a file that keeps what trials of detection told.  With `out` a
    folder with its documents is written.

    Raises InputError with everything that is wrong in any of the files.
    """
    given = history if isinstance(history, Past) else past(history, weeks=weeks, seed=seed)
    base = coverage_input(estate, settings=overlay)
    chosen = mapping_for(given, base, mapping, deal=deal)
    other = None
    if against is not None or settings:
        other = _named(coverage_input(against or estate, settings=[*overlay, *settings]), settings)
    beside = (other or base).subject
    made_worse = None if stress is None else parse_stress(stress, World(beside.estate, beside.organisation))
    asked = Asked(
        epoch=at or _TUESDAY_MORNING.replace(tzinfo=ZoneInfo(base.subject.estate.timezone)),
        source=DetectionSource(detection),
        seed=seed,
        replications=replications,
        as_dated=as_dated,
        fitted=given.fitted() if fitted else None,
    )
    placed = place(given.records, chosen, base.subject.estate)
    if not placed.incidents:
        hint = "write a mapping (--propose prints one to begin with), or let --deal deal the services out"
        raise _refused(str(given.path), "no incident of it is on the estate", hint)
    tables = None if detection_table is None else DetectionTables(Path(detection_table))
    done = replay_history(
        given.records,
        placed,
        base.subject,
        asked,
        stress=made_worse,
        against=None if other is None else other.subject,
        jobs=jobs,
        known=None if tables is None else tables.of(base.documents, asked.epoch, seed),
        known_against=None if tables is None or other is None else tables.of(other.documents, asked.epoch, seed),
        progress=progress,
    )
    if tables is not None:
        tables.save()
    if out is not None:
        write_folder(Path(out), done)
    return done


def _named(changed: CoverageInput, settings: Sequence[Given]) -> CoverageInput:
    """A changed estate is called by what was changed."""
    name = " with ".join([changed.subject.name, *([", ".join(map(str, settings))] if settings else [])])
    return replace(changed, subject=replace(changed.subject, name=name))


def _refused(option: str, message: str, hint: str) -> InputError:
    return InputError.single("input.option", option, message, hint)
