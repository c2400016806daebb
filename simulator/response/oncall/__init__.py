"""On-call schedules: who holds a duty at a moment, exactly, in any time zone.

`OnCall` answers for an organisation.  Behind it stand small calculators, each with one question: whose turn is it
(`turns`), which single shifts are there (`shifts`), does the layer apply (`restrictions`, `holidays`), who is away and
who stands in (`absences`, `cover`), is there an override (`overrides`); `schedule` puts them together and `clock` knows
what a wall clock shows.  `duty` tells what a schedule costs the people who hold it, `escalate` is the dry run of a
policy; how people react is not here.
"""

from simulator.response.oncall.dry_run import Page, escalate
from simulator.response.oncall.duty import Hardship, Shift, hardship, shifts_of
from simulator.response.oncall.oncall import OnCall
from simulator.response.oncall.targets import Target, targets

__all__ = ["Hardship", "OnCall", "Page", "Shift", "Target", "escalate", "hardship", "shifts_of", "targets"]
