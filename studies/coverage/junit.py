"""A study of alerting as JUnit XML: each expectation a test case, and each kind of finding that was asked to fail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from xml.etree import ElementTree

from studies.coverage.findings import MEANINGS, CoverageFinding, Kind
from studies.coverage.study import Coverage
from studies.coverage.verdicts import Judgement, Verdict

_OF_EXPECTATIONS = (Kind.MISSED, Kind.LATE, Kind.WRONG_TEAM)


def junit_xml(coverage: Coverage, findings: Sequence[CoverageFinding], fail_on: Collection[Kind]) -> str:
    """Two suites.  Accepted findings fail nothing; an expectation that cannot be judged is skipped."""
    root = ElementTree.Element("testsuites", name="blackstart alerts coverage")
    by_expectation = {one.subject: one for one in findings if one.kind in _OF_EXPECTATIONS}
    suite = ElementTree.SubElement(root, "testsuite", name=f"{coverage.subject.name}.expectations")
    for judgement in coverage.judgements:
        _expectation(suite, judgement, by_expectation.get(judgement.expectation))
    _count(suite)
    suite = ElementTree.SubElement(root, "testsuite", name=f"{coverage.subject.name}.findings")
    for kind in Kind:
        if kind in fail_on and kind not in _OF_EXPECTATIONS:
            case = ElementTree.SubElement(suite, "testcase", classname="coverage", name=str(kind))
            counting = [one for one in findings if one.kind is kind and one.accepted is None]
            if counting:
                failure = ElementTree.SubElement(case, "failure", message=f"{MEANINGS[kind]}: {len(counting)} times")
                failure.text = "\n".join(one.finding.render() for one in counting)
    _count(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _expectation(suite: ElementTree.Element, judgement: Judgement, finding: CoverageFinding | None) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=judgement.case, name=judgement.expectation)
    if judgement.verdict is Verdict.NOT_ASSESSABLE:
        ElementTree.SubElement(case, "skipped", message="none of its alerts can be judged")
    elif finding is not None and finding.accepted is not None:
        ElementTree.SubElement(case, "skipped", message=f"accepted: {finding.accepted}")
    elif finding is not None:
        failure = ElementTree.SubElement(case, "failure", message=finding.finding.message)
        failure.text = finding.finding.render()


def _count(suite: ElementTree.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
