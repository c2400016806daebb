"""What Kubernetes objects state, as far as an estate asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from topologies.importers.foreign import Foreign


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): str(item) if isinstance(item, int | float | bool) else item for name, item in value.items()}
    return value


def _words(value: Any) -> Any:
    return (
        [str(word) if isinstance(word, int | float | bool) else word for word in value]
        if isinstance(value, list)
        else value
    )


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float | bool) else value


Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Owner(Foreign):
    kind: str
    name: str


class Meta(Foreign):
    name: str = ""
    generate_name: str = Field(default="", alias="generateName")
    namespace: str = "default"
    labels: Texts = Field(default_factory=dict)
    owners: tuple[Owner, ...] = Field(default=(), alias="ownerReferences")


class NamedRef(Foreign):
    """A ConfigMap or a Secret."""

    name: str = Field(default="", validation_alias=AliasChoices("name", "secretName"))
    key: str | None = None
    optional: bool = False


class ValueFrom(Foreign):
    config_map: NamedRef | None = Field(default=None, alias="configMapKeyRef")
    secret: NamedRef | None = Field(default=None, alias="secretKeyRef")


class EnvVar(Foreign):
    name: str
    value: Annotated[str | None, BeforeValidator(_text)] = None
    value_from: ValueFrom | None = Field(default=None, alias="valueFrom")


class EnvFrom(Foreign):
    config_map: NamedRef | None = Field(default=None, alias="configMapRef")
    secret: NamedRef | None = Field(default=None, alias="secretRef")


class Container(Foreign):
    name: str = ""
    image: str | None = None
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = Field(default=(), alias="envFrom")
    command: Words = ()
    args: Words = ()


class Claim(Foreign):
    claim_name: str = Field(alias="claimName")


class Configuration(Foreign):
    """What brings configuration into a pod as files."""

    config_map: NamedRef | None = Field(default=None, alias="configMap")
    secret: NamedRef | None = None


class ProjectedVolume(Foreign):
    sources: tuple[Configuration, ...] = ()


class Volume(Configuration):
    claim: Claim | None = Field(default=None, alias="persistentVolumeClaim")
    projected: ProjectedVolume | None = None


class PodSpec(Foreign):
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = Field(default=(), alias="initContainers")
    volumes: tuple[Volume, ...] = ()


class PodTemplate(Foreign):
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()


class VolumeClaimTemplate(Foreign):
    metadata: Meta = Meta()


class WorkloadSpec(Foreign):
    """Of everything that runs pods by a template; of a CronJob, that of its job."""

    replicas: int | None = None
    template: PodTemplate = PodTemplate()
    volume_claims: tuple[VolumeClaimTemplate, ...] = Field(default=(), alias="volumeClaimTemplates")
    service_name: str | None = Field(default=None, alias="serviceName")


class ServiceSpec(Foreign):
    selector: Texts = Field(default_factory=dict)
    external_name: str | None = Field(default=None, alias="externalName")


class BackendService(Foreign):
    name: str


class Backend(Foreign):
    service: BackendService | None = None
    service_name: str | None = Field(default=None, alias="serviceName")
    """Before networking.k8s.io/v1."""

    @property
    def to(self) -> str | None:
        return self.service.name if self.service is not None else self.service_name


class IngressPath(Foreign):
    path: str = "/"
    backend: Backend = Backend()


class IngressHttp(Foreign):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(Foreign):
    host: str = "*"
    http: IngressHttp = IngressHttp()


class IngressSpec(Foreign):
    default_backend: Backend | None = Field(default=None, alias="defaultBackend")
    backend: Backend | None = None
    rules: tuple[IngressRule, ...] = ()

    def backends(self) -> Iterator[tuple[str, str]]:
        """What it routes, and to which Service."""
        for backend in (self.default_backend, self.backend):
            if backend is not None and backend.to:
                yield "everything else", backend.to
        for rule in self.rules:
            for path in rule.http.paths:
                if path.backend.to:
                    yield f"{rule.host}{path.path}", path.backend.to


class ScaleTarget(Foreign):
    kind: str
    name: str


class AutoscalerSpec(Foreign):
    target: ScaleTarget = Field(alias="scaleTargetRef")
    min_replicas: int = Field(default=1, alias="minReplicas")


class Selector(Foreign):
    match_labels: Texts = Field(default_factory=dict, alias="matchLabels")


class BudgetSpec(Foreign):
    min_available: int | str | None = Field(default=None, alias="minAvailable")
    max_unavailable: int | str | None = Field(default=None, alias="maxUnavailable")
    selector: Selector = Selector()
