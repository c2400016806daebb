"""Rules over recorded series, then Alertmanager: what fired, and which receivers were notified when.

Terms.  An *episode* is one alert from the moment it fires to the moment it is resolved.  A *page* is a notification of
firing alerts to a receiver; its integrations together count once.  An episode was *told* to a receiver with the first
page that had it.

    alert      ....pending....|=========== firing ===========|            one episode
    receiver                      | page (told)      | page (repeat)

Time is that of the recording (Unix ms); evaluation goes on in windows, after each of which the pages of the store that
were read are let go.  All groups are evaluated at their interval; where in its interval a real server evaluates a group
depends on its version and on the path of its file, so results can be had at several offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby

from simulator.monitoring.alertmanager import (
    Alertmanager,
    AlertmanagerConfig,
    Notification,
    PostedAlert,
    Reason,
    Status,
)
from simulator.monitoring.promql import Labels, Options, Semantics
from simulator.monitoring.promql.query import LOOKBACK_MS
from simulator.monitoring.rules import (
    AlertState,
    Failure,
    RuleEngine,
    RuleGroup,
    RuleReference,
    Transition,
    hashed_offset,
)
from simulator.monitoring.rules.dependencies import selectors
from studies.backtest.assessment import Assessed
from studies.backtest.moments import Moments
from studies.backtest.store import Hiding, SampleStore
from timeline.instants import DAY, HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CELLS = 4_000_000
"""Series by evaluations of a window, for the widest selector: what bounds the arrays of an evaluation."""


@dataclass(frozen=True, slots=True)
class Server:
    """What the result depends on beside rules and series.

    `moments` are those of a real server, as far as they are known; `shift` moves the moment of every other group's
    evaluation by this share of its interval.
    """

    semantics: Semantics = Semantics.PROMETHEUS_3
    lookback_ms: int = LOOKBACK_MS
    external_labels: Mapping[str, str] = field(default_factory=dict)
    moments: Moments = field(default_factory=Moments)
    shift: float = 0.0

    def offset(self, group: RuleGroup) -> int:
        """When in its interval a group is evaluated, in ms.

        Where the server does not say, the name of the file does not count, so that a changed copy of it is evaluated
        at the same moments.
        """
        known_ms = self.moments.of(group)
        if known_ms is not None:
            return known_ms % group.interval_ms
        return (hashed_offset(replace(group, file="")) + round(self.shift * group.interval_ms)) % group.interval_ms


@dataclass(slots=True)
class Episode:
    """One alert from firing to resolved (None: it still fires at the end).

    `labels` are those of the alert; `told_ms` is when each receiver was first paged with it.
    """

    rule: RuleReference
    labels: Labels
    active_ms: int
    fired_ms: int
    resolved_ms: int | None = None
    told_ms: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A notification of firing alerts to a receiver; `episodes` are numbers in the outcome."""

    at_ms: int
    receiver: str
    group: Mapping[str, str]
    reason: Reason
    episodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An alert that was pending and ended at this moment without having fired."""

    rule: RuleReference
    at_ms: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that happened in a span, in the order of time."""

    from_ms: int
    to_ms: int
    episodes: tuple[Episode, ...]
    pages: tuple[Page, ...]
    near_misses: tuple[NearMiss, ...]
    failures: tuple[Failure, ...]
    notified: bool
    """Whether there was a configuration of Alertmanager."""


def run(
    assessed: Assessed,
    store: SampleStore,
    config: AlertmanagerConfig | None,
    server: Server,
    from_ms: int,
    to_ms: int,
    progress: Callable[[float], None] = lambda _: None,
) -> Outcome:
    """Evaluates all groups from `from_ms` to `to_ms` and notifies."""
    engine = RuleEngine(
        assessed.groups,
        Hiding(store, assessed.written),
        start_ms=from_ms,
        semantics=server.semantics,
        external_labels=server.external_labels,
        offset=server.offset,
        options=Options(server.semantics, server.lookback_ms),
    )
    record = _Record(config, server.external_labels, from_ms)
    window_ms = _window_ms(assessed.groups, store)
    at_ms = from_ms - 1
    while at_ms < to_ms:
        at_ms = min(at_ms + window_ms, to_ms)
        record.take(engine.advance(at_ms), at_ms)
        store.release()
        progress((at_ms - from_ms) / max(to_ms - from_ms, 1))
    return Outcome(
        from_ms,
        to_ms,
        tuple(record.episodes),
        tuple(record.pages),
        tuple(record.near_misses),
        tuple(engine.failures),
        config is not None,
    )


def _window_ms(groups: Sequence[RuleGroup], store: SampleStore) -> int:
    """How far evaluation goes at once: at most a day, less for rules over many series."""
    fewest_ms = DAY
    for group in groups:
        for rule in group.rules:
            widest = max((len(store.matching(one.matchers)) for one in selectors(rule.expression)), default=0)
            fewest_ms = min(fewest_ms, _CELLS // max(widest, 1) * group.interval_ms)
    return max(fewest_ms, HOUR)


class _Record:
    """Follows alerts and notifications."""

    def __init__(self, config: AlertmanagerConfig | None, external_labels: Mapping[str, str], from_ms: int) -> None:
        self.episodes: list[Episode] = []
        self.pages: list[Page] = []
        self.near_misses: list[NearMiss] = []
        self._external_labels = external_labels
        self._alertmanager = Alertmanager(config, epoch=EPOCH, start_ms=from_ms) if config is not None else None
        self._firing: dict[tuple[RuleReference, Labels], int] = {}
        self._posted: dict[Labels, int] = {}

    def take(self, transitions: Sequence[Transition], until_ms: int) -> None:
        """Transitions up to a moment, and the notifications until then."""
        for at_ms, moment in groupby(transitions, key=lambda transition: transition.at_ms):
            posts = [post for transition in moment if (post := self._follow(transition)) is not None]
            if self._alertmanager is not None and posts:
                self._alertmanager.receive(at_ms, posts)
                self._notify(at_ms)
        self._notify(until_ms)

    def _follow(self, transition: Transition) -> PostedAlert | None:
        """As Prometheus posts it: an alert starts when it fires, not when it is pending."""
        labels = transition.labels
        posted = Labels({**self._external_labels, **labels})
        if transition.state is AlertState.FIRING:
            self._firing[transition.rule, labels] = self._posted[posted] = len(self.episodes)
            self.episodes.append(Episode(transition.rule, labels, transition.active_at_ms, transition.at_ms))
            return PostedAlert(posted, transition.annotations, transition.at_ms, repeated=True)
        if transition.state is AlertState.PENDING:
            return None
        number = self._firing.pop((transition.rule, labels), None)
        if number is None:
            self.near_misses.append(NearMiss(transition.rule, transition.at_ms))
            return None
        episode = self.episodes[number]
        episode.resolved_ms = transition.at_ms
        return PostedAlert(posted, transition.annotations, episode.fired_ms, transition.at_ms)

    def _notify(self, until_ms: int) -> None:
        if self._alertmanager is None:
            return
        arrived = [one for one in self._alertmanager.advance(until_ms) if one.status is Status.FIRING]
        # Of the integrations of a receiver, which are notified at the same moment, the first stands for all.
        first: dict[tuple[int, str, str], Notification] = {}
        for one in arrived:
            first.setdefault((one.at_ms, one.receiver, one.group_key), one)
        for (at_ms, receiver, _), notification in first.items():
            self._page(at_ms, receiver, notification)

    def _page(self, at_ms: int, receiver: str, notification: Notification) -> None:
        firing = [Labels(alert.labels) for alert in notification.alerts if alert.status is Status.FIRING]
        episodes = tuple(self._posted[labels] for labels in firing)
        for number in episodes:
            self.episodes[number].told_ms.setdefault(receiver, at_ms)
        self.pages.append(Page(at_ms, receiver, notification.group_labels, notification.reason, episodes))
