"""Batch tests of an Alertmanager configuration: alerts in, expectations out.

`load_tests` reads a file, `run_test` runs one test in virtual time, `to_junit` writes results for a CI server.
"""

from simulator.monitoring.notifytests.files import NotifyTest, load_tests
from simulator.monitoring.notifytests.junit import to_junit
from simulator.monitoring.notifytests.running import Result, run_test

__all__ = ["NotifyTest", "Result", "load_tests", "run_test", "to_junit"]
