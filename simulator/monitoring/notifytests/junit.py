"""Results as a JUnit report: one test suite a file, one test case a test."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from simulator.monitoring.notifytests.running import Result


def to_junit(results: Sequence[Result]) -> bytes:
    """The report as UTF-8 encoded XML."""
    root = ElementTree.Element("testsuites", tests=str(len(results)), failures=str(_failed(results)))
    for file, group in groupby(results, key=lambda result: result.file):
        suite = list(group)
        node = ElementTree.SubElement(
            root, "testsuite", name=file, tests=str(len(suite)), failures=str(_failed(suite)), errors="0"
        )
        for result in suite:
            case = ElementTree.SubElement(node, "testcase", classname=file, name=result.name)
            if result.failures:
                failure = ElementTree.SubElement(case, "failure", message=result.failures[0])
                failure.text = "\n".join(result.failures)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _failed(results: Sequence[Result]) -> int:
    return sum(bool(result.failures) for result in results)
