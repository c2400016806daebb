"""A review as one self-contained page, with its chart drawn; events that it rests on are listed at its end."""

from __future__ import annotations

from markupsafe import Markup

from reports.html.environment import page_environment
from reports.index import TimelineIndex
from reports.quantities import write_moment
from reports.review.drawing import draw
from reports.review.model import Review
from reports.story import story


def review_page(review: Review, index: TimelineIndex) -> str:
    """The text of `review.html`."""
    template = page_environment("reports.review").get_template("review.html.jinja")
    return template.render(review=review, chart=Markup(draw(review.chart)), evidence=_evidence(review, index))


def _evidence(review: Review, index: TimelineIndex) -> list[tuple[int, str, str]]:
    """Each event that anything rests on: its number, its moment, and what it says."""
    parts = (
        review.summary,
        review.impact,
        review.moments,
        review.detection,
        review.response,
        review.recovery,
        review.chart.nodes,
        review.whys,
        review.factors,
        review.went_well,
        review.actions,
        review.edits,
    )
    used = sorted({seq for part in parts for item in part for seq in item.evidence})
    told = {line.event.seq: line.text for line in story(index.events[seq] for seq in used)}
    return [
        (seq, write_moment(event.at_ms, index.epoch), told.get(seq, f"{event.kind} {event.subject}"))
        for seq in used
        for event in (index.events[seq],)
    ]
