"""The technical report: every measure with its samples, every alert, decision and incident, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reports.critical_path import time_spent
from reports.documents import parts
from reports.documents.model import Block, Document, PageBreak, Paragraph, Row, Table, Words
from reports.documents.source import Source
from reports.index import detail_of
from reports.quantities import write_moment, write_ms, write_value
from timeline.details import DecisionDetail

_MOST_ROWS = 300
"""A longer table is cut and says so: a run may have thousands of alerts."""


def technical_report(source: Source) -> Document:
    """The whole report."""
    document = Document(
        id="technical-report",
        title=source.scores.title,
        subtitle="Technical report",
        marking=source.marking,
        dated=source.index.epoch,
        facts=parts.facts(source),
        blocks=(*_course(source), *_measures(source), *_alerts(source), *_decisions(source), *_rests(source)),
        most_cited=4,
    )
    return parts.with_cited_events(document, source, "Events cited")


def _course(source: Source) -> Iterator[Block]:
    yield parts.heading(1, "Course")
    yield parts.milestones_table(source)
    if source.functions:
        yield parts.functions_table(source)
    spent = tuple(_time_spent(source))
    if spent:
        caption = "What the time from the disruption to the return of each function went into"
        yield Table(caption, ("Business function", "Waiting for", "Time"), (30, 40, 30), spent)
    for figure in source.figures:
        yield parts.picture(source, figure)


def _time_spent(source: Source) -> Iterator[Row]:
    # A record does not say what its end waited for.
    for span in () if source.index.is_partial else source.index.disruptions:
        if span.ended is not None:
            for spent in time_spent(source.index.causality.path_to(span.ended), span.begun.at_ms):
                evidence = tuple(sorted({span.begun.seq, *spent.evidence}))
                yield Row((Words(span.subject.id), Words(spent.on), Words(write_ms(spent.ms), evidence)))


def _measures(source: Source) -> Iterator[Block]:
    yield PageBreak()
    yield parts.heading(1, "Measures")
    figures, samples = [], []
    for measure in source.scores.measures:
        if measure.value is None:
            continue
        value = Words(write_value(measure.value, measure.unit, at_least=measure.censored), measure.evidence)
        about = Words(f"{measure.judged} of {len(measure.samples)}, {measure.direction} is better", measure.evidence)
        figures.append(Row((Words(f"{measure.title} ({measure.id})"), value, about, Words(measure.reference))))
        for sample in measure.samples:
            said = Words(write_value(sample.value, measure.unit, at_least=sample.censored), sample.evidence)
            samples.append(Row((Words(measure.id), Words(sample.subject), said)))
    yield from _cut("Measures that the run called for", ("Measure", "Value", "Judged", "Reference"), figures)
    yield from _cut("Samples of the measures", ("Measure", "Subject", "Value"), samples)


def _alerts(source: Source) -> Iterator[Block]:
    index, rows = source.index, []
    for span in index.alerts:
        evidence, moment = span.evidence(), write_moment(span.begun.at_ms, index.epoch)
        lasted = write_ms(span.elapsed_ms(index.until_ms)) + ("" if span.ended else ", still firing")
        behind = ", ".join(fault.subject.id for fault in index.faults_behind(span.begun))
        unknown = "no fault: false alert" if index.tells("fault.started") else "not known"
        where = f"{span.subject.id}{f' ({span.where})' if span.where else ''}"
        rows.append(Row((Words(where), Words(moment, evidence[:1]), Words(lasted, evidence), Words(behind or unknown))))
    yield parts.heading(1, "Alerts")
    yield from _cut("Alerts that fired", ("Alert", "Fired", "Lasted", "Behind it"), rows)


def _decisions(source: Source) -> Iterator[Block]:
    rows = []
    for event in source.index.of_kind("decision.made"):
        decision, moment = detail_of(event, DecisionDetail), write_moment(event.at_ms, source.index.epoch)
        chosen = f"{decision.chosen}{f' ({decision.evidence})' if decision.evidence else ''}"
        row = Words(decision.by), Words(moment, (event.seq,)), Words(decision.question), Words(chosen, (event.seq,))
        rows.append(Row(row))
    yield parts.heading(1, "Decisions")
    yield from _cut("Decisions on record", ("By", "When", "Question", "Chosen, and what was known"), rows)


def _rests(source: Source) -> Iterator[Block]:
    yield parts.heading(1, "What the verdict rests on")
    rests = source.scores.rests_on
    said = f"The ratings rest on {len(rests)} parameters of the files, beside the events of the timeline."
    yield Paragraph(Words(said, (0,)))
    rows = [Row((Words(path.partition(".")[0]), Words(path.partition(".")[2]))) for path in rests]
    yield from _cut("Parameters", ("File", "Parameter"), rows)


def _cut(caption: str, columns: tuple[str, ...], rows: Sequence[Row]) -> Iterator[Block]:
    if not rows:
        yield Paragraph(Words(f"{caption}: none."))
        return
    widths = (24,) + (76 // (len(columns) - 1),) * (len(columns) - 1)
    yield Table(caption, columns, widths, tuple(rows[:_MOST_ROWS]))
    if len(rows) > _MOST_ROWS:
        left = f"And {len(rows) - _MOST_ROWS} more; all of them are in scores.json and on the timeline."
        yield Paragraph(Words(left, (0,)), "soft")
