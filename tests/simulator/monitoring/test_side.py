"""Estate and monitoring together: from a fault to a notification, and what happens when monitoring fails too."""

from __future__ import annotations

from typing import Any

from simulator.monitoring.alertmanager import load_config
from simulator.monitoring.rules import AlertingRule, RecordingRule, RuleGroup
from simulator.monitoring.side import ModelledMonitoring, MonitoringFiles
from simulator.sides import Delivered
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.events import Event
from timeline.instants import MINUTE
from topologies.loading.document import parse_document

CONFIG = """
route: {receiver: pager, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
receivers: [{name: pager, webhook_configs: [{url: "http://localhost/"}]}]
"""
RATIO = 'sum by (job) (rate(http_requests_total{code="500"}[5m])) / sum by (job) (rate(http_requests_total[5m]))'
RULES = (
    AlertingRule("TargetDown", "up == 0", for_ms=MINUTE, annotations={"summary": "{{ $labels.instance }} is down"}),
    RecordingRule("job:errors:ratio", RATIO),
    AlertingRule("Errors", "job:errors:ratio > 0.05", for_ms=2 * MINUTE),
)


class Watched(Rig):
    """A web server on a database, watched by a Prometheus that is a component too."""

    def __init__(self, rules: tuple[Any, ...] = RULES, *, queue: bool = False) -> None:
        entry = {"queue": service(telemetry=["queue"], depends_on={"db": {"type": "asynchronous"}})} if queue else {}
        super().__init__(
            hours=3,
            components={
                "db": service(telemetry=["node", "postgres"]),
                "web": service(telemetry=["http-server"], depends_on={"db": hard(), **{id: hard() for id in entry}}),
                **entry,
                "prometheus": service(kind="monitoring"),
                "alertmanager": service(kind="alerting"),
                "pager": service(kind="paging"),
            },
            platform={"prometheus": "prometheus", "alertmanager": "alertmanager", "paging": "pager"},
            functions={
                "f": {
                    "title": "f",
                    "supported_by": {"web": hard()},
                    "demand": {"entry": "web", "peak_rps": 100, "by_hour": FLAT_DAY},
                }
            },
        )
        self.delivered: list[Delivered] = []
        self.monitoring = ModelledMonitoring(
            self.kernel,
            self.estate.model,
            MonitoringFiles(
                [RuleGroup("file", "group", rules, interval_ms=30_000)], load_config(parse_document(CONFIG, "am.yml"))
            ),
            self.board,
            self.estate,
            self.delivered.append,
            until_ms=self.until_ms,
        )
        self.estate._on_change = lambda: self.monitoring.signals_changed(self.kernel.now())
        self.monitoring.start()

    def alerts(self, kind: str, name: str) -> list[Event]:
        return [e for e in self.timeline.of_kind(kind) if e.subject.id == name]


def crash(target: str, at: str, duration: str) -> dict[str, str]:
    return {"fault": "crash", "target": target, "at": at, "duration": duration}


def test_an_alert_fires_after_scrape_evaluation_and_for() -> None:
    rig = Watched().play(f=crash("db", "10m", "20m"))
    (pending,) = rig.alerts("alert.pending", "TargetDown")
    (firing,) = rig.alerts("alert.firing", "TargetDown")
    assert 10 * MINUTE < pending.at_ms <= 10 * MINUTE + 15_000 + 30_000
    assert firing.at_ms - pending.at_ms == MINUTE


def test_the_notification_follows_group_wait_and_says_what_is_wrong() -> None:
    rig = Watched().play(f=crash("db", "10m", "20m"))
    (firing,) = rig.alerts("alert.firing", "TargetDown")
    told = rig.delivered[0]
    assert rig.timeline[told.event].at_ms - firing.at_ms == 30_000
    assert told.alerts[0].annotations["summary"] == "db-0 is down"
    assert told.alerts[0].event == firing.seq


def test_alerts_trace_back_to_their_fault_also_through_recording_rules() -> None:
    rig = Watched().play(f=crash("db", "10m", "20m"))
    (fault,) = rig.timeline.of_kind("fault.started")
    for name in ("TargetDown", "Errors"):
        (firing,) = rig.alerts("alert.firing", name)
        assert fault in rig.timeline.ancestors(firing), name


def test_a_backlog_is_traced_to_the_fault_of_whoever_should_work_it_off() -> None:
    rig = Watched((AlertingRule("Backlog", "queue_messages_ready > 100"),), queue=True).play(
        f=crash("db", "10m", "20m")
    )
    (fault,) = rig.timeline.of_kind("fault.started")
    (firing,) = rig.alerts("alert.firing", "Backlog")
    assert fault in rig.timeline.ancestors(firing)


def test_an_alert_that_nothing_explains_has_no_cause() -> None:
    rig = Watched((AlertingRule("Watchdog", "vector(1)"), AlertingRule("TooEager", "node_load1 > 0"))).play()
    assert [rig.alerts("alert.firing", name)[0].causes for name in ("Watchdog", "TooEager")] == [(), ()]


def test_nothing_fires_while_all_is_well() -> None:
    assert Watched().play().timeline.of_kind("alert", "notification") == []


def test_when_prometheus_dies_alerts_resolve_minutes_later_although_nothing_is_well() -> None:
    rig = Watched().play(f=crash("db", "10m", "2h"), g=crash("prometheus", "30m", "2h"))
    resolved = [d for d in rig.delivered if d.status == "resolved"]
    moments = [rig.timeline[d.event].at_ms for d in resolved]
    assert len(moments) == 2
    assert all(30 * MINUTE + 4 * MINUTE <= moment <= 30 * MINUTE + 9 * MINUTE for moment in moments)
    assert rig.timeline.of_kind("alert.resolved") == []


def test_no_alert_comes_from_a_prometheus_that_went_down_with_what_it_watches() -> None:
    rig = Watched().play(f=crash("db", "10m", "2h"), g=crash("prometheus", "10m", "2h"))
    assert rig.delivered == []


def test_prometheus_finds_what_is_wrong_when_it_is_back() -> None:
    rig = Watched().play(f=crash("db", "10m", "2h"), g=crash("prometheus", "10m", "30m"))
    (firing,) = rig.alerts("alert.firing", "TargetDown")
    assert 41 * MINUTE <= firing.at_ms <= 42 * MINUTE


def test_alertmanager_is_told_again_when_it_is_back() -> None:
    rig = Watched().play(f=crash("db", "10m", "2h"), g=crash("alertmanager", "10m", "30m"))
    assert rig.alerts("alert.firing", "TargetDown")[0].at_ms < 13 * MINUTE
    assert [rig.timeline[d.event].at_ms >= 40 * MINUTE for d in rig.delivered[:1]] == [True]


def test_what_the_paging_provider_does_not_take_is_lost_once_and_arrives_when_it_is_back() -> None:
    rig = Watched().play(f=crash("db", "10m", "2h"), g=crash("pager", "10m", "30m"))
    lost = rig.timeline.of_kind("notification.lost")
    assert [e.at_ms < 20 * MINUTE for e in lost] == [True, True]
    first = rig.timeline[rig.delivered[0].event]
    assert 40 * MINUTE <= first.at_ms <= 46 * MINUTE
    assert not set(first.causes).isdisjoint(e.seq for e in lost)
