"""Findings as SARIF 2.1.0 (OASIS, 2020), for code scanning: each at its line; accepted ones are suppressed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from studies.coverage.findings import MEANINGS, CoverageFinding, Kind
from timeline.findings import Place, Severity

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(findings: Sequence[CoverageFinding], root: Path) -> dict[str, Any]:
    """One run.  Files below `root` are named relative to it, as code scanning wants them."""
    kinds = list(Kind)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "blackstart alerts coverage",
                        "version": version("blackstart"),
                        "rules": [
                            {"id": f"coverage.{kind}", "shortDescription": {"text": MEANINGS[kind]}} for kind in kinds
                        ],
                    }
                },
                "results": [_result(one, kinds.index(one.kind), root) for one in findings],
            }
        ],
    }


def _result(one: CoverageFinding, index: int, root: Path) -> dict[str, Any]:
    finding = one.finding
    text = finding.message + (f" ({finding.hint})" if finding.hint else "")
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(finding.place, root)}],
        "partialFingerprints": {"coverageId/v1": one.id},
    }
    if one.accepted is not None:
        result["suppressions"] = [{"kind": "external", "justification": one.accepted}]
    return result


def _location(place: Place, root: Path) -> dict[str, Any]:
    path = Path(place.file).resolve()
    inside = path.is_relative_to(root.resolve())
    uri = path.relative_to(root.resolve()).as_posix() if inside else path.as_uri()
    location: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place.line:
        location["region"] = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
    return location
