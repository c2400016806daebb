"""Whether people, workplaces and the impact analysis agree: what can be seen before anybody has to leave a building."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from timeline.findings import Severity
from timeline.instants import format_duration
from topologies.checks.catalogue import Remark, estate_check
from topologies.estate import Component, Estate
from topologies.loading.estate import LoadedEstate
from topologies.reach import hard
from topologies.workforce import StaffNeed

_NINE_OF_TEN = 0.9


@estate_check("workforce.unknown", Severity.INFO)
def workforce_unknown(estate: LoadedEstate) -> Iterator[Remark]:
    """A business function does not say which people it needs.

    The loss of a workplace, or of staff, does nothing to it in an exercise.  One that needs nobody states an empty
    workforce (`workforce: {}`).
    """
    for id, function in estate.topology.functions.items():
        if function.workforce is None:
            place = estate.topology_document.place(["functions", id], key=True)
            yield Remark(place, f"{id!r} states no workforce", "say who is needed, or `workforce: {}` for nobody")


@estate_check("workforce.too-few", Severity.ERROR)
def workforce_too_few(estate: LoadedEstate) -> Iterator[Remark]:
    """A business function needs more people than it has.

    The minimum of a skill, or what the manual fallback takes of it, is above the number of people in all its groups:
    even with everybody at work it cannot be reached.
    """
    for id, function in estate.topology.functions.items():
        for need_id, need in (function.workforce or {}).items():
            place = estate.topology_document.place(["functions", id, "workforce", need_id], key=True)
            if need.minimum > need.count:
                message = f"{id!r} needs at least {need.minimum} of {need_id!r} and has {need.count}"
                yield Remark(place, message, "add people, or lower the minimum")
            by_hand = function.fallback.staff.get(need_id, 0) if function.fallback else 0
            if by_hand > need.count:
                message = f"the fallback of {id!r} takes {by_hand} of {need_id!r}; there are {need.count}"
                yield Remark(place, message, "plan the fallback with the people there are")


@estate_check("workplace.alternates-too-small", Severity.WARNING)
def alternates_too_small(estate: LoadedEstate) -> Iterator[Remark]:
    """When a workplace is lost, there are fewer seats elsewhere than the functions need at least.

    For each skill, what is left at other places is taken off its minimum; of the rest, who can work remotely does as
    far as remote seats go, and the others need a free seat at an alternate.  Whoever gets none cannot work, and the
    functions that the impact analysis puts last go without.
    """
    topology = estate.topology
    for id in topology.sites:
        short = _without_a_seat(topology, id)
        if short > 0:
            message = f"if {id!r} is lost, {short} of the people that functions need at least have no place to work"
            hint = "name alternates with enough free seats, or more seats for remote work"
            yield Remark(estate.topology_document.place(["sites", id], key=True), message, hint)


@estate_check("function.rto-beyond-tolerance", Severity.ERROR)
def rto_beyond_tolerance(estate: LoadedEstate) -> Iterator[Remark]:
    """The recovery time objective lies beyond the impact tolerance.

    When the objective is met here, the harm is already intolerable (Bank of England SS1/21).
    """
    for id, function in estate.topology.functions.items():
        outage = function.tolerance.outage if function.tolerance else None
        if function.rto is not None and outage is not None and function.rto > outage:
            message = (
                f"the RTO of {id!r} is {format_duration(function.rto)}, a disruption is tolerated for "
                f"{format_duration(outage)}"
            )
            place = estate.topology_document.place(["functions", id, "tolerance", "outage"])
            yield Remark(place, message, "shorten the RTO, or have the tolerance reviewed")


@estate_check("function.rto-below-recovery", Severity.WARNING)
def rto_below_recovery(estate: LoadedEstate) -> Iterator[Remark]:
    """What a business function stands on takes longer to recover than the function has.

    In one of ten cases or more, the fastest action that a component offers takes longer than the recovery time
    objective (RTO) of a function that cannot do without it, before anybody has noticed or decided anything.  Members of
    pairs and groups that can be spared are not counted, nor is a fail-over (`standby.slower-than-rto`).
    """
    for id, function in estate.topology.functions.items():
        if function.rto is None:
            continue
        for component_id in _needed_by(estate.topology, hard(function.supported_by)):
            takes = _fastest_ms(estate.topology.components[component_id])
            if takes is not None and takes > function.rto:
                message = (
                    f"in one of ten cases {component_id!r} takes {format_duration(takes)} or more to recover; "
                    f"{id!r} has {format_duration(function.rto)} (RTO)"
                )
                place = estate.topology_document.place(["components", component_id, "recovery"])
                yield Remark(place, message, "prepare a faster way, a standby, or work by hand")


@estate_check("fallback.below-minimum", Severity.INFO)
def fallback_below_minimum(estate: LoadedEstate) -> Iterator[Remark]:
    """Manual work does less than the minimum level of the function.

    It limits the damage, but the function still counts as disrupted (MBCO) while it is carried on by hand.
    """
    for id, function in estate.topology.functions.items():
        fallback, minimum = function.fallback, function.minimum_level
        if fallback is not None and minimum is not None and fallback.throughput < minimum:
            message = f"by hand {id!r} does {fallback.throughput:.0%} of normal, its minimum is {minimum:.0%}"
            yield Remark(estate.topology_document.place(["functions", id, "fallback", "throughput"]), message)


def _without_a_seat(topology: Estate, lost: str) -> int:
    """People needed at least who can work nowhere once a place is lost."""
    usual: dict[str, int] = defaultdict(int)
    seated, remote = 0, 0
    for function in topology.functions.values():
        for need in (function.workforce or {}).values():
            for group in need.groups.values():
                usual[group.site] += group.count
            missing, can_work_remotely = _missing(need, lost)
            remote += min(missing, can_work_remotely)
            seated += max(missing - can_work_remotely, 0)
    workplace = topology.sites[lost].workplace
    alternates = [a.site for a in workplace.alternates] if workplace else []
    free = sum(max((topology.sites[site].seats or 0) - usual[site], 0) for site in alternates)
    at_home = min(remote, topology.remote_work.seats if topology.remote_work else 0)
    return max(seated + remote - at_home - free, 0)


def _missing(need: StaffNeed, lost: str) -> tuple[int, int]:
    """How many of the minimum are missing without a place, and how many of those from there can work remotely."""
    elsewhere = sum(group.count for group in need.groups.values() if group.site != lost)
    from_there = [group for group in need.groups.values() if group.site == lost]
    available = sum(group.count for group in from_there)
    return min(max(need.minimum - elsewhere, 0), available), sum(group.remote_count for group in from_there)


def _needed_by(topology: Estate, first: list[str]) -> list[str]:
    """Components that none of these can do without, pairs and groups with nobody to spare included."""
    found: list[str] = []
    waiting = list(first)
    while waiting:
        id = waiting.pop(0)
        if id in topology.components and id not in found:
            found.append(id)
            waiting += hard(topology.components[id].depends_on)
        elif id in topology.standby_pairs and topology.standby_pairs[id].standby is None:
            waiting.append(topology.standby_pairs[id].primary)
        elif id in topology.groups and topology.groups[id].needed == len(topology.groups[id].members):
            waiting += topology.groups[id].members
    return found


def _fastest_ms(component: Component) -> int | None:
    """The fastest action in nine of ten cases, with the start-up that follows; None where none is stated."""
    recovery = component.recovery
    actions = (recovery.restart, recovery.roll_back, recovery.disable, recovery.repair)
    times = [action.quantile(_NINE_OF_TEN) for action in actions if action is not None]
    start_up = recovery.start_up.quantile(_NINE_OF_TEN) if recovery.start_up is not None else 0
    return min(times) + start_up if times else None
