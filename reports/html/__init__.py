"""The HTML report: one file that stands alone, with every number linked to the events behind it."""

from reports.html.page import html_report

__all__ = ["html_report"]
