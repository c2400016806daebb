"""The objects of a cluster, gathered from manifests, and what a Service leads to.

A *workload* runs pods: Deployment, StatefulSet, DaemonSet, Job, CronJob and the like; one that another workload owns
(the ReplicaSet of a Deployment, the Pod of a Job) counts with its owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

from pydantic import BaseModel

from timeline.findings import Place
from topologies.importers.estate.draft import Draft
from topologies.importers.estate.files import Located, as_model
from topologies.importers.estate.kubernetes.model import (
    AutoscalerSpec,
    BudgetSpec,
    IngressSpec,
    Meta,
    PodSpec,
    ServiceSpec,
    WorkloadSpec,
)
from topologies.loading.nodes import Step

M = TypeVar("M", bound=BaseModel)

_COUNTED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout")
WORKLOADS = (*_COUNTED, "DaemonSet", "Job", "CronJob", "Pod")
_WHY_NOT = {
    "ConfigMap": "configuration is no thing that runs; hosts in it are read where a workload takes it",
    "Secret": "a Secret is no thing that runs",
    "HorizontalPodAutoscaler": "it says how many replicas its workload has",
    "PodDisruptionBudget": "it says how many replicas its workload needs",
    "Kustomization": "a kustomization is no object: give what `kubectl kustomize` makes of it",
}


@dataclass(frozen=True)
class Workload:
    key: str
    kind: str
    meta: Meta
    labels: Mapping[str, str]
    """Of its pods."""
    pod: PodSpec
    spec: WorkloadSpec
    place: Place
    document: Located = field(repr=False)
    pod_path: tuple[Step, ...] = ()
    """Where the specification of its pods stands."""


@dataclass(frozen=True)
class ServiceObject:
    key: str
    meta: Meta
    spec: ServiceSpec
    place: Place


@dataclass(frozen=True)
class IngressObject:
    key: str
    meta: Meta
    spec: IngressSpec
    place: Place


@dataclass
class Cluster:
    """All objects by their key, `namespace/kind/name`."""

    workloads: dict[str, Workload] = field(default_factory=dict)
    services: dict[str, ServiceObject] = field(default_factory=dict)
    ingresses: dict[str, IngressObject] = field(default_factory=dict)
    claims: dict[str, tuple[Meta, Place]] = field(default_factory=dict)
    config_maps: dict[str, Mapping[str, str]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    autoscalers: list[tuple[Meta, AutoscalerSpec]] = field(default_factory=list)
    budgets: list[tuple[Meta, BudgetSpec]] = field(default_factory=list)

    def selected(self, service: ServiceObject) -> list[str]:
        """Keys of the workloads whose pods a Service selects."""
        return self._selected(service.meta.namespace, service.spec.selector)

    def replicas(self, workload: Workload) -> int | None:
        """How many run when it is quiet; None where the cluster decides (DaemonSet, jobs)."""
        if workload.kind not in _COUNTED:
            return None
        for meta, spec in self.autoscalers:
            if (meta.namespace, spec.target.kind, spec.target.name) == (
                workload.meta.namespace,
                workload.kind,
                workload.meta.name,
            ):
                return spec.min_replicas
        return 1 if workload.spec.replicas is None else workload.spec.replicas

    def needed(self, workload: Workload) -> int | None:
        """How many must stay, as a disruption budget states it."""
        count = self.replicas(workload)
        if not count:
            return None
        for meta, spec in self.budgets:
            if workload.key not in self._selected(meta.namespace, spec.selector.match_labels):
                continue
            if (least := _share(spec.min_available, count)) is not None:
                return min(max(least, 1), count)
            if (most := _share(spec.max_unavailable, count)) is not None:
                return min(max(count - most, 1), count)
        return None

    def _selected(self, namespace: str, selector: Mapping[str, str]) -> list[str]:
        if not selector:
            return []
        return [
            key
            for key, workload in self.workloads.items()
            if workload.meta.namespace == namespace and selector.items() <= workload.labels.items()
        ]


@dataclass(frozen=True)
class _Object:
    """One object with what all of them state."""

    document: Located = field(repr=False)
    path: tuple[Step, ...]
    data: Mapping[str, object] = field(repr=False)
    meta: Meta
    kind: str
    key: str
    place: Place

    def spec(self, model: type[M], *steps: str) -> M:
        """Its specification, or what stands in it under some steps, as a model."""
        inner: object = self.data
        for step in ("spec", *steps):
            inner = inner.get(step) if isinstance(inner, Mapping) else None
        return as_model(self.document, [*self.path, "spec", *steps], inner or {}, model)


def gather(draft: Draft, documents: Sequence[Located]) -> Cluster:
    """The objects of all documents; what is no part of an estate is left out with its reason.

    Raises InputError for objects that are not as Kubernetes has them.
    """
    cluster = Cluster()
    for document in documents:
        for path, data in _flat((), document.data):
            if not isinstance(data, dict) or not {"apiVersion", "kind"} <= data.keys():
                draft.leave_out("node", document.name, "a document that is no Kubernetes object", document.place(path))
                continue
            meta = as_model(document, [*path, "metadata"], data.get("metadata") or {}, Meta)
            kind = str(data["kind"])
            key = f"{meta.namespace}/{kind}/{meta.name or meta.generate_name.rstrip('-')}"
            _put(cluster, draft, _Object(document, path, data, meta, kind, key, document.place([*path, "metadata"])))
    return cluster


def _flat(path: tuple[Step, ...], data: object) -> Iterator[tuple[tuple[Step, ...], object]]:
    """The objects of a document: a `List` taken apart."""
    items = data.get("items") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(items, list) and str(data.get("kind", "")).endswith("List"):
        for number, item in enumerate(items):
            yield from _flat((*path, "items", number), item)
    else:
        yield path, data


def _put(cluster: Cluster, draft: Draft, found: _Object) -> None:
    kind, key, meta = found.kind, found.key, found.meta
    if kind in WORKLOADS and any(owner.kind in WORKLOADS for owner in meta.owners):
        draft.leave_out("node", key, "it counts with the workload that owns it", found.place)
    elif kind in WORKLOADS:
        if key in cluster.workloads:
            draft.duplicate()
        cluster.workloads[key] = _workload(found)
    elif kind == "Ingress":
        if key in cluster.ingresses:
            draft.duplicate()
        cluster.ingresses[key] = IngressObject(key, meta, found.spec(IngressSpec), found.place)
    elif kind == "PersistentVolumeClaim":
        if key in cluster.claims:
            draft.duplicate()
        cluster.claims[key] = (meta, found.place)
    elif kind == "Service":
        if key in cluster.services:
            draft.duplicate()
        cluster.services[key] = ServiceObject(key, meta, found.spec(ServiceSpec), found.place)
    else:
        _put_aside(cluster, found)
        draft.leave_out("node", key, _WHY_NOT.get(kind, f"a {kind} is no thing that runs"), found.place)


def _workload(found: _Object) -> Workload:
    kind, key, meta, document, path = found.kind, found.key, found.meta, found.document, (*found.path, "spec")
    if kind == "Pod":
        return Workload(key, kind, meta, meta.labels, found.spec(PodSpec), WorkloadSpec(), found.place, document, path)
    inner = ("jobTemplate", "spec") if kind == "CronJob" else ()
    spec = found.spec(WorkloadSpec, *inner)
    labels, pod = spec.template.metadata.labels, spec.template.spec
    return Workload(key, kind, meta, labels, pod, spec, found.place, document, (*path, *inner, "template", "spec"))


def _put_aside(cluster: Cluster, found: _Object) -> None:
    """What says something about things that run, and is none."""
    if found.kind == "ConfigMap":
        data = found.data.get("data")
        texts = data.items() if isinstance(data, dict) else ()
        cluster.config_maps[found.key] = {str(name): str(value) for name, value in texts}
    elif found.kind == "Secret":
        cluster.secrets.add(found.key)
    elif found.kind == "HorizontalPodAutoscaler":
        cluster.autoscalers.append((found.meta, found.spec(AutoscalerSpec)))
    elif found.kind == "PodDisruptionBudget":
        cluster.budgets.append((found.meta, found.spec(BudgetSpec)))


def _share(value: int | str | None, count: int) -> int | None:
    """A number of replicas, or a percentage of them rounded up, as budgets state it."""
    if value is None or isinstance(value, int):
        return value
    text = value.removesuffix("%")
    if not text.isdigit():
        return None
    return ceil(int(text) * count / 100) if value.endswith("%") else int(text)
