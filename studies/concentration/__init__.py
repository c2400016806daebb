"""What hangs on each third party, directly and through its subcontractors, and whether there is a way out in time.

`concentrate` answers for a whole estate; no time passes and nobody acts.
"""

from studies.concentration.study import Concentration, Exit, Exposure, concentrate

__all__ = ["Concentration", "Exit", "Exposure", "concentrate"]
