"""What the errors of the optimiser mean, by their id, for `blackstart explain`."""

from __future__ import annotations

ROTA_FINDINGS: dict[str, str] = {
    "rota.no-solver": """The optimiser needs OR-tools, which is an optional part of the installation.

Install `blackstart[optimise]`; everything else works without it.""",
    "rota.empty": """There is nobody who could hold the rotation, or no time at which anybody should.

Slots are where the layers of a rotation have somebody; candidates are the people in its layers and overrides, and those
named by `--with`.""",
    "rota.too-short": """The search ended before any rota was found that keeps to all demands.

It is not known whether there is one: give `--seconds` more, or ask for longer slots or a shorter span.""",
    "arrivals.too-few": """Too few incidents are in the file to tell at which hours and on which days pages come.""",
}
