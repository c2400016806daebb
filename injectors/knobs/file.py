"""Knobs of files: what a small file says, and ballast that fills a file system."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, model_validator

from injectors.knobs.knob import Knob, KnobError
from timeline.files import write_whole

MAX_CONTENT = 1024 * 1024
_PAGE = 4_096


class FileContent(Knob):
    """What a file says, as base64; null while there is none."""

    knob: Literal["file-content"] = "file-content"
    path: Path

    @property
    def key(self) -> str:
        return f"file/{self.path}"

    def read(self) -> JsonValue:
        try:
            if self.path.stat().st_size > MAX_CONTENT:
                raise KnobError(f"{self.path.name} is larger than 1 MiB; its content would not fit into the journal")
            return base64.b64encode(self.path.read_bytes()).decode()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KnobError(f"{self.path.name}: {error.strerror}") from None

    def write(self, value: JsonValue) -> None:
        try:
            if value is None:
                self.path.unlink(missing_ok=True)
            elif isinstance(value, str):
                write_whole(self.path, base64.b64decode(value, validate=True))
        except (OSError, ValueError) as error:
            raise KnobError(f"{self.path.name}: {error}") from None


class Ballast(Knob):
    """A file that takes the free space of a file system, but for what is left over on purpose.

    Its value is null while there is none, else the token that it begins with and that its name holds: what somebody
    else put there is never removed.
    """

    knob: Literal["ballast"] = "ballast"
    path: Path
    token: str = Field(min_length=16)
    leaves_bytes: int = Field(ge=0)
    at_most_bytes: int = Field(gt=0)

    @model_validator(mode="after")
    def _is_named_after_its_token(self) -> Ballast:
        if self.token not in self.path.name:
            raise ValueError("the name of the ballast holds its token")
        return self

    @property
    def key(self) -> str:
        return f"file/{self.path}"

    def read(self) -> JsonValue:
        try:
            with self.path.open("rb") as file:
                head = file.read(len(self.token))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KnobError(f"{self.path.name}: {error.strerror}") from None
        # Also one that a crash left half-made is ours: the path names the token.
        return self.token if self.token.encode().startswith(head) else hashlib.sha256(head).hexdigest()

    def write(self, value: JsonValue) -> None:
        try:
            if value is None:
                self.path.unlink(missing_ok=True)
            else:
                self._fill()
        except OSError as error:
            raise KnobError(f"{self.path.name}: {error.strerror}") from None

    def _fill(self) -> None:
        """The token first, so that what is left of a half-made one is known as ours."""
        descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, self.token.encode())
            os.fsync(descriptor)
            room = os.statvfs(self.path.parent)
            wanted = room.f_bavail * room.f_frsize - self.leaves_bytes
            if wanted > self.at_most_bytes:
                self.path.unlink()
                raise KnobError(f"filling takes {wanted:,} bytes, and no more than {self.at_most_bytes:,} are allowed")
            if wanted > 0:
                _allocate(descriptor, len(self.token), wanted)
        finally:
            os.close(descriptor)


def _allocate(descriptor: int, offset: int, count: int) -> None:
    """Takes so many bytes; a file system that keeps some for itself is filled as far as it goes, to the last page."""
    step = count
    while count > 0 and step > 0:
        step = min(step, count)
        try:
            os.posix_fallocate(descriptor, offset, step)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            step = step // 2 if step > _PAGE else 0
        else:
            offset, count = offset + step, count - step
