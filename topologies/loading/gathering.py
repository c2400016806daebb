"""All errors of all files at once: what fails is noted, and loading goes on as far as it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from timeline.findings import Finding, InputError

T = TypeVar("T")


class Gathered:
    """The findings of one loading, in the order in which the files were read."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def add(self, findings: Iterable[Finding]) -> None:
        """Notes findings; the same remark about the same place counts once."""
        self._findings.update(dict.fromkeys(findings))

    def attempt(self, load: Callable[[], T]) -> T | None:
        """The result of `load`, or None with its findings noted when it raises InputError."""
        try:
            return load()
        except InputError as error:
            self.add(error.findings)
            return None

    def complete(self) -> None:
        """Raises InputError with everything noted, if there is anything."""
        if self._findings:
            raise InputError(list(self._findings))
