"""What the resolver does with questions: one slot for each kind of disturbance, empty while there is none."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from injectors.addresses import require_private
from timeline.findings import SafetyRefused


def _private(address: str) -> str:
    try:
        return require_private(address)
    except SafetyRefused as refused:
        raise ValueError(" ".join(refused.reasons)) from None


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


Name = Annotated[str, AfterValidator(_plain)]
PrivateAddress = Annotated[str, AfterValidator(_private)]


class _Disturbance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[Name, ...] = ()
    """These and what is below them; all when empty."""

    def concerns(self, name: str) -> bool:
        return not self.names or any(name == one or name.endswith(f".{one}") for one in self.names)


class Lie(_Disturbance):
    """Another answer than the true one."""

    says: Literal["nxdomain", "servfail", "address"]
    address: PrivateAddress = "127.0.0.1"
    """With `address`: what every name leads to."""


class Late(_Disturbance):
    """The answer comes later."""

    delay_ms: float = Field(gt=0, le=60_000)


class Lies(BaseModel):
    """All slots of a resolver."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lie: Lie | None = None
    late: Late | None = None


LieSlot = Literal["lie", "late"]
