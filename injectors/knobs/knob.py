"""Knobs: what a live fault turns, and what undoing turns back.

A *knob* is one thing of one target that can be read and written: whether a process is stopped, what a proxy does with
connections, the content of a file.  A *change* of a knob is data: the knob, its value before, its value after.  That is
all the undo journal has to keep: undoing writes the value before, when the value after is still there.

A knob is a pydantic model with a literal `knob` that names its kind, so that a journal brings it back; the kinds are
put together in `injectors.knobs`.
"""

from __future__ import annotations

import abc
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, JsonValue

from injectors.disobedience import KnobError as KnobError

POLL_S = 0.01


class Knob(BaseModel, abc.ABC):
    """One thing of one target.  Two knobs with one `key` are the same thing, which only one fault may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    @abc.abstractmethod
    def key(self) -> str:
        """Names the thing on this machine, whoever looks at it."""

    @abc.abstractmethod
    def read(self) -> JsonValue:
        """Its value now.  Raises KnobError."""

    @abc.abstractmethod
    def write(self, value: JsonValue) -> None:
        """Gives it a value and returns once `read` shows it.  Raises KnobError."""


def wait_until(what: str, holds: Callable[[], bool], patience_s: float = 5.0) -> None:
    """Looks again and again until something holds.  Raises KnobError when it does not in time."""
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            raise KnobError(f"{what} did not come about within {patience_s:g} s")
        time.sleep(POLL_S)
