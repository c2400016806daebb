"""Run folders: made empty with their marker, and the inputs that are kept in them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from timeline.files import write_whole
from timeline.findings import InputError

INCOMPLETE = "INCOMPLETE"
TIMELINE = "timeline.jsonl"
EXPERIENCE = "experience.yaml"


def digest(inputs: Mapping[str, str]) -> str:
    whole = sha256()
    for name, text in sorted(inputs.items()):
        whole.update(f"{name}\0{len(text)}\0{text}".encode())
    return whole.hexdigest()


def make_folder(folder: Path) -> None:
    """An empty run folder with its marker; an earlier run in the same place is removed."""
    if folder.exists() and not folder.is_dir():
        raise InputError.single("run.folder", str(folder), "this is a file, not a folder", "choose another --out")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / TIMELINE).exists() and not (folder / INCOMPLETE).exists():
            message = "this folder holds something else than a run"
            raise InputError.single("run.folder", str(folder), message, "choose another --out, or empty it")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / INCOMPLETE, "This run has not finished; what is here is not a result.\n")


def keep_inputs(folder: Path, inputs: Mapping[str, str | bytes]) -> None:
    """What was read, as read, by its path in the folder, with hashes."""
    for name, content in inputs.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    keep_hashes(folder, inputs)


def keep_hashes(folder: Path, inputs: Mapping[str, str | bytes]) -> None:
    """The hashes alone, of what must not be copied."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in inputs.items()}
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(contents.items()))
    write_whole(folder / "SHA256SUMS", sums)
