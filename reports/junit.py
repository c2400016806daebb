"""JUnit XML: each objective a test case, so that a build server shows an exercise like a test run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from reports.scoring import Outcome, Rating, Scores
from reports.scoring.model import ObjectiveScore


def junit_xml(scores: Scores) -> str:
    """A document with one suite.  An objective that was not met has failed; a run without an end is an error."""
    failed = [o for o in scores.objectives if scores.complete and not o.met]
    suite = ElementTree.Element(
        "testsuite",
        name=f"blackstart.{scores.scenario}",
        tests=str(len(scores.objectives) + (not scores.complete)),
        failures=str(len(failed)),
        errors=str(int(not scores.complete)),
        skipped="0" if scores.complete else str(len(scores.objectives)),
    )
    for objective in scores.objectives:
        case = ElementTree.SubElement(suite, "testcase", classname=scores.scenario, name=objective.id)
        if objective in failed:
            message = f"{objective.title}: rated {objective.rating or 'not at all'}"
            ElementTree.SubElement(case, "failure", message=message).text = "\n".join(_shortcomings(objective))
        elif not scores.complete:
            ElementTree.SubElement(case, "skipped", message="the run did not reach its end")
    if not scores.complete:
        case = ElementTree.SubElement(suite, "testcase", classname=scores.scenario, name="exercise")
        ElementTree.SubElement(case, "error", message="the run did not reach its end")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _shortcomings(objective: ObjectiveScore) -> list[str]:
    targets = [f"{t.measure}: {t.explanation}" for t in objective.targets if t.outcome is not Outcome.MET]
    tasks = [f"{t.task}: {t.explanation}" for t in objective.critical_tasks if t.rating is not Rating.P]
    return targets + tasks
