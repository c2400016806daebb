"""The incident workflow of a run as the events that a real platform's webhook would have sent.

What listens to a platform (a chat bot, a status page, a data lake) can be tried against an exercise: each line of a
file is the body of one HTTP POST, in the order and with the times of the run.  `records` walks the timeline once and
keeps every incident and problem as the platform's record of it would be; `pagerduty` and `servicenow` put each change
into their platform's words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict

from reports.index import TimelineIndex
from reports.webhooks import pagerduty, servicenow

PLATFORMS: Mapping[str, Callable[[TimelineIndex], Iterator[pagerduty.Body | servicenow.Body]]] = {
    "pagerduty": pagerduty.pagerduty_events,
    "servicenow": servicenow.servicenow_events,
}
"""Each platform with its bodies, as records of plain data."""


def webhook_lines(index: TimelineIndex, platform: str) -> str:
    """JSON lines: one body a line.  Raises KeyError for a platform that is not in `PLATFORMS`."""
    bodies = (asdict(body) for body in PLATFORMS[platform](index))
    return "".join(f"{json.dumps(body, ensure_ascii=False, separators=(',', ':'))}\n" for body in bodies)
