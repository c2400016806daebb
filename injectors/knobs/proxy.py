"""The knob of a proxy: what one of its slots does."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from injectors.knobs.knob import Knob, KnobError
from injectors.proxy.behaviour import Slot
from injectors.proxy.control import ProxyUnreachable, Request, ask


class ProxySlot(Knob):
    """One slot of the proxy behind a control socket; its value is null while there is no disturbance."""

    knob: Literal["proxy-slot"] = "proxy-slot"
    control: Path
    slot: Slot

    @property
    def key(self) -> str:
        return f"proxy/{self.control}/{self.slot}"

    def read(self) -> JsonValue:
        return told(self.control, Request(slot=self.slot))

    def write(self, value: JsonValue) -> None:
        told(self.control, Request(slot=self.slot, sets=True, value=value))


def told(control: Path, request: Request) -> JsonValue:
    """The value of a slot, once the process behind a control socket was told.  Raises KnobError."""
    try:
        return ask(control, request).value
    except ProxyUnreachable as error:
        raise KnobError(str(error)) from None
