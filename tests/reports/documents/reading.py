"""How tests get a run to write documents of, and read back what was written."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser

import pytest

import blackstart
from reports.documents.pdf import require_pdf
from reports.documents.source import Source
from reports.index import TimelineIndex
from reports.scoring import score_index
from scenarios.models import Scenario
from timeline.findings import InputError
from timeline.journal import Timeline


def source_of(timeline: Timeline, plan: Scenario | None = None) -> Source:
    index = TimelineIndex(timeline)
    return Source(index, score_index(index), plan, "Internal")


def played(scenario: str, seed: int = 1) -> Source:
    return source_of(blackstart.simulate(scenario, seed=seed), blackstart.load(scenario).scenario)


def need_pdf() -> None:
    """Skips the calling test where PDF cannot be written; fails it under CI=true."""
    try:
        require_pdf()
    except InputError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def squeezed(text: str) -> str:
    """Text without white space and soft hyphens: where lines break differs from format to format."""
    return re.sub(r"[\s\u00ad]+", "", text)


class Cells(HTMLParser):
    """The text of each cell of each table of a page, in order; and all text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.words = ""
        self._cell: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            assert self._cell is not None
            self.tables[-1][-1].append(squeezed(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._cell is not None:
            self._cell += data
