"""What a proxy does with connections: one slot for each kind of disturbance, empty while there is none.

Slots are independent: latency and a narrow line can be set together, each by a fault of its own.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Way(StrEnum):
    """Which half of a conversation."""

    TO_SERVER = "to-server"
    TO_CLIENT = "to-client"
    BOTH = "both"

    def covers(self, other: Way) -> bool:
        return self in (other, Way.BOTH)


class Disturbance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Latency(Disturbance):
    """Everything arrives later; the order is kept."""

    delay_ms: float = Field(ge=0, le=600_000)
    jitter_ms: float = Field(default=0, ge=0, le=600_000)
    """Uniform, around the delay; never below 0."""
    way: Way = Way.TO_CLIENT


class Bandwidth(Disturbance):
    """A narrow line: bytes a second for each connection and way."""

    bytes_per_s: int = Field(ge=1)
    way: Way = Way.BOTH


class Closed(Disturbance):
    """Connections end at once, with a reset or as if the peer had hung up."""

    how: Literal["reset", "close"] = "reset"


class Silence(Disturbance):
    """Connections stay open while nothing gets through: half-open when both ways, a one-way partition otherwise."""

    way: Way = Way.BOTH


class SlowClose(Disturbance):
    """When one end hangs up, the other hears of it later."""

    delay_ms: float = Field(ge=0, le=600_000)


Share = Annotated[float, Field(gt=0, le=1)]


class Status(Disturbance):
    """A share of answers in HTTP is replaced by one of ours; the target has done its work all the same."""

    status: int = Field(default=503, ge=400, le=599)
    error_ratio: Share = 1.0


class Headers(Disturbance):
    """In a share of answers in HTTP one header makes no sense, or is missing."""

    name: str = Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
    how: Literal["garbled", "removed"] = "garbled"
    error_ratio: Share = 1.0


class Content(Disturbance):
    """In a share of answers in HTTP bits of the content are flipped; its length stays."""

    error_ratio: Share = 1.0


class Certificate(Disturbance):
    """New connections are in TLS and get a certificate of an exercise; the target is talked to in TLS as well."""

    why: Literal["expired", "wrong-name"]
    names: tuple[str, ...] = Field(min_length=1)
    """Names and addresses that the target is called by; one that is expired is for these."""
    issuer: Path | None = None
    """Certificate and key (PEM, one file) of an authority that the callers trust; signed by itself when left out."""


class Behaviour(BaseModel):
    """All slots of a proxy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency: Latency | None = None
    bandwidth: Bandwidth | None = None
    closed: Closed | None = None
    silence: Silence | None = None
    slow_close: SlowClose | None = None
    status: Status | None = None
    headers: Headers | None = None
    content: Content | None = None
    certificate: Certificate | None = None

    def delay_s(self, way: Way, dice: float) -> float:
        """How much later something arrives; `dice` is uniform in [0, 1)."""
        if self.latency is None or not self.latency.way.covers(way):
            return 0.0
        jitter = (2.0 * dice - 1.0) * self.latency.jitter_ms
        return max(0.0, self.latency.delay_ms + jitter) / 1000.0

    def silences(self, way: Way) -> bool:
        return self.silence is not None and self.silence.way.covers(way)


Slot = Literal["latency", "bandwidth", "closed", "silence", "slow_close", "status", "headers", "content", "certificate"]
