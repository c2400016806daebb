"""Settings from outside: where a path leads, what null does, and what a wrong path is told."""

from __future__ import annotations

import pytest

from timeline.findings import InputError
from topologies.loading.estate import LoadedEstate, load_estate
from topologies.loading.references import names_used
from topologies.loading.shape import Shape
from topologies.organisation import Organisation


def with_settings(*settings: str) -> LoadedEstate:
    return load_estate("corner-lab", settings=settings)


def refusal(*settings: str) -> str:
    with pytest.raises(InputError) as caught:
        with_settings(*settings)
    return str(caught.value)


def test_value_of_the_file_is_replaced() -> None:
    assert with_settings("estate.components.web.replicas.count=5").topology.components["web"].replicas.count == 5


def test_field_that_the_file_leaves_out_is_set() -> None:
    replicas = (
        with_settings("estate.components.db-a.replicas={count: 2, needed: 1}").topology.components["db-a"].replicas
    )
    assert (replicas.count, replicas.needed) == (2, 1)
    limits = with_settings("estate.components.prometheus.capacity_rps=7").topology.components["prometheus"]
    assert limits.capacity_rps == 7


def test_null_removes_a_field_and_an_entry() -> None:
    topology = with_settings("estate.standby_pairs.db.standby=null", "estate.components.web.labels.team=null").topology
    assert topology.standby_pairs["db"].standby is None
    assert "team" not in topology.components["web"].labels


def test_item_of_a_list_is_reached_by_its_number_and_removed_by_null() -> None:
    organisation = with_settings(
        "organisation.policies.shop.steps.0.wait=9m", "organisation.policies.shop.steps.2=null"
    ).organisation
    assert [step.wait for step in organisation.policies["shop"].steps] == [540_000, 300_000]


def test_later_setting_wins() -> None:
    loaded = with_settings("estate.functions.ordering.rto=1h", "estate.functions.ordering.rto=2h")
    assert loaded.topology.functions["ordering"].rto == 7_200_000


def test_new_entry_of_a_map_is_given_as_a_whole() -> None:
    loaded = with_settings("estate.components.queue={title: Queue, kind: queue, site: lab}")
    assert loaded.topology.components["queue"].title == "Queue"


def test_value_with_equals_signs_and_spaces_is_kept() -> None:
    assert with_settings("estate.title=a = b").topology.title == "a = b"


def test_alerting_rules_are_changed_by_name() -> None:
    loaded = with_settings("alerts.InstanceDown.for=9m", "alerts.InstanceDown.labels.severity=warning")
    data = loaded.rules[0].data
    assert isinstance(data, dict)
    rule = next(r for r in data["groups"][0]["rules"] if r["alert"] == "InstanceDown")
    assert (rule["for"], rule["labels"]["severity"]) == ("9m", "warning")


def test_alerting_rule_is_removed_although_expectations_name_it() -> None:
    data = with_settings("alerts.InstanceDown=null").rules[0].data
    assert isinstance(data, dict)
    assert "InstanceDown" not in [rule["alert"] for rule in data["groups"][0]["rules"]]


def test_alertmanager_configuration_is_changed() -> None:
    configuration = with_settings("alerts.alertmanager.route.group_wait=3s").alertmanager
    assert configuration is not None
    assert configuration.text_at(["route", "group_wait"]) == "3s"


def test_unchanged_documents_keep_their_places() -> None:
    before, after = load_estate("corner-lab"), with_settings("estate.components.web.replicas.count=5")
    path = ["functions", "ordering", "rto"]
    assert before.topology_document.place(path) == after.topology_document.place(path)
    assert after.organisation_document is not before.organisation_document
    assert list(names_used(after.organisation_document.root, Shape.of(Organisation)))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("estate.components.wb.site=lab", "did you mean estate.components.web.site?"),
        ("estate.components.db-a.replcas.count=3", "did you mean estate.components.db-a.replicas.count?"),
        ("estate.functions.ordering.rt0=1h", "did you mean estate.functions.ordering.rto?"),
        ("estate.components.nothing=null", "there is nothing at estate.components.nothing"),
        ("estate.title.deeper=1", "estate.title is a single value"),
        ("organisation.policies.shop.steps.7.wait=1m", "known: 0, 1, 2"),
        ("organisation.peple.owner.title=x", "did you mean organisation.people.owner.title?"),
        ("alerts.InstanceDwn.for=5m", "did you mean alerts.InstanceDown.for?"),
        ("alerts.InstanceDown.foor=5m", "did you mean alerts.InstanceDown.for?"),
        ("alerts.alertmanager.rout.group_wait=1s", "did you mean alerts.alertmanager.route.group_wait?"),
        ("estat.components.web.site=lab", "did you mean 'estate'?"),
        ("estate=5", "alone is no path"),
        ("no path at all", "path=value"),
        ("estate.functions.ordering.rto=: [", "--set estate.functions.ordering.rto:1:1"),
    ],
)
def test_path_that_leads_nowhere_is_told_the_nearest(setting: str, says: str) -> None:
    assert says in refusal(setting)


def test_value_that_does_not_fit_is_placed_at_the_setting() -> None:
    assert "--set estate.functions.ordering.rto:1:1: error: 4 is not a duration" in refusal(
        "estate.functions.ordering.rto=4"
    )


def test_all_wrong_settings_are_reported_at_once() -> None:
    told = refusal("estat.x=1", "organisation.working.triage=soon", "alerts.Nothing.for=1m")
    assert told.count("error:") == 3
