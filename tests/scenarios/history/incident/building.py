"""Folders of records for tests: the sample, whole or changed, and small ones of one file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident import IncidentFolder, read_incident
from timeline.events import Event

SAMPLE = Path(__file__).parent / "sample"


def copy_of_sample(folder: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, folder / "sample"))


def record_of(
    folder: Path,
    file: str,
    content: str | list[Any] | dict[str, Any],
    stated: dict[str, Any],
    *,
    key: bytes | None = None,
    **more: Any,
) -> IncidentFolder:
    """A record with one file, from 2026-03-10 10:00 to 12:00 UTC."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    manifest = {
        "format": "blackstart/incident/1",
        "title": "Made up",
        "incident": "INC1",
        "begins": "2026-03-10T10:00:00+00:00",
        "ends": "2026-03-10T12:00:00+00:00",
        "files": {file: stated},
        **more,
    }
    # JSON is YAML, too.
    (folder / "incident.yaml").write_text(json.dumps(manifest))
    return read_incident(folder, Names(key))


def told(record: IncidentFolder, *families: str) -> list[Event]:
    """The events of these families, or kinds."""
    return record.timeline.of_kind(*families)


def seconds_of(record: IncidentFolder, *families: str) -> list[tuple[float, str]]:
    """Moment in seconds and kind of each."""
    return [(e.at_ms / 1000, e.kind) for e in told(record, *families)]
