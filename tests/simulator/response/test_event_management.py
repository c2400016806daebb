"""Signs of trouble become incidents: related ones join, others do not, and alerts that flap wake nobody again."""

from typing import Any

import pytest

from simulator.response.flapping import FlapDamper
from tests.simulator.response.building import Rig, broken, database_crash, organisation, suffers
from timeline.details import IncidentDetail
from timeline.instants import MINUTE
from topologies.event_management import Flapping
from topologies.organisation import Organisation


def managed(**event_management: Any) -> dict[str, Any]:
    """The crew has two pagers with policies of their own."""
    plain = organisation(event_management=event_management)
    plain["policies"]["night-crew"] = {"title": "night crew", "steps": [{"people": ["max"], "wait": "5m"}]}
    plain["receivers"]["other-pager"] = "night-crew"
    return plain


UNEXPLAINED = {"web": suffers("api"), "api": suffers("db"), "db": suffers("web")}
"""Bad, but no cause is ever found: incidents stay open, and none becomes a major one."""


def opened(rig: Rig) -> list[str]:
    titles = []
    for event in rig.of("incident.opened"):
        assert isinstance(event.detail, IncidentDetail)
        titles.append(event.detail.title)
    return titles


@pytest.mark.parametrize(
    ("hops", "incidents"),
    [
        (0, ["Down on web", "Down on db"]),
        (1, ["Down on web", "Down on db"]),
        (2, ["Down on web"]),
        (3, ["Down on web"]),
    ],
)
def test_a_sign_joins_an_incident_within_so_many_hops(hops: int, incidents: list[str]) -> None:
    """web -> api -> db: two hops from one end to the other."""
    rig = Rig(org=managed(correlation={"window": "10m", "hops": hops}))
    rig.alert("web").alert("db", 2 * MINUTE, receiver="other-pager").play(0.2)
    assert opened(rig) == incidents


@pytest.mark.parametrize(("minutes", "incidents"), [(11, 1), (11.001, 2)])
def test_a_sign_joins_only_within_the_window_after_the_last_sign(minutes: float, incidents: int) -> None:
    rig = Rig(UNEXPLAINED, managed(correlation={"window": "10m", "hops": 2}))
    rig.alert("web").alert("db", round(minutes * MINUTE), receiver="other-pager").play(0.25)
    assert len(opened(rig)) == incidents


def test_each_sign_that_joins_extends_the_window() -> None:
    rig = Rig(UNEXPLAINED, managed(correlation={"window": "10m", "hops": 1}))
    rig.alert("web").alert("api", 9 * MINUTE).alert("db", 18 * MINUTE, receiver="other-pager").play(0.4)
    assert opened(rig) == ["Down on web"]


def test_an_unrelated_fault_gets_an_incident_of_its_own_although_it_goes_to_the_same_team() -> None:
    """The printer depends on nothing that the database does: a second fault must not be lost in the first."""
    shows = {**database_crash(), "printer": broken("crash")}
    uncorrelated, correlated = Rig(shows), Rig(shows, managed(correlation={"window": "10m", "hops": 2}))
    for rig in (uncorrelated, correlated):
        rig.alert("web").alert("printer", 2 * MINUTE).play(0.2)
    assert opened(uncorrelated) == ["Down on web"]
    assert opened(correlated) == ["Down on web", "Down on printer"]


CLIENTS = "too many clients already"
ALIKE = {"window": "30m", "hops": 0, "text_similarity": 0.4}


@pytest.mark.parametrize(
    ("correlation", "says", "incidents"),
    [
        (ALIKE, CLIENTS, 1),
        (ALIKE, "paper jam in tray two", 2),
        ({**ALIKE, "text_similarity": 1.0}, CLIENTS, 2),
        ({"window": "30m", "hops": 0}, CLIENTS, 2),
        ({**ALIKE, "window": "1m"}, CLIENTS, 2),
    ],
)
def test_a_sign_that_sounds_alike_joins_however_far_it_is(
    correlation: dict[str, Any], says: str, incidents: int
) -> None:
    rig = Rig(UNEXPLAINED, managed(correlation=correlation))
    rig.alert("web", name="WebSlow", says=CLIENTS)
    rig.alert("printer", 3 * MINUTE, receiver="other-pager", name="PrinterSlow", says=says).play(0.2)
    assert len(opened(rig)) == incidents


def test_what_is_near_counts_before_what_sounds_alike() -> None:
    rig = Rig(UNEXPLAINED, managed(correlation={**ALIKE, "hops": 1}))
    rig.alert("printer", name="PrinterSlow", says=CLIENTS)
    rig.alert("web", 2 * MINUTE, receiver="other-pager", name="WebOdd", says="blue rabbit")
    rig.alert("api", 3 * MINUTE, name="ApiSlow", says=CLIENTS).play(0.2)
    assert [e.subject.id for e in rig.of("incident.alert_attached")] == ["night-crew-1"]


@pytest.mark.parametrize(
    ("sources", "incidents"),
    [
        (["metrics", "logs"], ["Down on web"]),
        (["metrics"], ["Down on web", "Log on api"]),
        (["logs"], ["Down on web", "Log on api"]),
    ],
)
def test_signs_of_a_source_that_is_not_seen_stay_apart(sources: list[str], incidents: list[str]) -> None:
    rig = Rig(UNEXPLAINED, managed(correlation={"window": "30m", "hops": 2, "sources": sources}))
    rig.alert("web").alert("api", 2 * MINUTE, name="Log", source="logs").play(0.2)
    assert opened(rig) == incidents


def test_of_two_incidents_the_nearer_one_takes_the_sign() -> None:
    rig = Rig(org=managed(correlation={"window": "30m", "hops": 1}))
    rig.alert("web").alert("db", 2 * MINUTE, receiver="other-pager").alert("db", 3 * MINUTE, name="DiskFull").play(0.2)
    attached = [e.subject.id for e in rig.of("incident.alert_attached")]
    assert opened(rig) == ["Down on web", "Down on db"]
    assert attached == ["night-crew-1"]


def test_users_reports_join_the_incident_that_alerts_opened() -> None:
    """The function stands on web: one hop."""
    desk = {"team": "crew", "reports_to_open": 3, "handling": "1m", "policy_of_function": {"shop": "night-crew"}}
    plain = {**managed(correlation={"window": "10m", "hops": 1}), "service_desk": desk}
    rig = Rig({"web": suffers("api"), "api": broken("hang")}, plain).alert("web").reports(5, 2 * MINUTE).play(0.2)
    assert opened(rig) == ["Down on web"]


def flap(rig: Rig, minutes: list[float]) -> Rig:
    """One alert fires, resolves, fires, ... at these minutes."""
    for number, minute in enumerate(minutes):
        (rig.resolved if number % 2 else rig.alert)("printer", round(minute * MINUTE))
    return rig


FLAPPING = {"changes": 4, "within": "30m", "calm": "15m"}
WELL: dict[str, Any] = {}


def test_an_alert_that_flaps_opens_no_further_incident() -> None:
    """Nothing is wrong when people look, so each incident is closed before the alert comes back."""
    comes_and_goes = [1, 8, 15, 22, 29, 36, 43, 50]
    plain = flap(Rig(WELL), comes_and_goes).play(2)
    damped = flap(Rig(WELL, managed(flapping=FLAPPING)), comes_and_goes).play(2)
    assert len(plain.of("incident.opened")) == 4
    assert len(damped.of("incident.opened")) == 2
    assert len(damped.of("incident.alert_damped")) == 4
    assert len(damped.of("page.sent")) < len(plain.of("page.sent"))


def test_an_alert_that_keeps_firing_counts_as_soon_as_it_is_calm() -> None:
    rig = flap(Rig(WELL, managed(flapping=FLAPPING)), [1, 8, 15, 22, 29]).play(2)
    assert rig.minutes("incident.opened") == [1, 15, 29 + 15]


def test_changes_that_lie_further_apart_than_the_span_do_not_flap() -> None:
    rig = flap(Rig(WELL, managed(flapping={**FLAPPING, "within": "20m"})), [1, 8, 15, 22, 29]).play(2)
    assert not rig.of("incident.alert_damped")


def test_a_repeated_notification_is_no_change() -> None:
    damper = FlapDamper(Flapping.model_validate(FLAPPING))
    labels = {"alertname": "A"}
    assert [damper.damps(labels, "firing", minute * MINUTE) for minute in range(20)] == [False] * 20


def test_the_change_that_makes_it_flap_is_still_told() -> None:
    damper = FlapDamper(Flapping.model_validate(FLAPPING))
    states = ["firing", "resolved"] * 3
    told = [not damper.damps({"alertname": "A"}, state, minute * MINUTE) for minute, state in enumerate(states)]
    assert told == [True, True, True, True, False, False]


def test_without_event_management_the_organisation_is_as_before() -> None:
    spec = Organisation.model_validate(organisation()).event_management
    assert spec.correlation is None
    assert spec.flapping is None
