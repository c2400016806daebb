"""Faults of an nginx: a configuration without upstream, and one that it refuses to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.knobs.knob import KnobError
from injectors.knobs.nginx import REPLACED, knob_of
from injectors.nginx_configuration import REFUSED, without_upstream
from scenarios.faults.parameters import Nothing


def _changed(change: Callable[[str], str]) -> Callable[[Nothing, Prepared], Sequence[Turn]]:
    def turns(_: Nothing, prepared: Prepared) -> Sequence[Turn]:
        nginx, process = prepared.target.nginx, prepared.target.process
        assert nginx is not None, "the fault needs an nginx"
        assert process is not None, "the fault needs a process"
        path = nginx.configuration
        try:
            original = path.read_bytes()
            replacement = change(original.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        except (OSError, ValueError) as error:
            raise KnobError(f"{path.name}: {error}") from None
        return [Turn(knob_of(path, process.pid_file, original, replacement), REPLACED)]

    return turns


for fault in (
    LiveFault(
        id="nginx-no-upstream",
        kind="bad-configuration",
        title="Every upstream is taken out of the configuration, which is loaded",
        needs=(Part.NGINX, Part.PROCESS),
        parameters=Nothing,
        turns=_changed(without_upstream),
        undone="the configuration of before is in place and loaded",
    ),
    LiveFault(
        id="nginx-refused",
        kind="bad-configuration",
        title="Configuration gets a line that nginx refuses to load; the old one goes on, until a restart",
        needs=(Part.NGINX, Part.PROCESS),
        parameters=Nothing,
        turns=_changed(lambda text: text + REFUSED),
        undone="the configuration of before is in place and loaded",
    ),
):
    live(fault)
