"""Prometheus rules: files, groups, recording and alerting rules, and the engine that evaluates them lazily.

`load_rules` reads rule files; `RuleEngine` evaluates groups over a storage in virtual time.
"""

from simulator.monitoring.rules.alerting import AlertState
from simulator.monitoring.rules.engine import Failure, RuleEngine, RuleReference, Transition
from simulator.monitoring.rules.loading import groups_of, load_rule_file, load_rules
from simulator.monitoring.rules.models import AlertingRule, RecordingRule, Rule, RuleGroup, hashed_offset

__all__ = [
    "AlertState",
    "AlertingRule",
    "Failure",
    "RecordingRule",
    "Rule",
    "RuleEngine",
    "RuleGroup",
    "RuleReference",
    "Transition",
    "groups_of",
    "hashed_offset",
    "load_rule_file",
    "load_rules",
]
