"""Making an evidence pack from a run folder."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from reports.evidence.verifier import (
    CHAIN,
    FIRST_LINK,
    FORMAT,
    MANIFEST,
    SHEET,
    TIMELINE,
    chain,
    lines_of,
    retention,
    sheet_text,
    write_zip,
)
from reports.scoring import Scores

_LIBRARIES = ("numpy", "pydantic", "simpy", "networkx", "promql-parser", "matplotlib", "jinja2", "tzdata")
"""Those that results depend on."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack, not yet on disk."""

    content: bytes
    head: str
    """SHA-256 of its manifest, which covers every byte."""
    sheet: str


def write_pack(files: Mapping[str, bytes], scores: Scores) -> Pack:
    """A pack of the files of a run (by name, `timeline.jsonl` among them) and its sign-off sheet.

    Raises ValueError when a file has a name of the pack's own.
    """
    if taken := sorted({MANIFEST, SHEET, CHAIN} & files.keys()):
        raise ValueError(f"a run has no file named {', '.join(taken)}")
    links = list(chain(lines_of(files[TIMELINE])))
    held = {CHAIN: "".join(f"{link}\n" for link in links).encode(), **dict(sorted(files.items()))}
    manifest = json.dumps(_manifest(held, links, scores), ensure_ascii=False, indent=2).encode() + b"\n"
    sheet = sheet_text(manifest, links)
    content = write_zip({MANIFEST: manifest, SHEET: sheet.encode(), **held})
    return Pack(content, sha256(manifest).hexdigest(), sheet)


def _manifest(files: Mapping[str, bytes], links: list[str], scores: Scores) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "run": {
            "scenario": scores.scenario,
            "title": scores.title,
            "estate": scores.estate,
            "epoch": scores.epoch,
            "seed": scores.seed,
            "evidence_class": scores.evidence_class,
            "complete": scores.complete,
            "score": scores.score,
            "objectives_met": scores.objectives_met,
            "objectives": [{"id": o.id, "title": o.title, "rating": o.rating} for o in scores.objectives],
        },
        "versions": {
            "blackstart": scores.version,
            "python": platform.python_version(),
            **{name: found for name in _LIBRARIES if (found := _version(name)) is not None},
        },
        **({"retention": kept} if (kept := retention(lines_of(files[TIMELINE]))) else {}),
        "chain": {"events": len(links), "last": links[-1] if links else FIRST_LINK},
        "files": [
            {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
