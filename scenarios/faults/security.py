"""Faults by what was taken or taken away: credentials that are no longer valid, and malware that spreads over them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, Effect, FaultKind
from scenarios.faults.parameters import Scope, Spreading
from timeline.commands import Action
from topologies.fields import DurationMs
from topologies.shared_fate import SharedKind
from topologies.signals import Signal

_ENCRYPTING = {Signal.DISK_BUSY_RATIO: (0.95, 0.0), Signal.IO_WAIT_RATIO: (0.3, 0.0)}


class Revocation(Scope):
    sessions_last: Annotated[DurationMs, Field(ge=0)] = 0
    """How long what was signed in before stays so."""


def _revoked(p: Revocation) -> Effect:
    refused = Effect(error_ratio=1.0)
    return Effect(later=(p.sessions_last, refused)) if p.sessions_last else refused


for kind in (
    FaultKind(
        id="credential-revoked",
        title="Credential is revoked or rotated, and who holds the old one is refused",
        family="security",
        fits=frozenset({*ANY_SOFTWARE, SharedKind.CREDENTIAL}),
        parameters=Revocation,
        effect=_revoked,
        cleared_by=(Action.ROLL_BACK, Action.REPAIR),
        log_signature="authentication failed: credential is not valid",
        moves=(Signal.READY, *FAILING),
    ),
    FaultKind(
        id="ransomware",
        title="Malware encrypts the data, and goes on to whatever shares a credential",
        family="security",
        fits=ANY_SOFTWARE,
        parameters=Spreading,
        effect=lambda _: Effect(error_ratio=1.0, signals=_ENCRYPTING, destroys_copies=True),
        cleared_by=(Action.REPAIR, Action.RESTORE, Action.REBUILD),
        log_signature="files renamed with an unknown extension",
        moves=(*_ENCRYPTING, Signal.READY, *FAILING),
        malicious=True,
    ),
):
    FAULTS.add(kind.id, kind)
