"""`blackstart new scenario`: a draft scenario, made from the records of a real incident."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from scenarios.history.incident import IncidentFolder
    from topologies.loading.estate import LoadedEstate


def new_scenario(
    name: Annotated[str, typer.Argument(help="What the scenario is called, and its file.")],
    from_incident: Annotated[Path, typer.Option(metavar="DIR", help="A folder with the records of one real incident.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; NAME.yaml here by default.")
    ] = None,
    pseudonyms: Annotated[
        Path | None, typer.Option(metavar="KEYFILE", help="Replace names by a hash with the key in this file.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Draft a scenario from a real incident: faults as stated, what people were told as the MSEL, RTO and RPO as
    objectives, recorded moments.  What the records do not say is marked "???" and listed.

    Example: blackstart new scenario card-outage --from-incident records/2026-03 -o card-outage.yaml
    """
    from console.keys import key_of
    from scenarios.history.importers.pseudonyms import Names
    from scenarios.history.incident import read_incident
    from scenarios.history.incident.drafting import draft_scenario
    from timeline.files import write_whole

    target = _target(name, out)
    names = Names(None if pseudonyms is None else key_of(pseudonyms, "--pseudonyms"))
    record = read_incident(from_incident, names)
    draft = draft_scenario(record, _estate_of(record, from_incident))
    write_whole(target, draft.text)
    if as_json:
        from console import output

        output.print_json({"file": str(target), "open": draft.open})
    elif not quiet:
        typer.echo(f"{target}: still open", err=True)
        for one in draft.open:
            typer.echo(f"  {one}", err=True)
    return 0


def _target(name: str, out: Path | None) -> Path:
    """The file to write.  Raises InputError when the name cannot be one, or the file exists."""
    import re

    from timeline.findings import InputError

    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) is None:
        hint = "lower-case letters, digits, '.', '-' and '_', beginning with a letter or a digit"
        raise InputError.single("model.bad-id", name, f"{name!r} cannot be the name of a scenario", hint)
    target = Path(f"{name}.yaml") if out is None else out
    if not target.parent.is_dir():
        raise InputError.single("input.not-found", str(target.parent), "there is no such folder", "make it first")
    if target.exists():
        raise InputError.single("draft.exists", str(target), "this file exists", "choose another name, or move it away")
    return target


def _estate_of(record: IncidentFolder, folder: Path) -> LoadedEstate | None:
    """The estate that the record names.  Raises InputError where it does not load."""
    from scenarios.loading import known_names
    from simulator.monitoring.telemetry import PROFILES
    from topologies.loading.estate import load_estate, locate_estate

    if record.manifest.estate is None:
        return None
    source = locate_estate(record.manifest.estate, folder)
    return load_estate(source, known=known_names(set(PROFILES)))
