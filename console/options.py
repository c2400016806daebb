"""What several commands take alike, and how they refuse what cannot be meant."""

from __future__ import annotations

from enum import StrEnum

from timeline.findings import InputError


class Version(StrEnum):
    """The major version of Prometheus that is meant."""

    TWO = "2"
    THREE = "3"


def refused(option: str, message: str, hint: str) -> InputError:
    """An option or argument that can be read but not be meant, with what would do."""
    return InputError.single("input.option", option, message, hint)
