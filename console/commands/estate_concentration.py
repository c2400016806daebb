"""`blackstart estate concentration`: what hangs on each third party, and whether there is a way out in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.output import JsonOption

if TYPE_CHECKING:
    from studies.concentration import Exit, Exposure


def concentration(
    estate: Annotated[str, typer.Argument(help="Folder of an estate, its topology file, or a shipped one.")],
    as_json: JsonOption = False,
) -> int:
    """For every third party: the business functions that it would take with it, directly and through those that rely on
    it, what they lose an hour, and whether its exit plan is over before their MTPD is.

    Example: blackstart estate concentration meridian-bank --json
    """
    from console import output
    from studies.concentration import concentrate
    from topologies.loading.estate import load_topology

    topology = load_topology(estate)
    found = concentrate(topology)
    if as_json:
        output.print_json(
            {
                "functions": found.functions,
                "critical_functions": found.critical_functions,
                "currency": topology.currency,
                "third_parties": [_document(exposure) for exposure in found.exposures],
            }
        )
        return 0
    if not found.exposures:
        typer.echo("the estate states no third parties")
        return 0
    typer.echo(f"{found.functions} functions, {found.critical_functions} of them critical or important")
    output.print_table([_row(exposure, topology.currency or "") for exposure in found.exposures])
    return 0


def _document(exposure: Exposure) -> dict[str, Any]:
    return {
        "vendor": exposure.vendor,
        "runs": list(exposure.runs),
        "takes_along": list(exposure.takes_along),
        "functions_lost": list(exposure.lost),
        "through_chain": list(exposure.through_chain),
        "critical_functions_lost": list(exposure.critical),
        "functions_weakened": list(exposure.weakened),
        "loss_per_hour": exposure.loss_per_hour,
        "loss_unknown": list(exposure.loss_unknown),
        "exit": None if exposure.exit is None else _exit_document(exposure.exit),
    }


def _exit_document(plan: Exit) -> dict[str, Any]:
    return {
        "substitute": plan.substitute,
        "p50_s": plan.usual_ms / 1000,
        "p90_s": plan.usual_worst_ms / 1000,
        "tested": None if plan.tested is None else plan.tested.isoformat(),
        "misses_mtpd": list(plan.misses),
        "mtpd_unknown": list(plan.unknown),
    }


def _row(exposure: Exposure, currency: str) -> dict[str, Any]:
    loss = f"{exposure.loss_per_hour:,.0f} {currency}".strip() if exposure.lost else ""
    return {
        "third party": exposure.vendor,
        "functions lost": [f"{id} (chain)" if id in exposure.through_chain else id for id in exposure.lost],
        "critical": len(exposure.critical),
        "loss an hour": f"at least {loss}" if exposure.loss_unknown else loss,
        "weakened": list(exposure.weakened),
        "takes along": list(exposure.takes_along),
        "way out": _way_out(exposure),
    }


def _way_out(exposure: Exposure) -> str:
    from reports.quantities import write_ms

    plan = exposure.exit
    if plan is None:
        return "no plan" if exposure.lost else ""
    tried = "never tried" if plan.tested is None else f"tried {plan.tested}"
    late = f"; after the MTPD of {', '.join(plan.misses)}" if plan.misses else ""
    return f"{write_ms(plan.usual_worst_ms)} in nine of ten cases ({tried}){late}"
