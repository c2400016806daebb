"""A drill played through the model of Alertmanager with the live configuration, alerts and silences, before it is real.

Alerts that would mute each other go in different *waves*.  An alarm that would mute a live alert, by an inhibition
rule, is reported: with one of them the drill must not be held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from injectors.monitoring.alertmanager import LiveAlert, LiveSilence
from simulator.monitoring.alertmanager import (
    Alertmanager,
    AlertmanagerConfig,
    Matcher,
    MatchType,
    Notification,
    PostedAlert,
    Status,
)
from simulator.monitoring.alertmanager.alert import NEVER_MS, Alert, fingerprint
from simulator.monitoring.alertmanager.inhibit import Inhibitor
from studies.drill.alarms import MARK, Alarm
from timeline.instants import DAY

_TYPES = {
    (False, True): MatchType.EQUAL,
    (False, False): MatchType.NOT_EQUAL,
    (True, True): MatchType.REGEXP,
    (True, False): MatchType.NOT_REGEXP,
}
Wave = tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the real Alertmanager has now; moments are wall-clock milliseconds."""

    config: AlertmanagerConfig
    alerts: tuple[LiveAlert, ...]
    silences: tuple[LiveSilence, ...]
    now_ms: int


@dataclass(frozen=True, slots=True)
class Muting:
    """An alarm that would mute a live alert."""

    alarm: str
    alert: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Foretold:
    """Of one alarm: whom it reaches and after how long, or what keeps it from anybody."""

    alarm: Alarm
    wave: int
    told_ms: Mapping[str, int]
    held_back: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a drill would do.  `notifications` is how many would be sent, ends included."""

    waves: tuple[Wave, ...]
    foretold: tuple[Foretold, ...]
    mutings: tuple[Muting, ...]
    notifications: int


def rehearse(alarms: Sequence[Alarm], around: Surroundings, lasts_ms: int) -> Rehearsal:
    """Each wave fires for `lasts_ms`."""
    waves = tuple(_waves(alarms, around.config))
    foretold: list[Foretold] = []
    count = 0
    for number, wave in enumerate(waves):
        told, sent = _play(wave, number, around, lasts_ms)
        foretold += told
        count += sent
    return Rehearsal(waves, tuple(foretold), tuple(mutings(alarms, around)), count)


def mutings(alarms: Sequence[Alarm], around: Surroundings) -> Iterator[Muting]:
    """Live alerts that an alarm would mute and that nothing mutes now."""
    for alarm in alarms:
        inhibitor = Inhibitor(around.config.inhibit_rules, 0)
        inhibitor.put(_firing(alarm.labels), 0)
        for live in around.alerts:
            target = _firing(live.labels)
            Inhibitor(around.config.inhibit_rules, 0).put(target, 0)
            if not live.inhibited_by and inhibitor.muted_by(target, 0) is not None:
                yield Muting(alarm.id, live.labels)


def _waves(alarms: Sequence[Alarm], config: AlertmanagerConfig) -> list[Wave]:
    """Each alarm in the first wave in which it mutes nobody and nobody mutes it."""
    waves: list[list[Alarm]] = []
    for alarm in alarms:
        fitting = next((w for w in waves if not any(_at_odds(alarm, other, config) for other in w)), None)
        if fitting is None:
            waves.append([alarm])
        else:
            fitting.append(alarm)
    return [tuple(wave) for wave in waves]


def _at_odds(one: Alarm, other: Alarm, config: AlertmanagerConfig) -> bool:
    inhibitor = Inhibitor(config.inhibit_rules, 0)
    first, second = _firing(one.labels), _firing(other.labels)
    inhibitor.put(first, 0)
    inhibitor.put(second, 0)
    return inhibitor.muted_by(first, 0) is not None or inhibitor.muted_by(second, 0) is not None


def _firing(labels: Mapping[str, str]) -> Alert:
    return Alert(fingerprint(labels), labels, {}, 0, NEVER_MS, timeout=False)


def _play(wave: Wave, number: int, around: Surroundings, lasts_ms: int) -> tuple[list[Foretold], int]:
    """Live alerts have been there for as long as they say, up to a day."""
    begun = {id(live): max(live.starts_ms - around.now_ms, -DAY) for live in around.alerts}
    start_ms = min([0, *begun.values()])
    epoch = datetime.fromtimestamp(around.now_ms / 1000, UTC)
    alertmanager = Alertmanager(around.config, epoch=epoch, start_ms=start_ms)
    for silence in around.silences:
        matchers = [Matcher(m.name, _TYPES[m.is_regexp, m.is_equal], m.value) for m in silence.matchers]
        alertmanager.add_silence(start_ms, matchers, silence.ends_ms - around.now_ms)
    for live in sorted(around.alerts, key=lambda one: begun[id(one)]):
        alertmanager.receive(begun[id(live)], [PostedAlert(live.labels, repeated=True)])
    alertmanager.advance(-1 if start_ms < 0 else start_ms)
    posted = [PostedAlert(alarm.labels, alarm.annotations, 0, lasts_ms) for alarm in wave]
    alertmanager.receive(0, posted)
    longest_ms = max(route.group_interval_ms for route in around.config.route.walk())
    firing = [one for one in alertmanager.advance(lasts_ms - 1) if _of_drill(one)]
    foretold = []
    for alarm in wave:
        told = _told(alarm, firing)
        foretold.append(Foretold(alarm, number, told, "" if told else _why_not(alarm, alertmanager)))
    ending = [one for one in alertmanager.advance(lasts_ms + 2 * longest_ms) if _of_drill(one)]
    return foretold, len(firing) + len(ending)


def _of_drill(notification: Notification) -> bool:
    return any(alert.labels.get(MARK) == "true" for alert in notification.alerts)


def _told(alarm: Alarm, sent: Sequence[Notification]) -> dict[str, int]:
    told: dict[str, int] = {}
    for one in sent:
        if any(a.labels == alarm.labels and a.status is Status.FIRING for a in one.alerts):
            told.setdefault(one.receiver, one.at_ms)
    return told


def _why_not(alarm: Alarm, alertmanager: Alertmanager) -> str:
    by = sorted({f"{one.kind} ({one.by})" for one in alertmanager.suppressions(alarm.labels)})
    return f"held back by {', '.join(by)}" if by else "its receiver notifies nobody, or later than the drill lasts"
