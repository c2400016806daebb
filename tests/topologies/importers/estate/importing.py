"""Imports in one line, from text."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

from topologies.estate import Estate
from topologies.importers.estate import Head, Imported, estate_files, import_estate
from topologies.loading.estate import load_topology
from topologies.writing import write_estate


def imported(folder: Path, format: str, files: dict[str, Any], mapping: str | None = None) -> Imported:
    """Writes files to a folder (text, or data as JSON) and imports them in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(content) if isinstance(content, str) else json.dumps(content, indent=1))
    if mapping is not None:
        (folder / "mapping.yaml").write_text(dedent(mapping))
    paths = [str(folder / name) for name in files]
    return import_estate(format, paths, folder / "mapping.yaml" if mapping is not None else None)


def estate_of(result: Imported, folder: Path) -> Estate:
    """The estate as it loads from the files of an import."""
    write_estate(folder, estate_files(result, Head("Test", "Europe/Vienna")))
    return load_topology(folder)


def edges(result: Imported) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in result.edges}


def kinds(result: Imported) -> dict[str, str]:
    return {id: str(node.kind.kind) for id, node in result.nodes.items()}


def left_out(result: Imported) -> list[str]:
    return sorted(record.reason for record in result.left_out)


def adds_up(result: Imported) -> bool:
    """Whether every record that was read is accounted for."""
    counts = (result.node_counts, result.edge_counts)
    whole = all(c.read == c.kept + c.merged + c.left_out and c.merged >= 0 for c in counts)
    kept = (len(result.nodes) - result.node_counts.mentioned, len(result.edges))
    return whole and kept == (result.node_counts.kept, result.edge_counts.kept)
