"""Writes the documents of a run into its folder, each whole or not at all; the same run gives the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path

from reports.documents.after_action import after_action_report
from reports.documents.docx import docx_document
from reports.documents.executive import executive_summary
from reports.documents.html import html_document
from reports.documents.model import Document
from reports.documents.pdf import pdf_document, require_pdf
from reports.documents.plan import planned
from reports.documents.source import Source
from reports.documents.technical import technical_report
from reports.documents.workbook import sheets
from reports.documents.xlsx import xlsx_workbook
from reports.folder import REPORT
from reports.index import TimelineIndex
from reports.scoring import score_index
from timeline.files import write_whole
from timeline.journal import Timeline

DOCUMENTS, WORKBOOK = "documents", "msel-and-results"


class Format(StrEnum):
    """How documents are written."""

    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"


def write_documents(timeline: Timeline, folder: Path, formats: Collection[Format], classification: str) -> list[Path]:
    """Writes `documents/` into a run folder and returns what was written.

    Raises InputError, before anything is written, when a library that a format needs is missing or the scenario of the
    run can no longer be read.
    """
    if Format.PDF in formats:
        require_pdf()
    index = TimelineIndex(timeline)
    source = Source(index, score_index(index), planned(folder), classification)
    contents = dict(_contents(source, formats))
    target = folder / DOCUMENTS
    target.mkdir(exist_ok=True)
    for name, content in contents.items():
        write_whole(target / name, content)
    return [target / name for name in contents]


def documents_of(source: Source) -> list[Document]:
    """Every document that has pages."""
    return [executive_summary(source), after_action_report(source), technical_report(source)]


def _contents(source: Source, formats: Collection[Format]) -> Iterator[tuple[str, str | bytes]]:
    for document in documents_of(source) if set(formats) - {Format.XLSX} else ():
        if Format.HTML in formats:
            yield f"{document.id}.html", html_document(document, beside=f"../{REPORT}")
        if Format.PDF in formats:
            yield f"{document.id}.pdf", pdf_document(document)
        if Format.DOCX in formats:
            yield f"{document.id}.docx", docx_document(document)
    if Format.XLSX in formats:
        title = f"{source.scores.title}: MSEL and results"
        yield f"{WORKBOOK}.xlsx", xlsx_workbook(title, source.marking, source.index.epoch, sheets(source))
