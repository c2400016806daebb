"""What the commands about live faults share: where journals lie, a plan from its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from injectors.plan import Plan
    from injectors.stack.layout import Layout
    from scenarios.loading import LoadedScenario

BindingOption = Annotated[
    Path, typer.Option(help="The binding: which real targets stand for which components, and their proofs.")
]
JournalsOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where undo journals lie; by default in the state folder of the user."),
]


def journals_folder(given: Path | None) -> Path:
    """One folder for all live runs of a user on this machine, so that no two hold one knob."""
    if given is not None:
        return given.absolute()
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "blackstart" / "live"


def stack_layout(given: Path | None) -> Layout:
    """Where the shipped stack lives."""
    from injectors.stack.layout import Layout

    return Layout(given.absolute() if given is not None else journals_folder(None).parent / "stack")


def live_plan(scenario: str, binding: Path) -> tuple[LoadedScenario, Plan]:
    """Raises InputError and SafetyRefused."""
    import blackstart
    from injectors.loading import load_binding
    from injectors.plan import make_plan

    loaded = blackstart.load(scenario)
    bound = load_binding(binding, loaded.estate.topology.components.keys())
    return loaded, make_plan(loaded.name, loaded.scenario.faults, bound)
