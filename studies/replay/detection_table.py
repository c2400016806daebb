"""What trials of pairs told, kept in a file: trying them takes seconds each, and tells the same again.

    {"format": "blackstart/detection-table/1", "tables": {"<hash>": {"crash@api": {"after_ms": 95000, "policy": "crew",
     "signs": [[95000, "api"]]}, "hang@api": null}}}

A table belongs to everything that it depends on, by hash: the version, the files of the estate with their settings,
the moment of the trial, how long it was watched, and the seed.  Null: nobody was paged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from studies.replay.detection import Alerted, Sign
from studies.replay.incidents import Pair
from studies.replay.study import WATCHED_MS, Known
from timeline.files import write_whole
from timeline.findings import InputError
from topologies.loading.document import Document

FORMAT = "blackstart/detection-table/1"


class _Told(BaseModel):
    after_ms: int
    policy: str
    signs: tuple[tuple[int, str], ...]


class _File(BaseModel):
    format: str
    tables: dict[str, dict[str, _Told | None]]


class DetectionTables:
    """A file of tables, read when it is there and written by `save`."""

    def __init__(self, path: Path) -> None:
        """Raises InputError for a file that is something else."""
        self._path = path
        self._tables: dict[str, Known] = {}
        if not path.exists():
            return
        try:
            file = _File.model_validate_json(path.read_bytes())
        except (ValidationError, OSError):
            raise _unreadable(path) from None
        if file.format != FORMAT:
            raise _unreadable(path)
        for key, table in file.tables.items():
            self._tables[key] = {_pair(text): None if told is None else _alerted(told) for text, told in table.items()}

    def of(self, documents: Iterable[Document], epoch: datetime, seed: int) -> Known:
        """The table of an estate; what is added to it will be saved."""
        return self._tables.setdefault(_key(documents, epoch, seed), {})

    def save(self) -> None:
        tables = {
            key: {str(pair): None if told is None else _as_plain(told) for pair, told in sorted(table.items())}
            for key, table in sorted(self._tables.items())
        }
        write_whole(self._path, json.dumps({"format": FORMAT, "tables": tables}, ensure_ascii=False) + "\n")


def _key(documents: Iterable[Document], epoch: datetime, seed: int) -> str:
    contents = [document.data for document in documents]
    parts = [version("blackstart"), contents, epoch.isoformat(), WATCHED_MS, seed]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _pair(text: str) -> Pair:
    fault, _, target = text.partition("@")
    return Pair(target, fault)


def _alerted(told: _Told) -> Alerted:
    return Alerted(told.after_ms, told.policy, tuple(Sign(at_ms, node) for at_ms, node in told.signs))


def _as_plain(told: Alerted) -> dict[str, Any]:
    signs = [[sign.at_ms, sign.node] for sign in told.signs]
    return {"after_ms": told.after_ms, "policy": told.policy, "signs": signs}


def _unreadable(path: Path) -> InputError:
    hint = "name a file that is not there yet, or one that a replay has written"
    return InputError.single("input.option", "--detection-table", f"{path} is no detection table", hint)
