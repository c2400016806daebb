"""The knob of a resolver: what one of its slots does."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from injectors.knobs.knob import Knob
from injectors.knobs.proxy import told
from injectors.proxy.control import Request
from injectors.resolver.behaviour import LieSlot


class ResolverSlot(Knob):
    """One slot of the resolver behind a control socket; its value is null while it tells the truth."""

    knob: Literal["resolver-slot"] = "resolver-slot"
    control: Path
    slot: LieSlot

    @property
    def key(self) -> str:
        return f"resolver/{self.control}/{self.slot}"

    def read(self) -> JsonValue:
        return told(self.control, Request(slot=self.slot))

    def write(self, value: JsonValue) -> None:
        told(self.control, Request(slot=self.slot, sets=True, value=value))
