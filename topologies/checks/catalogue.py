"""What a check is, and the catalogue of those for estates.

A *check* looks at one thing and yields a *remark* for each place where it is weak.  The severity belongs to the check:
`error` for what will fail when it is needed, `warning` for what may, `info` for what is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import getdoc
from typing import Generic, TypeVar

from timeline.findings import Finding, Place, Severity
from timeline.registry import Registry
from topologies.loading.estate import LoadedEstate

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Remark:
    """One weak place: what is wrong with it and what to do."""

    place: Place
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Check(Generic[S]):
    """A registered check.  `explanation` is a text for people, its first line a title."""

    id: str
    severity: Severity
    remarks: Callable[[S], Iterable[Remark]]

    @property
    def explanation(self) -> str:
        return getdoc(self.remarks) or ""


def register(
    registry: Registry[Check[S]], id: str, severity: Severity
) -> Callable[[Callable[[S], Iterable[Remark]]], Callable[[S], Iterable[Remark]]]:
    """Puts a function into a catalogue of checks."""

    def add(remarks: Callable[[S], Iterable[Remark]]) -> Callable[[S], Iterable[Remark]]:
        registry.add(id, Check(id, severity, remarks))
        return remarks

    return add


def findings_of(checks: Iterable[Check[S]], subject: S) -> list[Finding]:
    """The findings of these checks on a subject, the gravest first, then by place."""
    found = [
        Finding(check.id, check.severity, remark.place, remark.message, remark.hint)
        for check in checks
        for remark in check.remarks(subject)
    ]
    return sorted(found, key=lambda f: (-f.severity.rank, f.place.file, f.place.line, f.place.column, f.id))


ESTATE_CHECKS: Registry[Check[LoadedEstate]] = Registry("check of an estate")


def estate_check(
    id: str, severity: Severity
) -> Callable[[Callable[[LoadedEstate], Iterable[Remark]]], Callable[[LoadedEstate], Iterable[Remark]]]:
    """Registers a check of estates."""
    return register(ESTATE_CHECKS, id, severity)
