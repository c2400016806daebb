"""A playbook as the timeline tells it: what was planned, for whoever compares what happened with it.

`playbook.started` carries every step with its order, its guard and its ways out, so that a scorer needs no file.

A *guard* is the condition of a task reduced to what the playbook itself decides: which option a decision took
(`chosen`), which tasks are completed (`done`).  Everything else (what was seen of the estate, how late it is) is
`open`: it may hold or not, and the timeline of tasks alone does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from timeline.details import LEFT_OUT_WHEN_EMPTY


@dataclass(frozen=True, slots=True)
class Guard:
    """One node of a reduced condition."""

    form: Literal["all", "any", "not", "chosen", "done", "open"]
    of: tuple[Guard, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    task: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    option: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})


OPEN = Guard("open")


@dataclass(frozen=True, slots=True)
class PlaybookStep:
    """A task of a playbook as planned.  Times are from the start of the playbook (`expected_ms`) and from when the task
    is ready (`within_ms`)."""

    id: str
    title: str
    role: str
    critical: bool = False
    after: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    after_any: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    guard: Guard | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    options: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Of a decision."""
    does: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """`action target` where it acts on the estate."""
    repeats_from: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """The task at which a pass begins, where it is repeated."""
    passes: int = field(default=0, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """How many there are at most, where it is repeated."""
    on_failure: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """`go-to`, `escalate`, `carry-on`, `give-up`, or nothing."""
    go_to: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    goes: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    expected_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    within_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})


@dataclass(frozen=True, slots=True)
class PlaybookDetail:
    """A playbook begins, or is given up, in an incident."""

    incident: str
    title: str
    steps: tuple[PlaybookStep, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    reason: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})


def only_gone_to(before: Mapping[str, Sequence[str]], ways: Mapping[str, str]) -> frozenset[str]:
    """Tasks that begin only when a failure goes to them: they come after nothing, and do not lead to what fails.

    `ways` names where each failing task goes to.
    """
    return frozenset(to for failed, to in ways.items() if not before.get(to) and not between(before, to, failed))


def between(before: Mapping[str, Sequence[str]], first: str, last: str) -> frozenset[str]:
    """The tasks of one pass: `first`, `last`, and all on a way from one to the other.

    `before` names what each task comes after.  Empty when no way leads from `first` to `last`.
    """
    above = _reached(before, last)
    if first not in above:
        return frozenset()
    return frozenset(id for id in above if first in _reached(before, id))


def _reached(before: Mapping[str, Sequence[str]], id: str) -> set[str]:
    reached, frontier = {id}, [id]
    while frontier:
        for other in before.get(frontier.pop(), ()):
            if other not in reached:
                reached.add(other)
                frontier.append(other)
    return reached
