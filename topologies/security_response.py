"""When IT operations call in security, and what changes then (NIST SP 800-61, incident handling).

security_response:
  policy: security
  indicators:
    ransom-note: {logs: "files renamed", reports: "ransom"}
    odd-sign-ins: {alerts: ["UnusualSignIns*"]}
  criteria:
    ransomware: {indicators: [ransom-note]}
    break-in: {indicators: [odd-sign-ins, exfiltration], at_least: 2}
  evidence: {takes: 40m}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from topologies.fields import Duration, Id, Model, PolicyId, RegularExpression


class Indicator(Model):
    """A sign of an attack, and where people may see it."""

    alerts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Names of alerts, with `*`."""
    logs: RegularExpression | None = None
    """Searched for in the log of what somebody looks at."""
    reports: RegularExpression | None = None
    """Searched for in what users and injects say."""

    @model_validator(mode="after")
    def _can_be_seen(self) -> Indicator:
        if not self.alerts and self.logs is None and self.reports is None:
            raise ValueError("an indicator is seen in alerts, logs or reports; give at least one of them")
        return self


class Criterion(Model):
    """Security is called in when so many of these indicators are known."""

    indicators: tuple[Id, ...] = Field(min_length=1)
    at_least: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _can_be_met(self) -> Criterion:
        if self.at_least > len(set(self.indicators)):
            raise ValueError(f"{self.at_least} of {len(set(self.indicators))} indicators can never be known")
        return self


class EvidenceDuty(Model):
    """Traces are secured before anything that destroys them."""

    takes: Duration
    """For one component, in the hands of whoever of security is on the bridge."""
    before_recovery: bool = True
    """A recovery waits for it."""


class SecurityResponse(Model):
    """The bridge between IT operations and security."""

    policy: PolicyId
    """How security is called."""
    indicators: dict[Id, Indicator] = Field(min_length=1)
    criteria: dict[Id, Criterion] = Field(min_length=1)
    evidence: EvidenceDuty | None = None
    """Left out, nobody secures traces."""

    @model_validator(mode="after")
    def _indicators_exist(self) -> SecurityResponse:
        named = {i for criterion in self.criteria.values() for i in criterion.indicators}
        if unknown := sorted(named - set(self.indicators)):
            raise ValueError(f"criteria name indicators that are not described: {', '.join(unknown)}")
        return self
