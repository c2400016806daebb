"""The process inside the namespaces: it makes the databases' file systems, starts the parts, and ends them.

    unshare --net --mount --propagation private python -m injectors.stack.supervisor FOLDER

Every part is asked to be ended with it (PR_SET_PDEATHSIG), so that nothing goes on when it is killed; at an orderly end
parts are ended in reverse order.  The network and the file systems vanish with the last process.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pg8000.native

from injectors.addresses import accepts
from injectors.conditions import query
from injectors.identity import ProcessGone, ProcessIdentity, read_pid_file
from injectors.stack.files import write_binding, write_configuration
from injectors.stack.layout import (
    DATABASE,
    DATABASE_USER,
    DISK_BYTES,
    ENVIRONMENT,
    ENVIRONMENT_VARIABLE,
    HOST,
    MARKER,
    Layout,
    Port,
)
from injectors.stack.parts import Part, as_user, command, parts, postgresql_folder

UP_PATIENCE_S = 20.0
POLL_S = 0.05


class NotUp(Exception):
    """A part did not come up; the message says which, and shows the end of its log."""


def main() -> int:
    layout = Layout(Path(sys.argv[1]))
    started: list[Part] = []
    stop = _stop_signal()
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        all_parts = list(parts(layout))
        _make_folders(layout)
        write_configuration(layout)
        for part in all_parts:
            if part.name == "orders-db-a":
                _make_primary(part)
            elif part.name == "orders-db-b":
                _make_standby(part)
            started.append(part)
            start(part, layout)
            if part.name == "orders-db-a":
                _make_database()
        write_binding(layout, all_parts)
        _settled()
        layout.state.write_text(ProcessIdentity.of(os.getpid()).model_dump_json())
        while not stop:
            signal.pause()
    except NotUp as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        layout.state.unlink(missing_ok=True)
        for part in reversed(started):
            with contextlib.suppress(ProcessGone):
                read_pid_file(layout.pid_file(part.name)).end()
    return 0


def _stop_signal() -> list[int]:
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: received.append(number))
    signal.signal(signal.SIGCHLD, lambda *_: _reap())
    return received


def _reap() -> None:
    """Parts that have ended are not kept as zombies."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _make_folders(layout: Layout) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0755", "blackstart", str(layout.data)], check=True)
    for folder in (layout.configuration, layout.run, layout.logs):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("nginx", "redis", "alertmanager", "prometheus"):
        (layout.folder / name).mkdir(exist_ok=True)


def start(part: Part, layout: Layout) -> None:
    """Raises NotUp with the end of its log."""
    with layout.log(part.name).open("ab") as log:
        process = subprocess.Popen(
            [*as_user(part), command("setpriv"), "--pdeathsig", "KILL", *part.arguments],
            cwd=layout.folder,
            env={**os.environ, ENVIRONMENT_VARIABLE: ENVIRONMENT, **dict(part.environment)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    if not part.writes_pid_file:
        layout.pid_file(part.name).write_text(f"{process.pid}\n")
    deadline = time.monotonic() + UP_PATIENCE_S
    while not accepts((HOST, part.listens)):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = layout.log(part.name).read_text(errors="replace")[-1_000:]
            raise NotUp(f"{part.name} did not come up:\n{tail}")
        time.sleep(POLL_S)


# The databases


def _file_system(part: Part) -> Path:
    """A small file system of its own for a database, so that it can be filled."""
    assert part.data_folder is not None, "databases have a folder"
    folder = part.data_folder
    folder.mkdir(parents=True, exist_ok=True)
    account = pwd.getpwnam(DATABASE_USER)
    options = f"size={DISK_BYTES},mode=0700,uid={account.pw_uid},gid={account.pw_gid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "blackstart", str(folder)], check=True)
    return folder / "data"


def _as_database_user(arguments: Sequence[str]) -> None:
    account = ("--reuid", DATABASE_USER, "--regid", DATABASE_USER, "--init-groups")
    made = subprocess.run([command("setpriv"), *account, *arguments], capture_output=True, text=True, check=False)
    if made.returncode:
        raise NotUp(f"{Path(arguments[0]).name} failed:\n{made.stderr[-1_000:]}")


def _make_primary(part: Part) -> None:
    data = _file_system(part)
    programs = postgresql_folder()
    assert programs is not None, "without it there are no parts"
    _as_database_user([str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", DATABASE_USER, "--no-sync"])
    (data / MARKER).write_text(ENVIRONMENT)
    with (data / "postgresql.conf").open("a") as file:
        file.write(
            f"listen_addresses = '{HOST}'\nmax_connections = 60\nfsync = off\nwal_level = replica\n"
            "min_wal_size = 32MB\nmax_wal_size = 64MB\nshared_buffers = 16MB\n"
        )


def _make_standby(part: Part) -> None:
    data = _file_system(part)
    programs = postgresql_folder()
    assert programs is not None, "without it there are no parts"
    source = f"host={HOST} port={Port.DATABASE_A} user={DATABASE_USER}"
    _as_database_user(
        [str(programs / "pg_basebackup"), "-D", str(data), "-d", source, "-R", "--checkpoint=fast", "--no-sync"]
    )


def _await_database() -> None:
    """It accepts connections before it serves them."""
    programs = postgresql_folder()
    assert programs is not None, "without it there are no parts"
    ready = [str(programs / "pg_isready"), "-q", "-h", HOST, "-p", str(Port.DATABASE_A)]
    deadline = time.monotonic() + UP_PATIENCE_S
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise NotUp("the primary database does not serve")
        time.sleep(POLL_S)


def _make_database() -> None:
    _await_database()
    with contextlib.closing(pg8000.native.Connection(DATABASE_USER, host=HOST, port=Port.DATABASE_A)) as connection:
        connection.run(f"create database {DATABASE}")
        connection.run(f"comment on database {DATABASE} is '{ENVIRONMENT}'")
    with contextlib.closing(
        pg8000.native.Connection(DATABASE_USER, host=HOST, port=Port.DATABASE_A, database=DATABASE)
    ) as connection:
        connection.run("create table orders (id bigserial primary key, at timestamptz default now(), price int)")


def _settled() -> None:
    """Waits until every part is scraped: only then can anything be said about alerts."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, KeyError):
            if query(f"http://{HOST}:{Port.PROMETHEUS}", "count(up == 1) == count(up)", 2.0):
                return
        time.sleep(0.5)
    raise NotUp("Prometheus did not reach every part within 30 s")


if __name__ == "__main__":
    sys.exit(main())
