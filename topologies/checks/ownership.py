"""Whether somebody is responsible for functions and components, and can be called."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.findings import Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.estate import LoadedEstate


@estate_check("function.without-owner", Severity.ERROR)
def function_without_owner(estate: LoadedEstate) -> Iterator[Remark]:
    """Nobody owns a business function.

    Without an owner nobody decides on workarounds, priorities and the risk of a restore, and the function is never
    rehearsed because nobody asks for it.
    """
    for id, function in estate.topology.functions.items():
        if function.owner is None:
            place = estate.topology_document.place(["functions", id], key=True)
            yield Remark(place, f"the business function {id!r} has no owner", "name a team: `owner: <team>`")


@estate_check("component.without-owner", Severity.WARNING)
def component_without_owner(estate: LoadedEstate) -> Iterator[Remark]:
    """Neither a team nor a vendor is responsible for a component.

    An alert about it has to be carried from team to team until somebody takes it.
    """
    for id, component in estate.topology.components.items():
        if component.owner is None and component.vendor is None:
            place = estate.topology_document.place(["components", id], key=True)
            yield Remark(
                place, f"the component {id!r} has neither an owner nor a vendor", "name a team: `owner: <team>`"
            )


@estate_check("team.without-policy", Severity.ERROR)
def team_without_policy(estate: LoadedEstate) -> Iterator[Remark]:
    """A team owns something but has no escalation policy.

    Whoever finds out that the team is needed has no way to page it.
    """
    owned: dict[str, list[str]] = {}
    for things in (estate.topology.components, estate.topology.functions, estate.topology.standby_pairs):
        for id, thing in things.items():
            if thing.owner is not None:
                owned.setdefault(thing.owner, []).append(id)
    for id, team in estate.organisation.teams.items():
        if team.policy is None and id in owned:
            place = estate.organisation_document.place(["teams", id], key=True)
            message = f"the team {id!r} owns {owned[id][0]!r} but has no escalation policy"
            yield Remark(place, message, "name one: `policy: <policy>`")
