"""One owner for each knob of this machine: a value that a fault has set is never taken for the original by another.

A claim is a file named after the knob's key, made so that only one can make it, and holding the journal that owns it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from injectors.knobs import Knob
from timeline.files import sync_folder


class Claimed(Exception):
    """Somebody else holds the knob."""


class Claims:
    """Claims of all runs whose journals lie in one folder."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "claims"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def claim(self, knob: Knob, owner: Path) -> None:
        """Raises Claimed where another run, or another fault of this one, holds the knob."""
        path = self._path(knob)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise Claimed(f"{knob.key} is held by the faults of {self.owner_of(knob)}") from None
        try:
            os.write(descriptor, str(owner).encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self._folder)

    def release(self, knob: Knob, owner: Path) -> None:
        """Does nothing where the knob is not held by this owner."""
        if self.owner_of(knob) == str(owner):
            self._path(knob).unlink(missing_ok=True)
            sync_folder(self._folder)

    def release_all(self, owner: Path) -> None:
        """What a finished run may have claimed and never used."""
        for path in list(self._folder.iterdir()):
            if path.read_text() == str(owner):
                path.unlink(missing_ok=True)

    def owner_of(self, knob: Knob) -> str:
        """The journal that holds a knob; empty when none does."""
        try:
            return self._path(knob).read_text()
        except FileNotFoundError:
            return ""

    def _path(self, knob: Knob) -> Path:
        return self._folder / hashlib.sha256(knob.key.encode()).hexdigest()
