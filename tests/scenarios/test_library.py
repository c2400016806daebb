"""What is shipped: it loads, it holds what it promises, and it says where its figures come from."""

from __future__ import annotations

import re
from functools import cache

import pytest

from reports.measures import MEASURES
from reports.milestones import Milestone
from scenarios.loading import LoadedScenario, load_scenario
from scenarios.models import Playbook
from scenarios.shipped import shipped_playbooks, shipped_scenarios
from simulator.estate import possible_actions
from simulator.monitoring.alertmanager import AlertmanagerConfig, load_config
from simulator.monitoring.rules import AlertingRule, groups_of
from simulator.monitoring.telemetry.profiles import PROFILES
from timeline.commands import CHANGES_NOTHING
from timeline.distributions import Distribution
from topologies.estate import ComponentKind, Estate, SiteKind
from topologies.loading.document import read_document
from topologies.loading.estate import LoadedEstate, load_estate
from topologies.organisation import Organisation
from topologies.shipped import shipped_estates

ESTATES = sorted(shipped_estates())
SCENARIOS = sorted(shipped_scenarios())


@cache
def estate(name: str) -> LoadedEstate:
    return load_estate(name)


@cache
def scenario(name: str) -> LoadedScenario:
    return load_scenario(name, measures=list(MEASURES))


def alerts(name: str) -> list[AlertingRule]:
    return [rule for group in groups_of(estate(name).rules) for rule in group.rules if isinstance(rule, AlertingRule)]


def configuration(name: str) -> AlertmanagerConfig:
    document = estate(name).alertmanager
    assert document is not None
    return load_config(document)


@pytest.mark.parametrize("name", ESTATES)
def test_shipped_estate_loads_with_every_name_resolved(name: str) -> None:
    assert estate(name).name == name


@pytest.mark.parametrize("name", SCENARIOS)
def test_shipped_scenario_loads_with_every_name_and_measure_resolved(name: str) -> None:
    assert scenario(name).name == name


def test_every_shipped_playbook_is_used() -> None:
    used = {scenario(name).scenario.playbook for name in SCENARIOS}
    assert used - {None} == set(shipped_playbooks())


class TestMeridianBank:
    """The estate that the main scenarios are played on."""

    @property
    def topology(self) -> Estate:
        return estate("meridian-bank").topology

    @property
    def organisation(self) -> Organisation:
        return estate("meridian-bank").organisation

    def test_has_two_data_centres_a_cloud_region_and_workplaces(self) -> None:
        kinds = [site.kind for site in self.topology.sites.values()]
        assert kinds.count(SiteKind.DATACENTRE) == 2
        assert kinds.count(SiteKind.CLOUD_REGION) >= 1
        assert kinds.count(SiteKind.WORKPLACE) >= 2

    def test_has_at_least_twenty_components_those_of_the_response_among_them(self) -> None:
        components = self.topology.components
        assert len(components) >= 20
        response = {"monitoring", "alerting", "paging", "chat", "itsm", "status-page"}
        assert response <= {component.kind for component in components.values()}
        assert None not in self.topology.platform.model_dump().values()

    def test_both_data_centres_live_on_a_feed_or_a_generator_and_then_on_a_battery(self) -> None:
        for id, site in self.topology.sites.items():
            if site.kind is SiteKind.DATACENTRE:
                ((power, dependency),) = site.depends_on.items()
                members = self.topology.groups[power].members
                assert dependency.after > 0, id
                assert [self.topology.components[m].kind for m in members] == [ComponentKind.POWER] * 2, id

    def test_the_books_are_replicated_asynchronously_with_a_lag(self) -> None:
        replication = self.topology.standby_pairs["ledger"].replication
        assert replication is not None
        assert replication.lag is not None

    def test_every_function_has_the_targets_of_an_impact_analysis(self) -> None:
        functions = self.topology.functions
        assert len(functions) == 6
        for id, function in functions.items():
            stated = (function.owner, function.minimum_level, function.rto, function.mtpd, function.loss_per_hour)
            assert None not in stated, id
            assert function.demand is not None, id
            assert function.reports is not None, id
            assert (function.rto or 0) < (function.mtpd or 0), id
        assert functions["payments"].rpo is not None

    def test_has_four_teams_and_some_fifteen_people_in_two_time_zones(self) -> None:
        assert len(self.organisation.teams) == 4
        assert 14 <= len(self.organisation.people) <= 20
        assert len({person.timezone for person in self.organisation.people.values()}) == 2

    def test_every_possible_action_may_be_ordered_by_somebody_or_approved(self) -> None:
        covered = {rule.action for rule in self.organisation.authority}
        possible = frozenset().union(*possible_actions(self.topology).values()) - CHANGES_NOTHING
        assert possible <= covered

    def test_every_vendor_has_a_way_to_be_called(self) -> None:
        run = {thing.vendor for thing in (*self.topology.components.values(), *self.topology.sites.values())}
        assert {contact.vendor for contact in self.organisation.external} == run - {None}

    def test_has_at_least_fifteen_alerts(self) -> None:
        assert len({rule.alert for rule in alerts("meridian-bank")}) >= 15


def test_corner_lab_stays_small() -> None:
    lab = estate("corner-lab")
    assert len(lab.topology.components) == 6
    assert len(lab.topology.functions) == 1
    assert len(lab.organisation.people) == 3
    assert 3 <= len(alerts("corner-lab")) <= 4


@pytest.mark.parametrize("name", ESTATES)
def test_every_alert_has_severity_team_and_a_summary(name: str) -> None:
    for rule in alerts(name):
        assert {"severity", "team"} <= set(rule.labels), rule.alert
        assert rule.annotations.get("summary"), rule.alert


@pytest.mark.parametrize("name", ESTATES)
def test_every_receiver_but_the_watcher_outside_reaches_somebody(name: str) -> None:
    mapped = set(estate(name).organisation.receivers)
    ways = set(configuration(name).receivers)
    assert mapped <= ways
    for unmapped in ways - mapped:
        assert unmapped in {"dead-mans-switch", "shop-mail"}


@pytest.mark.parametrize("name", ESTATES)
def test_every_telemetry_profile_exists(name: str) -> None:
    known = {*PROFILES, *estate(name).profiles}
    for id, component in estate(name).topology.components.items():
        assert set(component.telemetry) <= known, id


@pytest.mark.parametrize("name", ESTATES)
def test_every_source_belongs_to_a_value_of_its_file(name: str) -> None:
    loaded = estate(name)
    documents = [loaded.topology_document, loaded.organisation_document, loaded.expectations_document]
    astray = [path for doc in documents if doc is not None for path in astray_sources(doc.data)]
    assert astray == []


@pytest.mark.parametrize("path", [*shipped_scenarios().values(), *shipped_playbooks().values()], ids=lambda p: p.stem)
def test_every_source_of_a_scenario_or_playbook_belongs_to_a_value(path) -> None:  # type: ignore[no-untyped-def]
    assert astray_sources(read_document(path).data) == []


def test_a_source_that_leads_nowhere_is_noticed() -> None:
    data = {"people": {"a.b": {"answer": "5m"}}, "sources": {"people.a.b.answer": {}, "people.c.answer": {}}}
    assert astray_sources(data) == ["people.c.answer"]


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "corner-lab-crash"])
def test_scenario_documents_itself(name: str) -> None:
    written = scenario(name).scenario
    assert written.practices
    assert written.facilitator_notes
    assert written.risks
    assert all(objective.practices for objective in written.objectives.values())


@pytest.mark.parametrize("name", ["datacentre-loss", "bad-deploy"])
def test_main_scenario_has_a_full_exercise(name: str) -> None:
    loaded = scenario(name)
    assert len(loaded.scenario.injects) >= 4
    assert all(inject.objective for inject in loaded.scenario.injects.values())
    assert 10 <= len(tasks_of(loaded)) <= 15


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_critical_task_is_marked_critical_in_the_playbook(name: str) -> None:
    loaded = scenario(name)
    for objective in loaded.scenario.objectives.values():
        for task in objective.critical_tasks:
            assert tasks_of(loaded)[task].critical or name == "corner-lab-crash", task


def test_datacentre_loss_begins_on_a_saturday_at_ten_past_two() -> None:
    starts = scenario("datacentre-loss").scenario.starts_at
    assert (starts.strftime("%A %H:%M"), starts.utcoffset().total_seconds()) == ("Saturday 02:10", 3600)  # type: ignore[union-attr]


class TestCloudflare2019:
    """The real outage: recorded times stand as published, and nothing of the model was chosen to meet them."""

    def test_recorded_moments_are_those_of_the_report(self) -> None:
        recorded = scenario("cloudflare-2019").scenario.recorded
        assert {milestone: moment.at.strftime("%H:%M") for milestone, moment in recorded.items()} == {
            "began": "13:42",
            "detected": "13:45",
            "cause_found": "14:00",
            "kill_proposed": "14:02",
            "kill_executed": "14:07",
            "restored": "14:09",
            "rules_back_on": "14:52",
        }

    def test_nothing_is_fitted(self) -> None:
        loaded = scenario("cloudflare-2019")
        assert not any(moment.fitted for moment in loaded.scenario.recorded.values())
        assert all(source.basis != "fitted" for source in loaded.sources.values())

    def test_what_the_model_is_compared_with_are_its_milestones(self) -> None:
        recorded = scenario("cloudflare-2019").scenario.recorded
        assert {"detected", "cause_found", "restored"} <= set(recorded) & set(Milestone)


REPLAYS = ["cloudflare-2019", "gitlab-2017", "github-2018", "cloudflare-2023"]


@pytest.mark.parametrize("name", REPLAYS)
class TestReplayOfARealOutage:
    """What every one of them keeps to, so that its comparison means something."""

    def test_every_recorded_moment_names_its_report(self, name: str) -> None:
        head = shipped_scenarios()[name].read_text(encoding="utf-8").partition("format:")[0]
        for moment, recorded in scenario(name).scenario.recorded.items():
            named = re.match(r"(?:Report|Postmortem|Analysis) of (\d+ \w+ \d{4}), ", recorded.source)
            assert named, moment
            assert named[1] in head, moment

    def test_only_what_was_put_in_is_fitted(self, name: str) -> None:
        """A moment that is fitted follows from the faults alone, and no range of the organisation was fitted."""
        loaded = scenario(name)
        for moment, recorded in loaded.scenario.recorded.items():
            if recorded.fitted:
                beside = recorded.shown_by
                assert moment in ("began", "impact") or (beside and beside.kind == "fault.started"), moment
        fitted = [path for path, source in loaded.sources.items() if source.basis == "fitted"]
        assert [path for path in fitted if not path.startswith("scenario.faults.")] == []

    def test_people_are_assumed_ranges_and_roles(self, name: str) -> None:
        organisation = estate(name).organisation
        assert {source.basis for source in organisation.sources.values()} == {"assumed"}
        for step, value in organisation.working:
            if isinstance(value, Distribution):
                assert value.shape == "uniform", step
        for id, task in tasks_of(scenario(name)).items():
            assert task.takes.shape == "uniform", id

    def test_something_is_compared(self, name: str) -> None:
        moments = scenario(name).scenario.recorded.items()
        assert any(not m.fitted and (m.shown_by or milestone in set(Milestone)) for milestone, m in moments)


def tasks_of(loaded: LoadedScenario) -> dict:  # type: ignore[type-arg]
    assert isinstance(loaded.playbook, Playbook)
    return loaded.playbook.tasks


def astray_sources(data: object) -> list[str]:
    """Paths of the `sources` table of a file that lead to none of its values."""
    assert isinstance(data, dict)
    return [path for path in data.get("sources", {}) if not leads_somewhere(data, path.split("."))]


def leads_somewhere(data: object, steps: list[str]) -> bool:
    """Ids may contain dots, so a step may be several words."""
    if not steps:
        return True
    if isinstance(data, list):
        return steps[0].isdigit() and int(steps[0]) < len(data) and leads_somewhere(data[int(steps[0])], steps[1:])
    if not isinstance(data, dict):
        return False
    joined = ((".".join(steps[:n]), steps[n:]) for n in range(1, len(steps) + 1))
    return any(name in data and leads_somewhere(data[name], rest) for name, rest in joined)


class TestDatabaseCorruption:
    """Silent since Thursday, found on Monday, and nothing is down."""

    def test_the_newest_copies_carry_it_and_older_ones_do_not(self) -> None:
        loaded = scenario("database-corruption")
        (fault,) = loaded.scenario.faults.values()
        data = loaded.estate.topology.standby_pairs["ledger"].data
        assert data is not None
        assert data.backups["snapshot"].keeps < -fault.at < data.backups["nightly"].keeps
        assert data.backups["nightly"].immutable
        assert data.log is not None
        assert data.log.keeps > -fault.at

    def test_the_check_can_be_left_out_and_its_absence_is_rated(self) -> None:
        loaded = scenario("database-corruption")
        assert loaded.playbook is not None
        restore = loaded.playbook.tasks["restore-ledger"].does
        assert restore is not None
        assert restore.restore is not None
        assert restore.restore.skip_verification is not None
        targets = [t.measure for t in loaded.scenario.objectives["integrity"].targets]
        assert {"unverified_restores", "corruption_carried", "workarounds_without_plan"} <= set(targets)
