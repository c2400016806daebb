"""Two incidents about one cause are one once that is known, whoever opened them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, broken, organisation, person
from timeline.instants import MINUTE


def two_teams(*, link: bool = True, **sections: Any) -> dict[str, Any]:
    """Ann's crew and Bob's, for whom alerts on the same thing open an incident each; nothing is major."""
    org = organisation(event_management={"link_duplicates": link}, **sections)
    org["people"]["bob"] = person()
    org["policies"]["others"] = {"title": "others", "steps": [{"people": ["bob"], "wait": "5m"}]}
    org["receivers"]["other-pager"] = "others"
    org["severities"] = [{"severity": "sev3", "title": "whatever it is", "otherwise": True}]
    return org


def by_both(link: bool) -> Rig:
    rig = Rig({"db": broken("disk-full")}, two_teams(link=link))
    return rig.alert("db").alert("db", 3 * MINUTE, receiver="other-pager").play()


def by_desk_and_monitoring(link: bool) -> Rig:
    desk = {"team": "crew", "reports_to_open": 1, "handling": "1m", "policy_of_function": {"shop": "others"}}
    rig = Rig(org=two_teams(link=link, service_desk=desk))
    return rig.alert("db").reports(3, 2 * MINUTE).play()


@pytest.mark.parametrize("open_them", [by_both, by_desk_and_monitoring])
@pytest.mark.parametrize("link", [True, False])
def test_the_younger_becomes_part_of_the_older(open_them: Any, link: bool) -> None:
    rig = open_them(link)
    first, second = rig.of("incident.opened")
    merged = rig.of("incident.merged")
    assert [(e.subject, e.detail.parent) for e in merged] == (  # type: ignore[attr-defined]
        [(second.subject, first.subject.id)] if link else []
    )
    assert len(rig.of("command.completed")) == 1, "the cause is removed once, linked or not"
    assert {e.subject for e in rig.of("incident.resolved")} == {first.subject, second.subject}


def test_incidents_of_different_causes_stay_apart() -> None:
    rig = Rig({"db": broken("disk-full"), "printer": broken("disk-full")}, two_teams())
    rig.alert("db").alert("printer", 3 * MINUTE, receiver="other-pager").play()
    assert len(rig.of("incident.opened")) == 2
    assert rig.of("incident.merged") == []
