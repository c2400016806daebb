"""A Compose project as a draft.

Services become components, named volumes storage.  Evidence is `depends_on`, `links`, a network or volumes taken over,
a mounted volume; and hosts of other services in the environment and in commands, which is weaker.

Who waits for a service to end (`service_completed_successfully`) does not need it once it has run: such an entry is
left out, and the service is a batch job.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from topologies.estate import ComponentKind
from topologies.importers.estate.compose.project import At, Project, ProjectService, assemble
from topologies.importers.estate.draft import DOUBTFUL, Draft, Edge, Evidence, Node
from topologies.importers.estate.files import Located, documents, expand
from topologies.importers.estate.hosts import hosts_named
from topologies.importers.estate.kinds import Guess, guess, stated
from topologies.importers.estate.telemetry import hand_over_telemetry
from topologies.loading.document import read_text

FORMAT = "compose"
_DEFAULT_FILES = (
    ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"),
    ("compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml"),
)
_ENDS = "service_completed_successfully"
_DEFAULT_NETWORK = "default"


def read_files(paths: Sequence[str], _: Path | None) -> Draft:
    """Files in their order, later ones over earlier ones; of a folder its Compose file and that of overrides.

    Raises InputError with everything that cannot be read.
    """
    files = [document for path in paths for file in _files(Path(path)) for document in documents(file)]
    return read(assemble(files, _parse, _beside))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return expand([path], ())
    chosen = [next((path / name for name in names if (path / name).is_file()), None) for names in _DEFAULT_FILES]
    found = [file for file in chosen if file is not None]
    return found or expand([path], _DEFAULT_FILES[0])


def _parse(path: Path) -> Located | None:
    return documents(path)[0] if path.is_file() else None


def _beside(path: Path) -> str | None:
    return read_text(path) if path.is_file() else None


def read(project: Project) -> Draft:
    """The draft of a whole project."""
    draft = Draft(FORMAT)
    jobs = {name for s in project.services.values() for name, said in s.depends_on.items() if said.text == _ENDS}
    for name, place in project.volumes.items():
        draft.node(_volume(name, At(name, place)))
    for service in project.services.values():
        draft.node(
            Node(
                key=service.name,
                names=(service.name,),
                title=service.name,
                kind=_kind(service, jobs),
                place=service.place,
                replicas=service.replicas or None,
                title_of_kind=service.image or "",
            )
        )
    known = _hosts(project)
    for service in project.services.values():
        _read_stated(draft, service, project)
        for edge in _named_hosts(draft, service, project, known):
            draft.edge(edge)
    hand_over_telemetry(draft)
    for missing in project.missing:
        draft.remark(DOUBTFUL, missing.place, f"there is no file {missing.text!r}: what it sets is not known")
    return draft


def _kind(service: ProjectService, jobs: set[str]) -> Guess:
    if service.name in jobs:
        return stated(ComponentKind.BATCH, "others wait for its end")
    return guess(service.name, service.image)


def _volume(name: str, at: At) -> Node:
    title = name if name.endswith("volume") else f"{name}-volume"
    return Node(f"volume:{name}", (title,), name, stated(ComponentKind.STORAGE, "a named volume"), at.place)


def _read_stated(draft: Draft, service: ProjectService, project: Project) -> None:
    """What the files state outright."""
    stated_edges = [
        *((name, f"depends_on ({said.text})", said) for name, said in service.depends_on.items()),
        *((name, "links", said) for name, said in service.links.items()),
        *((name, said.text, said) for name, said in service.shares.items()),
    ]
    for name, says, said in stated_edges:
        title = f"{service.name} {says} {name}"
        if said.text == _ENDS:
            draft.leave_out("edge", title, "it waits for a job to end, and does not need it afterwards", said.place)
        elif name not in project.services:
            draft.leave_out("edge", title, f"there is no service {name!r} in these files", said.place)
        else:
            draft.edge(Edge(service.name, name, Evidence(said.place, says)))
    for name, place in service.external_links.items():
        external = Guess(ComponentKind.EXTERNAL, "a link to a container of another project", "medium")
        draft.mention(f"external:{name}", place, kind=external, title=name)
        draft.edge(Edge(service.name, f"external:{name}", Evidence(place, "external_links")))
    for name, place in service.volumes.items():
        if f"volume:{name}" not in draft.nodes:
            storage = stated(ComponentKind.STORAGE, "a named volume")
            draft.mention(f"volume:{name}", place, kind=storage, title=name)
        draft.edge(Edge(service.name, f"volume:{name}", Evidence(place, "volumes")))


def _hosts(project: Project) -> dict[str, str]:
    """Host name to service: its own name, that of its container, its aliases on networks."""
    known: dict[str, str] = {}
    for service in project.services.values():
        aliases = {alias for names in service.networks.values() for alias in names}
        known |= {name.casefold(): service.name for name in (*service.names, *aliases)}
    return known | {name.casefold(): name for name in project.services}


def _named_hosts(draft: Draft, service: ProjectService, project: Project, known: Mapping[str, str]) -> Iterator[Edge]:
    """Other services that the environment and the command name by their hosts."""
    here = {**known, **{said.text.casefold(): name for name, said in service.links.items() if name in project.services}}
    values = [(name, said) for name, said in service.environment.items()]
    values += [(said.text.partition("=")[0], said) for said in service.command]
    for variable, said in values:
        for named in hosts_named(variable, said.text, here):
            if named.key == service.name:
                continue
            says = (
                f"{variable} names {named.host}" if said not in service.command else f"its command names {named.host}"
            )
            confidence = named.confidence
            if not _reachable(service, project.services[named.key]):
                message = f"{service.name!r} names {named.host!r}, with which it shares no network"
                draft.remark(DOUBTFUL, said.place, message)
                confidence = "low"
            yield Edge(service.name, named.key, Evidence(said.place, says, "assumed", confidence))


def _reachable(one: ProjectService, other: ProjectService) -> bool:
    if one.shares or other.shares:
        return True
    mine, theirs = (set(s.networks) or {_DEFAULT_NETWORK} for s in (one, other))
    return not mine.isdisjoint(theirs)
