"""A synthetic user: what blackbox_exporter shows of one probe, from where it stands.

Unlike a probe from outside, it is gone with the place that it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.monitoring.telemetry.profiles import blackbox
from simulator.monitoring.telemetry.recipe import Exposed, Profile, Recipe, Replica


def recipes(replica: Replica) -> Sequence[Recipe]:
    return [replace(recipe, exposed=Exposed.BESIDE) for recipe in blackbox.recipes(replica)]


PROFILE = Profile(Exposed.BESIDE, recipes)
