"""The model file: what was fitted to a history, for people to read and edit and for exercises to draw from.

Every figure stands with its 95 % interval, the number of incidents behind it, and its basis: `fitted`, until somebody
changes the value and says `expert`.  The head names the history by its hash, so that a model and its data are told to
belong together.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field

from scenarios.history.calibration.cases import Target
from scenarios.history.calibration.durations import DurationModel
from scenarios.history.calibration.effects import Grouped, Slope
from scenarios.history.calibration.fitting import ArrivalFit, DurationFit, HistoryFit, TransitionFit
from scenarios.history.calibration.transitions import Share
from scenarios.history.record import IncidentRecord
from timeline.instants import UNIX_EPOCH, format_duration
from topologies.fields import Duration, DurationMs, Model, Ratio
from topologies.loading.document import read_document
from topologies.loading.validation import validate
from topologies.writing import to_yaml

FORMAT: Literal["blackstart/history-model/1"] = "blackstart/history-model/1"
Basis = Literal["measured", "fitted", "expert", "assumed"]
_DIGITS = 4


class Figure(Model):
    """A number with its 95 % interval and the number of cases behind it."""

    value: float
    low: float
    high: float
    n: int = Field(ge=0)
    basis: Basis = "fitted"


class Time(Model):
    """A duration with its 95 % interval and the number of cases behind it."""

    value: DurationMs
    low: DurationMs
    high: DurationMs
    n: int = Field(ge=0)
    basis: Basis = "fitted"


class History(Model):
    """What it was fitted to."""

    sha256: str
    incidents: int = Field(gt=0)
    opened_from: str
    opened_to: str
    watched_until: str
    """The last moment in the history; what was open then counts as longer than so far."""
    time_basis: Literal["calendar", "relative"]
    sources: tuple[str, ...]


class Clusters(Model):
    """Incidents that bring others with them."""

    offspring: Figure
    delay: DurationMs
    shown: bool
    """Whether the data show it; otherwise it is chance, and nothing to simulate."""


class Arrivals(Model):
    """How incidents come."""

    incidents_a_week: Figure | None = None
    """The level at the end of the history."""
    long_run_a_week: Figure | None = None
    """The mean of all weeks; its bounds are those that 95 % of the weekly levels keep."""
    memory_a_week: Ratio | None = None
    """How much of what the latest weeks told still holds a week on."""
    burst: float | None = None
    """Variance over mean of weekly counts within a level."""
    hour_of_week_shape: str | None = None
    hour_of_week: tuple[float, ...] = ()
    """168 rates relative to the mean hour, from Monday 00:00 UTC; empty: all alike."""
    daily_dispersion: Figure | None = None
    """Variance over mean of daily counts; the bounds are those that a Poisson process keeps 95 % of the time."""
    clusters: Clusters | None = None
    between: Durations | None = None
    """Times between incidents, where there is no calendar."""
    services: dict[str, Figure] = Field(default_factory=dict)


class Effect(Model):
    """What one field of an incident does to a duration: factors on it, by level."""

    spread: float
    """Standard deviation of the logarithms of the factors."""
    factors: dict[str, Figure]


class Durations(Model):
    """A duration: its distribution for a common incident, the parameters behind it, and what stretches it."""

    distribution: Duration
    approximate: bool = False
    """Whether `distribution` only has the median and the 90th percentile of the fitted family."""
    family: Literal["lognormal", "weibull", "gamma", "mixture"]
    n: int
    open: int = 0
    """How many of the `n` were not over yet."""
    median: Time
    p90: Time
    shapes: dict[str, Figure]
    effects: dict[str, Effect] = Field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Fields that were tried and told nothing."""
    compared: dict[str, float] = Field(default_factory=dict)
    """The criterion of each family, smaller is better."""


class Transitions(Model):
    """Probabilities of steps back."""

    reassigned: Figure | None = None
    reassigned_again: Figure | None = None
    """After each hand-over, the probability of a further one."""
    reopened: Figure | None = None


class HistoryModel(Model):
    """A whole model file."""

    format: Literal["blackstart/history-model/1"]
    history: History
    arrivals: Arrivals
    acknowledge: Durations | None = None
    restore: Durations | None = None
    transitions: Transitions = Transitions()


def read_model(path: Path) -> HistoryModel:
    """Raises InputError with every disagreement and its place."""
    return validate(read_document(path), HistoryModel)


def model_text(model: HistoryModel) -> str:
    """The file, with a head that says what it is."""
    data = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    for part in ("arrivals", "acknowledge", "restore", "transitions"):
        if part in data:
            data[part] = {key: value for key, value in data[part].items() if value not in ([], {})}
    return f"{_HEAD}{to_yaml(data, leaves_in_line=True)}"


_HEAD = """\
# Fitted to a history of incidents by `blackstart history fit`.
# Each figure has its 95 % interval and the number of cases behind it. Change values freely, and then
# write `basis: expert`, so that a report does not call them fitted.
"""


def model_of(fit: HistoryFit, records: Sequence[IncidentRecord], content: bytes) -> HistoryModel:
    """The file's model of a fit; `content` are the bytes of the history."""
    return HistoryModel(
        format=FORMAT,
        history=History(
            sha256=hashlib.sha256(content).hexdigest(),
            incidents=len(records),
            opened_from=_moment(fit.from_s),
            opened_to=_moment(max((r.opened_at - UNIX_EPOCH).total_seconds() for r in records)),
            watched_until=_moment(fit.until_s),
            time_basis="calendar" if fit.calendar else "relative",
            sources=tuple(sorted({r.source for r in records})),
        ),
        arrivals=_arrivals(fit.arrivals),
        acknowledge=_of_target(fit.durations.get(Target.ACKNOWLEDGE)),
        restore=_of_target(fit.durations.get(Target.RESTORE)),
        transitions=_transitions(fit.transitions),
    )


def _moment(seconds: float) -> str:
    moment: datetime = UNIX_EPOCH + timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds")


def _round(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def rounded_ms(seconds: float) -> int:
    """Milliseconds of four digits, no finer than a second from a minute on."""
    rounded = _round(seconds)
    return round(rounded) * 1000 if rounded >= 60 else max(round(rounded * 1000), 1)


def _figure(value: float, bounds: tuple[float, float], n: int) -> Figure:
    return Figure(value=_round(value), low=_round(bounds[0]), high=_round(bounds[1]), n=n)


T = TypeVar("T")


def _parsed(model: type[T], **fields: Any) -> T:
    return model(**fields)


def _time(seconds: float, bounds: tuple[float, float], n: int) -> Time:
    value, low, high = (format_duration(rounded_ms(s)) for s in (seconds, *bounds))
    return _parsed(Time, value=value, low=low, high=high, n=n)


def _arrivals(fit: ArrivalFit) -> Arrivals:
    level, week, dispersion, clustering = fit.level, fit.week, fit.dispersion, fit.clustering
    return _parsed(
        Arrivals,
        incidents_a_week=None if level is None else _figure(level.rate, level.bounds(), level.weeks),
        long_run_a_week=None if level is None else _figure(level.long_run_rate, level.long_run_bounds(), level.weeks),
        memory_a_week=None if level is None else level.memory,
        burst=None if level is None else level.burst,
        hour_of_week_shape=None if week is None else week.menu,
        hour_of_week=() if week is None or week.flat else tuple(_round(float(rate)) for rate in week.relative),
        daily_dispersion=None
        if dispersion is None
        else _figure(dispersion.value, (dispersion.poisson_low, dispersion.poisson_high), dispersion.days),
        clusters=None
        if clustering is None
        else _parsed(
            Clusters,
            offspring=_figure(clustering.offspring, (clustering.low, clustering.high), clustering.incidents),
            delay=format_duration(rounded_ms(clustering.delay_s)),
            shown=clustering.shown,
        ),
        between=None if fit.between is None else _durations(fit.between, {}, (), {}),
        services={s.service: _figure(s.value, (s.low, s.high), s.incidents) for s in fit.services},
    )


def _of_target(fit: DurationFit | None) -> Durations | None:
    if fit is None:
        return None
    cases = fit.cases
    kept = {term.name for term in fit.model.design.terms}
    tried = {term.name for term in cases.terms(cases.usable, cases.watched_until_s)}
    counts = {
        name: {level: column.count(level) for level in set(column)}
        for name, column in cases.values(cases.usable).items()
        if name in kept and isinstance(column, list)
    }
    return _durations(fit.model, fit.criteria, tuple(sorted(tried - kept)), counts)


def _durations(
    model: DurationModel, criteria: dict[str, float], left_out: tuple[str, ...], counts: dict[str, dict[Any, int]]
) -> Durations:
    median, p90 = model.quantile_s(0.5), model.quantile_s(0.9)
    width = len(model.location)
    shapes = {}
    for place, shape in enumerate(model.family.shapes):
        low, high = (shape.natural(bound) for bound in model.bounds(width + place))
        shapes[shape.name] = _figure(shape.natural(float(model.phi[place])), (low, high), model.cases)
    name = "weibull" if model.family.name == "weibull" else "lognormal"
    return _parsed(
        Durations,
        distribution=f"{name}(median={format_duration(rounded_ms(median))}, p90={format_duration(rounded_ms(p90))})",
        approximate=model.family.name != name,
        family=model.family.name,
        n=model.cases,
        open=model.cases - model.ended,
        median=_time(median, model.quantile_bounds_s(0.5), model.cases),
        p90=_time(p90, model.quantile_bounds_s(0.9), model.cases),
        shapes=shapes,
        effects=_effects(model, counts),
        left_out=left_out,
        compared={family: round(value, 1) for family, value in criteria.items()},
    )


def _effects(model: DurationModel, counts: dict[str, dict[Any, int]]) -> dict[str, Effect]:
    """Groups and slopes by level; of the stretches of the calendar only the latest, which is what holds now."""
    effects = {}
    for term, where, spread in zip(model.design.terms, model.design.slices(), model.spreads, strict=True):
        places = list(range(where.start, where.stop))
        labels: tuple[str, ...] = term.levels
        if not isinstance(term, Grouped | Slope):
            places, labels = places[-1:], ("latest",)
        factors = {
            label: _figure(
                math.exp(float(model.location[place])),
                (math.exp(model.bounds(place)[0]), math.exp(model.bounds(place)[1])),
                counts.get(term.name, {}).get(label, model.cases),
            )
            for label, place in zip(labels, places, strict=True)
        }
        effects[term.name] = Effect(spread=_round(float(spread)), factors=factors)
    return effects


def _transitions(fit: TransitionFit) -> Transitions:
    def figure(share: Share | None) -> Figure | None:
        return None if share is None else _figure(share.value, (share.low, share.high), share.cases)

    return Transitions(
        reassigned=figure(fit.reassigned),
        reassigned_again=figure(fit.reassigned_again),
        reopened=figure(fit.reopened),
    )
