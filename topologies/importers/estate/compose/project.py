"""Several Compose files as one project: later files go before earlier ones, `extends` brings what another service
states, `include` further files.

Each thing keeps the place where it was stated last.  Lists and maps add up, single values are replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from timeline.findings import InputError, Place, nearest
from topologies.importers.estate.compose.model import ComposeFile, Service
from topologies.importers.estate.compose.variables import fill_in, read_variables
from topologies.importers.estate.files import Located, as_model
from topologies.loading.nodes import Step

T = TypeVar("T")

_INCLUDES = 16
"""Files that include files that include files: deeper is a circle."""


@dataclass(frozen=True, slots=True)
class At:
    """A text with the place where it is stated."""

    text: str
    place: Place


@dataclass
class ProjectService:
    """A service of the whole project, with variables filled in."""

    name: str
    place: Place
    image: str | None = None
    depends_on: dict[str, At] = field(default_factory=dict)
    """Service to condition."""
    links: dict[str, At] = field(default_factory=dict)
    """Service to the name under which it is known here."""
    external_links: dict[str, Place] = field(default_factory=dict)
    shares: dict[str, At] = field(default_factory=dict)
    """Services whose network or volumes it takes over, to how."""
    networks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Network to aliases."""
    environment: dict[str, At] = field(default_factory=dict)
    command: tuple[At, ...] = ()
    volumes: dict[str, Place] = field(default_factory=dict)
    replicas: int | None = None
    names: set[str] = field(default_factory=set)
    """Hosts under which it is known beside its own name."""


@dataclass
class Project:
    """All services and volumes; `missing`: env files that were named and are not there."""

    services: dict[str, ProjectService] = field(default_factory=dict)
    volumes: dict[str, Place] = field(default_factory=dict)
    missing: list[At] = field(default_factory=list)


Beside = Callable[[Path], str | None]
"""The text of a file, or None where there is none."""
Parse = Callable[[Path], Located | None]
"""A file as a document, or None where there is none."""


def assemble(files: Sequence[Located], parse: Parse, beside: Beside) -> Project:
    """Raises InputError for files that are named and not there, and for services that extend what does not exist."""
    project = Project()
    for file in files:
        _Assembly(project, parse, beside).add(file, depth=0)
    return project


@dataclass
class _Assembly:
    project: Project
    parse: Parse
    beside: Beside

    def add(self, document: Located, depth: int) -> None:
        stated = as_model(document, [], document.data, ComposeFile)
        folder = Path(document.name).parent
        for number, include in enumerate(stated.include):
            for name in include.path:
                place = document.place(["include", number])
                if depth >= _INCLUDES:
                    raise InputError.single(
                        "estate.foreign", place, "these files include each other", "break the circle"
                    )
                self.add(self._named(folder / name, place), depth + 1)
        variables = read_variables(self.beside(folder / ".env") or "")
        for name in stated.volumes:
            self.project.volumes.setdefault(name, document.place(["volumes", name]))
        for name, service in stated.services.items():
            path: list[Step] = ["services", name]
            known = self.project.services.setdefault(name, ProjectService(name, document.place(path)))
            self._extend(known, document, stated, service, path, seen=((document.name, name),))
            self._state(known, document, service, path, variables)

    def _named(self, path: Path, place: Place) -> Located:
        document = self.parse(path)
        if document is None:
            beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
            message = f"there is no file {path.name!r}, which is named here"
            raise InputError.single("input.not-found", place, message, nearest(path.name, beside))
        return document

    def _extend(
        self,
        known: ProjectService,
        document: Located,
        stated: ComposeFile,
        service: Service,
        path: list[Step],
        seen: tuple[tuple[str, str], ...],
    ) -> None:
        """What the service takes from the one that it extends, and that from its own."""
        if service.extends is None:
            return
        place = document.place([*path, "extends"])
        base, base_file = document, stated
        if service.extends.file is not None:
            base = self._named(Path(document.name).parent / service.extends.file, place)
            base_file = as_model(base, [], base.data, ComposeFile)
        name = service.extends.service
        if name not in base_file.services:
            hint = nearest(name, base_file.services)
            raise InputError.single("estate.foreign", place, f"there is no service {name!r} to extend", hint)
        if (base.name, name) in seen:
            raise InputError.single("estate.foreign", place, f"{name!r} extends itself", "break the circle")
        found, inner = base_file.services[name], ["services", name]
        self._extend(known, base, base_file, found, list(inner), (*seen, (base.name, name)))
        variables = read_variables(self.beside(Path(base.name).parent / ".env") or "")
        self._state(known, base, found, list(inner), variables)

    def _state(
        self, known: ProjectService, document: Located, service: Service, path: list[Step], variables: dict[str, str]
    ) -> None:
        """What one file states of a service, on top of what is known."""

        def at(*steps: Step) -> Place:
            return document.place([*path, *steps])

        def filled(text: str) -> str:
            return fill_in(text, variables)

        known.image = filled(service.image) if service.image else known.image
        for name, condition in service.depends_on.items():
            said = condition.condition if condition is not None else "service_started"
            known.depends_on[name] = At(said, at("depends_on", name))
        for number, link in enumerate(service.links):
            name, _, alias = filled(link).partition(":")
            known.links[name] = At(alias or name, at("links", number))
        for number, link in enumerate(service.external_links):
            known.external_links[filled(link).partition(":")[0]] = at("external_links", number)
        for number, other in enumerate(service.volumes_from):
            if not other.startswith("container:"):
                known.shares[other.partition(":")[0]] = At("volumes_from", at("volumes_from", number))
        if service.network_mode and service.network_mode.startswith("service:"):
            name = service.network_mode.removeprefix("service:")
            known.shares[name] = At("network_mode", at("network_mode"))
        for name, network in service.networks.items():
            known.networks[name] = network.aliases if network is not None else ()
        for number, volume in enumerate(service.volumes):
            if volume.type == "volume" and volume.source:
                known.volumes[filled(volume.source)] = at("volumes", number)
        self._environment(known, document, service, at, variables)
        if service.command:
            known.command = tuple(At(filled(word), at("command")) for word in service.command)
        count = filled(str(service.deploy.replicas if service.deploy.replicas is not None else service.scale or ""))
        known.replicas = int(count) if count.isdigit() and service.deploy.mode != "global" else known.replicas
        known.names |= {filled(name) for name in (service.container_name, service.hostname) if name}

    def _environment(
        self,
        known: ProjectService,
        document: Located,
        service: Service,
        at: Callable[..., Place],
        variables: dict[str, str],
    ) -> None:
        for file in service.env_file:
            text = self.beside(Path(document.name).parent / fill_in(file.path, variables))
            if text is None and file.required:
                self.project.missing.append(At(file.path, at("env_file")))
            for name, said in read_variables(text or "", variables).items():
                known.environment[name] = At(said, at("env_file"))
        listed = self._listed_environment(document, known.name)
        for number, (name, value) in enumerate(service.environment.items()):
            place = at("environment", number if listed else name)
            said = fill_in(value, variables) if value is not None else variables.get(name, "")
            known.environment[name] = At(said, place)

    @staticmethod
    def _listed_environment(document: Located, name: str) -> bool:
        node: object = document.data
        for step in ("services", name, "environment"):
            node = node.get(step) if isinstance(node, dict) else None
        return isinstance(node, list)
