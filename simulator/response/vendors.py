"""Third parties: called over the contact that the organisation has for them, there after their own response time.

A party is called once for an incident, however many wait for it: `page.sent` about `vendor:<id>`, then
`page.acknowledged` once somebody competent works on the case.  A party without a contact cannot be called.  Outside the
hours of its contract nobody is there before the next opening, unless it has somebody on call for the severity.

What the contract promises for the severity runs from the moment at which the call got through: `vendor.obliged`.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.sides import Facts, Reach
from timeline.details import ContractDetail, CreditStep, PageDetail
from timeline.events import Event
from timeline.instants import MINUTE, from_wall
from timeline.references import Reference, RefKind, person
from topologies.organisation import ExternalContact, Organisation
from topologies.parties import Contract

_TRIES = 5
_TRY_AGAIN_MS = 3 * MINUTE
"""How long a caller waits before trying again a contact that did not go through."""
_PURPOSE = "third party"


class Vendors:
    """Calls third parties."""

    def __init__(self, kernel: Kernel, organisation: Organisation, facts: Facts, reach: Reach) -> None:
        self._kernel = kernel
        self._organisation = organisation
        self._facts = facts
        self._reach = reach
        self._contacts = {contact.vendor: contact for contact in organisation.external}
        self._calls: dict[tuple[str, str], simpy.Process] = {}

    def engage(self, case: Case, vendor: str, caller: str, cause: int) -> Generator[simpy.Event, Any, int | None]:
        """Waits until a party is there and gives the event of it; None when it could not be reached."""
        key = (case.id, vendor)
        if key not in self._calls:
            self._calls[key] = self._kernel.env.process(self._call(case, vendor, caller, cause))
        if self._calls[key].is_alive:
            yield self._calls[key]
        there: int | None = self._calls[key].value
        return there

    def _call(self, case: Case, vendor: str, caller: str, cause: int) -> Generator[simpy.Event, Any, int | None]:
        contact = self._contacts.get(vendor)
        if contact is None:
            self._emit("page.failed", case, vendor, "", caller, [cause], "organisation.external")
            return None
        for attempt in range(1, _TRIES + 1):
            delivered = yield from self._try(case, contact, caller, cause, attempt)
            if delivered is not None:
                return (yield from self._response(case, contact, delivered))
            yield self._kernel.env.timeout(_TRY_AGAIN_MS)
        return None

    def _try(
        self, case: Case, contact: ExternalContact, caller: str, cause: int, attempt: int
    ) -> Generator[simpy.Event, Any, int | None]:
        """One message to the party; the event of its delivery, None when it did not get through."""
        vendor, channel_id, streams = contact.vendor, contact.channel, self._kernel.streams
        channel, path = self._organisation.channels[channel_id], f"organisation.channels.{channel_id}"
        entity, occasion = f"vendor/{vendor}", f"{case.id}/attempt-{attempt}"
        sent = self._emit("page.sent", case, vendor, channel_id, caller, [cause], "organisation.external")
        yield self._kernel.env.timeout(streams.draw(channel.latency, entity, "page-latency", occasion))
        works = self._reach.channel_works(channel_id)
        if not works or streams.chance(channel.failure, entity, "page-fails", occasion):
            why = f"{path}.{'failure' if works else 'needs'}"
            self._emit("page.failed", case, vendor, channel_id, caller, [sent.seq], why)
            return None
        delivered = self._emit("page.delivered", case, vendor, channel_id, caller, [sent.seq], f"{path}.latency")
        return delivered.seq

    def _response(self, case: Case, contact: ExternalContact, delivered: int) -> Generator[simpy.Event, Any, int]:
        vendor = contact.vendor
        contract = self._facts.vendors[vendor].contract
        if contract is not None:
            severity = case.leading.severity
            yield from self._at_work(case, vendor, contract, severity.severity if severity else None, delivered)
        takes = self._kernel.streams.draw(self._facts.vendors[vendor].response, f"vendor/{vendor}", "response", case.id)
        yield self._kernel.env.timeout(takes)
        path = f"estate.vendors.{vendor}.response"
        there = self._emit("page.acknowledged", case, vendor, contact.channel, None, [delivered], path)
        case.knowledge.deliver(there)
        return there.seq

    def _at_work(
        self, case: Case, vendor: str, contract: Contract, severity: str | None, delivered: int
    ) -> Generator[simpy.Event, Any, None]:
        """Puts on record what is owed, and waits until the party is at work."""
        kernel = self._kernel
        called, hours = kernel.wall(), contract.hours_for(severity)
        opens_ms = 0 if hours is None else from_wall(hours.opens_at(called), kernel.epoch) - kernel.now()
        if severity is not None and (severity in contract.respond or severity in contract.restore):
            detail = self._owed(case, vendor, contract, severity, covered=opens_ms <= 0)
            subject = Reference(RefKind.VENDOR, vendor)
            path = (f"estate.vendors.{vendor}.contract",)
            kernel.emit("vendor.obliged", subject, case.reference, detail, [delivered], rests_on=path)
        if opens_ms > 0:
            yield kernel.env.timeout(opens_ms)

    def _owed(self, case: Case, vendor: str, contract: Contract, severity: str, *, covered: bool) -> ContractDetail:
        called, epoch = self._kernel.wall(), self._kernel.epoch
        respond, restore = (contract.due(promise, severity, called) for promise in ("respond", "restore"))
        return ContractDetail(
            case.id,
            vendor,
            severity,
            None if respond is None else from_wall(respond, epoch),
            None if restore is None else from_wall(restore, epoch),
            tuple(id for id, party in self._facts.vendors_of.items() if party == vendor),
            covered,
            contract.monthly_fee,
            tuple(CreditStep(step.promise, step.over, step.share) for step in contract.credits),
        )

    def _emit(
        self, kind: str, case: Case, vendor: str, channel: str, caller: str | None, causes: list[int], rests_on: str
    ) -> Event:
        subject = Reference(RefKind.VENDOR, vendor)
        actor = person(caller) if caller is not None else subject
        detail = PageDetail(case.id, vendor, channel, purpose=_PURPOSE)
        return self._kernel.emit(kind, subject, actor, detail, causes, rests_on=(rests_on,))
