"""Communication as files state it: what a template, a policy, a call tree may be, and what the checks find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from timeline.findings import Finding, InputError
from timeline.status_page import PageState, page_state
from topologies.checks import check_estate
from topologies.communication import CallTree, DisclosureRule, Screen, Template
from topologies.communication.disclosure import SHIPPED_RULES
from topologies.loading.estate import load_estate

QUAY = Path(__file__).parents[1] / "practices" / "library" / "quay"
SCREEN = Screen(
    SHIPPED_RULES,
    {"components": ["core-db-1", "payments"], "people": ["ann-lee"], "vendors": ["cloud-provider"]},
    public=["Payments"],
)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("core-db-1 does not answer", ["host-names"]),
        ("CORE-DB-1 does not answer", ["host-names"]),
        ("Ann-Lee is on it", ["people"]),
        ("cloud-provider has been called", ["suppliers"]),
        ("The host 10.20.30.40 is down", ["addresses"]),
        ("The host 2001:db8:0:1:1:1:1:1 is down", ["addresses"]),
        ("We run 14.2.1 there", ["versions"]),
        ("We run v14.2 there", ["versions"]),
        ("Since version 14 this is so", ["versions"]),
        ("See CVE-2026-12345", ["vulnerabilities"]),
        ("Somebody exploited a server", ["vulnerabilities"]),
        ("Write to jo.doe@example.org", ["personal-data"]),
        ("The account AT61 1904 3002 3457 3201 is hit", ["personal-data"]),
        ("The card 4111 1111 1111 1111 is hit", ["personal-data"]),
        ("Call +43 1 234 56 78 90", ["personal-data"]),
        ("core-db-1 at 10.20.30.40", ["host-names", "addresses"]),
    ],
)
def test_what_does_not_belong_outside_is_found(text: str, rules: list[str]) -> None:
    assert [match.rule for match in SCREEN.findings(text)] == rules


@pytest.mark.parametrize(
    "text",
    [
        "Payments: out of service since 02:25.  More by 03:00.",
        "payments are slow",
        "core-db-10 is another name",
        "not-core-db-1",
        "256.256.256.256 is no address",
        "CVE-26-1",
        "In 2026 we had 12.5 percent fewer",
        "Call us at 02:30, room 12-14",
        "The card of 4111 customers",
    ],
)
def test_ordinary_words_pass(text: str) -> None:
    assert SCREEN.findings(text) == []


def test_a_rule_of_the_organisation_takes_the_place_of_a_shipped_one() -> None:
    rules = {**SHIPPED_RULES, "host-names": DisclosureRule(title="Project names", words=("falcon*",))}
    screen = Screen(rules, {"components": ["core-db-1"]})
    assert [m.words for m in screen.findings("core-db-1 of project Falcons")] == ["Falcons"]


def test_a_rule_that_matches_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="a rule has a pattern, words or names"):
        DisclosureRule(title="nothing")


def test_a_placeholder_that_does_not_exist_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValidationError, match=r"no placeholder \{functons\}.*functions"):
        Template(title="t", text="{functons} are down")


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({"a": {"calls": ["b"]}}, "there is no node 'b'"),
        ({"a": {}, "b": {}}, "nobody calls 'b'"),
        ({"a": {"calls": ["b", "c"]}, "b": {"calls": ["c"]}, "c": {}}, "'c' is called by two"),
        ({"a": {"calls": ["b"]}, "b": {"calls": ["a"]}}, "so nobody calls there"),
        ({"b": {}}, "begins with 'a'"),
        ({"a": {"calls": ["b"]}, "b": {"people": 3, "calls": ["c"]}, "c": {}}, "a group of people calls nobody"),
    ],
)
def test_what_is_no_tree_is_refused(nodes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CallTree.model_validate({"begins_with": "a", "nodes": nodes, "ways": [{"channel": "x"}], "call": "1m"})


@pytest.mark.parametrize(
    ("state", "level", "shown"),
    [
        ("up", 1.0, PageState.OPERATIONAL),
        ("degraded", 0.8, PageState.DEGRADED),
        ("down", 0.4, PageState.PARTIAL_OUTAGE),
        ("down", 0.2, PageState.PARTIAL_OUTAGE),
        ("down", 0.1, PageState.MAJOR_OUTAGE),
        ("down", None, PageState.MAJOR_OUTAGE),
    ],
)
def test_an_outage_is_major_while_next_to_nothing_is_left(state: str, level: float | None, shown: PageState) -> None:
    assert page_state(state, level, 0.2) is shown


# The checks of a plan

PLAN = "organisation.communication.plan"


def found(id: str, *settings: str) -> list[Finding]:
    return [finding for finding in check_estate(load_estate(QUAY, settings=settings)) if finding.id == id]


@pytest.mark.parametrize(
    ("id", "words", "setting"),
    [
        ("plan.no-channel", "'management'", "organisation.channels.mail.failure=1"),
        ("plan.one-channel", "'customers'", "organisation.audiences.customers.alternatives=[]"),
        ("plan.no-template", "'customers'", "organisation.communication.templates=null"),
        ("plan.no-author", "'communications-lead'", "organisation.roles.communications-lead={title: nobody}"),
        ("plan.incomplete", "'management'", f"{PLAN}=[{{audience: customers, within: 20m}}]"),
        (
            "template.no-next-update",
            "'workers'",
            "organisation.communication.templates.trouble.audiences=[customers, workers]",
        ),
    ],
)
def test_each_weakness_of_a_plan_is_found_and_a_sound_one_has_none(id: str, words: str, setting: str) -> None:
    assert found(id) == []
    first, *_ = found(id, setting)
    assert words in first.message


def test_an_unapproved_template_is_none() -> None:
    assert found("plan.no-template", "organisation.communication.templates.trouble.approved=false")


def test_a_report_that_nobody_writes_is_found() -> None:
    duty = "{role: communications-lead, channel: mail, classification: 5m, reports: {initial: {writing: 1h}}}"
    reports = found("obligation.no-author", f"organisation.obligations.dora={duty}")
    assert [r.message for r in reports] == [
        f"nobody writes the report {id!r} of 'dora'" for id in ("intermediate", "final")
    ]


def test_a_severity_that_the_matrix_has_not_is_refused() -> None:
    with pytest.raises(InputError, match="sev9"):
        load_estate(QUAY, settings=(f"{PLAN}=[{{audience: customers, within: 20m, from_severity: sev9}}]",))


def test_an_audience_that_does_not_exist_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InputError) as refused:
        load_estate(QUAY, settings=(f"{PLAN}=[{{audience: custommers, within: 20m}}]",))
    assert [(f.id, "customers" in f.hint) for f in refused.value.findings] == [("reference.unknown", True)]
