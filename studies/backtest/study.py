"""One back-test: rules and a configuration over a recording, judged and measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from simulator.monitoring.alertmanager import AlertmanagerConfig
from simulator.monitoring.rules import AlertingRule, RuleGroup, RuleReference
from studies.backtest.assessment import Assessed, assess
from studies.backtest.measures import Figures, Question, measure
from studies.backtest.people import Addressees
from studies.backtest.running import Outcome, Server, run
from studies.backtest.store import SampleStore
from timeline.instants import HOUR


@dataclass(frozen=True, slots=True)
class Variant:
    """What is tried: rules, and a configuration of Alertmanager if notifications are asked for."""

    name: str
    groups: tuple[RuleGroup, ...]
    config: AlertmanagerConfig | None


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most over several offsets of evaluation."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the result depends on where in their intervals groups are evaluated, over so many `offsets`."""

    offsets: int
    alerts: Mapping[RuleReference, Range]
    pages: Mapping[RuleReference, Range]
    total: Range
    """Of all pages; of all alerts, where nobody is notified."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """A variant with what came of it; `spread` where several offsets were tried."""

    variant: Variant
    assessed: Assessed
    outcome: Outcome
    figures: Figures
    spread: Spread | None
    guessed: tuple[str, ...]
    """Groups of which it is not known when in their interval the real server evaluates them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a back-test is run; the first of `offsets` gives the figures, all of them the spread."""

    server: Server
    offsets: int = 1
    recording_is_complete: bool = False


def backtest(
    variant: Variant,
    store: SampleStore,
    settings: Settings,
    question: Question,
    addressees: Addressees,
    progress: Callable[[float], None] = lambda _: None,
) -> Backtest:
    """Runs a variant over a store and measures it."""
    server = settings.server
    assessed = assess(variant.groups, store, server.lookback_ms, recording_is_complete=settings.recording_is_complete)
    from_ms = max(store.first_ms, question.from_ms - _warm_up_ms(assessed, store))
    outcomes: list[Outcome] = []
    figures: list[Figures] = []
    for number in range(settings.offsets):
        share = number / settings.offsets
        shifted = replace(server, shift=server.shift + share)
        done = progress_of(progress, share, 1 / settings.offsets)
        outcomes.append(run(assessed, store, variant.config, shifted, from_ms, question.to_ms, done))
        figures.append(measure(outcomes[-1], assessed.groups, assessed.rules, addressees, question))
    spread = _spread(figures, notified=variant.config is not None) if settings.offsets > 1 else None
    guessed = tuple(group.name for group in assessed.groups if server.moments.of(group) is None)
    return Backtest(variant, assessed, outcomes[0], figures[0], spread, guessed)


def progress_of(progress: Callable[[float], None], begins: float, share: float) -> Callable[[float], None]:
    """The progress of a part, which is this share of the whole."""
    return lambda done: progress(begins + done * share)


def _warm_up_ms(assessed: Assessed, store: SampleStore) -> int:
    """How long before the span evaluation begins, so that windows, alerts and groups are as they would be."""
    needed = max((one.from_ms - store.first_ms for one in assessed.rules if not one.set_aside), default=0)
    keeps = [
        rule.keep_firing_for_ms for group in assessed.groups for rule in group.rules if isinstance(rule, AlertingRule)
    ]
    return needed + max(keeps, default=0) + HOUR


def _spread(figures: list[Figures], *, notified: bool) -> Spread:
    alerts: dict[RuleReference, Range] = {}
    pages: dict[RuleReference, Range] = {}
    for same in zip(*(one.rules for one in figures), strict=True):
        alerts[same[0].rule] = _range([one.alerts for one in same])
        pages[same[0].rule] = _range([one.pages for one in same])
    total = _range([len(one.pages if notified else one.episodes) for one in figures])
    return Spread(len(figures), alerts, pages, total)


def _range(counts: list[int]) -> Range:
    return Range(min(counts), max(counts))
