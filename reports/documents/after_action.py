"""The After-Action Report with its Improvement Plan, in the structure of HSEEP 2020.

Chapters: overview, summary, course, analysis of each objective (rating, strengths, areas for improvement with
observation, reference, analysis, recommendation); appendices: improvement plan, participants, what the ratings mean,
events cited.  What only people can say (sponsor, owners, dates, their agreement) is left open and named as open.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.documents import parts
from reports.documents.improvement import OPEN, Area, areas_of, not_exercised, strengths_of
from reports.documents.model import Block, Document, Listing, PageBreak, Paragraph, Row, Table, Tone, Words
from reports.documents.participants import participants
from reports.documents.source import Source
from reports.index import FaultSpan
from reports.practices.names import PRACTICES
from reports.scoring.model import ObjectiveScore
from reports.scoring.ratings import Rating

_MODELLED = (
    "This was a simulation: it shows what follows from the assumptions in the files. It is no exercise of people, and "
    "none of its people are real."
)
_HANDLING = (
    "Handle this document by the marking on its pages. It names weaknesses of the organisation; give it only to those "
    "who need it to act."
)
_PROPOSED = (
    "Recommendations are proposals by rule, from what most of the time went into. The organisation decides about them "
    "after its review; owners and dates are agreed there."
)


def after_action_report(source: Source) -> Document:
    """The whole report."""
    document = Document(
        id="after-action-report",
        title=source.scores.title,
        subtitle="After-Action Report and Improvement Plan",
        marking=source.marking,
        dated=source.index.epoch,
        facts=parts.facts(source),
        blocks=(
            *_overview(source),
            *_summary(source),
            *_course(source),
            *_analysis(source),
            *_improvement_plan(source),
            *_participants(source),
            *_ratings(),
        ),
    )
    return parts.with_cited_events(document, source, "Appendix D: Events cited")


def _overview(source: Source) -> Iterator[Block]:
    kind = source.subject.capitalize()
    yield parts.heading(1, f"{kind} overview")
    yield Paragraph(Words(_HANDLING), "soft")
    if source.scores.evidence_class == "modelled":
        yield Paragraph(Words(_MODELLED, (0,), "fair"), "banner")
    rows = [Row((Words(name), *said)) for name, *said in _overview_lines(source)]
    yield Table(f"{kind} overview", ("Item", "What the files and the timeline say"), (24, 76), tuple(rows))


def _overview_lines(source: Source) -> Iterator[tuple[str, Words]]:
    plan, scores, index = source.plan, source.scores, source.index
    yield "Name", Words(scores.title, (0,))
    yield from parts.facts(source)[:2]
    yield "Type", Words(_type_of(source), (0,))
    if plan is not None:
        yield "Scope", Words(" ".join(plan.purpose.split()))
    objectives = "; ".join(f"{n}. {o.title}" for n, o in enumerate(scores.objectives, start=1))
    yield "Objectives", Words(objectives or "none stated", (0,))
    practices = [f"{id} {PRACTICES[id].title}" for id in index.exercise.practices if id in PRACTICES]
    yield "Core capabilities (practices)", Words("; ".join(practices) or "none stated", (0,))
    threats = "; ".join(_fault(span) for span in index.faults) or "none on the timeline"
    yield "Threat or hazard", Words(threats, tuple(span.begun.seq for span in index.faults))
    if plan is not None and plan.risks:
        yield "Risks rehearsed", Words(", ".join(plan.risks))
    if plan is not None and plan.standards:
        yield "Standards", Words("; ".join(plan.standards))
    yield "Participants", Words("see appendix B")
    yield "Sponsor and point of contact", Words(OPEN)


def _type_of(source: Source) -> str:
    if source.index.is_partial:
        return "record of a real incident, scored by the same measures as an exercise"
    if source.scores.evidence_class == "modelled":
        return "simulation (not one of the exercise types of HSEEP: no people took part)"
    return source.scores.evidence_class


def _fault(span: FaultSpan) -> str:
    return span.detail.description or f"{span.detail.fault} on {span.detail.target}"


def _summary(source: Source) -> Iterator[Block]:
    yield parts.heading(1, "Summary")
    verdict = parts.outcome(source)
    yield Paragraph(verdict, "banner")
    yield Listing(tuple(Words(s.text, s.evidence, _tone(s.good)) for s in source.sentences))
    if source.scores.objectives:
        yield parts.ratings_table(source)
        total = source.scores.score
        if total is not None:
            said = f"Blackstart's own score is {total:.0f} of 100; HSEEP has none."
            yield Paragraph(Words(said, verdict.evidence), "soft")


def _tone(good: bool | None) -> Tone:
    return "none" if good is None else "good" if good else "bad"


def _course(source: Source) -> Iterator[Block]:
    yield parts.heading(1, f"Course of the {source.subject}")
    yield parts.milestones_table(source)
    yield from parts.pictures(source, ["swim-lanes"])
    if source.functions:
        yield parts.functions_table(source)
    yield from parts.pictures(source, ["service-levels", "recovery"])


def _analysis(source: Source) -> Iterator[Block]:
    yield PageBreak()
    yield parts.heading(1, "Analysis of objectives")
    if not source.scores.objectives:
        yield Paragraph(Words("No objectives are stated, so nothing is rated."))
    if any(source.areas):
        yield Paragraph(Words(_PROPOSED), "soft")
    for place, objective in enumerate(source.scores.objectives, start=1):
        yield from _of_objective(source, objective, place)


def _of_objective(source: Source, objective: ObjectiveScore, place: int) -> Iterator[Block]:
    yield parts.heading(2, f"Objective {place}: {objective.title}")
    evidence = parts.evidence_of(objective)
    if objective.rating is None:
        yield Paragraph(Words("Not rated.", evidence))
    else:
        meaning = f"Rated {objective.rating}: {objective.rating.meaning.lower()}."
        yield Paragraph(Words(meaning, evidence, parts.tone_of(objective.rating)), "banner")
    practices = [f"{id} {PRACTICES[id].title}" for id in objective.practices if id in PRACTICES]
    if practices:
        yield Paragraph(Words(f"Core capabilities (practices): {'; '.join(practices)}."))
    yield parts.parts_table(objective)
    yield parts.heading(3, f"Strengths of objective {place}")
    strengths = tuple(strengths_of(objective))
    yield Listing(strengths) if strengths else Paragraph(Words("None: every part met challenges."))
    yield parts.heading(3, f"Areas for improvement of objective {place}")
    areas = areas_of(source.index, objective, place)
    for area in areas:
        yield _area(area)
    if not areas:
        yield Paragraph(Words("None was found."))
    left = "; ".join(not_exercised(objective))
    if left:
        yield Paragraph(Words(f"Not exercised, and so neither a strength nor a weakness: {left}."), "soft")


def _area(area: Area) -> Table:
    rows = (
        ("Observation", area.observation),
        ("Reference", Words(area.reference)),
        ("Analysis", area.analysis),
        ("Recommendation", area.recommendation),
    )
    caption = f"Area for improvement {area.number}: {area.title}"
    return Table(caption, ("Step", "Finding"), (20, 80), tuple(Row((Words(name), said)) for name, said in rows))


def _improvement_plan(source: Source) -> Iterator[Block]:
    yield PageBreak()
    yield parts.heading(1, "Appendix A: Improvement plan")
    if not source.areas:
        yield Paragraph(Words("Nothing was found that calls for a corrective action."))
        return
    yield Paragraph(Words(_PROPOSED), "soft")
    rows = tuple(
        Row(
            (
                Words(area.number),
                Words(area.objective),
                Words(f"{area.title}: {area.observation.text}", area.observation.evidence, area.observation.tone),
                area.recommendation,
                Words(area.element),
                Words(area.owner),
                Words("to be agreed"),
            )
        )
        for area in source.areas
    )
    columns = (
        "No.",
        "Objective",
        "Area for improvement",
        "Corrective action",
        "Element",
        "Responsible and contact",
        "Start and completion",
    )
    yield Table("Improvement plan", columns, (5, 15, 21, 21, 11, 14, 13), rows)


def _participants(source: Source) -> Iterator[Block]:
    yield PageBreak()
    yield parts.heading(1, "Appendix B: Participants")
    rows = tuple(
        Row((Words(one.name), Words(one.kind), Words(one.part, one.evidence))) for one in participants(source.index)
    )
    if rows:
        columns = ("Participant", "Kind", "Part")
        yield Table("People who acted and parties that were called", columns, (36, 16, 48), rows)
    else:
        yield Paragraph(Words("The timeline names nobody."))


def _ratings() -> Iterator[Block]:
    yield parts.heading(1, "Appendix C: What the ratings mean")
    rows = tuple(Row((Words(rating, (), parts.tone_of(rating)), Words(_RATINGS[rating]))) for rating in Rating)
    yield Table("Ratings of HSEEP 2020, as Blackstart applies them", ("Rating", "Meaning"), (14, 86), rows)


_RATINGS = {
    Rating.P: "Performed without challenges: every target was met, every critical task done in its time at first try.",
    Rating.S: "Performed with some challenges: near misses, a task a little late or done after a failed try.",
    Rating.M: "Performed with major challenges: a target or a task missed by more than a near miss.",
    Rating.U: "Unable to be performed: a critical task was not done, or no target was reached.",
}
