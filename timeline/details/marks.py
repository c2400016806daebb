"""What several families share."""

from __future__ import annotations

from dataclasses import dataclass

LEFT_OUT_WHEN_EMPTY = "left_out_when_empty"
"""Marks a field that not every timeline needs: where it is empty it is not written, and timelines keep their bytes."""


@dataclass(frozen=True, slots=True)
class NoDetail:
    """The kind says it all."""
