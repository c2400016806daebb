"""What a reader refuses: collected with its line and the reason, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass, field

from timeline.findings import Finding, InputError, Place, Severity

_ENOUGH = 20


@dataclass
class Complaints:
    """Refused lines of all files of a recording; up to `allowed` of them do not stop the reading."""

    allowed: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, file: str, line: int, message: str, hint: str = "") -> None:
        """Raises InputError with what was found so far when it is clear that there are too many."""
        place = Place(file, line)
        self.findings.append(Finding("backtest.bad-line", Severity.ERROR, place, message, hint))
        if len(self.findings) >= self.allowed + _ENOUGH:
            raise InputError([*self.findings[: self.allowed + _ENOUGH], self._advice(place.file, "at least ")])

    def settle(self) -> None:
        """At the end of all files.  Raises InputError when more was refused than is allowed."""
        if len(self.findings) > self.allowed:
            raise InputError([*self.findings, self._advice(self.findings[0].place.file, "")])

    def _advice(self, file: str, how_exactly: str) -> Finding:
        count = len(self.findings)
        message = f"{how_exactly}{count} {'line' if count == 1 else 'lines'} cannot be read"
        hint = f"mend the file, or leave out up to N such lines with --skip-bad N (now {self.allowed})"
        return Finding("backtest.bad-lines", Severity.ERROR, Place(file), message, hint)
