"""Whether a playbook can be run through: everything can be reached, what repeats ends, somebody can do each task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scenarios.checks.catalogue import scenario_check
from scenarios.checks.tasks import place_of, tasks_of
from scenarios.loading import LoadedScenario
from scenarios.models import PlaybookTaskModel
from scenarios.planned_steps import before_of, guard_of
from timeline.findings import Severity
from timeline.playbooks import Guard, between, only_gone_to
from topologies.checks import Remark
from topologies.organisation import Organisation


@scenario_check("task.unreachable", Severity.ERROR)
def unreachable(loaded: LoadedScenario) -> Iterator[Remark]:
    """A task of the playbook can never begin.

    Its condition asks for an option that its decision does not have, or all that it comes after cannot be reached
    either.  Tasks that wait for each other in a circle have a finding of their own.
    """
    tasks = dict(tasks_of(loaded))
    reached = _reached(tasks)
    for id, task in tasks.items():
        before = [b for b in (*task.after, *task.after_any) if b in tasks and b not in reached]
        if id in reached or (before and _can_hold(task, tasks)):
            continue  # what it waits for has the finding
        yield Remark(
            place_of(loaded, id, "when"), f"{id!r} can never begin: its condition never holds", _options(tasks)
        )


@scenario_check("task.loop-without-exit", Severity.ERROR)
def loops_without_exit(loaded: LoadedScenario) -> Iterator[Remark]:
    """Something is done again and again without an end.

    A task that fails goes back to one that leads to it again, without a bound; or what a task is repeated until can
    never be so, so that every pass is in vain; or the task that it goes back to does not come before it.
    """
    playbook = loaded.playbook
    if playbook is None:
        return
    before = before_of(playbook)
    for id, task in playbook.tasks.items():
        way, repeat = task.on_failure, task.repeat
        if way is not None and way.go_to is not None and way.at_most is None and between(before, way.go_to, id):
            message = f"{id!r} goes back to {way.go_to!r} whenever it fails, for ever"
            yield Remark(place_of(loaded, id, "on_failure"), message, "state `at_most` beside `go_to`")
        if repeat is None:
            continue
        if repeat.from_ is not None and not between(before, repeat.from_, id):
            message = f"{id!r} is repeated from {repeat.from_!r}, which does not come before it"
            yield Remark(place_of(loaded, id, "repeat"), message, "name a task that it comes after")
        if not _possible(guard_of(repeat.until), playbook.tasks):
            message = f"{id!r} is repeated until something that can never be so"
            yield Remark(place_of(loaded, id, "repeat"), message, _options(playbook.tasks))


@scenario_check("task.nobody-eligible", Severity.ERROR)
def nobody_eligible(loaded: LoadedScenario) -> Iterator[Remark]:
    """Nobody can do a task.

    Its role names nobody and has no policy that calls anybody, or nobody in the organisation has the skill that it asks
    for.  The task would never start, or be done by somebody who does not know how.
    """
    organisation = loaded.estate.organisation
    missed: set[str] = set()
    for id, task in tasks_of(loaded):
        if task.role not in missed and not _people_of(organisation, task.role):
            missed.add(task.role)
            message = f"nobody can take the role {task.role!r}"
            yield Remark(place_of(loaded, id, "role"), message, "give the role `eligible` people or a `policy`")
        need = task.skill
        if need is not None and not any(
            person.skills.get(need.field, person.skills.get("*", 0.0)) >= need.at_least
            for person in organisation.people.values()
        ):
            message = f"nobody knows {need.field!r} to {need.at_least:g}"
            yield Remark(place_of(loaded, id, "skill"), message, "lower `at_least`, or correct `skills` of people")


@scenario_check("playbook.unknown-severity", Severity.ERROR)
def unknown_severities(loaded: LoadedScenario) -> Iterator[Remark]:
    """A playbook starts at a severity that the organisation does not have.

    It would never start.
    """
    if loaded.playbook is None or loaded.playbook_document is None:
        return
    known = [rule.severity for rule in loaded.estate.organisation.severities]
    for field in ("from_severity", "to_severity"):
        named = getattr(loaded.playbook.starts, field)
        if named is not None and named not in known:
            place = loaded.playbook_document.place(["starts", field])
            yield Remark(place, f"there is no severity {named!r}", f"the organisation has {', '.join(known)}")


def _people_of(organisation: Organisation, role: str) -> bool:
    spec = organisation.roles.get(role)
    if spec is None or spec.eligible:
        return True  # an unknown role is reported by loading
    return spec.policy is not None and bool(organisation.policies[spec.policy].steps)


def _decisions(tasks: Mapping[str, PlaybookTaskModel]) -> dict[str, Sequence[str]]:
    return {id: [o.option for o in task.decides.options] for id, task in tasks.items() if task.decides}


def _options(tasks: Mapping[str, PlaybookTaskModel]) -> str:
    found = "; ".join(f"{id}: {', '.join(options)}" for id, options in _decisions(tasks).items())
    return f"decisions and their options: {found}" if found else "no task of this playbook decides"


def _reached(tasks: Mapping[str, PlaybookTaskModel]) -> set[str]:
    """Tasks that can begin in some run.  One that only a failure leads to begins with that."""
    before = {id: (*task.after, *task.after_any) for id, task in tasks.items()}
    ways = {id: t.on_failure.go_to for id, t in tasks.items() if t.on_failure and t.on_failure.go_to}
    gone_to = only_gone_to(before, ways)
    reached: set[str] = set()
    while True:
        found = {id for id, task in tasks.items() if id not in reached and _begins(id, task, tasks, reached, gone_to)}
        if not found:
            return reached
        reached |= found


def _begins(
    id: str, task: PlaybookTaskModel, tasks: Mapping[str, PlaybookTaskModel], reached: set[str], gone_to: frozenset[str]
) -> bool:
    ways = (other.on_failure.go_to for o, other in tasks.items() if o in reached and other.on_failure)
    if id in ways:
        return True
    if id in gone_to:
        return False
    led_to = set(task.after) <= reached and (not task.after_any or not reached.isdisjoint(task.after_any))
    return led_to and _can_hold(task, tasks)


def _can_hold(task: PlaybookTaskModel, tasks: Mapping[str, PlaybookTaskModel]) -> bool:
    return task.when is None or _possible(guard_of(task.when), tasks)


def _possible(guard: Guard, tasks: Mapping[str, PlaybookTaskModel]) -> bool:
    """Whether a condition can hold in some run, as far as the options of decisions say."""
    if guard.form == "chosen":
        return guard.option in _decisions(tasks).get(guard.task, ())
    if guard.form == "all":
        return all(_possible(inner, tasks) for inner in guard.of)
    return guard.form != "any" or any(_possible(inner, tasks) for inner in guard.of)
