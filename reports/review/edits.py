"""Changes to files that a review proposes, as unified diffs.

A *proposer* looks at what happened and at the texts of the run and yields edits; whoever knows another kind of file
adds his own to `PROPOSERS`.  Texts are edited as lines, so that comments and layout stay.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reports.index import FaultSpan, detail_of
from reports.milestones import Milestone, of_fault
from reports.quantities import write_ms
from reports.review.factors import Looked, unalerted
from reports.review.material import Material
from reports.review.model import Edit
from timeline.details import AlertDetail
from timeline.events import Event
from timeline.instants import MINUTE, format_duration, parse_duration
from timeline.registry import Registry

Proposer = Callable[[Looked, Material], Iterable[Edit]]
PROPOSERS: Registry[Proposer] = Registry("proposer of edits")

_SHORTER_THAN_MS = 2 * MINUTE
"""A `for` up to this is kept: what is shorter pages for noise."""


def edits_for(looked: Looked, material: Material) -> list[Edit]:
    """What every proposer has to say, in their order."""
    return [edit for id in PROPOSERS for edit in PROPOSERS[id](looked, material)]


def unified(file: str, before: str, after: str) -> str:
    """A unified diff that `patch -p1` takes in the folder of inputs."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{file}", f"b/{file}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def propose_missing_alerts(looked: Looked, material: Material) -> Iterator[Edit]:
    """A rule for each fault that hurt and that no alert told of."""
    for file, text in list(material.rules.items())[:1]:
        for span in unalerted(looked):
            target = span.detail.target
            team = material.owners.get(target, looked.incident.detail.team or "operations")
            rule = _RULE.format(name=_rule_name(target), target=target, team=team, fault=span.detail.fault)
            after = _with_rule(text, rule)
            if after is not None:
                yield Edit(
                    file=file,
                    why=f"Nothing told of {span.detail.fault} on {target}; check that its target is scraped",
                    diff=unified(file, text, after),
                    evidence=(span.begun.seq,),
                )


_RULE = """- alert: {name}
  expr: min by (component) (up{{component="{target}"}}) == 0
  for: 1m
  labels: {{severity: critical, team: {team}}}
  annotations:
    summary: "{{{{ $labels.component }}}} does not answer (added after {fault})"
"""


def _rule_name(target: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", target) if part) + "Down"


def _with_rule(text: str, rule: str) -> str | None:
    """The text with a rule after the last one, indented as that is; None where it has none."""
    starts = list(re.finditer(r"^( *)- (?:alert|record):", text, re.MULTILINE))
    if not starts:
        return None
    indent = starts[-1].group(1)
    written = "".join(f"{indent}{line}\n" for line in rule.splitlines())
    return f"{text.rstrip()}\n\n{written}"


@dataclass(frozen=True, slots=True)
class _Slow:
    """An alert that waited long before it fired."""

    fault: FaultSpan
    fired: Event
    waited_ms: int


def propose_shorter_waits(looked: Looked, material: Material) -> Iterator[Edit]:
    """A shorter `for` where an alert spent at least half of the time to detection waiting to be sure."""
    proposed: set[str] = set()
    for slow in _slow(looked):
        name = detail_of(slow.fired, AlertDetail).name
        for file, text in material.rules.items():
            after = None if name in proposed else _with_half_the_wait(text, name)
            if after is not None:
                proposed.add(name)
                yield Edit(
                    file=file,
                    why=f"{name} saw it and waited {write_ms(slow.waited_ms)} before it fired; "
                    "try it against recorded data before it pages anybody",
                    diff=unified(file, text, after),
                    evidence=(slow.fired.seq,),
                )


def _slow(looked: Looked) -> Iterator[_Slow]:
    for fault in looked.faults:
        fired = of_fault(looked.index, fault, Milestone.ALERTED)
        detected = of_fault(looked.index, fault, Milestone.DETECTED)
        if fired is None or detected is None or fired.seq > detected.seq:
            continue
        waited_ms = fired.at_ms - detail_of(fired, AlertDetail).active_at_ms
        if waited_ms > _SHORTER_THAN_MS and 2 * waited_ms >= detected.at_ms - fault.begun.at_ms:
            yield _Slow(fault, fired, waited_ms)


def _with_half_the_wait(text: str, alert: str) -> str | None:
    """The text with half the `for` of a rule; None where the rule is not here, or has none."""
    found = re.search(rf"^ *- alert: ['\"]?{re.escape(alert)}['\"]?\s*$", text, re.MULTILINE)
    if found is None:
        return None
    end = re.compile(r"^ *- (?:alert|record|name):", re.MULTILINE).search(text, found.end())
    wait = re.compile(r"^( *for: *)(\S+)", re.MULTILINE).search(text, found.end(), end.start() if end else len(text))
    if wait is None:
        return None
    half_ms = max(parse_duration(wait.group(2)) // 2, _SHORTER_THAN_MS)
    return f"{text[: wait.start(2)]}{format_duration(half_ms)}{text[wait.end(2) :]}"


PROPOSERS.add("missing-alerts", propose_missing_alerts)
PROPOSERS.add("shorter-waits", propose_shorter_waits)
