"""What a Compose file states, as far as an estate asks for it; short and long notations as one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from topologies.importers.foreign import Foreign


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _by_name(value: Any) -> Any:
    """A list of names as a map."""
    return {str(name): None for name in value} if isinstance(value, list) else value


def _assignments(value: Any) -> Any:
    """`[A=1, B]` as a map."""
    if isinstance(value, list):
        pairs = (str(_text(item)).partition("=") for item in value)
        return {name: text if equals else None for name, equals, text in pairs}
    return {name: _text(item) for name, item in value.items()} if isinstance(value, dict) else value


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _words(value: Any) -> Any:
    return [_text(item) for item in value] if isinstance(value, list) else [_text(value)]


def _path_of(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _service_of(value: Any) -> Any:
    return {"service": value} if isinstance(value, str) else value


def _volume_of(value: Any) -> Any:
    """`data:/var/lib:ro` as its long form; a path on the host has no source that is a volume."""
    if not isinstance(value, str):
        return value
    source, colon, _ = value.partition(":")
    named = bool(colon) and not source.startswith((".", "/", "~", "$")) and "\\" not in source and len(source) > 1
    return {"type": "volume", "source": source} if named else {"type": "bind"}


class Condition(Foreign):
    condition: str = "service_started"


class Volume(Foreign):
    type: str = "volume"
    source: str | None = None


class Deploy(Foreign):
    replicas: int | str | None = None
    mode: str | None = None


class EnvFile(Foreign):
    path: str
    required: bool = True


class Extends(Foreign):
    service: str
    file: str | None = None


class Network(Foreign):
    aliases: tuple[str, ...] = ()


class Service(Foreign):
    image: str | None = None
    depends_on: Annotated[dict[str, Condition | None], BeforeValidator(_by_name)] = Field(default_factory=dict)
    links: tuple[str, ...] = ()
    external_links: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    network_mode: str | None = None
    networks: Annotated[dict[str, Network | None], BeforeValidator(_by_name)] = Field(default_factory=dict)
    environment: Annotated[dict[str, str | None], BeforeValidator(_assignments)] = Field(default_factory=dict)
    env_file: Annotated[tuple[Annotated[EnvFile, BeforeValidator(_path_of)], ...], BeforeValidator(_listed)] = ()
    command: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    volumes: tuple[Annotated[Volume, BeforeValidator(_volume_of)], ...] = ()
    deploy: Deploy = Deploy()
    scale: int | str | None = None
    container_name: str | None = None
    hostname: str | None = None
    extends: Annotated[Extends | None, BeforeValidator(_service_of)] = None


class Include(Foreign):
    path: Annotated[tuple[str, ...], BeforeValidator(_listed)]


class ComposeFile(Foreign):
    name: str | None = None
    services: dict[str, Service] = Field(default_factory=dict)
    volumes: dict[str, Any] = Field(default_factory=dict)
    include: tuple[Annotated[Include, BeforeValidator(_path_of)], ...] = ()
