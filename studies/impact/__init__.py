"""What if, without a scenario: every kind of fault on everything that it fits, and what falls with it.

`assess` answers for a whole estate: functions lost, recovery times by what is documented, RTOs at risk, single points
of failure ranked by loss.  No time passes and no person acts here; how a response fares is for an exercise to say.
"""

from studies.impact.assessment import Assessment, FaultImpact, SinglePoint, assess
from studies.impact.document import document

__all__ = ["Assessment", "FaultImpact", "SinglePoint", "assess", "document"]
