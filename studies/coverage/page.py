"""A study of alerting as one self-contained HTML page: no request leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from studies.coverage.findings import MEANINGS, CoverageFinding
from studies.coverage.matrix import Interval
from studies.coverage.study import Coverage
from studies.coverage.verdicts import Verdict
from studies.coverage.words import cell_words, sentences, span

_CLASSES = {
    Verdict.MET: "good",
    Verdict.LATE: "fair",
    Verdict.WRONG_TEAM: "bad",
    Verdict.MISSED: "bad",
    Verdict.NOT_ASSESSABLE: "none",
}


def html_page(coverage: Coverage, findings: Sequence[CoverageFinding], figures: Sequence[Figure]) -> str:
    """The text of `report.html`."""
    environment = page_environment("studies.coverage")
    environment.filters |= {"span": _span}
    return environment.get_template("coverage.html.jinja").render(
        coverage=coverage,
        question=coverage.question,
        inventory=coverage.inventory,
        expectations=coverage.subject.expectations,
        met=sum(one.verdict is Verdict.MET for one in coverage.judgements),
        sentences=sentences(coverage),
        figures=[(figure, Markup(figure.svg)) for figure in figures],
        groups=[(kind, MEANINGS[kind], list(group)) for kind, group in groupby(findings, key=lambda one: one.kind)],
        classes=_CLASSES,
        cell_words=cell_words,
    )


def _span(interval: Interval | None) -> str:
    return "\N{EN DASH}" if interval is None else span(interval)
