"""Service level agreements that promise less than the business needs are found before anything runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulator.agreements import Agreed, check_agreements
from timeline.findings import Finding
from topologies.loading.estate import load_estate

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/Vienna"))
WEEK = "{timezone: Europe/Vienna, holidays: {country: AT}, hours: {monday: ['09:00-17:00'], friday: ['09:00-17:00']}}"


def found(resolve: str, severity: str = "sev1", **fields: str) -> list[Finding]:
    """Of the corner lab, whose shop is critical and has an RTO of an hour."""
    written = {"title": "'Shop'", "targets": f"{{{severity}: {{resolve: {resolve}}}}}", **fields}
    agreement = ", ".join(f"{name}: {value}" for name, value in written.items())
    estate = load_estate("corner-lab", settings=[f"organisation.service_levels.shop={{{agreement}}}"])
    return check_agreements(Agreed(estate, NOW))


@pytest.mark.parametrize("resolve", ["45m", "1h"])
def test_a_target_within_the_rto_is_sound(resolve: str) -> None:
    assert found(resolve) == []


def test_a_target_beyond_the_rto_is_looser() -> None:
    (finding,) = found("61m")
    assert finding.id == "sla.looser-than-rto"
    assert finding.message == "'shop' lets sev1 on 'ordering' last 1h1m; its RTO is 1h"


def test_business_hours_count_at_their_worst() -> None:
    """Half an hour looks tighter than the RTO.  From half past four on the Friday before a Monday off it waits a week,
    in which the clock is put back."""
    (finding,) = found("30m", calendar=WEEK)
    assert finding.id == "sla.looser-than-rto"
    assert "lets sev1 on 'ordering' last 6d17h30m" in finding.message
    assert finding.hint.startswith("30m of business hours take that long from Fri 2026-10-23 16:30 on")


def test_a_severity_that_counts_always_is_not_bound_to_hours() -> None:
    assert found("30m", calendar=WEEK, always="[sev1]") == []


def test_an_agreement_that_covers_nothing_of_a_function_says_nothing_about_it() -> None:
    assert found("5h", covers="[prometheus]") == []
    assert [f.id for f in found("5h", covers="[db]")] == ["sla.looser-than-rto"]


def test_a_disruption_without_a_promise_is_found() -> None:
    assert [f.id for f in found("30m", "sev3")] == ["sla.no-promise"]


def test_a_severity_that_the_matrix_does_not_give_is_found_with_its_nearest() -> None:
    findings: dict[str, Any] = {f.id: f for f in found("30m", "sev11")}
    assert findings["sla.unknown-severity"].hint.startswith("did you mean 'sev1'")
