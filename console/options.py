"""What several commands take alike, and how they refuse what cannot be meant."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timeline.findings import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from topologies.loading.overlay import Given

OverlayOption = Annotated[
    Path | None,
    typer.Option(help="A file of values for paths, as `history fit --overlay` writes it; --set goes first."),
]


class Version(StrEnum):
    """The major version of Prometheus that is meant."""

    TWO = "2"
    THREE = "3"


def settings_of(overlay: Path | None, settings: Sequence[str] | None) -> list[Given]:
    """The settings of an overlay file, then those of the command line, which win."""
    from topologies.loading.overlay_file import read_overlay

    return [*(read_overlay(overlay) if overlay is not None else ()), *(settings or ())]


def refused(option: str, message: str, hint: str) -> InputError:
    """An option or argument that can be read but not be meant, with what would do."""
    return InputError.single("input.option", option, message, hint)
