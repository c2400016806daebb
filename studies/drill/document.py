"""A drill as one JSON document, and as JUnit XML for a build."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from studies.drill.drilling import Arrival
from studies.drill.rehearsal import Rehearsal


def document(rehearsal: Rehearsal, arrivals: Sequence[Arrival]) -> dict[str, Any]:
    """Times in milliseconds from the post of each alarm."""
    return {
        "waves": len(rehearsal.waves),
        "notifications_foretold": rehearsal.notifications,
        "alarms": [
            {
                "rule": one.foretold.alarm.id,
                "labels": dict(one.foretold.alarm.labels),
                "of_a_series": one.foretold.alarm.of_a_series,
                "labels_left_out": list(one.foretold.alarm.left_out),
                "wave": one.foretold.wave + 1,
                "foretold_ms": dict(one.foretold.told_ms),
                "told_ms": dict(one.told_ms),
                "missing": list(one.missing),
                "verdict": one.verdict,
            }
            for one in arrivals
        ],
    }


def junit_xml(arrivals: Sequence[Arrival]) -> str:
    """A test case for each alarm."""
    suite = ElementTree.Element("testsuite", name="alarm drill")
    for one in arrivals:
        seconds = f"{max(one.told_ms.values(), default=0) / 1000:.3f}"
        case = ElementTree.SubElement(suite, "testcase", classname="alarm", name=one.foretold.alarm.id, time=seconds)
        if not one.arrived:
            ElementTree.SubElement(case, "failure", message=one.verdict)
    suite.set("tests", str(len(arrivals)))
    suite.set("failures", str(sum(not one.arrived for one in arrivals)))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
