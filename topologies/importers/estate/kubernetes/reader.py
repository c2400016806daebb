"""Manifests as a draft.

Workloads become components, claims storage, an Ingress a gateway.  A Service leads to the workload that it selects;
where it selects several it becomes a group of them, and where it leads out of the cluster a component of somebody else.

Manifests do not state who calls whom.  Evidence is an Ingress (it routes to a Service), a mounted claim, and, weaker,
the name of a Service in the environment (also out of a ConfigMap) or in the arguments of a container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from timeline.findings import InputError, Place
from topologies.estate import ComponentKind
from topologies.importers.estate.draft import DOUBTFUL, Draft, Edge, Evidence, Meaning, Node, Part
from topologies.importers.estate.files import MAX_EXPORT_BYTES, Located, documents, expand
from topologies.importers.estate.hosts import hosts_named
from topologies.importers.estate.kinds import Guess, guess, stated
from topologies.importers.estate.kubernetes.cluster import Cluster, ServiceObject, Workload, gather
from topologies.importers.estate.kubernetes.model import Configuration, Container, Meta, NamedRef
from topologies.importers.estate.telemetry import hand_over_telemetry
from topologies.loading.document import read_text
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import Step

FORMAT = "kubernetes"
_PATTERNS = ("*.yaml", "*.yml", "*.json")
_HELM = re.compile(r"\{\{-?[^}]*?(?:\.(?:Values|Release|Chart|Capabilities)\b|\binclude\s)")
_CONFIGURATION = "configuration is read at the start, and is no thing that runs"


def read_files(paths: Sequence[str], _: Path | None) -> Draft:
    """Raises InputError with everything that cannot be read."""
    gathered = Gathered()
    found = [gathered.attempt(partial(_documents, path)) for path in expand(paths, _PATTERNS)]
    gathered.complete()
    return read([document for several in found for document in several or ()])


def _documents(path: Path) -> list[Located]:
    text = read_text(path, MAX_EXPORT_BYTES)
    template = _HELM.search(text)
    if template is not None:
        place = Place(str(path), text.count("\n", 0, template.start()) + 1)
        hint = "render it first: helm template CHART > manifests.yaml"
        raise InputError.single("estate.template", place, "this is a template of Helm, not a manifest", hint)
    return documents(path)


def read(sources: Sequence[Located]) -> Draft:
    """The objects of all documents together; their order makes no difference."""
    draft = Draft(FORMAT)
    cluster = gather(draft, sources)
    for workload in cluster.workloads.values():
        draft.node(_component(cluster, workload))
    for key, (meta, place) in cluster.claims.items():
        draft.node(Node(key, _names(meta, "claim"), meta.name, stated(ComponentKind.STORAGE, "a claim"), place))
    targets = _Targets(draft, cluster)
    for workload in cluster.workloads.values():
        _read_storage(draft, cluster, workload)
        for edge in _calls(draft, cluster, workload, targets):
            draft.edge(edge)
    _read_ingresses(draft, cluster, targets)
    hand_over_telemetry(draft)
    return draft


def _names(meta: Meta, kind: str) -> tuple[str, ...]:
    name = meta.name or meta.generate_name.rstrip("-")
    return (name, f"{meta.namespace}-{name}", f"{meta.namespace}-{kind.casefold()}-{name}")


def _component(cluster: Cluster, workload: Workload) -> Node:
    image = next((c.image for c in workload.pod.containers), None)
    name = _names(workload.meta, workload.kind)[0]
    batch = workload.kind in ("Job", "CronJob")
    return Node(
        key=workload.key,
        names=_names(workload.meta, workload.kind),
        title=name,
        kind=stated(ComponentKind.BATCH, f"a {workload.kind}") if batch else guess(name, image),
        place=workload.place,
        replicas=cluster.replicas(workload) or None,
        needed=cluster.needed(workload),
        title_of_kind=workload.kind,
    )


class _Targets:
    """What a Service leads to, by the names under which pods of a namespace reach it.

    Building it settles what each Service is: a way to one workload (left out), a group of several, something outside.
    """

    def __init__(self, draft: Draft, cluster: Cluster) -> None:
        self._keys: dict[str, str] = {}
        """Key of a Service to the key of what it leads to."""
        self._cluster = cluster
        for service in cluster.services.values():
            self._settle(draft, service)

    def _settle(self, draft: Draft, service: ServiceObject) -> None:
        key, meta = service.key, service.meta
        selected = self._cluster.selected(service)
        if len(selected) == 1:
            self._keys[key] = selected[0]
            reason = "a Service is how its workload is reached; dependencies go to it"
            draft.leave_out("node", key, reason, service.place)
            return
        self._keys[key] = key
        outside = "a Service that leads out of the cluster"
        external = Guess(ComponentKind.EXTERNAL, outside, "medium")
        if service.spec.selector and not selected:
            message = f"the Service {meta.name!r} selects no workload in these files"
            draft.remark(DOUBTFUL, service.place, message, "give the manifests of its workload as well")
        elsewhere = guess(meta.name) if service.spec.selector else external
        part = Part.GROUP if selected else Part.COMPONENT
        called = f"Service to {service.spec.external_name}" if service.spec.external_name else "Service"
        names = _names(meta, "service")
        draft.node(Node(key, names, meta.name, elsewhere, service.place, part=part, title_of_kind=called))
        for workload in selected:
            draft.edge(Edge(key, workload, Evidence(service.place, "selector"), Meaning.MEMBER))

    def of(self, namespace: str, name: str) -> str | None:
        return self._keys.get(f"{namespace}/Service/{name}")

    def hosts(self, namespace: str) -> dict[str, str]:
        """Host name to key, for pods of a namespace: `db`, `db.shop`, `db.shop.svc`, the full name; pods of a
        StatefulSet before it."""
        found: dict[str, str] = {}
        for service in self._cluster.services.values():
            key, full = self._keys[service.key], f"{service.meta.name}.{service.meta.namespace}"
            names = [full, f"{full}.svc", f"{full}.svc.cluster.local"]
            if service.meta.namespace == namespace:
                names.append(service.meta.name)
            pods = [f"{pod}." for pod in self._pods(service)]
            found |= {f"{pod}{name}".casefold(): key for name in names for pod in ("", *pods)}
        return found

    def _pods(self, service: ServiceObject) -> Iterator[str]:
        for workload in self._cluster.workloads.values():
            of_it = (workload.meta.namespace, workload.spec.service_name) == (service.meta.namespace, service.meta.name)
            if workload.kind == "StatefulSet" and of_it:
                yield from (f"{workload.meta.name}-{n}" for n in range(self._cluster.replicas(workload) or 0))


def _read_storage(draft: Draft, cluster: Cluster, workload: Workload) -> None:
    """Claims that it mounts, and those that it makes."""
    namespace, document = workload.meta.namespace, workload.document
    for number, volume in enumerate(workload.pod.volumes):
        place = document.place([*workload.pod_path, "volumes", number])
        if volume.claim is not None:
            key = f"{namespace}/PersistentVolumeClaim/{volume.claim.claim_name}"
            kind = stated(ComponentKind.STORAGE, "a claim")
            draft.mention(key, place, kind=kind, title=volume.claim.claim_name)
            draft.edge(Edge(workload.key, key, Evidence(place, "persistentVolumeClaim")))
        projected = volume.projected.sources if volume.projected is not None else ()
        sources: tuple[Configuration, ...] = (volume, *projected)
        for source in sources:
            for kind_of_it, ref in (("ConfigMap", source.config_map), ("Secret", source.secret)):
                if ref is not None:
                    _configuration(draft, cluster, workload, kind_of_it, ref, place)
    for claim in workload.spec.volume_claims:
        name = f"{claim.metadata.name}-{workload.meta.name}"
        key = f"{namespace}/PersistentVolumeClaim/{name}"
        draft.mention(key, workload.place, kind=stated(ComponentKind.STORAGE, "a claim of each replica"), title=name)
        draft.edge(Edge(workload.key, key, Evidence(workload.place, "volumeClaimTemplates")))


def _configuration(draft: Draft, cluster: Cluster, workload: Workload, kind: str, ref: NamedRef, place: Place) -> None:
    """A reference to configuration; one that is not here is told."""
    name = ref.name
    draft.leave_out("edge", f"{workload.meta.name} -> {kind} {name}", _CONFIGURATION, place)
    key = f"{workload.meta.namespace}/{kind}/{name}"
    if not ref.optional and key not in cluster.config_maps and key not in cluster.secrets:
        draft.remark(DOUBTFUL, place, f"the {kind} {name!r} is not in these files: what it names is not known")


@dataclass(frozen=True, slots=True)
class _Said:
    """A value that a container is given."""

    variable: str
    value: str
    place: Place
    of: str


def _calls(draft: Draft, cluster: Cluster, workload: Workload, targets: _Targets) -> Iterator[Edge]:
    """Services that its containers name."""
    known = targets.hosts(workload.meta.namespace)
    for said in _values(draft, cluster, workload):
        for named in hosts_named(said.variable, said.value, known):
            if named.key != workload.key:
                says = f"{said.of} names {named.host}"
                yield Edge(workload.key, named.key, Evidence(said.place, says, "assumed", named.confidence))


def _values(draft: Draft, cluster: Cluster, workload: Workload) -> Iterator[_Said]:
    for field, containers in (
        ("containers", workload.pod.containers),
        ("initContainers", workload.pod.init_containers),
    ):
        for number, container in enumerate(containers):
            path: list[Step] = [*workload.pod_path, field, number]
            yield from _environment(draft, cluster, workload, container, path)
            place = workload.document.place(path)
            for word in (*container.command, *container.args):
                yield _Said(word.partition("=")[0], word, place, "its command")


def _environment(
    draft: Draft, cluster: Cluster, workload: Workload, container: Container, path: list[Step]
) -> Iterator[_Said]:
    maps = partial(_config_map, cluster, workload.meta.namespace)
    configuration = partial(_configuration, draft, cluster, workload)
    for number, source in enumerate(container.env_from):
        place = workload.document.place([*path, "envFrom", number])
        if source.secret is not None:
            configuration("Secret", source.secret, place)
        if source.config_map is not None:
            name = source.config_map.name
            configuration("ConfigMap", source.config_map, place)
            for variable, value in maps(name).items():
                yield _Said(variable, value, place, f"{variable} (ConfigMap {name})")
    for number, env in enumerate(container.env):
        place = workload.document.place([*path, "env", number])
        if env.value is not None:
            yield _Said(env.name, env.value, place, env.name)
        elif env.value_from is not None and (ref := env.value_from.secret) is not None:
            configuration("Secret", ref, place)
        elif env.value_from is not None and (ref := env.value_from.config_map) is not None:
            configuration("ConfigMap", ref, place)
            yield _Said(env.name, maps(ref.name).get(ref.key or "", ""), place, f"{env.name} (ConfigMap {ref.name})")


def _config_map(cluster: Cluster, namespace: str, name: str) -> Mapping[str, str]:
    return cluster.config_maps.get(f"{namespace}/ConfigMap/{name}", {})


def _read_ingresses(draft: Draft, cluster: Cluster, targets: _Targets) -> None:
    for ingress in cluster.ingresses.values():
        gateway = stated(ComponentKind.GATEWAY, "an Ingress")
        names = _names(ingress.meta, "ingress")
        draft.node(Node(ingress.key, names, ingress.meta.name, gateway, ingress.place, title_of_kind="Ingress"))
        for route, name in ingress.spec.backends():
            target = targets.of(ingress.meta.namespace, name)
            if target is None:
                title = f"{ingress.meta.name} {route} -> {name}"
                draft.leave_out("edge", title, f"there is no Service {name!r} in these files", ingress.place)
            else:
                draft.edge(Edge(ingress.key, target, Evidence(ingress.place, f"routes {route}")))
