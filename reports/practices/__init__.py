"""The 48 practices: their names, and what exercises show of them.

`PRACTICES` names them; `rehearsal` puts runs beside each other, practice by scenario; `page` draws that.
"""

from __future__ import annotations

from reports.practices.names import PRACTICES, Practice

__all__ = ["PRACTICES", "Practice"]
