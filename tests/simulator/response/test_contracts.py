"""Vendors work when their contracts say, and what they owe is on record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import TUESDAY_TEN, Rig, broken, facts, organisation
from timeline.details import ContractDetail
from timeline.instants import HOUR, MINUTE
from topologies.parties import Vendor


def called(**contract: Any) -> Rig:
    """What is broken in the database only its vendor can repair; a Tuesday at ten, the call takes a minute."""
    org = organisation()
    org["channels"] |= {"hotline": {"title": "hotline", "latency": "1m", "failure": 0.0}}
    org["external"] = [{"vendor": "maker", "channel": "hotline"}]
    org["authority"] = [{"action": "repair", "teams": ["crew"]}]
    documentation = facts(vendors_of={"db": "maker"})
    spec = {"title": "Maker", "provides": "repairs", "response": "30m", "contract": contract or None}
    documentation.vendors["maker"] = Vendor.model_validate(spec)  # type: ignore[index]
    shows = {"db": broken("disk-full")}
    return Rig(shows, org, documentation=documentation).alert("db")


def there_after(rig: Rig) -> float:
    (delivered,) = [e for e in rig.of("page.delivered") if e.subject.kind == "vendor"]
    (there,) = [e for e in rig.of("page.acknowledged") if e.subject.kind == "vendor"]
    return (there.at_ms - delivered.at_ms) / MINUTE


def evening(**fields: Any) -> dict[str, Any]:
    return {"timezone": "Europe/Vienna", "start": "18:00", "end": "22:00", **fields}


def test_without_hours_the_party_answers_as_it_does() -> None:
    rig = called().play(2)
    assert there_after(rig) == 30
    assert rig.of("vendor.obliged") == []


def test_outside_its_hours_it_comes_after_the_next_opening() -> None:
    rig = called(hours=evening(), respond={"sev3": "1h"}).play(12)
    (obliged,) = rig.of("vendor.obliged")
    assert isinstance(obliged.detail, ContractDetail)
    opening = 8 * HOUR
    assert TUESDAY_TEN.hour + 8 == 18
    (there,) = [e for e in rig.of("page.acknowledged") if e.subject.kind == "vendor"]
    assert there.at_ms == opening + 30 * MINUTE
    assert obliged.detail.respond_by_ms == opening + HOUR
    assert obliged.detail.covered is False
    assert obliged.detail.provides == ("db",)


def test_on_call_for_the_severity_is_as_good_as_open() -> None:
    rig = called(hours=evening(), on_call=["sev3"], respond={"sev3": "1h"}).play(4)
    (obliged,) = rig.of("vendor.obliged")
    assert there_after(rig) == 30
    assert isinstance(obliged.detail, ContractDetail)
    assert obliged.detail.covered is True
    assert obliged.detail.respond_by_ms == obliged.at_ms + HOUR


@pytest.mark.parametrize("promised", [{}, {"sev1": "1h"}])
def test_where_nothing_is_promised_for_the_severity_nothing_is_owed(promised: dict[str, str]) -> None:
    assert called(respond=promised, monthly_fee=10).play(2).of("vendor.obliged") == []
