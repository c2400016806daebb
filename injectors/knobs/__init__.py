"""All kinds of knob, and one by what a journal says about it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from injectors.knobs.clock import ProcessClock
from injectors.knobs.companion import Companion
from injectors.knobs.file import Ballast, FileContent
from injectors.knobs.knob import Knob as Knob
from injectors.knobs.knob import KnobError as KnobError
from injectors.knobs.nginx import NginxConfiguration
from injectors.knobs.postgresql import PostgreSQLReplay, PostgreSQLSetting
from injectors.knobs.process import OpenFilesLimit, ProcessPresent, ProcessStopped
from injectors.knobs.proxy import ProxySlot
from injectors.knobs.redis import RedisReplica, RedisSetting
from injectors.knobs.resolver import ResolverSlot

AnyKnob = Annotated[
    Ballast
    | Companion
    | FileContent
    | NginxConfiguration
    | OpenFilesLimit
    | PostgreSQLReplay
    | PostgreSQLSetting
    | ProcessClock
    | ProcessPresent
    | ProcessStopped
    | ProxySlot
    | RedisReplica
    | RedisSetting
    | ResolverSlot,
    Field(discriminator="knob"),
]
