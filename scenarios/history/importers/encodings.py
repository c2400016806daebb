"""Which encoding a file of text has."""

from __future__ import annotations

import codecs
from pathlib import Path

from timeline.findings import InputError, nearest


def encoding_of(path: Path, stated: str) -> str:
    """What a byte order mark says, else what was stated.  Raises InputError where the file cannot be read."""
    try:
        with path.open("rb") as file:
            begin = file.read(4)
    except FileNotFoundError:
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = nearest(path.name, beside)
        raise InputError.single("input.not-found", str(path), "there is no such file", hint) from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise InputError.single("input.unreadable", str(path), message) from None
    if not begin:
        raise InputError.single("input.empty", str(path), "the file is empty")
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if begin.startswith(codecs.BOM_UTF8) else stated
