"""The watchdog: a process of its own that restores everything when the runner no longer can.

    python -m injectors.undo.watchdog JOURNAL CLAIMS_ROOT

It takes over when the runner is gone, when its lease is over (it hangs, or the machine slept) or when the run has
reached its time limit.  A runner that is still there then is killed first: it was started for this run alone, and two
must not turn the same knobs.  Then everything open is undone, again and again with longer pauses while a knob does not
obey; what is left in the end stays in the journal for `blackstart fault recover`.

It lives in a session of its own, so that what ends the runner's terminal does not end it, and ends when the journal
says that the run is finished.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from injectors.identity import ProcessGone, ProcessIdentity
from injectors.undo.claims import Claims
from injectors.undo.journal import JournalBusy, UndoJournal
from injectors.undo.lease import LEASE_MS, Lease
from injectors.undo.points import Watcher, unwatched
from injectors.undo.restoring import undo_all

WATCHDOG = "injectors.undo.watchdog"
READY = "watchdog.json"
LOOK_S = 0.25
PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Before each attempt to undo what does not obey."""


def start_watchdog(
    journal: UndoJournal, root: Path, module: str = WATCHDOG, patience_s: float = 20.0
) -> ProcessIdentity:
    """A watchdog over a journal, once it says that it watches; the lease must be there.  `module` is what is run.

    Raises TimeoutError when it does not come up, and then nothing may be touched.
    """
    ready = journal.folder / READY
    ready.unlink(missing_ok=True)
    log = (journal.folder / "watchdog.log").open("ab")
    with log:
        started = subprocess.Popen(
            [sys.executable, "-m", module, str(journal.folder), str(root)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            identity = ProcessIdentity.model_validate_json(ready.read_bytes())
            if identity.pid == started.pid:
                return identity
        if started.poll() is not None:
            break
        time.sleep(0.02)
    started.kill()
    started.wait()
    raise TimeoutError("the watchdog did not come up; without one no fault is started")


def watch(folder: Path, root: Path, watcher: Watcher = unwatched) -> int:
    """Until the run is finished, or everything of it is undone.  Returns the exit status: 1 when something is left."""
    lease = Lease.read(folder)
    if lease is None:
        print("there is no lease to watch", file=sys.stderr)
        return 2
    (folder / f".{READY}").write_text(ProcessIdentity.of(os.getpid()).model_dump_json())
    (folder / f".{READY}").replace(folder / READY)
    if not _runs_out(folder, lease.runner):
        return 0
    _fence(lease.runner)
    return _take_over(folder, root, watcher)


def _runs_out(folder: Path, runner: ProcessIdentity) -> bool:
    """Waits; False once the run is finished, True once it has to be taken over."""
    try:
        descriptor = runner.open()
    except ProcessGone:
        return not UndoJournal(folder).finished
    try:
        while True:
            gone = bool(select.select([descriptor], [], [], LOOK_S)[0])
            if UndoJournal(folder).finished:
                return False
            lease = Lease.read(folder)
            if gone or lease is None or lease.over:
                return True
    finally:
        os.close(descriptor)


def _fence(runner: ProcessIdentity) -> None:
    """Makes sure that the runner does nothing any more."""
    with contextlib.suppress(PermissionError, TimeoutError):
        runner.end(LEASE_MS / 1000)


def _take_over(folder: Path, root: Path, watcher: Watcher) -> int:
    journal = UndoJournal(folder)
    claims = Claims(root)
    for pause in PAUSES_S:
        time.sleep(pause)
        try:
            with journal.locked():
                undo_all(journal, claims, "watchdog", watcher)
                if not journal.open_changes:
                    journal.finish()
                    claims.release_all(folder)
                    return 0
        except JournalBusy:
            continue
    return 1


if __name__ == "__main__":
    sys.exit(watch(Path(sys.argv[1]), Path(sys.argv[2])))
