"""Plans for tests: scenarios of faults on the component `orders`."""

from __future__ import annotations

from injectors.binding import Binding
from injectors.plan import Plan, make_plan
from scenarios.models import ScenarioFault


def planned(binding: Binding, **faults: dict[str, object]) -> Plan:
    """Each fault lasts a second and a half from the start, unless it says otherwise."""
    base: dict[str, object] = {"target": "orders", "at": "0s", "duration": "1500ms"}
    made = {id: ScenarioFault.model_validate(base | fault) for id, fault in faults.items()}
    return make_plan("a test", made, binding)
