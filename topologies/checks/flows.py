"""Whether what an estate says of load can come about, and where it invites a failure that sustains itself."""

from __future__ import annotations

from collections.abc import Iterator

from timeline.findings import Place, Severity
from timeline.instants import SECOND, format_duration
from topologies.checks.catalogue import Remark, estate_check
from topologies.estate import Component, Dependency, Estate
from topologies.loading.estate import LoadedEstate


@estate_check("flow.not-a-cache", Severity.ERROR)
def not_a_cache(estate: LoadedEstate) -> Iterator[Remark]:
    """`cached_by` names something that is no cache.

    Nothing would ever spare the calls, or stop sparing them.  The component that is named states its `cache`: the share
    of look-ups that find something, and how long it takes to warm up.
    """
    for section, id, target, call in _calls(estate.topology):
        cache = estate.topology.components.get(call.cached_by or "")
        if call.cached_by is not None and (cache is None or cache.cache is None):
            place = _place(estate, section, id, target)
            hint = f"state `cache: {{hit_ratio: ..., warm_up: ...}}` at component {call.cached_by!r}"
            yield Remark(place, f"{call.cached_by!r} holds nothing that could spare calls to {target!r}", hint)


@estate_check("flow.unknown-latency", Severity.WARNING)
def unknown_latency(estate: LoadedEstate) -> Iterator[Remark]:
    """A time-out on something whose latency is not known.

    An answer of which nobody knows how long it takes is never late.
    """
    for section, id, target, call in _calls(estate.topology):
        unknown = [member for member in _answering(estate.topology, target) if member.latency_ms is None]
        if call.timeout is not None and unknown:
            place = _place(estate, section, id, target)
            yield Remark(
                place, f"no answer of {target!r} is ever late: its latency_ms is not known", "state latency_ms"
            )


@estate_check("flow.self-sustaining", Severity.WARNING)
def self_sustaining(estate: LoadedEstate) -> Iterator[Remark]:
    """Callers try again what a full queue serves too late.

    When the queue is full, every answer comes after its caller has given up and asked again: an overload can outlive
    what brought it about (Bronson and others, 2021).  A retry budget, a breaker, a queue that refuses what would wait
    too long (`shed_above`), or one shorter than the time-out breaks the circle.
    """
    for section, id, target, call in _calls(estate.topology):
        if call.timeout is None or not call.retries or call.retry_budget is not None or call.breaker is not None:
            continue
        waits_ms = max((_longest_wait_ms(member) for member in _answering(estate.topology, target)), default=0.0)
        if waits_ms > call.timeout:
            gives_up, served = format_duration(call.timeout), format_duration(round(waits_ms))
            message = f"{id!r} tries again after {gives_up} what a full queue of {target!r} serves after {served}"
            hint = "state retry_budget or breaker here, or shed_above at the queue"
            yield Remark(_place(estate, section, id, target), message, hint)


def _calls(estate: Estate) -> Iterator[tuple[str, str, str, Dependency]]:
    """Every call that is stated: section of the file, who calls, who is called."""
    for id, component in estate.components.items():
        yield from (("components", id, target, call) for target, call in component.depends_on.items())
    for id, function in estate.functions.items():
        yield from (("functions", id, target, call) for target, call in function.supported_by.items())


def _place(estate: LoadedEstate, section: str, id: str, target: str) -> Place:
    field = "depends_on" if section == "components" else "supported_by"
    return estate.topology_document.place([section, id, field, target], key=True)


def _answering(estate: Estate, id: str) -> list[Component]:
    """The components that may answer under an id: itself, or the members of a pair or group."""
    if (pair := estate.standby_pairs.get(id)) is not None:
        return [estate.components[member] for member in (pair.primary, pair.standby) if member is not None]
    if (group := estate.groups.get(id)) is not None:
        return [estate.components[member] for member in group.members if member in estate.components]
    return [estate.components[id]] if id in estate.components else []


def _longest_wait_ms(component: Component) -> float:
    """How long the last in a full queue waits."""
    queue = component.queue
    if queue is None or component.capacity_rps is None:
        return 0.0
    longest = queue.limit / component.capacity_rps * SECOND
    return longest if queue.shed_above is None else min(longest, queue.shed_above)
