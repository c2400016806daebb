"""What an outcome says about each rule and each receiver.

Counted is what lies in the span that is asked for, and of each rule only what it can be judged on (see `assessment`):
an alert that fired while the windows of its rule were still filling is left out.  An alert counts where it fires, a
page where it is sent.

- *short*: fired for less than the threshold; *gone*: resolved within it after its first page, before anybody could
  look; *never told*: no receiver was paged before it was resolved.
- *flapping*: fired again within the threshold after the same alert was resolved.
- *duplicate*: of two rules, every alert of the one overlaps an alert of the other with which it agrees on the labels
  that both have and neither rule sets itself.
- *told together*: the same alert to several receivers at once.
- *precision*: of the alerts, the share that overlaps an incident; *missed*: incidents that no alert overlaps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations, permutations
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.alertmanager import Reason
from simulator.monitoring.promql import Labels
from simulator.monitoring.rules import RuleGroup, RuleReference
from studies.backtest.assessment import Assessment
from studies.backtest.incidents import Incident
from studies.backtest.people import Addressees, Reached
from studies.backtest.running import EPOCH, Episode, Outcome, Page
from timeline.instants import HOUR, MINUTE, to_wall

FEWEST_DUPLICATES = 3
"""Alerts that a rule needs before it is called a duplicate of another."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """In ms: what counts as short, and as flapping."""

    short_ms: int = 5 * MINUTE
    flap_ms: int = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One alerting rule; times in ms.  `inside` is None where no incidents are known.

    `at_start` are alerts whose condition held from the beginning of what is known: they may have begun before it.
    """

    rule: RuleReference
    alerts: int
    firing_ms: int
    median_ms: int
    still_firing: int
    at_start: int
    pages: int
    short: int
    gone: int
    never_told: int
    flapping: int
    near_misses: int
    inside: int | None

    @property
    def precision(self) -> float | None:
        return None if self.inside is None or not self.alerts else self.inside / self.alerts


@dataclass(frozen=True, slots=True)
class Busiest:
    """The hour that began at `from_ms` had most pages."""

    from_ms: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReceiverFigures:
    """One receiver.  `asleep` are pages in the night of those they reach; `people` counts pages by person."""

    receiver: str
    pages: int
    repeats: int
    asleep: int
    busiest: Busiest
    people: Mapping[str, int]
    unheld: int
    """Pages whose first step had a rotation that nobody held."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Every alert of `rule` (so many) went along with one of `other`."""

    rule: RuleReference
    other: RuleReference
    alerts: int


@dataclass(frozen=True, slots=True)
class Together:
    """So many alerts were told to both receivers at the same moment."""

    receivers: tuple[str, str]
    alerts: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All measures of one outcome.  `by_hour` int64[7, 24] counts pages (alerts, where nobody is notified) by weekday
    from Monday and hour in the zone asked for."""

    rules: tuple[RuleFigures, ...]
    receivers: tuple[ReceiverFigures, ...]
    duplicates: tuple[Duplicate, ...]
    together: tuple[Together, ...]
    by_hour: NDArray[np.int64]
    busiest: Busiest | None
    missed: tuple[Incident, ...] | None
    episodes: tuple[Episode, ...]
    pages: tuple[Page, ...]
    reached: tuple[Reached, ...]
    """Of each page."""
    left_out: int
    """Alerts that fired where their rule could not be judged yet, or no more."""
    notified: bool
    """Whether there was a configuration of Alertmanager."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an outcome: the span, whose clock, what counts as noise, what really happened."""

    from_ms: int
    to_ms: int
    zone: ZoneInfo
    thresholds: Thresholds = field(default_factory=Thresholds)
    incidents: Sequence[Incident] | None = None


def measure(
    outcome: Outcome,
    groups: Sequence[RuleGroup],
    assessments: Sequence[Assessment],
    addressees: Addressees,
    question: Question,
) -> Figures:
    """The measures of an outcome in the span that is asked for."""
    trusted = _trusted(assessments)
    fired = [episode for episode in outcome.episodes if question.from_ms <= episode.fired_ms <= question.to_ms]
    judged = [episode for episode in fired if trusted[episode.rule].holds(episode)]
    countable = {n for n, episode in enumerate(outcome.episodes) if trusted[episode.rule].holds(episode)}
    pages = [
        page
        for page in outcome.pages
        if question.from_ms <= page.at_ms <= question.to_ms and not countable.isdisjoint(page.episodes)
    ]
    by_rule: dict[RuleReference, list[Episode]] = {rule: [] for rule in trusted}
    for episode in judged:
        by_rule[episode.rule].append(episode)
    paged = Counter(rule for page in pages for rule in {outcome.episodes[n].rule for n in page.episodes})
    reached = [addressees.reached(page) for page in pages]
    moments = [page.at_ms for page in pages] if outcome.notified else [episode.fired_ms for episode in judged]
    return Figures(
        tuple(_of_rule(trusted[rule], found, paged[rule], outcome, question) for rule, found in by_rule.items()),
        _of_receivers(pages, reached, addressees),
        _duplicates(by_rule, groups, question.to_ms),
        _together(judged),
        _by_hour(moments, question.zone),
        _busiest(sorted(moments)),
        _missed(judged, question),
        tuple(judged),
        tuple(pages),
        tuple(reached),
        len(fired) - len(judged),
        outcome.notified,
    )


@dataclass(frozen=True, slots=True)
class _Trusted:
    """Where the alerts of a rule can be trusted; one whose condition held before `settled_ms` may be older."""

    rule: RuleReference
    from_ms: int
    to_ms: int
    settled_ms: int

    def holds(self, episode: Episode) -> bool:
        return self.from_ms <= episode.fired_ms <= self.to_ms


def _trusted(assessments: Sequence[Assessment]) -> dict[RuleReference, _Trusted]:
    """Of rules with the same name in one group, what can be trusted of all of them."""
    found: dict[RuleReference, _Trusted] = {}
    for one in assessments:
        if one.alerting and not one.set_aside:
            known = found.get(one.rule, _Trusted(one.rule, one.from_ms, one.to_ms, one.settled_ms))
            found[one.rule] = _Trusted(
                one.rule,
                max(one.from_ms, known.from_ms),
                min(one.to_ms, known.to_ms),
                max(one.settled_ms, known.settled_ms),
            )
    return found


def end_of(episode: Episode, to_ms: int) -> int:
    """When the alert was resolved, or the end of what is known."""
    return to_ms if episode.resolved_ms is None else min(episode.resolved_ms, to_ms)


def _of_rule(
    trusted: _Trusted, episodes: Sequence[Episode], pages: int, outcome: Outcome, question: Question
) -> RuleFigures:
    limits, to_ms = question.thresholds, question.to_ms
    lasted = [end_of(episode, to_ms) - episode.fired_ms for episode in episodes]
    over = [episode for episode in episodes if episode.resolved_ms is not None and episode.resolved_ms <= to_ms]
    ended: dict[Labels, int] = {}
    flapping = 0
    for episode in episodes:
        before = ended.get(episode.labels)
        flapping += before is not None and episode.fired_ms - before < limits.flap_ms
        if episode.resolved_ms is not None:
            ended[episode.labels] = episode.resolved_ms
    return RuleFigures(
        trusted.rule,
        len(episodes),
        sum(lasted),
        int(np.median(lasted)) if lasted else 0,
        len(episodes) - len(over),
        sum(episode.active_ms < trusted.settled_ms for episode in episodes),
        pages,
        sum(end_of(episode, to_ms) - episode.fired_ms < limits.short_ms for episode in over),
        sum(end_of(e, to_ms) - min(e.told_ms.values()) < limits.short_ms for e in over if e.told_ms),
        sum(not episode.told_ms for episode in over) if outcome.notified else 0,
        flapping,
        sum(
            one.rule == trusted.rule and max(trusted.from_ms, question.from_ms) <= one.at_ms <= to_ms
            for one in outcome.near_misses
        ),
        None if question.incidents is None else sum(_overlapping(e, question) for e in episodes),
    )


def _overlapping(episode: Episode, question: Question) -> bool:
    end_ms = end_of(episode, question.to_ms)
    return any(one.from_ms < end_ms and episode.fired_ms < one.to_ms for one in question.incidents or ())


def _missed(episodes: Sequence[Episode], question: Question) -> tuple[Incident, ...] | None:
    """Incidents within the span that no alert overlaps."""
    if question.incidents is None:
        return None
    return tuple(
        incident
        for incident in question.incidents
        if incident.to_ms > question.from_ms
        and incident.from_ms <= question.to_ms
        and not any(
            incident.from_ms < end_of(episode, question.to_ms) and episode.fired_ms < incident.to_ms
            for episode in episodes
        )
    )


def _of_receivers(
    pages: Sequence[Page], reached: Sequence[Reached], addressees: Addressees
) -> tuple[ReceiverFigures, ...]:
    by_receiver: dict[str, list[tuple[Page, Reached]]] = defaultdict(list)
    for page, who in zip(pages, reached, strict=True):
        by_receiver[page.receiver].append((page, who))
    figures = []
    for receiver, sent in sorted(by_receiver.items()):
        busiest = _busiest([page.at_ms for page, _ in sent])
        assert busiest is not None, "a receiver is here because of its pages"
        figures.append(
            ReceiverFigures(
                receiver,
                len(sent),
                sum(page.reason is Reason.REPEAT for page, _ in sent),
                sum(addressees.wakes(page, who) for page, who in sent),
                busiest,
                dict(Counter(person for _, who in sent for person in who.people).most_common()),
                sum(bool(who.gaps) for _, who in sent),
            )
        )
    return tuple(figures)


def _busiest(moments: Sequence[int]) -> Busiest | None:
    """The hour with most of the moments (ascending); it begins with one of them."""
    best: Busiest | None = None
    for first, at_ms in enumerate(moments):
        count = bisect_left(moments, at_ms + HOUR) - first
        if best is None or count > best.pages:
            best = Busiest(at_ms, count)
    return best


def _by_hour(moments: Sequence[int], zone: ZoneInfo) -> NDArray[np.int64]:
    counts = np.zeros((7, 24), dtype=np.int64)
    for at_ms in moments:
        local: datetime = to_wall(at_ms, EPOCH).astimezone(zone)
        counts[local.weekday(), local.hour] += 1
    return counts


def _together(episodes: Sequence[Episode]) -> tuple[Together, ...]:
    pairs: Counter[tuple[str, str]] = Counter()
    for episode in episodes:
        pairs.update(
            (one, other)
            for one, other in combinations(sorted(episode.told_ms), 2)
            if episode.told_ms[one] == episode.told_ms[other]
        )
    return tuple(Together(pair, count) for pair, count in pairs.most_common())


def _duplicates(
    by_rule: Mapping[RuleReference, Sequence[Episode]], groups: Sequence[RuleGroup], to_ms: int
) -> tuple[Duplicate, ...]:
    own: dict[RuleReference, frozenset[str]] = defaultdict(frozenset)
    for group in groups:
        for rule in group.rules:
            reference = RuleReference(group.name, rule.name)
            own[reference] |= frozenset({"alertname", *rule.labels})
    found = []
    for one, other in permutations(by_rule, 2):
        episodes, others = by_rule[one], by_rule[other]
        if len(episodes) < FEWEST_DUPLICATES or not others:
            continue
        cover = _Cover(others, own[one] | own[other], to_ms)
        if all(cover.holds(episode) for episode in episodes):
            found.append(Duplicate(one, other, len(episodes)))
    return tuple(found)


class _Cover:
    """Whether alerts of one rule go along with those of another, whose alerts are indexed by the labels they share."""

    def __init__(self, others: Sequence[Episode], own: frozenset[str], to_ms: int) -> None:
        self._others = others
        self._names = frozenset(name for other in others for name in other.labels) - own
        self._to_ms = to_ms
        self._spans: dict[frozenset[str], dict[Labels, tuple[list[int], list[int]]]] = {}

    def holds(self, episode: Episode) -> bool:
        shared = self._names & frozenset(episode.labels)
        starts, ends = self._indexed(shared).get(episode.labels.keep(shared), ([], []))
        # Of those that began before this one ended, the one that ends last.
        before = bisect_left(starts, end_of(episode, self._to_ms) + 1)
        return before > 0 and ends[before - 1] >= episode.fired_ms

    def _indexed(self, names: frozenset[str]) -> dict[Labels, tuple[list[int], list[int]]]:
        """Starts, ascending, and the latest end so far, by the values of these labels."""
        known = self._spans.get(names)
        if known is None:
            known = self._spans[names] = {}
            for other in self._others:
                starts, ends = known.setdefault(other.labels.keep(names), ([], []))
                starts.append(other.fired_ms)
                ends.append(max(end_of(other, self._to_ms), ends[-1] if ends else 0))
        return known
