"""Stakeholders are told at the cadence of the severity, by whoever holds the role, if the channel works."""

from __future__ import annotations

from typing import Any

from tests.simulator.response.building import Rig, organisation


def organised(**audience: Any) -> dict[str, Any]:
    """Nobody may act, so that the incident lasts; customers are to be told every half hour."""
    org = organisation(authority=[])
    org["channels"] |= {"page": {"title": "status page", "latency": "0s", "failure": 0.0}}
    org["severities"][0]["update_every"] = {"customers": "30m"}
    spec = {"title": "Customers", "channel": "page", "role": "incident-manager", "writing": "5m", **audience}
    return {**org, "audiences": {"customers": spec}}


def test_updates_are_due_at_the_cadence_from_the_declaration_on() -> None:
    rig = Rig(org=organised()).alert("web").play(3)
    (declared,) = rig.minutes("incident.declared")
    due = [e.detail.due_at_ms / 60_000 for e in rig.of("update.sent")]  # type: ignore[attr-defined]
    assert due == [declared + 30 * n for n in range(1, 6)]


def test_they_are_written_in_time_by_somebody_who_is_free() -> None:
    rig = Rig(org=organised()).alert("web").play(3)
    assert all(e.at_ms <= e.detail.due_at_ms for e in rig.of("update.sent"))  # type: ignore[attr-defined]


def test_an_update_that_takes_longer_to_write_than_the_cadence_is_late() -> None:
    rig = Rig(org=organised(writing="40m")).alert("web").play(3)
    assert all(e.at_ms > e.detail.due_at_ms for e in rig.of("update.sent"))  # type: ignore[attr-defined]
    assert rig.of("update.sent")


def test_without_a_writer_nothing_is_sent() -> None:
    org = organised(role="scribe")
    org["roles"] |= {"scribe": {"title": "scribe"}}
    assert set(Rig(org=org).alert("web").play(3).kinds("update")) == {"update.due", "update.failed"}


def test_nothing_is_sent_over_a_dead_channel() -> None:
    rig = Rig(org=organised(), dead_channels=("page",)).alert("web").play(3)
    assert set(rig.kinds("update")) == {"update.due", "update.failed"}


def test_nothing_is_due_once_the_incident_is_over() -> None:
    org = organised()
    org["authority"] = organisation()["authority"]
    rig = Rig(org=org).alert("web").play(8)
    (resolved,) = rig.minutes("incident.resolved")
    assert all(minute <= resolved for minute in rig.minutes("update.due"))
