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
        return self._ask(Request(slot=self.slot))

    def write(self, value: JsonValue) -> None:
        self._ask(Request(slot=self.slot, sets=True, value=value))

    def _ask(self, request: Request) -> JsonValue:
        try:
            return ask(self.control, request).value
        except ProxyUnreachable as error:
            raise KnobError(str(error)) from None
