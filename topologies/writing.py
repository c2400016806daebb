"""An estate's files from plain data: a whole new folder, or nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from timeline.files import sync_folder, write_whole
from timeline.findings import InputError


def write_estate(folder: Path, files: Mapping[str, Mapping[str, Any] | str]) -> None:
    """Writes files, by their path within the estate, to a folder that does not exist or is empty: data as YAML, text as
    it is.

    Raises InputError when there is something in it already: nobody's files are written over.
    """
    _require_nothing(folder)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        for name, data in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            write_whole(draft / name, data if isinstance(data, str) else to_yaml(data))
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def copy_estate(topology_file: Path, text: str, folder: Path, check: Callable[[Path], object]) -> None:
    """A copy of an estate's folder in which the topology has another text, if `check` finds the copy sound.

    Raises InputError as `write_estate` does, and whatever `check` raises; then nothing is written.
    """
    _require_nothing(folder)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.copytree(topology_file.parent, draft)
        write_whole(draft / topology_file.name, text)
        check(draft / topology_file.name)
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def _require_nothing(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "name a new folder, or empty this one"
        raise InputError.single("output.not-empty", str(folder), "there is something here already", hint)
    folder.parent.mkdir(parents=True, exist_ok=True)


def to_yaml(data: Mapping[str, Any], *, leaves_in_line: bool = False) -> str:
    """Block style, keys in their order, no aliases; `leaves_in_line` writes what holds only plain values on one
    line."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None if leaves_in_line else False
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.representer.ignore_aliases = lambda _: True
    text = StringIO()
    yaml.dump(data, text)
    return text.getvalue()
