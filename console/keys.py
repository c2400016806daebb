"""Keys of pseudonyms, as a file that the user keeps."""

from __future__ import annotations

from pathlib import Path

from console.options import refused


def key_of(keyfile: Path, option: str) -> bytes:
    """The key in a file.  Raises InputError where it cannot be read, or is empty."""
    hint = "make one with `openssl rand -hex 32 > FILE`"
    try:
        key = keyfile.read_bytes().strip()
    except OSError as error:
        raise refused(option, f"the key cannot be used: {error}", hint) from None
    if not key:
        raise refused(option, "the key cannot be used: the key is empty", hint)
    return key
