"""What things have in common, so that one loss takes several of them: racks, networks, credentials, certificates, ...

- A *shared thing* has members (components or sites).  A fault whose target is the shared thing sits in every member.
- What several things share without anybody having to state it: the site where they stand, the vendor who runs them.
- `carried_by` names the component behind it (a resolver, a store of secrets): while that is down, members go on for
  `after` (cached answers, open sessions), then lose the share of their service that `loss` says.

    shared_fate:
      resolvers: {title: Internal names, kind: dns, carried_by: internal-dns, after: 5m, members: {web: {}, api: {}}}
      rack-4:    {title: Rack 4, kind: rack, members: {db: {}, web: {replicas: 1}}}

What is mended when something is done at one member depends on the kind.  A rack or a network is one thing: mended once,
it is mended for all.  A credential or a certificate is a copy in each member, and has to be replaced in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, Field, model_validator

from topologies.fields import ComponentId, DurationMs, Id, Model, Ratio, RefTo, VendorId

if TYPE_CHECKING:
    from topologies.estate import Component, Estate, Site

MemberId = Annotated[str, RefTo("component", "site")]


class SharedKind(StrEnum):
    """What is shared: decides which faults fit it, and whether it is mended once for all members."""

    RACK = "rack"
    NETWORK = "network"
    CREDENTIAL = "credential"
    CERTIFICATE = "certificate"
    DNS = "dns"
    QUOTA = "quota"
    REGION = "region"
    VENDOR = "vendor"


COPIED = frozenset({SharedKind.CREDENTIAL, SharedKind.CERTIFICATE})
"""Kinds of which each member has a copy of its own."""


class Membership(Model):
    """How a member takes part."""

    replicas: int | None = Field(default=None, ge=1)
    """So many of its replicas; all when left out."""


class SharedThing(Model):
    """One thing that several others stand or fall with."""

    title: str
    kind: SharedKind
    members: dict[MemberId, Membership] = Field(min_length=1)
    vendor: VendorId | None = None
    """Who runs it; the organisation itself when left out."""
    carried_by: ComponentId | None = None
    """The component that gives it."""
    after: DurationMs = 0
    """How long members go on without it."""
    loss: Annotated[Ratio, Field(gt=0)] = 1.0
    """Share of a member's service that is lost while `carried_by` is down."""
    expires: AwareDatetime | None = None
    """Certificates: the end of validity.  A run that lasts until then sees it happen."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> SharedThing:
        if self.expires is not None and self.kind is not SharedKind.CERTIFICATE:
            raise ValueError(f"only a certificate expires; this is a {self.kind}")
        return self


SharedFate = dict[Id, SharedThing]


def shared_things(estate: Estate) -> dict[str, SharedThing]:
    """Everything that a fault may take as one: what the file states, then vendors with what they run.

    Sites are not among them: they are things of their own.  A vendor whose id something else has is left out.
    """
    taken = {*estate.components, *estate.sites, *estate.standby_pairs, *estate.groups, *estate.shared_fate}
    vendors = {id: thing for id, thing in _vendors(estate) if id not in taken}
    return {**estate.shared_fate, **vendors}


def fault_targets(estate: Estate) -> dict[str, Component | Site | SharedThing]:
    """Everything of an estate that a fault may have as its target, by id."""
    return {**shared_things(estate), **estate.sites, **estate.components}


def _vendors(estate: Estate) -> Iterator[tuple[str, SharedThing]]:
    for id, vendor in estate.vendors.items():
        runs = {name: Membership() for name in _run_by(estate, id)}
        if runs:
            yield id, SharedThing(title=vendor.title, kind=SharedKind.VENDOR, members=runs, vendor=id)


def _run_by(estate: Estate, vendor: str) -> Iterator[str]:
    yield from (id for id, site in estate.sites.items() if site.vendor == vendor)
    yield from (id for id, component in estate.components.items() if component.vendor == vendor)


def carriers(estate: Estate) -> Mapping[str, dict[str, SharedThing]]:
    """What each member needs by way of shared things: member to the components that carry them."""
    found: dict[str, dict[str, SharedThing]] = {}
    for thing in estate.shared_fate.values():
        if thing.carried_by is not None:
            for member in thing.members:
                if member != thing.carried_by:
                    found.setdefault(member, {}).setdefault(thing.carried_by, thing)
    return found
