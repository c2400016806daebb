"""The documents of a run folder, each written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from reports.figures import draw
from reports.figures.files import write_figures
from reports.html import html_report
from reports.index import TimelineIndex
from reports.junit import junit_xml
from reports.scoring import Scores, score_index
from reports.sources import read_sources
from timeline.files import write_whole
from timeline.journal import Timeline

SCORES, REPORT, JUNIT, FIGURES = "scores.json", "report.html", "junit.xml", "figures"


def write_reports(timeline: Timeline, folder: Path) -> Scores:
    """Scores a timeline and writes `figures/`, `scores.json`, `junit.xml` and `report.html` into a run folder.

    Where parameters come from is read of its `sources.json`, if it is there.
    """
    index = TimelineIndex(timeline)
    scores = score_index(index)
    figures = draw(index)
    write_figures(folder / FIGURES, figures)
    write_whole(folder / SCORES, scores.to_json())
    write_whole(folder / JUNIT, junit_xml(scores))
    write_whole(folder / REPORT, html_report(index, scores, figures, read_sources(folder)))
    return scores
