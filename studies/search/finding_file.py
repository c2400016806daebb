"""A finding as a scenario that anyone can run: it says what it is, how it was found, and with which seed it breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studies.search.space import Space
from studies.search.staging import scenario_of
from studies.search.study import Finding
from topologies.writing import to_yaml


def finding_file(space: Space, finding: Finding, estate: str, playbook: str | None, settings: Sequence[str]) -> str:
    """The text of the file.  `estate` and `playbook` are as the file is to name them; settings of the estate that the
    search was given have to be given again, and are named in the first lines."""
    data = scenario_of(space, finding.combination)
    what = ", ".join(space.titles(finding.combination)) or "nothing beyond the scenario itself"
    p = finding.broken
    told = (
        f"The fewest things that break {_listed(finding.objectives)} in {space.scenario['title']}: {what}.  No "
        f"part of that was found to.  Broken in {p.hits} of {p.trials} exercises, under seeds that had not been used "
        "to find it."
    )
    made: dict[str, Any] = {**data, "title": f"{data['title']}: {what}", "purpose": told, "estate": estate}
    made |= {} if playbook is None else {"playbook": playbook}
    made = {name: value for name, value in made.items() if value not in ({}, [])}
    options = "".join(f" --set '{setting}'" for setting in settings if not setting.startswith("scenario."))
    head = f"# Found by `blackstart search`.  It breaks in: blackstart run THIS-FILE --seed {finding.seed}{options}\n"
    return head + to_yaml(made)


def _listed(objectives: Sequence[str]) -> str:
    return " and ".join(f"“{id}”" for id in objectives)
