"""Alertmanager in virtual time, from its native configuration: who is notified of what, when, and why not.

`load_config` reads a configuration (`read_config` one of several files, with the resources of prometheus-operator),
`Alertmanager` runs it.  Files carry the names of the original where it has one:
`dispatch` (groups and their timers), `notify` (the stages of the pipeline), `inhibit`, `silence`, `nflog` (the
notification log), `timeinterval`; `routes` is the tree, `alert` the alerts and how posts merge.
The version modelled is 0.25; where later ones behave differently, the module concerned says so.
"""

from simulator.monitoring.alertmanager.alert import PostedAlert
from simulator.monitoring.alertmanager.alertmanager import Alertmanager
from simulator.monitoring.alertmanager.config import AlertmanagerConfig, load_config
from simulator.monitoring.alertmanager.findings import config_findings
from simulator.monitoring.alertmanager.matchers import Matcher, MatchType, parse_matchers, read_label_arguments
from simulator.monitoring.alertmanager.notify import (
    Attempt,
    Delivery,
    Notification,
    NotifiedAlert,
    Reason,
    Sink,
    Status,
    SuppressedBy,
    Suppression,
)
from simulator.monitoring.alertmanager.receivers import Integration, Receiver
from simulator.monitoring.alertmanager.resources import load_resources, read_config
from simulator.monitoring.alertmanager.routes import Route
from simulator.monitoring.alertmanager.rule_findings import rule_findings
from simulator.monitoring.alertmanager.storm import Storm, load_storm, play, run_storm
from simulator.monitoring.alertmanager.timeinterval import TimeInterval

__all__ = [
    "Alertmanager",
    "AlertmanagerConfig",
    "Attempt",
    "Delivery",
    "Integration",
    "MatchType",
    "Matcher",
    "Notification",
    "NotifiedAlert",
    "PostedAlert",
    "Reason",
    "Receiver",
    "Route",
    "Sink",
    "Status",
    "Storm",
    "SuppressedBy",
    "Suppression",
    "TimeInterval",
    "config_findings",
    "load_config",
    "load_resources",
    "load_storm",
    "parse_matchers",
    "play",
    "read_config",
    "read_label_arguments",
    "rule_findings",
    "run_storm",
]
