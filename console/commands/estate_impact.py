"""`blackstart estate impact`: what each fault would take away, without a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from studies.impact import Assessment, FaultImpact, SinglePoint

_LISTED = 25


def impact(
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    fault: Annotated[str | None, typer.Option(help="Only this kind of fault; by default every one that fits.")] = None,
    every: Annotated[bool, typer.Option("--all", help=f"List every fault, not only the {_LISTED} widest.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for impact.html and impact.json; made where needed.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """For every kind of fault on everything that it fits: functions lost, RTOs at risk, blast radius; and the single
    points of failure, ranked by expected loss.

    Times are those of the documented recovery alone, at their 90th percentile: detection, people and approvals come on
    top, and are what an exercise is for.

    Example: blackstart estate impact meridian-bank --fault crash --out impact
    """
    import json

    from console import output
    from scenarios.faults import FAULTS
    from studies.impact import assess, document
    from studies.impact.page import html_page
    from timeline.files import write_whole
    from timeline.findings import InputError, nearest
    from topologies.loading.estate import load_topology

    if fault is not None and fault not in FAULTS:
        hint = nearest(fault, FAULTS)
        raise InputError.single("input.not-found", "--fault", f"there is no kind of fault {fault!r}", hint)
    topology = load_topology(estate)
    assessed = assess(topology, only=fault)
    if out is not None:
        page = html_page(topology, assessed)
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "impact.json", json.dumps(document(assessed), ensure_ascii=False, indent=2) + "\n")
        write_whole(out / "impact.html", page)
    if as_json:
        output.print_json(document(assessed))
        return 0
    _print(assessed, topology.currency or "", every=every)
    return 0


def _print(assessed: Assessment, currency: str, *, every: bool) -> None:
    from console import output

    harmful = sorted((f for f in assessed.faults if f.lost), key=lambda f: (-len(f.lost), -f.blast_radius))
    typer.echo(f"{len(assessed.faults)} faults tried, {len(harmful)} of them take a business function away")
    if harmful:
        shown = harmful if every else harmful[:_LISTED]
        output.print_table([_fault_row(f) for f in shown])
        if len(shown) < len(harmful):
            typer.echo(f"... and {len(harmful) - len(shown)} more: --all lists them, --json gives them all")
    typer.echo(f"\n{len(assessed.single_points)} single points of failure, whatever standby there is")
    if assessed.single_points:
        output.print_table([_point_row(p, currency) for p in assessed.single_points])


def _fault_row(fault: FaultImpact) -> dict[str, Any]:
    return {
        "target": fault.target,
        "fault": fault.fault,
        "functions lost": [_with_time(id, ms) for id, ms in fault.lost.items()],
        "RTO at risk": list(fault.rto_at_risk),
        "blast radius": fault.blast_radius,
    }


def _with_time(id: str, recovery_ms: int | None) -> str:
    from reports.quantities import write_ms

    return f"{id} ({'no way back documented' if recovery_ms is None else write_ms(recovery_ms)})"


def _point_row(point: SinglePoint, currency: str) -> dict[str, Any]:
    loss = "unknown" if point.expected_loss is None else f"{point.expected_loss:,.0f} {currency}".strip()
    return {
        "single point of failure": point.target,
        "functions": list(point.functions),
        "loss each time": loss,
        "by": point.costliest or "",
        "not documented": list(point.undocumented),
    }
