"""Whether what happens can happen: faults on targets that they fit, and everything before the end."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.checks.catalogue import scenario_check
from scenarios.faults import FAULTS, PeopleKind
from scenarios.loading import LoadedScenario
from timeline.findings import Severity
from timeline.instants import format_duration
from topologies.checks import Remark
from topologies.estate import ComponentKind, SiteKind
from topologies.shared_fate import SharedKind, fault_targets


@scenario_check("fault.unfit", Severity.ERROR)
def fault_does_not_fit(loaded: LoadedScenario) -> Iterator[Remark]:
    """A fault is put on a target of a kind that it does not fit.

    The catalogue says which kinds of component, site or shared thing a fault fits (`blackstart explain <fault>`); a
    power feed has no process that could crash.  Pairs and groups have no faults of their own: put the fault on one of
    the members.
    """
    for id, fault in loaded.scenario.faults.items():
        kind = _kind_of(loaded, fault.target)
        fitting = FAULTS[fault.fault].fits
        if kind in fitting:
            continue
        place = loaded.scenario_document.place(["faults", id, "target"])
        if kind is None:
            message = f"{fault.target!r} is a pair or a group, which has no faults of its own"
            yield Remark(place, message, f"put {fault.fault!r} on one of its members")
        else:
            others = sorted(name for name, other in FAULTS.items() if kind in other.fits)
            message = f"the fault {fault.fault!r} does not fit {fault.target!r}, which is a {kind}"
            yield Remark(place, message, f"faults that fit: {', '.join(others)}" if others else "")


@scenario_check("scenario.after-end", Severity.WARNING)
def after_the_end(loaded: LoadedScenario) -> Iterator[Remark]:
    """A fault or an inject comes after the exercise has ended.

    It never happens.  Make the exercise longer, or let the item come earlier.
    """
    end = loaded.scenario.duration
    for section, items in (("faults", loaded.scenario.faults), ("injects", loaded.scenario.injects)):
        for id, item in items.items():
            if item.at >= end:
                message = f"{id!r} comes at {format_duration(item.at)}, the exercise ends at {format_duration(end)}"
                yield Remark(loaded.scenario_document.place([section, id, "at"]), message, "make the duration longer")


@scenario_check("scenario.without-objectives", Severity.WARNING)
def without_objectives(loaded: LoadedScenario) -> Iterator[Remark]:
    """A scenario states no objectives.

    The exercise can be run, but nothing says what good would look like, so there is nothing to rate.
    """
    if not loaded.scenario.objectives:
        place = loaded.scenario_document.place([])
        yield Remark(place, "the scenario has no objectives", "add `objectives` with targets or critical tasks")


@scenario_check("fault.never-ends", Severity.ERROR)
def for_good_but_with_a_duration(loaded: LoadedScenario) -> Iterator[Remark]:
    """A fault that nothing ends is given a duration.

    The permanent failure of a third party has no restore: what helps is a standby, another provider, an exit plan.
    For one that comes back, use `vendor-outage`.
    """
    for id, fault in loaded.scenario.faults.items():
        if FAULTS[fault.fault].permanent and fault.duration is not None:
            place = loaded.scenario_document.place(["faults", id, "duration"])
            yield Remark(place, f"{fault.fault!r} never ends, so it has no duration", "remove the duration")


def _kind_of(loaded: LoadedScenario, target: str) -> ComponentKind | SiteKind | SharedKind | PeopleKind | None:
    thing = fault_targets(loaded.estate.topology).get(target)
    if thing is not None:
        return thing.kind
    return PeopleKind.TEAM if target in loaded.estate.organisation.teams else None
