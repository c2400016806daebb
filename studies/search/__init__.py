"""The search for what breaks an objective: the fewest faults, absences and hours that do; and the worst moment.

`space` says what may be combined, `staging` makes an exercise of a combination, `trials` plays it, `evidence` says when
it counts as broken, `supports` what a good run relied on, `hitting` what would take that away from every one of them,
`minimising` leaves out what is not needed, `study` searches, `levels` spares it what disturbs
nothing, `worst_start` compares the `moments` at which an exercise may begin.
"""

from studies.search.evidence import Rule, Verdict
from studies.search.moments import Beginning, beginnings, usual_starts
from studies.search.space import LOSSES, Element, Limits, Space, space_of
from studies.search.study import Finding, Outcome, Question, search
from studies.search.trials import OutOfBudget, Stage, Trials
from studies.search.worst_start import WorstStart, worst_start

__all__ = [
    "LOSSES",
    "Beginning",
    "Element",
    "Finding",
    "Limits",
    "OutOfBudget",
    "Outcome",
    "Question",
    "Rule",
    "Space",
    "Stage",
    "Trials",
    "Verdict",
    "WorstStart",
    "beginnings",
    "search",
    "space_of",
    "usual_starts",
    "worst_start",
]
