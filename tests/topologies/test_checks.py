"""Weak spots of an estate: each check finds the weakness it is for, at its place, and nothing in a sound estate."""

from __future__ import annotations

import pytest

from timeline.findings import Finding, Severity
from topologies.checks import ESTATE_CHECKS, check_estate
from topologies.loading.estate import load_estate
from topologies.reach import functions_lost_with, single_points

IN_FILES_OF_THEIR_OWN = {"automation.loop", "automation.stage-never-kept"}
"""Weaknesses of files that the laboratory does not have: `loading/test_automations.py` has some."""


def findings(*settings: str) -> list[Finding]:
    return check_estate(load_estate("corner-lab", settings=settings))


def found(id: str, *settings: str) -> list[Finding]:
    return [finding for finding in findings(*settings) if finding.id == id]


NEEDS_WEB = "{title: a channel, latency: 5s, failure: 0.02, needs: [web]}"
COOKS = "{cook: {title: Cooks, needed: %d, minimum: %d, groups: {kitchen: {site: lab, count: %d}}}}"
IMPATIENT = (
    "estate.components.api.queue={limit: 3000}",  # twenty seconds of work at its capacity
    "estate.components.web.depends_on.api={type: hard, retries: 1, timeout: 2s}",
)
PLANNED = "organisation.communication={plan: [{audience: customers, within: 20m}]}"
STAFF = "organisation.audiences.staff={title: Staff, channel: mail, role: incident-manager, writing: 5m}"
WEAKNESSES = [
    ("flow.not-a-cache", "'cache'", "estate.components.api.depends_on.db.cached_by=cache"),
    (
        "flow.unknown-latency",
        "'prometheus'",
        "estate.components.web.depends_on.prometheus={type: soft, degradation: 0.1, timeout: 2s}",
    ),
    ("flow.self-sustaining", "20s", IMPATIENT),
    ("dependency.cycle", "api -> web", "estate.components.api.depends_on.web={type: hard}"),
    ("dependency.single-point", "'api'", "estate.components.api.replicas={count: 1, needed: 1}"),
    (
        "redundancy.shares-fate",
        "rack 'rack-1'",
        "estate.shared_fate={rack-1: {title: Rack, kind: rack, members: {db-a: {}, db-b: {}}}}",
    ),
    (
        "redundancy.shares-fate",
        "2 replicas of 'api'",
        "estate.shared_fate={rack-1: {title: Rack, kind: rack, members: {api: {}}}}",
    ),
    ("dependency.recovery-cycle", "api needs web to start", "estate.components.api.depends_on.web={type: bootstrap}"),
    (
        "dependency.recovery-cycle",
        "cache needs cache to be recovered",
        "estate.components.cache.recovery.needs=[cache]",
    ),
    (
        "dependency.cycle-by-hand",
        "cache needs cache to start",
        "estate.components.cache={title: c, kind: cache, depends_on: {cache: {type: bootstrap}}, "
        "recovery: {cold-start: 5m}}",
    ),
    ("function.sla-looser-than-rto", "2h", "estate.functions.ordering.sla_restore=2h"),
    ("function.rto-beyond-mtpd", "9h", "estate.functions.ordering.rto=9h"),
    ("function.targets-unknown", "RPO", "estate.functions.ordering.rpo=null"),
    ("function.without-owner", "'ordering'", "estate.functions.ordering.owner=null"),
    ("component.without-owner", "'cache'", "estate.components.cache.owner=null"),
    ("team.without-policy", "'shop'", "organisation.teams.shop.policy=null"),
    ("standby.looser-than-rpo", "'db'", "estate.standby_pairs.db.replication.lag=lognormal(median=5s, p90=2m)"),
    ("standby.slower-than-rto", "'db'", "estate.standby_pairs.db.fail_over.takes=uniform(30m, 2h)"),
    ("alert.without-owner", "'InstanceDown'", "alerts.InstanceDown.labels.team=null"),
    ("alert.without-owner", "'shopp'", "alerts.InstanceDown.labels.team=shopp"),
    ("receiver.unmapped", "'shop-mail'", "organisation.teams.shop.receivers=[shop-pager]"),
    ("receiver.unknown", "'pager'", "organisation.receivers.pager=shop"),
    ("rotation.empty", "'shop-primary'", "organisation.rotations.shop-primary.layers=null"),
    ("person.unreachable", "'owner'", "organisation.channels.phone.failure=1.0"),
    ("person.one-channel", "'owner'", "organisation.channels.phone.needs=[web]"),
    (
        "channels.one-component",
        "'web'",
        "organisation.channels={push: " + NEEDS_WEB + ", phone: " + NEEDS_WEB + ", mail: " + NEEDS_WEB + "}",
    ),
    ("policy.one-person", "'shop'", "organisation.policies.shop.steps=[{people: [owner], wait: 5m}]"),
    ("role.without-people", "'technical-lead'", "organisation.roles.technical-lead={title: Lead}"),
    ("authority.nobody-decides", "'restart'", "organisation.authority.0={action: restart, change: emergency}"),
    ("workforce.unknown", "'ordering'", "estate.functions.ordering.workforce=null"),
    ("workforce.too-few", "'cook'", f"estate.functions.ordering.workforce={COOKS % (3, 3, 2)}"),
    ("workplace.alternates-too-small", "'lab'", f"estate.functions.ordering.workforce={COOKS % (3, 2, 3)}"),
    ("function.rto-beyond-tolerance", "'ordering'", "estate.functions.ordering.tolerance={outage: 1m}"),
    ("function.rto-below-recovery", "'ordering'", "estate.functions.ordering.rto=1s"),
    (
        "fallback.below-minimum",
        "'ordering'",
        "estate.functions.ordering.fallback={title: on paper, throughput: 0.1, set_up: 5m}",
    ),
    ("plan.no-channel", "'customers'", (PLANNED, "organisation.channels.mail.failure=1")),
    ("plan.one-channel", "'customers'", (PLANNED, "organisation.channels.mail.needs=[web]")),
    ("plan.no-template", "'customers'", PLANNED),
    ("plan.no-author", "'customers'", (PLANNED, "organisation.roles.incident-manager={title: Nobody}")),
    (
        "plan.incomplete",
        "'customers'",
        (STAFF, "organisation.communication={plan: [{audience: staff, within: 20m}]}"),
    ),
    (
        "template.no-next-update",
        "'staff'",
        (STAFF, "organisation.communication={templates: {t: {title: t, audiences: [staff], text: '{next_update}'}}}"),
    ),
    (
        "obligation.no-author",
        "'dora'",
        "organisation.obligations.dora={role: incident-manager, channel: mail, classification: 5m, "
        "reports: {initial: {writing: 1h}}}",
    ),
    ("source.unknown-path", "'people.nobody'", "organisation.sources={people.nobody: {basis: assumed}}"),
]


@pytest.mark.parametrize(("id", "names", "settings"), WEAKNESSES)
def test_weakness_is_found_and_named(id: str, names: str, settings: str | tuple[str, ...]) -> None:
    new = set(found(id, *([settings] if isinstance(settings, str) else settings))) - set(found(id))
    assert new
    assert all(names in finding.message for finding in new)


def test_every_check_has_a_weakness_above() -> None:
    assert {id for id, *_ in WEAKNESSES} | IN_FILES_OF_THEIR_OWN == set(ESTATE_CHECKS)


def test_sound_estate_has_nothing_but_its_one_server_room() -> None:
    assert [(finding.id, finding.place.source_line.strip()) for finding in findings()] == [
        ("dependency.single-point", "lab:"),
        ("redundancy.shares-fate", "db:"),
    ]


def test_each_check_explains_itself_with_a_title_and_a_text() -> None:
    for check in ESTATE_CHECKS.values():
        title, blank, *text = check.explanation.split("\n")
        assert title.endswith(".")
        assert blank == ""
        assert text


def test_gravest_findings_come_first() -> None:
    severities = [
        f.severity for f in findings("estate.functions.ordering.rpo=null", "estate.functions.ordering.owner=null")
    ]
    assert severities == [Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.INFO]


def test_circle_is_shown_as_the_shortest_way_round() -> None:
    [finding] = found(
        "dependency.cycle",
        "estate.components.db-a.depends_on={web: {type: hard}}",
        "estate.standby_pairs.db.standby=null",
    )
    assert "api -> db -> db-a -> web -> api" in finding.message


@pytest.mark.parametrize(
    "setting",
    [
        "estate.components.cache.depends_on={web: {type: hard}}",  # api needs the cache softly only
        "estate.components.db-a.depends_on={web: {type: hard}}",  # the standby carries on
    ],
)
def test_circle_through_what_can_be_spared_is_none(setting: str) -> None:
    assert not found("dependency.cycle", setting)


@pytest.mark.parametrize(
    "cure",
    [
        "estate.components.web.depends_on.api.retry_budget=0.1",
        "estate.components.web.depends_on.api.breaker={threshold: 0.5}",
        "estate.components.web.depends_on.api.timeout=30s",
        "estate.components.api.queue.shed_above=1s",
        "estate.components.api.queue.limit=100",
    ],
)
def test_what_breaks_the_circle_of_retries_is_seen(cure: str) -> None:
    assert not found("flow.self-sustaining", *IMPATIENT, cure)


@pytest.mark.parametrize(
    ("lost", "functions"),
    [
        (["db-a"], []),
        (["db-a", "db-b"], ["ordering"]),
        (["cache"], []),
        (["api"], ["ordering"]),
        (["lab"], ["ordering"]),
        (["prometheus"], []),
    ],
)
def test_loss_spreads_along_what_cannot_be_spared(lost: list[str], functions: list[str]) -> None:
    assert functions_lost_with(load_estate("corner-lab").topology, lost) == functions


def test_group_fails_below_its_needed_members() -> None:
    group = "estate.groups.pool={title: Pool, members: [cache, prometheus, db-b], needed: 2}"
    topology = load_estate(
        "corner-lab", settings=[group, "estate.components.web.depends_on.pool={type: hard}"]
    ).topology
    assert functions_lost_with(topology, ["cache"]) == []
    assert functions_lost_with(topology, ["cache", "prometheus"]) == ["ordering"]


def test_spare_replica_takes_a_component_off_the_single_points() -> None:
    one = load_estate("corner-lab", settings=["estate.components.api.replicas={count: 1, needed: 1}"]).topology
    assert "api" in single_points(one)
    assert "api" not in single_points(load_estate("corner-lab").topology)
