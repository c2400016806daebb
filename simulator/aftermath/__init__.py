"""After the exercise: the office work that an incident leaves behind, days and weeks of it.

It begins at ENDEX, on a clock and calendar of its own: the estate and the alarms are at rest, nobody is paged, and the
whole timeline lies open.  Its events come after `exercise.ended`, so what judges the response does not see them; what
judges the learning does.  It looks as far as `after_incident.horizon` says.
"""

from simulator.aftermath.aftermath import Aftermath

__all__ = ["Aftermath"]
