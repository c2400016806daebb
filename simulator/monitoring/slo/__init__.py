"""Service level objectives: read from OpenSLO, made into burn-rate rules, held against the rules that there are.

- `loading` reads OpenSLO (`openslo` has its models) to `objectives`; `indicators` are their error ratios as PromQL;
- `burn_rates` is the arithmetic: when an alert fires and what is spent by then;
- `subjects` finds what of an estate an SLO is about;
- `generation` makes rule files, `unit_tests` tests for them;
- `recognition` finds burn-rate alerts in rules, `likeness` and `judging` say whose they are, `checks` where they are
  weak;
- `experiment` runs rules in virtual time over `examples` of series; `outlook` puts run and formula side by side.
"""

from simulator.monitoring.slo.checks import SLO_CHECKS, check_objectives
from simulator.monitoring.slo.explanations import SLO_FINDINGS
from simulator.monitoring.slo.generation import Severities, left_out, rule_file
from simulator.monitoring.slo.judging import Watched, watched
from simulator.monitoring.slo.loading import is_openslo, load_objectives, objectives_of
from simulator.monitoring.slo.objectives import Objective
from simulator.monitoring.slo.outlook import Outlook, outlooks, telling_ratios
from simulator.monitoring.slo.subjects import objectives_of_services
from simulator.monitoring.slo.unit_tests import unit_test_file

__all__ = [
    "SLO_CHECKS",
    "SLO_FINDINGS",
    "Objective",
    "Outlook",
    "Severities",
    "Watched",
    "check_objectives",
    "is_openslo",
    "left_out",
    "load_objectives",
    "objectives_of",
    "objectives_of_services",
    "outlooks",
    "rule_file",
    "telling_ratios",
    "unit_test_file",
    "watched",
]
