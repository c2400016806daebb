"""Telemetry: from signals to the series that real exporters would show.

A *profile* is what one exporter shows of one replica: a list of recipes, each a pure function from signals to a series.
Shipped profiles stand in `profiles`, those of an estate come from files.  `SignalStorage` answers the rule engine's
selectors from them, only for the windows that are asked for.
"""

from simulator.monitoring.telemetry.profiles import PROFILES
from simulator.monitoring.telemetry.storage import SignalStorage

__all__ = ["PROFILES", "SignalStorage"]
