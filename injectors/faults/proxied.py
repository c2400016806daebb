"""Faults on the way to the target, made by the proxy before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live, refuse
from injectors.knobs.proxy import ProxySlot
from injectors.proxy.behaviour import (
    Bandwidth,
    Certificate,
    Closed,
    Content,
    Headers,
    Latency,
    Share,
    Silence,
    Slot,
    SlowClose,
    Status,
    Way,
)
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


class Answered(Model):
    status: int = Field(default=503, ge=400, le=599)
    error_ratio: Share = 0.5


class Refused(Model):
    status: int = Field(default=429, ge=400, le=599)
    admitted_ratio: float = Field(default=0.2, ge=0, lt=1)


class Damaged(Model):
    name: str = "Content-Type"
    how: Literal["garbled", "removed"] = "garbled"
    error_ratio: Share = 0.5


class Flipped(Model):
    error_ratio: Share = 0.5


class Shown(Model):
    why: Literal["expired", "wrong-name"] = "expired"
    names: tuple[str, ...] = Field(default=("localhost", "127.0.0.1"), min_length=1)
    """What callers call the target by."""
    issuer: Path | None = None
    """Certificate and key (PEM, one file) of an authority that they trust, so that nothing else is wrong with it."""


def _slot(slot: Slot, made: Callable[[Any], BaseModel]) -> Callable[[Any, Prepared], Sequence[Turn]]:
    def turns(parameters: Any, prepared: Prepared) -> Sequence[Turn]:
        proxy = prepared.target.proxy
        assert proxy is not None, "the fault needs a proxy"
        return [Turn(ProxySlot(control=proxy.control, slot=slot), made(parameters).model_dump(mode="json"))]

    return turns


def _later(p: Later) -> Latency:
    return Latency(delay_ms=p.delay, jitter_ms=p.jitter, way=p.way)


def _shown(shown: Shown, prepared: Prepared) -> Sequence[Turn]:
    """Callers that speak no TLS would see something else than a bad certificate."""
    if (prepared.target.http or "https:").startswith("http:"):
        raise refuse(f"{prepared.id!r} is not asked in TLS; it shows nobody a certificate.")
    made = _slot("certificate", lambda p: Certificate(why=p.why, names=p.names, issuer=p.issuer))
    return made(shown, prepared)


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
    LiveFault(
        id="http-status",
        kind="bad-deploy",
        title="A share of answers in HTTP is an error",
        needs=(Part.PROXY,),
        parameters=Answered,
        turns=_slot("status", lambda p: Status(status=p.status, error_ratio=p.error_ratio)),
        undone=_UNDONE,
    ),
    LiveFault(
        id="http-headers",
        kind="bad-deploy",
        title="In a share of answers in HTTP a header is garbled or missing",
        needs=(Part.PROXY,),
        parameters=Damaged,
        turns=_slot("headers", lambda p: Headers(name=p.name, how=p.how, error_ratio=p.error_ratio)),
        undone=_UNDONE,
    ),
    LiveFault(
        id="http-content",
        kind="bad-deploy",
        title="In a share of answers in HTTP bits of the content are flipped",
        needs=(Part.PROXY,),
        parameters=Flipped,
        turns=_slot("content", lambda p: Content(error_ratio=p.error_ratio)),
        undone=_UNDONE,
    ),
    LiveFault(
        id="http-quota",
        kind="quota-exhausted",
        title="Most requests in HTTP are answered with a refusal",
        needs=(Part.PROXY,),
        parameters=Refused,
        turns=_slot("status", lambda p: Status(status=p.status, error_ratio=1 - p.admitted_ratio)),
        undone=_UNDONE,
    ),
    LiveFault(
        id="bad-certificate",
        kind="certificate-expiry",
        title="Connections get a certificate that is expired or of the wrong name; for targets in TLS",
        needs=(Part.PROXY,),
        parameters=Shown,
        turns=_shown,
        undone=f"{_UNDONE}; connections are ended and begin anew",
    ),
):
    live(fault)
