"""Conformance: what happened compared with the playbook, step by step.

`planned` is the playbook as a graph of states, `alignment` lays what happened beside the nearest way through it, `runs`
reads both off a timeline.
"""

from reports.conformance.runs import PlaybookRun, Step, playbook_runs

__all__ = ["PlaybookRun", "Step", "playbook_runs"]
