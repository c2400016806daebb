"""A small shop with planted gaps in its alerting, and short ways to study it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from blackstart._coverage import CoverageInput, coverage_input
from studies.coverage import Coverage, CoverageFinding, Question, findings_of, study
from timeline.instants import DAY, HOUR
from topologies.shipped import shipped_estates

KINDS = ("crash", "hang", "slow", "bad-deploy", "vendor-outage", "site-loss")

TOPOLOGY = """\
format: blackstart/estate/1
title: Kiosk
timezone: Europe/Vienna
sites:
  room: {title: Room, kind: datacentre, timezone: Europe/Vienna}
vendors:
  pager: {title: Pager, provides: paging, response: 1h}
components:
  web:
    title: Web
    kind: service
    site: room
    capacity_rps: 100
    latency_ms: 50
    telemetry: [http-server, blackbox]
    depends_on:
      db: {type: hard}
      cache: {type: soft, degradation: 0.02}
  db: {title: Database, kind: database, site: room, capacity_rps: 200, latency_ms: 5, telemetry: [postgres]}
  cache: {title: Cache without an exporter, kind: cache, site: room}
  prometheus: {title: Prometheus, kind: monitoring}
  alertmanager: {title: Alertmanager, kind: alerting, site: room}
  paging: {title: Paging, kind: paging, vendor: pager}
functions:
  selling:
    title: Selling
    supported_by: {web: {type: hard}}
    minimum_level: 0.5
    demand:
      entry: web
      peak_rps: 50
      by_hour: [0.01, 0.01, 0.01, 0.01, 0.01, 0.1, 0.3, 0.5, 0.8, 1.0, 1.0, 1.0,
                1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05]
platform: {prometheus: prometheus, alertmanager: alertmanager, paging: paging}
monitoring:
  scrape_interval: 15s
  rules: [alerts/rules.yaml]
  alertmanager: alerts/alertmanager.yaml
  external_labels: {shop: kiosk}
"""

RULES = """\
groups:
  - name: web
    interval: 15s
    rules:
      - record: component:errors:ratio
        expr: |
          sum by (component) (rate(http_requests_total{code=~"5.."}[2m]))
            / sum by (component) (rate(http_requests_total[2m]))
      - alert: ErrorRatioHigh
        expr: component:errors:ratio > 0.05
        for: 1m
        labels: {severity: page, team: shop}
      - alert: ProbeFails
        expr: probe_success{component="web"} == 0
        for: 30s
        labels: {severity: page, team: shop}
      - alert: ProbeFailsToo
        expr: probe_success < 1
        for: 1m
        labels: {severity: page, team: shop}
      - alert: VerySlow
        expr: probe_duration_seconds > 1000
        labels: {severity: page, team: shop}
  - name: rest
    interval: 30s
    rules:
      - alert: DatabaseDown
        expr: up{component="db"} == 0
        labels: {severity: mail, team: data}
      - alert: NightlyLull
        expr: sum(rate(http_requests_total{component="web"}[5m])) < 2
        for: 5m
        labels: {severity: page, team: shop}
      - alert: Heartbeat
        expr: vector(1)
        labels: {severity: none, team: shop}
      - alert: QueueLags
        expr: kafka_consumergroup_lag > 100
        labels: {severity: page, team: shop}
"""

ALERTMANAGER = """\
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 4h
  routes:
    - {matchers: ['severity="page"'], receiver: shop-pager}
    - {matchers: ['severity="mail"'], receiver: old-mail}
receivers:
  - name: nobody
  - name: shop-pager
    webhook_configs: [{url: "http://pager.invalid/"}]
  - name: old-mail
    webhook_configs: [{url: "http://mail.invalid/"}]
"""

EXPECTATIONS = """\
format: blackstart/expectations/1
expectations:
  web-crash: {fault: crash, target: web, alerts: [ProbeFails], within: 3m, team: shop}
  web-deploy-at-once: {fault: bad-deploy, target: web, alerts: [ErrorRatioHigh], within: 20s, team: shop}
  cache-crash: {fault: crash, target: cache, alerts: [VerySlow], within: 5m}
  db-for-data: {fault: hang, target: db, alerts: [ProbeFails], within: 5m, team: data}
  lagging: {fault: slow, target: db, parameters: {latency_factor: 20}, alerts: [QueueLags], within: 5m}
"""


def kiosk(folder: Path, *, topology: str = TOPOLOGY, rules: str = RULES) -> CoverageInput:
    """The kiosk in a folder.  Its organisation is that of the corner lab, with a team for the data."""
    (folder / "alerts").mkdir(parents=True, exist_ok=True)
    (folder / "topology.yaml").write_text(topology)
    organisation = (Path(shipped_estates()["corner-lab"]) / "organisation.yaml").read_text()
    organisation = organisation.replace("receivers: [shop-pager, shop-mail]", "receivers: [shop-pager]")
    organisation = organisation.replace("\nrotations:", "  data: {title: Data}\n\nrotations:", 1)
    organisation = organisation.replace("{ordering: shop}", "{selling: shop}")
    (folder / "organisation.yaml").write_text(organisation)
    (folder / "alerts" / "rules.yaml").write_text(rules)
    (folder / "alerts" / "alertmanager.yaml").write_text(ALERTMANAGER)
    (folder / "alerts" / "expectations.yaml").write_text(EXPECTATIONS)
    return coverage_input(folder)


QUESTION = Question(
    datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("Europe/Vienna")),
    lasts_ms=HOUR // 2,
    quiet_ms=DAY,
    draws=1,
    kinds=KINDS,
)


def studied(given: CoverageInput, *, jobs: int = 1, **question: object) -> Coverage:
    return study(given.subject, replace(QUESTION, **question), jobs=jobs)  # type: ignore[arg-type]


def found(given: CoverageInput, coverage: Coverage) -> list[CoverageFinding]:
    return findings_of(coverage, given.places)


def subjects(findings: list[CoverageFinding], kind: str) -> set[str]:
    return {one.subject for one in findings if one.kind == kind}
