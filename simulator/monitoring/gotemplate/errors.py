"""The one error of templates."""

from __future__ import annotations


class TemplateError(ValueError):
    """A template cannot be read or cannot be rendered; `line` counts from 1, 0 when it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line
