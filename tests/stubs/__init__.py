"""The stub audit: would our tests notice if a part only pretended to work?

Each `Stub` replaces one method by something that looks busy and does nothing.  `pytest --stub NAME` switches it in for
a whole session.  The audit runs the tests of the `watched` files with the stub and demands that exactly those in
`caught_by` fail: fewer means that the tests are blind, more that the list has not been thought through.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stub:
    """A pretence.  `replaces` is `module:Class.method` or `module:function`."""

    name: str
    pretends: str
    replaces: str
    replacement: Callable[..., Any]
    watched: tuple[str, ...]
    caught_by: tuple[str, ...]

    def switch_in(self) -> None:
        module_name, _, path = self.replaces.partition(":")
        owner: Any = importlib.import_module(module_name)
        *parents, attribute = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        if not hasattr(owner, attribute):
            raise AttributeError(f"stub {self.name} replaces nothing: {self.replaces}")
        setattr(owner, attribute, self.replacement)
