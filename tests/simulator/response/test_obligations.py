"""Somebody judges, writes and files what a regime wants, in the time that work and approval take."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.response import Response
from tests.simulator.response.building import TUESDAY_TEN, Channels, Rig, broken, facts, organisation, person
from timeline.details import ClassificationDetail, DataLossDetail, ObligationDetail
from timeline.instants import HOUR, MINUTE
from timeline.references import ESTATE, function
from topologies.estate import BusinessFunction
from topologies.loading.document import read_document
from topologies.loading.validation import validate
from topologies.obligations import Obligation
from topologies.organisation import Organisation
from topologies.shipped import shipped_obligations

SHOP = {
    "title": "Shop",
    "owner": "crew",
    "criticality": "critical",
    "rpo": "1m",
    "supported_by": {"web": {"type": "hard"}},
    "serves": {"clients": 500_000, "member_states": ["AT", "DE"], "personal_data": True},
}


def duty(**fields: Any) -> dict[str, Any]:
    reports = {"initial": {"writing": "30m"}}
    return {"role": "officer", "channel": "portal", "classification": "10m", "reports": reports, **fields}


def bound(name: str = "dora", *, shop: dict[str, Any] | None = None, **fields: Any) -> Rig:
    """A rig whose organisation owes a regime; nobody may act, so that the incident lasts."""
    org = organisation(authority=[])
    org["channels"] |= {"portal": {"title": "portal", "latency": "1m", "failure": 0.0}}
    dead = fields.pop("dead", ())
    org["people"]["eve"] = person(None)
    org["policies"]["officers"] = {"title": "officers", "steps": [{"people": ["eve"], "wait": "5m"}]}
    org["roles"]["officer"] = {"title": "Officer", "policy": "officers"}
    org["obligations"] = {name: duty(**fields)}
    documentation = facts()
    documentation.functions["shop"] = BusinessFunction.model_validate(shop or SHOP)  # type: ignore[index]
    rig = Rig(org=org, documentation=documentation, dead_channels=dead)
    regime = validate(read_document(shipped_obligations()[name]), Obligation)
    rig.response = Response(
        rig.kernel,
        Organisation.model_validate(org),
        documentation,
        None,
        rig.estate,
        Channels(dead),
        TUESDAY_TEN,
        {name: regime},
    )
    return rig


def reports(rig: Rig, kind: str) -> list[tuple[str, float | None]]:
    found = []
    for event in rig.of(f"obligation.{kind}"):
        assert isinstance(event.detail, ObligationDetail)
        due = event.detail.due_at_ms
        found.append((event.detail.report, None if due is None else due / HOUR))
    return found


def test_an_incident_is_judged_and_the_first_report_filed_after_its_work() -> None:
    rig = bound().alert("web").play(6)
    (classified,), (filed,) = rig.of("obligation.classified"), rig.of("obligation.filed")
    assert isinstance(classified.detail, ClassificationDetail)
    assert classified.detail.applies is True
    assert filed.at_ms == classified.at_ms + 31 * MINUTE
    due = reports(rig, "due")
    assert due[0] == ("initial", (classified.at_ms + 4 * HOUR) / HOUR)
    assert due[1] == ("intermediate", (filed.at_ms + 72 * HOUR) / HOUR)


@pytest.mark.parametrize(("fault", "malicious"), [("ransomware", True), ("crash", False)])
def test_an_access_that_was_found_to_be_malicious_counts_as_one(fault: str, malicious: bool) -> None:
    rig = bound()
    rig.estate.shows["db"] = broken(fault)
    (classified,) = rig.alert("web").play(6).of("obligation.classified")
    assert isinstance(classified.detail, ClassificationDetail)
    assert ("malicious-access" in classified.detail.met) is malicious


def test_a_report_that_nobody_sees_to_is_owed_all_the_same() -> None:
    rig = bound(reports={"intermediate": {"writing": "1h"}}).alert("web").play(6)
    assert [report for report, _ in reports(rig, "due")] == ["initial"]
    assert rig.of("obligation.filed") == []


def test_what_is_not_major_is_judged_again_while_it_lasts() -> None:
    small = {**SHOP, "serves": {"clients": 10, "member_states": ["AT"]}}
    rig = bound(shop=small, reassess_every="20m").alert("web").play(3)
    verdicts = [e.detail.applies for e in rig.of("obligation.classified")]  # type: ignore[attr-defined]
    assert True in verdicts, "after two hours of downtime there are two criteria"
    assert verdicts[0] is not True
    first = next(e for e in rig.of("obligation.classified") if e.detail.applies)  # type: ignore[attr-defined]
    assert first.detail.met == ("critical-services", "clients", "duration")  # type: ignore[attr-defined]
    assert len(rig.of("obligation.due")) >= 1


def test_without_a_second_look_it_stays_at_the_first() -> None:
    small = {**SHOP, "serves": {"clients": 10, "member_states": ["AT"]}}
    rig = bound(shop={**small, "criticality": "standard"}).alert("web").play(5)
    assert len(rig.of("obligation.classified")) == 1
    assert rig.of("obligation.due") == []


def test_an_approval_stands_between_writing_and_filing() -> None:
    rig = bound(approver="officer", approval="15m").alert("web").play(6)
    (classified,), (filed,) = rig.of("obligation.classified"), rig.of("obligation.filed")
    assert filed.at_ms == classified.at_ms + 46 * MINUTE
    assert rig.kinds("approval") == ["approval.requested", "approval.granted"]


def test_a_dead_channel_is_tried_again_and_again() -> None:
    rig = bound(dead=("portal",)).alert("web").play(6)
    assert rig.of("obligation.filed") == []
    assert len(rig.of("obligation.failed")) == 12


def test_an_organisation_without_obligations_says_nothing() -> None:
    assert Rig(org=organisation(authority=[])).alert("web").play(3).kinds("obligation") == []


def test_a_breach_is_known_when_somebody_finds_the_loss() -> None:
    rig = bound("gdpr-33", reports={"notification": {"writing": "1h"}}).alert("web")

    def find() -> None:
        detail = DataLossDetail("db", 5 * MINUTE)
        rig.response.learn(rig.kernel.emit("loss.found", function("shop"), ESTATE, detail, [0]))

    rig.kernel.call_at(2 * HOUR, find)
    rig.play(6)
    (classified,), (filed,) = rig.of("obligation.classified"), rig.of("obligation.filed")
    assert classified.at_ms == 2 * HOUR + 10 * MINUTE
    assert filed.at_ms == classified.at_ms + HOUR + MINUTE
    assert reports(rig, "due") == [("notification", (classified.at_ms + 72 * HOUR) / HOUR)]


def test_gravity_is_enough_where_the_regime_goes_by_severity() -> None:
    plan = {"early-warning": {"writing": "30m"}}
    assert reports(bound("nis2", from_severity="sev1", reports=plan).alert("web").play(4), "filed") != []
    assert bound("nis2", from_severity="sev1", reports=plan).alert("printer").play(4).kinds("obligation") == []
