"""Need-to-know: who may not read about an incident of security can do nothing in it."""

from __future__ import annotations

from typing import Any

from tests.simulator.response.building import Rig, broken, organisation, person, suffers
from timeline.details import AccessDetail
from timeline.events import DataClass

RULES = {"people": {"max": "restricted", "sara": "restricted"}, "approver": "security", "approval": "10m"}
INTRUSION = {"function:shop": suffers("web"), "web": suffers("api"), "api": suffers("db"), "db": broken("ransomware")}


def run(need_to_know: dict[str, Any] | None, **sections: Any) -> Rig:
    base = organisation(need_to_know=need_to_know, **sections)
    security = {"security": {"title": "Security officer", "eligible": ["sara"], "on_demand": True}}
    org = base | {"people": base["people"] | {"sara": person(None)}, "roles": base["roles"] | security}
    return Rig(INTRUSION, org).alert("web").play()


def readers(rig: Rig, kind: str) -> list[str]:
    return [e.detail.person for e in rig.of(kind) if isinstance(e.detail, AccessDetail)]


def test_what_malware_did_is_restricted_from_the_moment_it_is_found() -> None:
    rig = run(RULES)
    (confined,) = rig.of("access.confined")
    (found,) = (e for e in rig.of("diagnosis.concluded") if e.seq < confined.seq)
    assert found.data_class is DataClass.INTERNAL
    about = [e for e in rig.timeline if e.seq > confined.seq and e.family in ("incident", "diagnosis", "command")]
    assert about
    assert {e.data_class for e in about} == {DataClass.RESTRICTED}


def test_whoever_lacks_the_clearance_acts_only_once_access_is_given() -> None:
    rig = run(RULES)
    assert readers(rig, "access.refused") == ["ann"]
    assert readers(rig, "access.granted") == ["ann"]
    (granted,), order = rig.of("access.granted"), rig.of("command.submitted")[0]
    assert granted.at_ms >= rig.of("access.confined")[0].at_ms + 10 * 60_000
    assert order.at_ms >= granted.at_ms
    assert rig.of("access.violated") == []


def test_without_access_nothing_is_done() -> None:
    refusing, nobody = run(RULES | {"refusal": 1.0}), run({k: v for k, v in RULES.items() if k != "approver"})
    for rig in (refusing, nobody):
        assert rig.estate.commands == []
        assert "may not read" in str(rig.of("command.refused")[0].detail)
    assert readers(nobody, "access.requested") == []


def test_where_nobody_is_stopped_it_is_on_record_that_they_read() -> None:
    rig = run(RULES | {"enforced": False})
    assert readers(rig, "access.violated") == ["ann"]
    assert rig.of("access.refused") == []
    assert rig.of("command.submitted")[0].at_ms < run(RULES).of("command.submitted")[0].at_ms


def test_a_role_or_a_team_gives_the_clearance() -> None:
    assert readers(run(RULES | {"teams": {"crew": "restricted"}}), "access.refused") == []
    by_role = RULES | {"people": {"sara": "restricted"}, "roles": {"incident-manager": "restricted"}}
    assert "max" not in readers(run(by_role), "access.refused")


def test_an_alert_may_confine_an_incident_before_anybody_has_looked() -> None:
    base = organisation(need_to_know=RULES)
    security = {"security": {"title": "Security officer", "eligible": ["sara"], "on_demand": True}}
    org = base | {"people": base["people"] | {"sara": person(None)}, "roles": base["roles"] | security}
    rig = Rig(org=org)
    rig.labels = {"data_class": "restricted"}
    rig.alert("web").play()
    (confined,) = rig.of("access.confined")
    assert confined.seq < rig.of("diagnosis.checked")[0].seq


def test_without_rules_everybody_reads_everything() -> None:
    rig = run(None)
    assert rig.kinds("access") == []
    assert {e.data_class for e in rig.timeline} == {DataClass.INTERNAL}
