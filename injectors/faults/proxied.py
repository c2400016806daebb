"""Faults on the way to the target, made by the proxy before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.knobs.proxy import ProxySlot
from injectors.proxy.behaviour import Bandwidth, Closed, Latency, Silence, Slot, SlowClose, Way
from topologies.fields import DurationMs, Model

Delay = Annotated[DurationMs, Field(le=600_000)]


class Later(Model):
    delay: Delay = 500
    jitter: Delay = 0
    way: Way = Way.TO_CLIENT


class Narrow(Model):
    bytes_per_s: int = Field(default=16_384, ge=1)
    way: Way = Way.BOTH


class Ended(Model):
    how: Literal["reset", "close"] = "reset"


class OneWay(Model):
    way: Way = Way.BOTH


class HangingUp(Model):
    delay: Delay = 5_000


def _slot(slot: Slot, made: Callable[[Any], BaseModel]) -> Callable[[Any, Prepared], Sequence[Turn]]:
    def turns(parameters: Any, prepared: Prepared) -> Sequence[Turn]:
        proxy = prepared.target.proxy
        assert proxy is not None, "the fault needs a proxy"
        return [Turn(ProxySlot(control=proxy.control, slot=slot), made(parameters).model_dump(mode="json"))]

    return turns


def _later(p: Later) -> Latency:
    return Latency(delay_ms=p.delay, jitter_ms=p.jitter, way=p.way)


_UNDONE = "the proxy forwards again as if it were not there"

for fault in (
    LiveFault(
        id="latency",
        kind="slow",
        title="Answers arrive later, with jitter if wanted",
        needs=(Part.PROXY,),
        parameters=Later,
        turns=_slot("latency", _later),
        undone=_UNDONE,
        at_entrance=True,
    ),
    LiveFault(
        id="narrow-line",
        kind="slow",
        title="So many bytes a second get through, for each connection",
        needs=(Part.PROXY,),
        parameters=Narrow,
        turns=_slot("bandwidth", lambda p: Bandwidth(bytes_per_s=p.bytes_per_s, way=p.way)),
        undone=_UNDONE,
        at_entrance=True,
    ),
    LiveFault(
        id="slow-close",
        kind="slow",
        title="When one end hangs up the other hears of it later",
        needs=(Part.PROXY,),
        parameters=HangingUp,
        turns=_slot("slow_close", lambda p: SlowClose(delay_ms=p.delay)),
        undone=_UNDONE,
        at_entrance=True,
    ),
    LiveFault(
        id="silence",
        kind="partition",
        title="Connections stay open and nothing gets through: half-open, or one way only",
        needs=(Part.PROXY,),
        parameters=OneWay,
        turns=_slot("silence", lambda p: Silence(way=p.way)),
        undone=f"{_UNDONE}; what was sent meanwhile is lost",
        at_entrance=True,
    ),
    LiveFault(
        id="reset",
        kind="partition",
        title="Connections are reset, those in progress as well",
        needs=(Part.PROXY,),
        parameters=Ended,
        turns=_slot("closed", lambda p: Closed(how=p.how)),
        undone=f"{_UNDONE}; connections that were ended stay so",
        at_entrance=True,
    ),
):
    live(fault)
