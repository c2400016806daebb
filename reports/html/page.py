"""From a timeline and its scores to one self-contained page: no request leaves it.

The template says how it looks; here is gathered what it shows.  Events are anchors `#e17`; whatever is read off events
links to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from reports.conformance import playbook_runs
from reports.continuity import continuity_rows
from reports.critical_path import Spent, time_spent
from reports.figures import Figure
from reports.html.clocks import classified_rows, clock_rows, promise_rows
from reports.html.communication import callout_rows, plan_rows, text_rows
from reports.html.environment import page_environment
from reports.html.events import events_list
from reports.html.governance import action_rows, after_lines, level_rows
from reports.index import FunctionSpan, TimelineIndex, detail_of, is_external
from reports.measures.continuity import losses
from reports.milestones import Milestone, of_exercise
from reports.quantities import write_moment, write_ms, write_seconds, write_value
from reports.scoring import Outcome, Scores
from reports.scoring.model import TargetScore
from reports.sources import Sources, basis_of, shares
from reports.story import Line, story
from reports.verdict import verdict
from timeline.details import DecisionDetail, PageDetail
from timeline.events import Event
from timeline.references import RefKind

_MOST_LINES, _MOST_ROWS = 2_000, 500
"""A longer story or table is cut and says so; all of it is on the timeline."""
_EVENTS_HERE = Markup("<!-- events -->")
_OUTCOMES = {
    Outcome.MET: ("met", "good"),
    Outcome.NEAR_MISS: ("just missed", "fair"),
    Outcome.MISSED: ("missed", "bad"),
    Outcome.FAR_MISSED: ("not achieved", "bad"),
    Outcome.BROKEN_AND_OPEN: ("missed, and still open", "bad"),
    Outcome.UNDECIDED: ("undecided at the end", "fair"),
    Outcome.NOT_EXERCISED: ("not exercised", "none"),
}


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A business function with its targets and what was achieved."""

    name: str
    rto: str
    achieved: str
    rto_verdict: str
    rpo: str
    lost: str
    rpo_verdict: str
    evidence: tuple[int, ...]
    why: tuple[Line, ...]
    """The critical path from the fault to the restoration (or to the loss, while it is still down)."""
    spent: tuple[Spent, ...]
    """What the time from the disruption to the restoration was spent on."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that fired; `true` when a fault lies behind it."""

    name: str
    where: str
    fired: Event
    lasted: str
    true: bool | None
    """None where a record does not say."""


def html_report(index: TimelineIndex, scores: Scores, figures: list[Figure], sources: Sources | None = None) -> str:
    """The text of `report.html`; with `sources` it says on what basis the parameters stand."""
    environment = page_environment("reports.html")
    environment.filters |= {
        "moment": lambda at_ms: write_moment(at_ms, index.epoch),
        "seconds": write_seconds,
        "events": _links,
    }
    lines, called = story(index.events), _pages(index)
    page = environment.get_template("report.html.jinja").render(
        scores=scores,
        index=index,
        figures=[(figure, Markup(figure.svg)) for figure in figures],
        functions=_functions(index),
        continuity=continuity_rows(index),
        playbooks=playbook_runs(index),
        alerts=_alerts(index)[:_MOST_ROWS],
        alerts_left_out=max(len(index.alerts) - _MOST_ROWS, 0),
        pages=called[:_MOST_ROWS],
        pages_left_out=max(len(called) - _MOST_ROWS, 0),
        planned=plan_rows(index),
        callouts=callout_rows(index),
        texts=text_rows(index),
        clocks=clock_rows(index),
        classified=classified_rows(index),
        promises=promise_rows(index),
        levels=level_rows(index),
        after=after_lines(index)[:_MOST_ROWS],
        actions=action_rows(index),
        decisions=[(e, detail_of(e, DecisionDetail)) for e in index.of_kind("decision.made")],
        milestones=[(m, of_exercise(index, m)) for m in Milestone],
        sentences=verdict(index, scores),
        lines=lines[:_MOST_LINES],
        untold=max(len(lines) - _MOST_LINES, 0),
        rests=_by_file(scores.rests_on),
        bases=shares(scores.rests_on, sources) if sources else (),
        basis=lambda path: basis_of(path, sources or {}),
        outcome=lambda target: _OUTCOMES[target.outcome],
        bound=_bound,
        value=_value,
        write_value=write_value,
        all_events=_EVENTS_HERE,
    )
    return page.replace(_EVENTS_HERE, events_list(index, page))


def _links(evidence: tuple[int, ...], most: int = 6) -> Markup:
    """Anchors of events; of many the first and the last ones."""
    shown = evidence if len(evidence) <= most else (*evidence[: most - 1], evidence[-1])
    links = [Markup('<a href="#e{0}">{0}</a>').format(seq) for seq in shown]
    gap = Markup(" … ") if len(shown) < len(evidence) else Markup(" ")
    return Markup(" ").join(links[:-1]) + (gap if links[:-1] else Markup("")) + links[-1] if links else Markup("")


def _bound(target: TargetScore) -> str:
    parts = []
    if target.at_most is not None:
        parts.append(f"at most {write_value(target.at_most, target.unit)}")
    if target.at_least is not None:
        parts.append(f"at least {write_value(target.at_least, target.unit)}")
    return " and ".join(parts)


def _value(target: TargetScore) -> str:
    if target.value is None:
        return "–"
    return write_value(target.value, target.unit, at_least=target.censored)


def _functions(index: TimelineIndex) -> list[FunctionRow]:
    rows = []
    for name in index.exercise.functions:
        spans = [span for span in index.disruptions if span.subject.id == name]
        if not spans:
            rows.append(FunctionRow(name, "–", "never disrupted", "good", "–", "nothing", "good", (), (), ()))
            continue
        longest = max(spans, key=lambda s: s.elapsed_ms(index.until_ms))
        lost_ms = max((lost for span, lost, _ in losses(index) if span.subject.id == name), default=None)
        rows.append(_function_row(index, name, longest, lost_ms))
    return rows


def _function_row(index: TimelineIndex, name: str, span: FunctionSpan, lost_ms: int | None) -> FunctionRow:
    """`lost_ms` is None where a record does not say."""
    achieved_ms = span.elapsed_ms(index.until_ms)
    rto_ms, rpo_ms = span.detail.rto_ms, span.detail.rpo_ms
    # What the end waited for is not in a record: it has no critical path.
    path = [] if index.is_partial else index.causality.path_to(span.ended or span.begun)
    return FunctionRow(
        name=name,
        rto="unknown" if rto_ms is None else write_ms(rto_ms),
        achieved=f"over {write_ms(achieved_ms)}, still down at the end"
        if span.ended is None
        else write_ms(achieved_ms),
        rto_verdict="none" if rto_ms is None else "good" if achieved_ms <= rto_ms else "bad",
        rpo="unknown" if rpo_ms is None else write_ms(rpo_ms),
        lost="not in the record" if lost_ms is None else write_ms(lost_ms) if lost_ms else "nothing",
        rpo_verdict="none" if rpo_ms is None or lost_ms is None else "good" if lost_ms <= rpo_ms else "bad",
        evidence=span.evidence(),
        why=tuple(story(path)),
        spent=tuple(time_spent(path, span.begun.at_ms)) if span.ended is not None else (),
    )


def _alerts(index: TimelineIndex) -> list[AlertRow]:
    rows = []
    for span in index.alerts:
        lasted = write_ms(span.elapsed_ms(index.until_ms)) + ("" if span.ended else " and still firing")
        true: bool | None = index.causality.faults_behind(span.begun) != 0
        if not true and not index.tells("fault.started"):
            true = None
        rows.append(AlertRow(span.subject.id, span.where, span.begun, lasted, true))
    return rows


def _pages(index: TimelineIndex) -> list[tuple[Event, PageDetail, str, Event | None]]:
    """First page to each person for each purpose, whether it was answered, and when."""
    answers = {_page_key(e): e for e in reversed(index.of_kind("page.acknowledged"))}
    rows: dict[tuple[str, str, str], tuple[Event, PageDetail, str, Event | None]] = {}
    for event in index.of_kind("page.sent"):
        key = _page_key(event)
        answer = answers.get(key)
        party = "third party" if is_external(event) or event.subject.kind is RefKind.VENDOR else "person"
        rows.setdefault(key, (event, detail_of(event, PageDetail), party, answer))
    return list(rows.values())


def _page_key(event: Event) -> tuple[str, str, str]:
    page = detail_of(event, PageDetail)
    return page.incident, page.person, page.purpose


def _by_file(paths: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Parameters by the file that they stand in: the first part of their path."""
    return [(file, list(group)) for file, group in groupby(paths, key=lambda path: path.partition(".")[0])]
