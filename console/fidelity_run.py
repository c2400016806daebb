"""What `blackstart fidelity` does: a plan, its prediction, the run, its folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from console.live import journals_folder, live_plan, stack_layout

if TYPE_CHECKING:
    from studies.fidelity.history import Regression
    from studies.fidelity.study import Fidelity


def inside_the_stack(*, quiet: bool) -> int:
    """The same command again, inside the namespaces of the running stack and with its binding; never returns when it
    succeeds."""
    from injectors.stack.control import inside

    layout = stack_layout(None)
    again = [sys.executable, "-m", "console.main", *sys.argv[1:], "--binding", str(layout.binding)]
    command = inside(layout, again)
    if not quiet:
        typer.echo("Inside the namespaces of the stack:", err=True)
    sys.stdout.flush()
    os.execv(command[0], command)


def run(
    scenario: str,
    binding: Path,
    approval: Path | None,
    out: Path | None,
    draws: int,
    journals: Path | None,
    history: Path | None,
    *,
    quiet: bool,
) -> tuple[Fidelity, Path, list[Regression]]:
    """What was found, its folder, and what fired last time and no longer does.  Raises InputError and SafetyRefused."""
    import getpass
    import json
    from dataclasses import replace

    from blackstart._coverage import coverage_input
    from console.options import refused
    from injectors.approval import require_approval
    from injectors.monitoring.prometheus import alerting_rules
    from studies.coverage.running import Watch
    from studies.coverage.study import inventory_of
    from studies.fidelity.document import document, junit_xml
    from studies.fidelity.history import HISTORY, as_past, before, read, regressions, remember
    from studies.fidelity.observing import ObservedFault
    from studies.fidelity.page import html_page
    from studies.fidelity.predicting import predict
    from studies.fidelity.running import Folder, observe
    from studies.fidelity.study import Fidelity
    from timeline.files import write_whole

    loaded, plan = live_plan(scenario, binding)
    require_approval(plan, approval, getpass.getuser())
    prometheus = plan.binding.monitoring.prometheus
    if prometheus is None:
        raise refused("--binding", "it names no Prometheus", "fidelity needs `monitoring.prometheus`")
    subject = coverage_input(loaded.estate.name, rules=[], settings=[]).subject
    epoch = loaded.scenario.epoch
    inventory = inventory_of(Watch(subject.estate, subject.files, epoch, 1, 0))
    subject = replace(subject, files=replace(subject.files, groups=inventory.groups))
    prediction = predict(subject, plan.faults, loaded.scenario.faults, epoch, draws)
    folder = Folder(out or Path("exercises") / f"{loaded.name}-fidelity-{prediction.digest[:10]}")
    history = history or folder.path.parent / HISTORY
    past = read(history)
    if not quiet:
        typer.echo(f"Prediction {prediction.digest} is on record; {len(plan.faults)} faults follow.", err=True)

    def tell(observed: ObservedFault) -> None:
        if not quiet:
            fired = ", ".join(a.alert for a in observed.alerts if a.firing_ms is not None) or "no alert"
            typer.echo(f"  {observed.fault}: {fired}", err=True)

    observed = observe(plan, prediction, inventory, folder, journals_folder(journals), tell)
    found = Fidelity(subject, plan, prediction, tuple(observed), inventory, tuple(alerting_rules(prometheus)))
    now = as_past(found)
    gone = regressions(before(past, now), now, [one.fault for one in found.observed])
    write_whole(folder.path / "fidelity.json", json.dumps(document(found, gone), indent=2) + "\n")
    write_whole(folder.path / "fidelity.html", html_page(found, gone))
    write_whole(folder.path / "junit.xml", junit_xml(found, gone))
    remember(history, past, now)
    return found, folder.path, gone
