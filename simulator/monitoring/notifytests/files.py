"""Test files: what they may contain.

    config: alertmanager.yml             # a path beside the test file, a list of them (a native configuration and
                                         # AlertmanagerConfig resources), or a configuration written out here
    tests:
      - name: a page by day, a mail by night
        start: 2026-03-02T02:00:00+01:00 # the moment of second 0, for time intervals
        until: 1h
        alerts: [{at: 0, labels: {alertname: DiskFull, severity: page}}]
        silences: []
        expect:
          routes: [{labels: {severity: page}, receivers: [pager]}]
          notifications: [{at: 30, receiver: mail, status: firing, alerts: [{labels: {alertname: DiskFull}}]}]
          counts: {pager: 0}
          suppressed: [{labels: {alertname: DiskFull, severity: page}, receiver: pager, by: mute time interval}]

Alerts and silences are those of a storm (`simulator.monitoring.alertmanager.storm`), in seconds.  `notifications` is
the whole list in order of time; what one of them leaves out may be anything, and alerts need only the labels given.
`suppressed` asks what held an alert back at the last flush before the end of the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from simulator.monitoring.alertmanager import (
    AlertmanagerConfig,
    Reason,
    Status,
    Storm,
    SuppressedBy,
    load_config,
    read_config,
)
from simulator.monitoring.alertmanager.storm import TimedAlert, TimedSilence
from timeline.findings import Finding, InputError, Severity, nearest
from topologies.fields import DurationMs
from topologies.loading.document import Document
from topologies.loading.shape import Shape
from topologies.loading.validation import disagreements

_START = datetime(2024, 1, 1, tzinfo=UTC)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedRoute(_Model):
    """The receivers of a label set, in the order of the tree."""

    labels: dict[str, str]
    receivers: tuple[str, ...]


class ExpectedAlert(_Model):
    """One alert of a notification."""

    labels: dict[str, str] = Field(default_factory=dict)
    status: Status | None = None


class ExpectedNotification(_Model):
    """One notification; `at` in seconds."""

    at: float | None = None
    receiver: str | None = None
    status: Status | None = None
    reason: Reason | None = None
    group: dict[str, str] | None = None
    alerts: tuple[ExpectedAlert, ...] | None = None


class ExpectedSuppression(_Model):
    """An alert that was held back."""

    labels: dict[str, str]
    by: SuppressedBy
    receiver: str | None = None


class Expectations(_Model):
    """What a test expects; what is left out is not looked at."""

    routes: tuple[ExpectedRoute, ...] = ()
    notifications: tuple[ExpectedNotification, ...] | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    """Receiver to number of notifications."""
    suppressed: tuple[ExpectedSuppression, ...] = ()


class TestEntry(_Model):
    """One test as written."""

    __test__ = False

    name: str = Field(min_length=1)
    start: AwareDatetime = _START
    until: DurationMs = 0
    alerts: tuple[TimedAlert, ...] = ()
    silences: tuple[TimedSilence, ...] = ()
    expect: Expectations


class TestFile(_Model):
    """A whole file as written."""

    __test__ = False

    config: str | tuple[str, ...] | dict[str, Any]
    tests: tuple[TestEntry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class NotifyTest:
    """One test ready to run."""

    file: str
    name: str
    config: AlertmanagerConfig
    start: datetime
    until_ms: int
    storm: Storm
    expect: Expectations


def load_tests(document: Document, folder: Path) -> list[NotifyTest]:
    """The tests of a document; `folder` is where paths in it begin.  Raises InputError with every mistake found."""
    try:
        written = TestFile.model_validate(document.text_data())
    except ValidationError as error:
        raise InputError(disagreements(error, document, Shape.of(TestFile))) from None
    config = _config(written.config, document, folder)
    findings = [
        Finding(
            "alertmanager.test",
            Severity.ERROR,
            document.place(["tests", position, "expect"], key=True),
            f"receiver {receiver!r} is not in the configuration",
            nearest(receiver, config.receivers),
        )
        for position, test in enumerate(written.tests)
        for receiver in sorted(_receivers(test.expect) - set(config.receivers))
    ]
    if findings:
        raise InputError(findings)
    return [
        NotifyTest(
            document.name,
            test.name,
            config,
            test.start,
            test.until,
            Storm(alerts=test.alerts, silences=test.silences),
            test.expect,
        )
        for test in written.tests
    ]


def _config(written: str | tuple[str, ...] | Mapping[str, Any], document: Document, folder: Path) -> AlertmanagerConfig:
    if isinstance(written, str | tuple):
        return read_config(folder / name for name in ([written] if isinstance(written, str) else written))
    part = document.node(["config"])
    assert part is not None, "validation found a configuration"
    return load_config(document.with_root(part))


def _receivers(expect: Expectations) -> set[str]:
    notified = {expected.receiver for expected in expect.notifications or () if expected.receiver}
    spared = {expected.receiver for expected in expect.suppressed if expected.receiver}
    return notified.union(spared, expect.counts, *(route.receivers for route in expect.routes))
