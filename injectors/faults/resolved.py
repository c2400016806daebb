"""Faults of the name service that a target asks, where that is the resolver of our own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.knobs.resolver import ResolverSlot
from injectors.resolver.behaviour import Late, Lie, LieSlot, Name, PrivateAddress
from topologies.fields import DurationMs, Model


class Lying(Model):
    says: Literal["nxdomain", "servfail", "address"] = "servfail"
    address: PrivateAddress = "127.0.0.1"
    """With `says: address`: where every name leads."""
    names: tuple[Name, ...] = ()
    """These and what is below them; all when left out."""


class Waiting(Model):
    delay: Annotated[DurationMs, Field(gt=0, le=60_000)] = 3_000
    names: tuple[Name, ...] = ()


def _turn(prepared: Prepared, slot: LieSlot, value: Lie | Late) -> Sequence[Turn]:
    resolver = prepared.target.resolver
    assert resolver is not None, "the fault needs a resolver"
    return [Turn(ResolverSlot(control=resolver.control, slot=slot), value.model_dump(mode="json"))]


def _lying(p: Lying, prepared: Prepared) -> Sequence[Turn]:
    return _turn(prepared, "lie", Lie(says=p.says, address=p.address, names=p.names))


def _waiting(p: Waiting, prepared: Prepared) -> Sequence[Turn]:
    return _turn(prepared, "late", Late(delay_ms=p.delay, names=p.names))


_UNDONE = "the resolver tells the truth again; what was remembered of a lie is forgotten after a second"

for fault in (
    LiveFault(
        id="resolver-lies",
        kind="dns-failure",
        title="Names do not exist, cannot be resolved, or lead to a wrong address",
        needs=(Part.RESOLVER,),
        parameters=Lying,
        turns=_lying,
        undone=_UNDONE,
    ),
    LiveFault(
        id="resolver-slow",
        kind="slow",
        title="Names are resolved later",
        needs=(Part.RESOLVER,),
        parameters=Waiting,
        turns=_waiting,
        undone=_UNDONE,
    ),
):
    live(fault)
