"""The executive summary: one page to be read in five minutes.  Every number on it names the events behind it.

What does not fit is left to the after-action report, the worst first: a page that grows is no longer one page.
"""

from __future__ import annotations

from collections.abc import Iterator

from reports.documents import parts
from reports.documents.improvement import Area
from reports.documents.model import Block, Document, Listing, Paragraph, Row, Table, Tone, Words
from reports.documents.source import Source
from reports.milestones import Milestone, of_exercise
from reports.quantities import write_ms
from reports.scoring.ratings import Rating
from reports.verdict import verdict_of_course
from timeline.events import Event

_CLOCKS = (Milestone.DETECTED, Milestone.ACKNOWLEDGED, Milestone.DECLARED, Milestone.MITIGATED, Milestone.RESTORED)
_MOST_FUNCTIONS, _MOST_OBJECTIVES, _MOST_SENTENCES, _MOST_ACTIONS = 5, 7, 4, 3
_LONGEST = 190
"""Characters of one stretch of text."""
_MODELLED = (
    "Evidence class modelled: a simulation shows what follows from the assumptions in the files; it is no exercise of "
    "people."
)


def executive_summary(source: Source) -> Document:
    """The page."""
    return Document(
        id="executive-summary",
        title=source.scores.title,
        subtitle="Executive summary",
        marking=source.marking,
        dated=source.index.epoch,
        facts=parts.facts(source),
        blocks=tuple(_blocks(source)),
        single_page=True,
        most_cited=4,
    )


def _blocks(source: Source) -> Iterator[Block]:
    yield Paragraph(parts.outcome(source), "banner")
    yield _key_figures(source)
    if source.scores.objectives:
        yield _objectives(source)
    if any(row.evidence for row in source.functions):
        yield _functions(source)
    sentences = verdict_of_course(source.index)[:_MOST_SENTENCES]
    if sentences:
        yield parts.heading(1, "What to know")
        yield Listing(tuple(Words(_short(s.text), s.evidence, _tone(s.good)) for s in sentences))
    actions = _worst_first(source)[:_MOST_ACTIONS]
    if actions:
        yield parts.heading(1, "Proposed first")
        said = (Words(_short(f"{a.title}. {a.recommendation.text}"), a.recommendation.evidence) for a in actions)
        yield Listing(tuple(said), ordered=True)
    if source.scores.evidence_class == "modelled":
        yield Paragraph(Words(_MODELLED, (0,)), "soft")


def _key_figures(source: Source) -> Table:
    index, scores = source.index, source.scores
    values = [Words(parts.NOT_STATED if scores.score is None else f"{scores.score:.0f} of 100", _all_rated(source))]
    began = of_exercise(index, Milestone.BEGAN) or index.started
    values += [_after(began, of_exercise(index, milestone)) for milestone in _CLOCKS]
    names = ("Blackstart score", *(f"{str(m).replace('_', ' ').capitalize()} after" for m in _CLOCKS))
    return Table("Key figures", names, (1,) * len(names), (Row(tuple(values)),))


def _all_rated(source: Source) -> tuple[int, ...]:
    """The objectives with their weights, and everything that their ratings rest on."""
    return tuple(sorted({0, *(seq for o in source.scores.objectives for seq in parts.evidence_of(o))}))


def _after(began: Event, event: Event | None) -> Words:
    if event is None:
        return Words("not reached")
    return Words(write_ms(event.at_ms - began.at_ms), tuple(sorted({began.seq, event.seq})))


def _objectives(source: Source) -> Table:
    """Those that were not met first, with what kept them from it."""
    worst = {area.objective: area for area in reversed(_worst_first(source))}
    order = sorted(source.scores.objectives, key=lambda o: (o.met, o.score if o.score is not None else 101.0))
    rows = []
    for objective in order[:_MOST_OBJECTIVES]:
        evidence, area = parts.evidence_of(objective), worst.get(objective.title)
        why = Words("") if area is None else Words(_short(_why(area)), area.observation.evidence)
        rating = Words(objective.rating or "not rated", evidence, parts.tone_of(objective.rating))
        score = Words(parts.score_of(objective), evidence)
        rows.append(Row((_stated(objective.title), rating, score, why)))
    caption = "Objectives: P performed, S with some, M with major challenges, U unable to be performed"
    return Table(caption, ("Objective", "Rating", "Score", "What kept it back"), (34, 12, 14, 40), tuple(rows))


def _stated(title: str) -> Words:
    """A title of the files; where it has a number in it, event 0 is what states it."""
    return Words(title, (0,) if any(c.isdigit() for c in title) else ())


def _why(area: Area) -> str:
    return f"{area.title}: {area.observation.text}"


def _functions(source: Source) -> Table:
    """Those that missed their RTO first."""
    table = parts.functions_table(source, disrupted_only=True)
    rows = sorted(table.rows, key=lambda row: [cell.tone != "bad" for cell in row.cells[2:5:2]])
    return Table(table.caption, table.columns, table.widths, tuple(rows[:_MOST_FUNCTIONS]))


def _worst_first(source: Source) -> list[Area]:
    order = list(Rating)
    return sorted(source.areas, key=lambda area: -order.index(area.rating))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: text.rindex(" ", 0, _LONGEST)].rstrip(" ,;:") + " …"


def _tone(good: bool | None) -> Tone:
    return "none" if good is None else "good" if good else "bad"
