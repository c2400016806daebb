"""The knob of an nginx: what its configuration says, read anew by its master (SIGHUP).

Between a new file and its reading by the master a crash can come.  So the value is not the file alone: the original is
in place again only once the workers are younger than the file, which they are after a reload that was not refused.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Literal

from pydantic import Base64Bytes, JsonValue

from injectors.identity import ProcessGone, ProcessIdentity, boot_ms, descendants, read_pid_file
from injectors.knobs.knob import Knob, KnobError, wait_until
from timeline.files import written_whole

ORIGINAL, REPLACED = "original", "replaced"
APART_S = 0.1
"""Before the file is written and again before it is read: start times of processes are counted in hundredths."""
TEST_PATIENCE_S = 10.0


class NginxConfiguration(Knob):
    """Which of two configurations an nginx has: the `original`, or the one that has `replaced` it."""

    knob: Literal["nginx-configuration"] = "nginx-configuration"
    path: Path
    pid_file: Path
    original: Base64Bytes
    replacement: Base64Bytes

    @property
    def key(self) -> str:
        return f"file/{self.path}"

    def read(self) -> JsonValue:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise KnobError(f"{self.path.name}: {error.strerror}") from None
        if content == self.replacement:
            return REPLACED
        if content == self.original:
            return ORIGINAL if self._is_loaded() else REPLACED
        return hashlib.sha256(content).hexdigest()

    def write(self, value: JsonValue) -> None:
        content = {ORIGINAL: self.original, REPLACED: self.replacement}.get(str(value))
        if content is None:
            raise KnobError(f"{self.path.name} said something else before, which is not on record")
        time.sleep(APART_S)
        try:
            with written_whole(self.path) as temporary:
                temporary.write_bytes(content)
                shutil.copystat(self.path, temporary)
                os.utime(temporary)
                owner = self.path.stat()
                os.chown(temporary, owner.st_uid, owner.st_gid)
        except OSError as error:
            raise KnobError(f"{self.path.name}: {error.strerror}") from None
        self._reload()

    def _reload(self) -> None:
        """One that nginx refuses leaves the workers as they are, which is what such a fault is about."""
        try:
            master = read_pid_file(self.pid_file)
            before = set(descendants(master))
            accepted = self._is_accepted(master)
            time.sleep(APART_S)
            master.send(signal.SIGHUP)
            if accepted:
                wait_until(
                    f"a reload of {self.path.name}",
                    lambda: bool(set(descendants(master)) - before) and not any(map(_serves, before)),
                )
        except ProcessGone:
            # Whoever starts it again reads the file then.
            return
        except PermissionError as error:
            raise KnobError(f"nginx: {error.strerror}") from None

    def _is_accepted(self, master: ProcessIdentity) -> bool:
        """What nginx itself says about the file."""
        program = Path(f"/proc/{master.pid}/exe").readlink()
        test = [str(program), "-t", "-q", "-e", os.devnull, "-c", str(self.path)]
        try:
            return subprocess.run(test, capture_output=True, timeout=TEST_PATIENCE_S, check=False).returncode == 0
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KnobError(f"nginx does not test its configuration: {error}") from None

    def _is_loaded(self) -> bool:
        try:
            workers = descendants(read_pid_file(self.pid_file))
        except ProcessGone:
            return True
        youngest_s = max((worker.started_ticks for worker in workers), default=0) / os.sysconf("SC_CLK_TCK")
        written_s = boot_ms() / 1000 - (time.time() - self.path.stat().st_mtime)
        return youngest_s > written_s - APART_S / 2


def _serves(worker: ProcessIdentity) -> bool:
    """Whether it still takes connections: one that ends what it has begun says so in its title."""
    try:
        return worker.alive and b"shutting down" not in Path(f"/proc/{worker.pid}/cmdline").read_bytes()
    except OSError:
        return False


def knob_of(path: Path, pid_file: Path, original: bytes, replacement: bytes) -> NginxConfiguration:
    """The knob for two texts."""
    texts = {"original": base64.b64encode(original), "replacement": base64.b64encode(replacement)}
    return NginxConfiguration.model_validate({"path": path, "pid_file": pid_file, **texts})
