"""`blackstart list`: what is there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from console.output import JsonOption


class Kind(StrEnum):
    """What can be listed."""

    SCENARIOS = "scenarios"
    ESTATES = "estates"
    MEASURES = "measures"
    FAULTS = "faults"
    IMPORTERS = "importers"


def list_things(
    kind: Annotated[Kind, typer.Argument(help="What to list.")] = Kind.SCENARIOS,
    practice: Annotated[
        str | None, typer.Option(help="Only scenarios or measures of this practice, as in 5.5.")
    ] = None,
    live: Annotated[bool, typer.Option(help="With faults: the ways to make them happen on real targets.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List what is shipped: scenarios, estates, measures, kinds of fault, importers of estates and histories.

    Example: blackstart list measures --practice 7.3
    """
    from console import output
    from console.options import refused
    from reports.practices import PRACTICES
    from timeline.findings import nearest

    if practice is not None and practice not in PRACTICES:
        hint = nearest(practice, PRACTICES) or "they go from 1.1 to 8.6"
        raise refused("--practice", f"there is no practice {practice!r}", hint)
    if live and kind is not Kind.FAULTS:
        raise refused("--live", f"{kind} are not live", "list faults --live")
    rows = _live_faults() if live else _LISTS[kind](practice)
    if as_json:
        output.print_json(rows)
    else:
        output.print_table(rows)
    return 0


def _scenarios(practice: str | None) -> list[dict[str, Any]]:
    import blackstart
    from scenarios.shipped import shipped_scenarios

    loaded = {name: blackstart.load(path).scenario for name, path in shipped_scenarios().items()}
    return [
        {"id": name, "title": s.title, "estate": s.estate, "practices": list(s.practices)}
        for name, s in loaded.items()
        if practice is None or practice in s.practices
    ]


def _estates(_: str | None) -> list[dict[str, Any]]:
    from topologies.loading.estate import load_estate
    from topologies.shipped import shipped_estates

    loaded = {name: load_estate(name) for name in shipped_estates()}
    return [
        {
            "id": name,
            "title": e.topology.title,
            "components": len(e.topology.components),
            "functions": len(e.topology.functions),
            "people": len(e.organisation.people),
        }
        for name, e in loaded.items()
    ]


def _measures(practice: str | None) -> list[dict[str, Any]]:
    from reports.measures import MEASURES

    return [
        {"id": m.id, "title": m.title, "unit": str(m.unit), "practice": m.practice}
        for m in MEASURES.values()
        if practice is None or m.practice == practice
    ]


def _faults(_: str | None) -> list[dict[str, Any]]:
    from scenarios.faults import FAULTS

    return [
        {
            "id": f.id,
            "title": f.title,
            "family": f.family,
            "fits": sorted(f.fits),
            "cleared_by": [str(action) for action in f.cleared_by],
        }
        for f in FAULTS.values()
    ]


def _live_faults() -> list[dict[str, Any]]:
    from injectors.faults import LIVE_FAULTS

    return [
        {
            "id": f.id,
            "kind": f.kind,
            "title": f.title,
            "needs": [str(part) for part in f.needs],
            "undone": f.undone,
            "reversible": f.reversible,
        }
        for f in LIVE_FAULTS.values()
    ]


def _importers(_: str | None) -> list[dict[str, Any]]:
    import inspect

    from scenarios.history.importers import IMPORTERS, csv_file
    from topologies.importers.estate import ESTATE_FORMATS

    readers = {**IMPORTERS, csv_file.FORMAT: csv_file.read}
    titles = {id: str(inspect.getdoc(inspect.getmodule(read))).splitlines()[0] for id, read in readers.items()}
    return [
        *({"id": id, "imports": "estate", "title": format.title} for id, format in ESTATE_FORMATS.items()),
        *({"id": id, "imports": "history", "title": title} for id, title in sorted(titles.items())),
    ]


_LISTS: dict[Kind, Callable[[str | None], list[dict[str, Any]]]] = {
    Kind.SCENARIOS: _scenarios,
    Kind.ESTATES: _estates,
    Kind.MEASURES: _measures,
    Kind.FAULTS: _faults,
    Kind.IMPORTERS: _importers,
}
