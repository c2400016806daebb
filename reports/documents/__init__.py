"""Documents for those who read on paper or in an office program: written once in `model`, rendered several times.

- what they say: `after_action` (report and improvement plan, in the structure of HSEEP), `executive` (one page),
  `technical` (every measure, alert and decision), `workbook` (MSEL and results as sheets);
- how it is written: `html`, `pdf`, `docx`, `xlsx`;
- `folder` writes them into a run folder.
"""

from reports.documents.folder import Format, write_documents

__all__ = ["Format", "write_documents"]
