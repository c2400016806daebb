"""Storms: lists of timed alerts and silences as a file states them, and what a configuration makes of one.

    alerts:
      - {at: 0, labels: {alertname: DiskFull, cluster: x}}                # keeps firing
      - {at: 2.5, ends_at: 40, old: 60, labels: {alertname: Slow}}        # had been firing for a minute already
    silences:
      - {at: 10, until: 30, matchers: [{name: cluster, value: x}]}

Times are seconds from the start.  `ends_at` is when the client posts the alert as resolved; until then it repeats its
post in time.  `old` is how long before `at` the alert's `startsAt` lies.  With `once` the client posts a single time
and without an end, so that the alert is taken for resolved after `resolve_timeout`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulator.monitoring.alertmanager.alert import PostedAlert
from simulator.monitoring.alertmanager.alertmanager import Alertmanager
from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.matchers import Matcher, MatchType
from simulator.monitoring.alertmanager.notify import Notification
from simulator.monitoring.alertmanager.silence import is_too_wide
from timeline.findings import InputError
from timeline.instants import SECOND
from topologies.loading.document import Document
from topologies.loading.shape import Shape
from topologies.loading.validation import disagreements


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class TimedAlert(_Model):
    """One alert of a storm; times in seconds."""

    at: float = Field(ge=0)
    ends_at: float | None = None
    old: float = Field(default=0, ge=0)
    once: bool = False
    labels: dict[str, str] = Field(min_length=1)
    annotations: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> TimedAlert:
        if self.ends_at is not None and self.ends_at < self.at:
            raise ValueError(f"ends_at {self.ends_at:g} lies before at {self.at:g}")
        return self


class MatcherFile(_Model):
    """A matcher as Alertmanager's API writes it."""

    name: str
    value: str
    is_regex: bool = Field(default=False, alias="isRegex")
    is_equal: bool = Field(default=True, alias="isEqual")

    @model_validator(mode="after")
    def _compiles(self) -> MatcherFile:
        self.matcher()
        return self

    def matcher(self) -> Matcher:
        types = {
            (False, True): MatchType.EQUAL,
            (False, False): MatchType.NOT_EQUAL,
            (True, True): MatchType.REGEXP,
            (True, False): MatchType.NOT_REGEXP,
        }
        return Matcher(self.name, types[self.is_regex, self.is_equal], self.value)


class TimedSilence(_Model):
    """A silence of a storm: created at `at`, ends at `until`, in seconds."""

    at: float = Field(ge=0)
    until: float
    matchers: tuple[MatcherFile, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_one_that_alertmanager_takes(self) -> TimedSilence:
        if self.until <= self.at:
            raise ValueError(f"until {self.until:g} does not lie after at {self.at:g}")
        if is_too_wide(tuple(file.matcher() for file in self.matchers)):
            raise ValueError("a silence needs at least one matcher that does not match the empty string")
        return self


class Storm(_Model):
    """A whole storm.  `config` and `until` may stand beside it, as in recorded cases; they are not used."""

    alerts: tuple[TimedAlert, ...] = ()
    silences: tuple[TimedSilence, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    until: float | None = None


def load_storm(document: Document) -> Storm:
    """The storm of a document.  Raises InputError with every mistake found and its place."""
    try:
        return Storm.model_validate(document.text_data())
    except ValidationError as error:
        raise InputError(disagreements(error, document, Shape.of(Storm))) from None


@dataclass(frozen=True, slots=True)
class _Post:
    """Something that a client posts at a moment."""

    at_ms: int
    item: TimedSilence | PostedAlert


def run_storm(config: AlertmanagerConfig, storm: Storm, until_ms: int, epoch: datetime) -> Iterator[Notification]:
    """The notifications up to and including `until_ms`, in order of time.

    What is posted at one moment is posted together, silences first, and before the flushes of that moment.
    """
    alertmanager = Alertmanager(config, epoch=epoch)
    yield from play(alertmanager, storm, until_ms)


def play(alertmanager: Alertmanager, storm: Storm, until_ms: int) -> Iterator[Notification]:
    """Posts a storm to an Alertmanager that runs; gives the notifications as they arrive."""
    posts = sorted(_posts(storm), key=lambda post: post.at_ms)
    for at_ms, moment in groupby(posts, key=lambda post: post.at_ms):
        if at_ms > until_ms:
            break
        items = [post.item for post in moment]
        for item in items:
            if isinstance(item, TimedSilence):
                alertmanager.add_silence(at_ms, [file.matcher() for file in item.matchers], _ms(item.until))
        alertmanager.receive(at_ms, [item for item in items if isinstance(item, PostedAlert)])
        yield from alertmanager.advance(at_ms)
    yield from alertmanager.advance(until_ms)


def _posts(storm: Storm) -> Iterable[_Post]:
    for silence in storm.silences:
        yield _Post(_ms(silence.at), silence)
    for alert in storm.alerts:
        at_ms, starts_at_ms = _ms(alert.at), _ms(alert.at - alert.old)
        yield _Post(at_ms, PostedAlert(alert.labels, alert.annotations, starts_at_ms, repeated=not alert.once))
        if alert.ends_at is not None:
            ends_at_ms = _ms(alert.ends_at)
            yield _Post(ends_at_ms, PostedAlert(alert.labels, alert.annotations, starts_at_ms, ends_at_ms))


def _ms(seconds: float) -> int:
    return round(seconds * SECOND)
