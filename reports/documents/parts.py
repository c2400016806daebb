"""Parts that several documents have in common, each written once: facts, tables of results, figures, cited events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.documents.model import Block, Document, Heading, PageBreak, Paragraph, Picture, Row, Table, Tone, Words
from reports.documents.source import Source
from reports.figures import Figure
from reports.milestones import MEANINGS, Milestone, of_exercise
from reports.quantities import write_moment, write_ms
from reports.scoring.model import ObjectiveScore
from reports.scoring.ratings import Rating
from reports.scoring.words import OUTCOMES, write_achieved, write_bound
from reports.story import story

NOT_STATED = "–"
_TONES: dict[str, Tone] = {"good": "good", "fair": "fair", "bad": "bad", "none": "none"}


def facts(source: Source) -> tuple[tuple[str, Words], ...]:
    """What a title page says: which run this is, when it was, what kind of evidence it gives."""
    scores, index = source.scores, source.index
    ended = (index.ended or index.events[-1]).seq
    when = index.epoch.strftime("%d %B %Y, %H:%M %Z")
    said = [
        ("Began" if index.is_partial else "STARTEX", Words(when, (0,))),
        ("Length", Words(write_ms(index.until_ms), (0, ended))),
        ("Organisation", Words(scores.estate, (0,))),
        ("Evidence class", Words(scores.evidence_class, (0,))),
    ]
    if not index.is_partial:
        said.append(("Run", Words(f"scenario {scores.scenario}, seed {scores.seed}", (0,))))
    said.append(("Made by", Words(f"Blackstart {scores.version}", (0,))))
    return tuple(said)


def outcome(source: Source) -> Words:
    """The verdict in one sentence."""
    scores = source.scores
    ended = (source.index.ended or source.index.events[-1]).seq
    if not scores.complete:
        return Words("Incomplete: this run did not reach its end, and nothing is rated.", (ended,), "bad")
    if not scores.objectives:
        return Words("Nothing is rated: no objectives are stated.")
    evidence = tuple(sorted({seq for objective in scores.objectives for seq in evidence_of(objective)}))
    if scores.objectives_met:
        return Words("All objectives were met.", evidence, "good")
    missed = sum(not objective.met for objective in scores.objectives)
    return Words(f"{missed} of {len(scores.objectives)} objectives were not met.", evidence, "bad")


def evidence_of(objective: ObjectiveScore) -> tuple[int, ...]:
    """All events that the rating of an objective rests on."""
    of_parts = [t.evidence for t in objective.targets] + [t.evidence for t in objective.critical_tasks]
    return tuple(sorted({seq for evidence in of_parts for seq in evidence}))


def tone_of(rating: Rating | None) -> Tone:
    if rating is None:
        return "none"
    return "good" if rating is Rating.P else "fair" if rating is Rating.S else "bad"


def ratings_table(source: Source) -> Table:
    """Objectives with the capabilities that they exercise and their ratings."""
    rows = []
    for place, objective in enumerate(source.scores.objectives, start=1):
        evidence = evidence_of(objective)
        rating = f"{objective.rating}: {objective.rating.meaning}" if objective.rating else "not rated"
        rows.append(
            Row(
                (
                    Words(f"{place}. {objective.title}"),
                    Words(", ".join(objective.practices) or NOT_STATED),
                    Words(rating, evidence, tone_of(objective.rating)),
                    Words(score_of(objective), evidence),
                )
            )
        )
    columns = ("Objective", "Practices", "Rating", "Score")
    return Table("Objectives and how they were performed", columns, (42, 16, 30, 12), tuple(rows))


def score_of(objective: ObjectiveScore) -> str:
    return NOT_STATED if objective.score is None else f"{objective.score:.0f}"


def parts_table(objective: ObjectiveScore) -> Table:
    """Targets and critical tasks of one objective."""
    rows = []
    for target in objective.targets:
        said, tone = OUTCOMES[target.outcome]
        about = f" ({target.subject})" if target.subject else ""
        achieved = Words(write_achieved(target), target.evidence)
        rating = Words(f"{target.rating}, {said}" if target.rating else said, target.evidence, _TONES[tone])
        rows.append(Row((Words(target.title + about), Words(write_bound(target)), achieved, rating)))
    for task in objective.critical_tasks:
        wanted = "done" if task.planned_ms is None else f"within {write_ms(task.planned_ms)} of the declaration"
        rows.append(
            Row(
                (
                    Words(f"Critical task: {task.title}"),
                    Words(wanted),
                    Words(task.explanation, task.evidence),
                    Words(task.rating or "not rated", task.evidence, tone_of(task.rating)),
                )
            )
        )
    columns = ("Target or critical task", "Wanted", "Achieved", "Rating")
    return Table(f"Targets and critical tasks: {objective.title}", columns, (36, 22, 24, 18), tuple(rows))


def functions_table(source: Source, *, disrupted_only: bool = False) -> Table:
    """RTO and RPO beside what was achieved."""
    rows = [
        Row(
            (
                Words(row.name),
                Words(row.rto, row.evidence[:1]),
                Words(row.achieved, row.evidence, _TONES[row.rto_verdict]),
                Words(row.rpo, row.evidence[:1]),
                Words(row.lost, row.evidence, _TONES[row.rpo_verdict]),
            )
        )
        for row in source.functions
        if row.evidence or not disrupted_only
    ]
    columns = ("Business function", "RTO", "Achieved (RTA)", "RPO", "Lost (RPA)")
    return Table("Recovery of business functions", columns, (28, 14, 26, 14, 18), tuple(rows))


def milestones_table(source: Source) -> Table:
    """The clocks of the incident."""
    index, rows = source.index, []
    for milestone in Milestone:
        event = of_exercise(index, milestone)
        name = str(milestone).replace("_", " ")
        when = "not in the record" if index.is_partial else "not reached"
        at = Words(when) if event is None else Words(write_moment(event.at_ms, index.epoch), (event.seq,))
        rows.append(Row((Words(name.capitalize()), at, Words(MEANINGS[milestone]))))
    return Table("Milestones", ("Milestone", "When", "What it means"), (20, 32, 48), tuple(rows))


def picture(source: Source, figure: Figure) -> Picture:
    """A figure with an alternative text that says what it shows of this run, not only what it is."""
    return Picture(
        figure.id, figure.title, figure.caption, f"{figure.title}. {_seen(source, figure)}", figure.svg, figure.png
    )


def _seen(source: Source, figure: Figure) -> str:
    if figure.id in ("recovery", "service-levels", "continuity"):
        hurt = [f"{row.name} {row.achieved} (RTO {row.rto})" for row in source.functions if row.evidence]
        return f"Time below the minimum level: {', '.join(hurt)}." if hurt else "No function fell below its minimum."
    reached = [(m, of_exercise(source.index, m)) for m in Milestone]
    said = [f"{str(m).replace('_', ' ')} {write_moment(e.at_ms, source.index.epoch)}" for m, e in reached if e]
    return f"Moments: {', '.join(said)}." if said else "No milestone was reached."


def heading(level: Any, text: str) -> Heading:
    """A heading whose id is made from its text."""
    id = "".join(c if c.isalnum() else "-" for c in text.lower()).strip("-")
    return Heading(level, text, id)


def with_cited_events(document: Document, source: Source, title: str) -> Document:
    """The document with a last chapter: each event that it cites, so that it can be read without anything else."""
    told = {line.event.seq: line.text for line in story(source.index.events)}
    rows = []
    for seq in document.cited():
        event = source.index.events[seq]
        moment = write_moment(event.at_ms, source.index.epoch)
        text = told.get(seq, f"{event.kind} of {event.subject}")
        rows.append(Row((Words(str(seq)), Words(moment), Words(text)), event=seq))
    table = Table("Events cited in this document", ("Event", "When", "What happened"), (10, 28, 62), tuple(rows))
    about = "Small numbers after a statement are the events that it was read from. The run's timeline has all of them."
    return document.followed_by(PageBreak(), heading(1, title), Paragraph(Words(about), "soft"), table)


def pictures(source: Source, ids: Iterable[str]) -> list[Block]:
    wanted = set(ids)
    return [picture(source, figure) for figure in source.figures if figure.id in wanted]
