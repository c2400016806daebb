"""Coverage: mutation testing for alerting.  Every fault on everything that it fits, and what the alerts make of it.

    faults, inventory      what is tried; what can be judged at all
    running, matrix        one fault in virtual time; what fires when and reaches whom
    verdicts               expected beside predicted
    mutants, mutation      rules with a mistake each, and which of them nothing tells apart
    findings, baseline     what is wrong, and what of it is accepted
    study, workers         the whole of it, in processes

`document`, `junit`, `sarif`, `drawing`, `page` and `folder` show it.
"""

from studies.coverage.baseline import Acceptance, read_baseline
from studies.coverage.findings import CoverageFinding, Kind, Places, failing, findings_of
from studies.coverage.study import Coverage, Question, Subject, study
from studies.coverage.verdicts import Verdict

__all__ = [
    "Acceptance",
    "Coverage",
    "CoverageFinding",
    "Kind",
    "Places",
    "Question",
    "Subject",
    "Verdict",
    "failing",
    "findings_of",
    "read_baseline",
    "study",
]
