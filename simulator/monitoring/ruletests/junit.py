"""Results of rule tests as JUnit XML: one suite a file, one case a case."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from simulator.monitoring.ruletests.unit_tests import FileResult


def as_junit(results: Sequence[FileResult]) -> str:
    """The document as text, with its declaration."""
    root = ElementTree.Element("testsuites", name="blackstart alerts test")
    for result in results:
        failures = sum(not case.passed for case in result.cases)
        suite = ElementTree.SubElement(
            root, "testsuite", name=str(result.path), tests=str(len(result.cases)), failures=str(failures)
        )
        for case in result.cases:
            element = ElementTree.SubElement(suite, "testcase", classname=case.group, name=case.case)
            if not case.passed:
                failure = ElementTree.SubElement(element, "failure", message=case.reason.splitlines()[0])
                failure.text = f"{case.place}\n{case.reason}"
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
