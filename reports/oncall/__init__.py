"""What is shown of on-call duty outside of exercises: a final schedule as a calendar, an escalation as a picture."""

from reports.oncall.calendar import calendar_of
from reports.oncall.escalation import draw_escalation

__all__ = ["calendar_of", "draw_escalation"]
