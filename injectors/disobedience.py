"""What is raised where a target does not do, or does not say, what it is asked."""

from __future__ import annotations


class KnobError(Exception):
    """A knob could not be read or written: the target is out of reach, gone, or does not obey."""
