"""Up, down and what is running: the stack as its user handles it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from pydantic import ValidationError

from injectors.identity import ProcessGone, ProcessIdentity, read_pid_file
from injectors.stack.layout import Layout
from injectors.stack.parts import command, missing_packages, parts
from timeline.findings import InputError, SafetyRefused

UP_PATIENCE_S = 90.0
DOWN_PATIENCE_S = 20.0


def supervisor_of(layout: Layout) -> ProcessIdentity | None:
    """The process that holds a running stack; None where none runs."""
    try:
        identity = ProcessIdentity.model_validate_json(layout.state.read_bytes())
    except (OSError, ValidationError):
        return None
    return identity if identity.alive else None


def up(layout: Layout) -> ProcessIdentity:
    """Starts the stack and returns once everything of it is scraped; one that runs already is left as it is.

    Raises SafetyRefused where it may not have namespaces of its own, InputError where packages are missing or a part
    does not come up.
    """
    running = supervisor_of(layout)
    if running is not None:
        return running
    if os.geteuid() != 0:
        raise SafetyRefused(["The stack lives in namespaces of its own, which only root can make here."])
    if missing := missing_packages():
        hint = f"apt-get install --no-install-recommends {' '.join(missing)}"
        raise InputError.single("stack.missing", "stack", f"not installed: {', '.join(missing)}", hint)
    if layout.folder.exists():
        shutil.rmtree(layout.folder)
    layout.folder.mkdir(parents=True, mode=0o700)
    log = layout.folder / "supervisor.log"
    with log.open("wb") as file:
        started = subprocess.Popen(
            [
                *(command("unshare"), "--net", "--mount", "--propagation", "private"),
                *(sys.executable, "-m", "injectors.stack.supervisor", str(layout.folder)),
            ],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    deadline = time.monotonic() + UP_PATIENCE_S
    while (running := supervisor_of(layout)) is None:
        if started.poll() is not None or time.monotonic() > deadline:
            started.terminate()
            said = log.read_text(errors="replace").strip()
            raise InputError.single("stack.not-up", "stack", f"the stack did not come up: {said[-1_000:]}")
        time.sleep(0.1)
    return running


def down(layout: Layout) -> bool:
    """Ends the stack and everything of it; False where none runs."""
    running = supervisor_of(layout)
    if running is None:
        return False
    left = [read_pid_file(path) for path in layout.run.glob("*.pid") if _alive(path)]
    running.send(signal.SIGTERM)
    deadline = time.monotonic() + DOWN_PATIENCE_S
    while running.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    running.end()
    for process in left:
        process.end()
    return True


def status(layout: Layout) -> dict[str, bool]:
    """Each part, and whether its process is there; empty where no stack runs."""
    if supervisor_of(layout) is None:
        return {}
    return {part.name: _alive(layout.pid_file(part.name)) for part in parts(layout)}


def inside(layout: Layout, arguments: list[str]) -> list[str]:
    """The same command inside the namespaces of the running stack.  Raises InputError where none runs."""
    running = supervisor_of(layout)
    if running is None:
        raise InputError.single("stack.not-up", str(layout.folder), "no stack runs here", "blackstart stack up")
    return [command("nsenter"), "--net", "--mount", f"--wd={Path.cwd()}", "--target", str(running.pid), *arguments]


def _alive(pid_file: Path) -> bool:
    try:
        return read_pid_file(pid_file).alive
    except ProcessGone:
        return False
