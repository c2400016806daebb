"""The scores of a run for other people's tools, and as a page for those who have a minute.

    figures      one table of everything that was scored, which all exports are made of
    tables       as CSV and Parquet
    openmetrics  as OpenMetrics text
    dashboard    as a static page

Every figure of an export is one of `scores.json`: nothing is computed here.
"""

from reports.exports.writing import ExportFormat, write_exports

__all__ = ["ExportFormat", "write_exports"]
