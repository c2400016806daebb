"""The drill itself: each wave is posted, watched until it has arrived, and ended; it ends by itself whatever happens.

Every alarm is posted with its end, so an Alertmanager that is left alone resolves it.  Right before each wave the live
alerts are looked at again; while it lasts, a real alert that is muted by one of the drill's ends the drill at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from injectors.monitoring.alertmanager import LiveAlert, Sent, active_silences, live_alerts, send, written_configuration
from injectors.monitoring.watching import notifications, wall_now_ms
from simulator.monitoring.alertmanager import load_config
from studies.drill.alarms import MARK, Alarm
from studies.drill.rehearsal import Foretold, Muting, Rehearsal, Surroundings, Wave, mutings, rehearse
from timeline.findings import SafetyRefused
from topologies.loading.document import parse_document

LOOK_S = 0.25
SLACK_MS = 15_000
"""An alarm fires for so much longer than the model says that its last notification takes."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One alarm: what was foretold, and when it reached whom; milliseconds from its post."""

    foretold: Foretold
    told_ms: Mapping[str, int]

    @property
    def missing(self) -> tuple[str, ...]:
        """Receivers that should have heard of it and did not."""
        return tuple(sorted(set(self.foretold.told_ms) - set(self.told_ms)))

    @property
    def arrived(self) -> bool:
        """Everywhere where it should; an alarm that is held back arrives nowhere."""
        return bool(self.told_ms) and not self.missing

    @property
    def verdict(self) -> str:
        if self.arrived:
            return "arrived"
        if self.missing:
            return f"never arrived at {', '.join(self.missing)}"
        return self.foretold.held_back


def surroundings(alertmanager: str) -> Surroundings:
    """What it has now.  Raises OSError, ValueError where it does not answer, InputError for a configuration that the
    model does not take."""
    config = load_config(parse_document(written_configuration(alertmanager), "configuration of Alertmanager"))
    return Surroundings(config, tuple(live_alerts(alertmanager)), tuple(active_silences(alertmanager)), wall_now_ms())


def rehearse_safely(alarms: Sequence[Alarm], around: Surroundings, lasts_ms: int, pages: int) -> Rehearsal:
    """Raises SafetyRefused where the drill would mute something real, meet another drill, or send more than `pages`."""
    found = rehearse(alarms, around, lasts_ms)
    reasons = [_muting(one) for one in found.mutings]
    if any(alert.labels.get(MARK) == "true" for alert in around.alerts):
        reasons.append("Alarms of another drill fire; wait until they have ended.")
    if found.notifications > pages:
        reasons.append(f"It would send {found.notifications} notifications; the budget allows {pages}.")
    if reasons:
        raise SafetyRefused(reasons)
    return found


def hold(
    rehearsal: Rehearsal,
    alertmanager: str,
    receivers: Path,
    lasts_ms: int,
    tell: Callable[[Arrival], None],
) -> list[Arrival]:
    """Every wave.  `receivers` is the file that the receivers keep.  Raises SafetyRefused when it has to end early."""
    found = []
    for number, wave in enumerate(rehearsal.waves):
        foretold = [one for one in rehearsal.foretold if one.wave == number]
        for arrival in _hold_wave(wave, foretold, alertmanager, receivers, lasts_ms):
            tell(arrival)
            found.append(arrival)
    return found


def _hold_wave(
    wave: Wave, foretold: Sequence[Foretold], alertmanager: str, receivers: Path, lasts_ms: int
) -> list[Arrival]:
    if reasons := [_muting(one) for one in mutings(wave, surroundings(alertmanager))]:
        raise SafetyRefused(reasons)
    posted_ms = wall_now_ms()
    sent = [Sent(alarm.labels, alarm.annotations, posted_ms, posted_ms + lasts_ms) for alarm in wave]
    send(alertmanager, sent)
    deadline = time.monotonic() + lasts_ms / 1000
    arrivals = [Arrival(one, {}) for one in foretold]
    try:
        while time.monotonic() < deadline:
            arrivals = [Arrival(one, _told(one.alarm, receivers, posted_ms)) for one in foretold]
            if not any(arrival.missing for arrival in arrivals):
                break
            _require_nothing_muted(alertmanager)
            time.sleep(LOOK_S)
    finally:
        now_ms = wall_now_ms()
        send(alertmanager, [Sent(one.labels, one.annotations, posted_ms, now_ms) for one in sent])
    return arrivals


def _told(alarm: Alarm, receivers: Path, since_ms: int) -> dict[str, int]:
    """Receiver to when it first heard of the alarm, from its post."""
    told: dict[str, int] = {}
    for one in notifications(receivers, since_ms):
        if any(state == "firing" and dict(labels) == dict(alarm.labels) for _, labels, state in one.alerts):
            told.setdefault(one.receiver, one.at_ms - since_ms)
    return told


def _require_nothing_muted(alertmanager: str) -> None:
    alerts = live_alerts(alertmanager)
    ours = {alert.fingerprint for alert in alerts if alert.labels.get(MARK) == "true"}
    if reasons := list(_muted_now(alerts, ours)):
        raise SafetyRefused(reasons)


def _muted_now(alerts: Sequence[LiveAlert], ours: set[str]) -> Iterator[str]:
    for alert in alerts:
        if alert.fingerprint not in ours and ours.intersection(alert.inhibited_by):
            yield f"{alert.labels.get('alertname')} has begun to fire and is muted by the drill, which was ended."


def _muting(one: Muting) -> str:
    return f"The alarm {one.alarm} would mute the live alert {one.alert.get('alertname')}."
