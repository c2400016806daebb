"""What a history feeds into plans: recovery objectives, capacity, problem records.

    trends, recurrence   which services and failure modes cost most, and whether they come more often
    problems             what came back so often that somebody should look for its cause
    headroom             when utilisation will reach its limit
    objectives           which RTO and RPO the past has kept, for each business function
    study                all of it for one history

`document`, `drawing`, `page` and `folder` show it.
"""

from studies.history_plan.document import document
from studies.history_plan.folder import write_folder
from studies.history_plan.headroom import Limits
from studies.history_plan.problems import Policy
from studies.history_plan.study import HistoryPlan, OnEstate, plan_from_history

__all__ = ["HistoryPlan", "Limits", "OnEstate", "Policy", "document", "plan_from_history", "write_folder"]
