"""A review that is begun from a timeline: causes to the end, factors with evidence, edits that apply, agreement."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.index import TimelineIndex
from reports.review import Material, Method, Review, compare_reviews, review_of
from reports.review.comparison import kappa
from reports.review.drawing import draw
from reports.review.markdown import markdown
from reports.review.page import review_page
from reports.scoring import score_index
from tests.reports.building import Story
from tests.simulator.test_aftermath import two_faults
from timeline.findings import InputError
from timeline.instants import MINUTE
from timeline.journal import Timeline

RULES = """groups:
  - name: shop
    rules:
      # quiet on purpose
      - alert: Slow
        expr: up == 0
        for: 20m
        labels: {severity: critical}
      - alert: Other
        expr: up == 1
        for: 20m
"""


def review(timeline: Timeline, **fields: Any) -> Review:
    index = TimelineIndex(timeline)
    material = fields.pop("material", Material(owners={"feed": "crew", "db": "crew"}, rules={"rules/shop.yaml": RULES}))
    return review_of(index, score_index(index), material, **fields)


def quiet() -> Timeline:
    """The database crashes and nothing alerts; users tell of it half an hour later; someone restarts it on his own."""
    story = Story(functions=["shop"])
    fault = story.add(0, "fault.started", "fault:crash", target="db")
    down = story.add(0, "signal.health_changed", "component:db", fault)
    own = story.add(0, "signal.health_changed", "function:shop", down)
    hurt = story.add(0, "function.disrupted", "function:shop", own)
    report = story.add(30, "report.received", "function:shop", hurt)
    opened = story.add(35, "incident.opened", "incident:i1", report, source="user-report")
    page = story.add(36, "page.sent", "incident:i1", opened)
    missed = story.add(41, "page.unanswered", "incident:i1", page)
    story.add(42, "page.acknowledged", "incident:i1", missed)
    asked = story.add(45, "approval.requested", "component:db", opened)
    given = story.add(55, "approval.granted", "component:db", asked)
    done = story.add(60, "command.completed", "component:db", given, action="restart")
    ended = story.add(60, "fault.ended", "fault:crash", done, target="db")
    story.add(60, "function.restored", "function:shop", ended)
    story.add(65, "incident.resolved", "incident:i1", opened)
    return story.end(120)


def ends(made: Review) -> set[str]:
    return {node.text for node in made.chart.nodes if node.kind == "root" and node.id.startswith("e")}


def test_the_chart_leads_from_the_effect_to_every_true_cause() -> None:
    made = review(two_faults())
    assert {text.split("(")[-1] for text in ends(made)} == {"power-loss on feed)", "power-loss on generator)"}
    ids = {node.id for node in made.chart.nodes}
    assert all(link.effect in ids and link.cause in ids for link in made.chart.links)
    (condition,) = [node for node in made.chart.nodes if node.kind == "condition"]
    assert condition.text.endswith(": db"), "what passed the trouble on stands there as a condition"


def test_five_whys_follow_one_chain() -> None:
    made = review(two_faults(), method=Method.FIVE_WHYS)
    assert {text.split("(")[-1] for text in ends(made)} == {"power-loss on generator)"}
    assert 1 <= len(made.whys) <= 5


def test_factors_are_read_with_their_evidence() -> None:
    timeline = quiet()
    made = review(timeline)
    found = {factor.id: factor for factor in made.factors}
    assert {"no-alert", "late-detection", "users-first", "missed-pages", "approval-wait"} <= found.keys()
    assert found["approval-wait"].text == "1 approvals took 10 min together"
    kinds = {timeline[seq].kind for seq in found["missed-pages"].evidence}
    assert kinds == {"page.unanswered"}
    assert "no-alert" not in {factor.id for factor in review(two_faults()).factors}


def test_every_factor_and_cause_has_an_action_with_owner_and_day() -> None:
    made = review(quiet())
    because = {action.because for action in made.actions}
    assert because == {"true cause", *(factor.id for factor in made.factors)}
    (cause,) = [action for action in made.actions if action.because == "true cause"]
    assert (cause.owner, cause.due, cause.subject) == ("crew", "2026-04-13", "function:shop")


def test_a_fault_that_nothing_told_of_gets_a_rule_that_applies(tmp_path: Path) -> None:
    (edit,) = review(quiet()).edits
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shop.yaml").write_text(RULES)
    subprocess.run(["patch", "-p1"], input=edit.diff.encode(), cwd=tmp_path, check=True, capture_output=True)
    after = (tmp_path / "rules" / "shop.yaml").read_text()
    assert after.startswith(RULES.rstrip())
    assert '      - alert: DbDown\n        expr: min by (component) (up{component="db"}) == 0\n' in after


def test_an_alert_that_waited_too_long_waits_half_as_long() -> None:
    story = Story(functions=["shop"])
    fault = story.add(0, "fault.started", "fault:crash", target="db")
    story.add(0, "function.disrupted", "function:shop", fault)
    fired = story.add(21, "alert.firing", "alert:Slow", fault, name="Slow", active_at_ms=MINUTE)
    opened = story.add(22, "incident.opened", "incident:i1", fired)
    story.add(23, "page.delivered", "incident:i1", opened)
    (edit,) = review(story.end(60)).edits
    assert [line for line in edit.diff.splitlines() if line[:1] in "+-"][2:] == [
        "-        for: 20m",
        "+        for: 10m",
    ]


def test_documents_hold_what_the_review_says() -> None:
    timeline = quiet()
    made, index = review(timeline, by="Core <systems>"), TimelineIndex(timeline)
    text, page = markdown(made), review_page(made, index)
    for factor in made.factors:
        assert factor.title in text
        assert factor.title in page
    assert "Core <systems>" not in page
    assert "```diff" in text
    used = {seq for factor in made.factors for seq in factor.evidence}
    assert all(f'id="e{seq}"' in page for seq in used)
    assert Review.model_validate_json(made.model_dump_json()) == made


def test_the_drawing_is_xml_and_no_boxes_overlap() -> None:
    svg = ElementTree.fromstring(draw(review(two_faults()).chart))
    boxes = [
        tuple(float(r.get(a, "")) for a in ("x", "y", "width", "height")) for r in svg.iter() if r.tag.endswith("rect")
    ]
    assert len(boxes) == len(review(two_faults()).chart.nodes)
    for n, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[n + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_an_incident_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        review(quiet(), incident="i11")
    assert caught.value.findings[0].hint == "did you mean 'i1'?"


def test_two_methods_agree_on_what_both_found() -> None:
    chart, whys = review(two_faults()), review(two_faults(), method=Method.FIVE_WHYS, by="Platform")
    found = compare_reviews(chart, whys)
    assert (len(found.causes.both), len(found.causes.only_first), found.causes.ratio) == (1, 1, 0.5)
    same = compare_reviews(chart, chart)
    assert same.causes.ratio == 1
    assert not same.actions.only_first


def test_reviews_of_different_incidents_are_not_compared() -> None:
    made = review(quiet())
    with pytest.raises(InputError, match="not about the same thing: seed"):
        compare_reviews(made, made.model_copy(update={"seed": 7}))


def test_kappa_is_that_of_cohen() -> None:
    """The textbook case: of 50 items both say yes to 20 and no to 15, one alone to 5, the other alone to 10."""
    items = [str(n) for n in range(50)]
    one, other = items[:25], items[:20] + items[25:35]
    assert kappa(one, other, items) == pytest.approx(0.4)
    assert kappa(items, items, items) is None
    assert kappa(one, one, items) == 1
