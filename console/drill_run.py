"""What `blackstart fidelity drill` does: the rules of the real Prometheus, a rehearsal, the drill, its folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studies.drill.drilling import Arrival
    from studies.drill.rehearsal import Rehearsal


def run(
    binding: Path,
    rules: list[str],
    pages: int,
    out: Path | None,
    tell: Callable[[Arrival], None],
    *,
    dry_run: bool,
) -> tuple[Rehearsal, list[Arrival]]:
    """Without `rules` for all; a dry run arrives nowhere.  Raises InputError and SafetyRefused."""
    import http.client
    import json

    from console.options import refused
    from injectors.loading import load_binding
    from injectors.monitoring.prometheus import alerting_rules, external_labels, series_of
    from injectors.refusals import require_harmless
    from studies.drill.alarms import alarms
    from studies.drill.document import document, junit_xml
    from studies.drill.drilling import SLACK_MS, Arrival, hold, rehearse_safely, surroundings
    from timeline.files import write_whole
    from timeline.findings import nearest

    bound = load_binding(binding, None)
    require_harmless(bound)
    monitoring = bound.monitoring
    prometheus, alertmanager, kept = monitoring.prometheus, monitoring.alertmanager, monitoring.notifications
    if prometheus is None or alertmanager is None or kept is None:
        hint = "a drill needs `monitoring` with prometheus, alertmanager and notifications"
        raise refused("--binding", "it says too little of its monitoring", hint)
    try:
        loaded = alerting_rules(prometheus)
        if unknown := [name for name in rules if name not in {rule.name for rule in loaded}]:
            hint = nearest(unknown[0], [rule.name for rule in loaded])
            raise refused("--rule", f"Prometheus has no alert rule {unknown[0]!r}", hint)
        chosen = [rule for rule in loaded if not rules or rule.name in rules]
        made = alarms(chosen, partial(series_of, prometheus), external_labels(prometheus))
        around = surroundings(alertmanager)
        lasts_ms = max(route.group_wait_ms + route.group_interval_ms for route in around.config.route.walk()) + SLACK_MS
        rehearsal = rehearse_safely(made, around, lasts_ms, pages)
        if dry_run:
            return rehearsal, [Arrival(one, {}) for one in rehearsal.foretold]
        arrivals = hold(rehearsal, alertmanager, kept, lasts_ms, tell)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise refused("--binding", f"its monitoring does not answer: {error}", "is it up?") from None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / "drill.json", json.dumps(document(rehearsal, arrivals), indent=2) + "\n")
        write_whole(out / "junit.xml", junit_xml(arrivals))
    return rehearsal, arrivals
