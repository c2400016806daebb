"""What can be read, and how a file is told to be which: the registry of formats of on-call exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from timeline.findings import Finding, InputError, Place, Severity, nearest
from timeline.registry import Registry
from topologies.importers.oncall import goalert, grafana_oncall, icalendar, opsgenie, pagerduty
from topologies.importers.oncall.draft import UNKNOWN, Imported, Window
from topologies.importers.oncall.source import Source
from topologies.loading.gathering import Gathered
from topologies.roster import Member, Roster
from topologies.rotations import Rotation

_SUFFIXES = (".json", ".ics", ".ical", ".yaml", ".yml")


@dataclass(frozen=True)
class OnCallFormat:
    """One format: how it is recognised and read."""

    title: str
    recognises: Callable[[Source], bool]
    read: Callable[[Source, Window], Imported]


FORMATS: Registry[OnCallFormat] = Registry("format of on-call schedules")
FORMATS.add(icalendar.FORMAT, OnCallFormat("iCalendar", lambda source: source.is_calendar, icalendar.read))
for module, title in (
    (grafana_oncall, "Grafana OnCall, public API"),
    (goalert, "GoAlert, GraphQL"),
    (opsgenie, "Opsgenie, REST API"),
    (pagerduty, "PagerDuty, REST API"),
):
    FORMATS.add(module.FORMAT, OnCallFormat(title, module.recognises, module.read))


def is_native(path: Path) -> bool:
    """Whether a file, or a file of a folder, is an export of a known format.  What cannot be read is none."""
    try:
        return any(_recognised(Source.read(file)) is not None for file in _files(path))
    except InputError:
        return False


def import_roster(path: Path, window: Window, format: str | None = None) -> Imported:
    """The roster in a file, or in all exports of a folder together; `format` instead of what the content says.

    Raises InputError with everything that cannot be read.
    """
    if format is not None and format not in FORMATS:
        raise InputError.single("input.option", "--format", f"there is no format {format!r}", nearest(format, FORMATS))
    gathered = Gathered()
    parts = [gathered.attempt(partial(_read, file, window, format)) for file in _files(path)]
    gathered.complete()
    return _together(path, [part for part in parts if part is not None])


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES) if path.is_dir() else [path]


def _read(file: Path, window: Window, format: str | None) -> Imported:
    source = Source.read(file)
    name = format or _recognised(source)
    if name is None:
        hint = "give --format; known: " + ", ".join(FORMATS)
        raise InputError.single("oncall.format", str(file), "this is no export of a known format", hint)
    return FORMATS[name].read(source, window)


def _recognised(source: Source) -> str | None:
    return next((name for name, format in FORMATS.items() if format.recognises(source)), None)


def _together(path: Path, parts: Sequence[Imported]) -> Imported:
    """Several exports as one.  Rotations that a policy names and none of them holds have nobody in them."""
    people: dict[str, Member] = {}
    for id, member in (pair for part in parts for pair in part.roster.people.items()):
        if id not in people or people[id].title == id:
            people[id] = member
    rotations = {id: rotation for part in parts for id, rotation in part.roster.rotations.items()}
    policies = {id: policy for part in parts for id, policy in part.roster.policies.items()}
    remarks = [remark for part in parts for remark in part.remarks]
    for policy in policies.values():
        for rotation in dict.fromkeys(name for step in policy.steps for name in step.all_rotations):
            if rotation not in rotations:
                message = f"the policy {policy.title!r} pages the schedule {rotation!r}, which is in no export here"
                hint = "export it as well, and give the folder of both files"
                remarks.append(Finding(UNKNOWN, Severity.INFO, Place(str(path)), message, hint))
                rotations[rotation] = Rotation(title=rotation, timezone="UTC")
    title = ", ".join(dict.fromkeys(part.roster.title for part in parts))
    roster = Roster(title=title, people=people, rotations=rotations, policies=policies)
    rendered = {id: shifts for part in parts for id, shifts in part.rendered.items()}
    return Imported("+".join(dict.fromkeys(part.format for part in parts)), roster, tuple(remarks), rendered)
