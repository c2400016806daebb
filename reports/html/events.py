"""The list of events at the end of the page: each an anchor `#e17`, with its detail and links to its causes.

A timeline of up to 10,000 events is listed whole.  Of a longer one the page lists the events that it cites and those
that lie behind them, as far as there is room, and says how many there are; `timeline.jsonl` has all.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any

from markupsafe import Markup, escape

from reports.index import TimelineIndex
from reports.quantities import write_moment, write_ms
from timeline.events import Event

MOST_EVENTS = 10_000
_CITED = re.compile(r'href="#e(\d+)"')
_SHOWN_WHOLE = 300


def events_list(index: TimelineIndex, page: str) -> Markup:
    """The list for a page that has been written but for it."""
    listed = _listed(index, {int(seq) for seq in _CITED.findall(page)})
    rows = Markup("\n").join(_row(index, index.events[seq], listed) for seq in sorted(listed))
    return Markup("<p class='soft'>{}</p><ol class='raw'>{}</ol>").format(_words(index, len(listed)), rows)


def _listed(index: TimelineIndex, cited: set[int]) -> set[int]:
    if len(index.events) <= MOST_EVENTS:
        return set(range(len(index.events)))
    listed, frontier = set(cited), sorted(cited, reverse=True)
    while frontier and len(listed) < MOST_EVENTS:
        for cause in index.events[frontier.pop()].causes:
            if cause not in listed and len(listed) < MOST_EVENTS:
                listed.add(cause)
                frontier.append(cause)
    return listed


def _words(index: TimelineIndex, listed: int) -> str:
    if listed == len(index.events):
        return f"All {listed:,} events of the timeline, in order, each with the events that it follows from."
    return f"{listed:,} of {len(index.events):,} events: those cited above and what lies behind them."


def _row(index: TimelineIndex, event: Event, listed: set[int]) -> Markup:
    causes = Markup(", ").join(
        Markup('<a href="#e{0}">{0}</a>').format(cause) if cause in listed else Markup("{}").format(cause)
        for cause in event.causes
    )
    because = Markup(' <span class="events">because of {}</span>').format(causes) if event.causes else Markup("")
    actor = "" if event.actor == event.subject else f" by {event.actor}"
    return Markup(
        '<li id="e{0}" tabindex="-1"><a class="seq" href="#e{0}">{0}</a> <span class="t">{1}</span> '
        "<strong>{2}</strong> {3}<span class='soft'>{4}</span>{5}<br><small>{6}</small></li>"
    ).format(
        event.seq,
        write_moment(event.at_ms, index.epoch),
        event.kind,
        str(event.subject),
        actor,
        because,
        escape(_detail(index, event)),
    )


def _detail(index: TimelineIndex, event: Event) -> str:
    """What the detail says, without what it leaves open."""
    if not is_dataclass(event.detail):
        return ""
    said = [(field.name, getattr(event.detail, field.name)) for field in fields(event.detail)]
    parts = [f"{name}: {_said(index, name, value)}" for name, value in said if value not in (None, "", ())]
    return " · ".join(parts)


def _said(index: TimelineIndex, name: str, value: Any) -> str:
    """A field as people read it: moments on both clocks, lengths with units, labels as `name=value`."""
    if isinstance(value, int) and name.endswith("at_ms"):
        text = write_moment(value, index.epoch)
    elif isinstance(value, int) and name.endswith("_ms"):
        text = write_ms(value)
    elif isinstance(value, tuple):
        text = ", ".join(_item(item) for item in value)
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _SHOWN_WHOLE else text[:_SHOWN_WHOLE] + " …"


def _item(item: Any) -> str:
    if isinstance(item, tuple):
        return "=".join(str(part) for part in item)
    return str(getattr(item, "id", getattr(item, "milestone", item)))
