"""What is owed: reports to authorities, contracts of third parties, service levels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObligationDetail:
    """One report to an authority: its clock started, it was filed, or it could not be filed."""

    obligation: str
    report: str
    title: str
    incident: str
    due_at_ms: int | None
    """None of a report that is filed again without a time limit of its own."""
    source: str = ""
    number: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CreditStep:
    """What a vendor credits for one broken promise once it is later than `over_ms`: a share of the monthly fee."""

    promise: str
    """`respond` or `restore`."""
    over_ms: int
    share_ratio: float


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """What a vendor owes for one call: until when, on what, and what it credits otherwise."""

    incident: str
    vendor: str
    severity: str
    respond_by_ms: int | None
    restore_by_ms: int | None
    provides: tuple[str, ...]
    """Components and sites that it runs or repairs."""
    covered: bool
    """Whether the contract has somebody at work or on call at the moment of the call."""
    monthly_fee: float | None = None
    credits: tuple[CreditStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceLevelDetail:
    """One promise of an agreement for one incident: until when, and how it went."""

    agreement: str
    promise: str
    """`respond` or `resolve`."""
    incident: str
    severity: str
    target_ms: int
    """Of time that counts: business hours where the agreement has any."""
    due_at_ms: int | None
    """None while the clock stands still, and where nothing is promised any more."""
    left_ms: int | None = None
    """Time that counts and that was left when it was kept; below zero when it was late."""
