"""Priority comes from impact and urgency, changes with them, and says what goes first."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from simulator.response.staff import Staff, Urgency
from tests.simulator.response.building import Rig, organisation
from timeline.instants import HOUR, MINUTE
from timeline.severity import Disrupted, Picture, row_of
from timeline.workflow_details import PriorityDetail
from topologies.organisation import Organisation
from topologies.priority import PriorityMatrix

USUAL = PriorityMatrix()


def priorities(rig: Rig) -> list[tuple[str, str, str]]:
    details = [e.detail for e in rig.of("incident.prioritised")]
    return [(d.priority, d.impact, d.urgency) for d in details if isinstance(d, PriorityDetail)]


def test_without_a_matrix_incidents_have_no_priority() -> None:
    assert Rig().alert("web").play().of("incident.prioritised") == []


def test_an_incident_has_one_from_its_opening_which_follows_its_impact() -> None:
    rig = Rig(org=organisation(priority={})).alert("web").play()
    assert priorities(rig)[:2] == [("p5", "low", "low"), ("p3", "medium", "medium")]
    assert priorities(rig)[-1][0] == "p5", "once service is back"
    (opened,) = rig.of("incident.opened")
    assert rig.of("incident.prioritised")[0].at_ms == opened.at_ms


@pytest.mark.parametrize(
    ("functions", "after_ms", "expected"),
    [
        ((), 0, ("low", "low")),
        ((Disrupted(0),), 0, ("medium", "medium")),
        ((Disrupted(0, critical=True),), 0, ("medium", "high")),
        ((Disrupted(0), Disrupted(0)), 0, ("high", "medium")),
        ((Disrupted(0, rto_ms=2 * HOUR),), HOUR, ("medium", "medium")),
        ((Disrupted(0, rto_ms=2 * HOUR),), HOUR + 1, ("medium", "high")),
    ],
)
def test_the_usual_matrix(functions: tuple[Disrupted, ...], after_ms: int, expected: tuple[str, str]) -> None:
    picture = Picture(functions)
    rows = (row_of(USUAL.impact, picture, after_ms), row_of(USUAL.urgency, picture, after_ms))
    assert tuple(row.level for row in rows) == expected


def test_the_order_of_priorities_is_that_of_the_matrix() -> None:
    assert USUAL.order == ("p1", "p2", "p3", "p4", "p5")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"impact": [{"level": "low", "functions_disrupted": 1}]}, "the last row of impact applies otherwise"),
        ({"matrix": {"high": {"high": "p1"}}}, "no priority for impact and urgency high medium"),
    ],
)
def test_a_matrix_with_a_gap_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        PriorityMatrix.model_validate(fields)


def test_of_two_pieces_of_work_for_one_person_that_of_the_higher_priority_goes_first() -> None:
    rig = Rig()
    staff = Staff(rig.kernel.env, Organisation.model_validate(organisation()))
    done: list[str] = []

    def job(name: str, rank: int, urgency: Urgency = Urgency.DIAGNOSIS) -> Any:
        yield from staff.work("ann", MINUTE, urgency, rank)
        done.append(name)

    for name, rank in (("begun", 9), ("p3", 2), ("p1", 0)):
        rig.kernel.env.process(job(name, rank))
    rig.kernel.env.process(job("page", 9, Urgency.PAGE))
    rig.kernel.env.run(until=HOUR)
    assert done == ["begun", "page", "p1", "p3"]
