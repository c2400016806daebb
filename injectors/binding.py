"""The binding: which real things stand for which components, how they are reached, and what proves that they may be
broken.

    format: blackstart/binding/1
    title: The lab on this machine
    environment: lab
    targets:
      orders-1:
        component: orders
        process: {pid_file: run/orders-1.pid}
        http: http://127.0.0.1:18081
        proxy: {control: run/orders-1.proxy}
        proof: {environment: BLACKSTART_ENVIRONMENT, says: lab}

A scenario and a binding together are a live plan; the scenario does not change.  Paths are relative to the file.
Nothing that is not listed is touched, and what is listed is touched only while its proof holds (`injectors.proofs`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, model_validator

from injectors.bound_services import BoundNginx, BoundPostgreSQL, BoundRedis, SocketAddress
from topologies.fields import ComponentId, DurationMs, Id, Model, Ratio

FORMAT = "blackstart/binding/1"


def _http_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no address of HTTP; it begins with http:// or https://")
    return url.rstrip("/")


HttpAddress = Annotated[str, AfterValidator(_http_address)]


class Start(Model):
    """How the process is started again once it was ended: arguments, never text for a shell."""

    arguments: tuple[str, ...] = Field(min_length=1)
    folder: Path = Path()
    environment: dict[str, str] = Field(default_factory=dict)
    listens: SocketAddress | None = None
    """It is up once it accepts connections there."""
    writes_pid_file: bool = True
    """Whether it writes its pid file itself."""
    log: Path | None = None


class BoundProcess(Model):
    """A process of this machine, by its pid file."""

    pid_file: Path
    start: Start | None = None


class BoundProxy(Model):
    """The proxy of Blackstart's own that stands before the target."""

    control: Path
    """Its control socket."""


class BoundResolver(Model):
    """The resolver of Blackstart's own that the target is configured to ask."""

    control: Path
    """Its control socket."""


class Proof(Model):
    """What the target itself says, and only a target that may be broken says.  Exactly one way to ask."""

    says: str = Field(min_length=2)
    marker: Path | None = None
    """A file in the working folder of the process, as the process sees it."""
    environment: str | None = None
    """A variable that the process was started with."""
    header: str | None = None
    """A header of its answers over HTTP, asked directly and never through a proxy."""
    path: str = "/"
    """With `header`: what is asked for."""
    comment: str | None = None
    """The comment of this database of its PostgreSQL (COMMENT ON DATABASE)."""
    key: str | None = None
    """A key of its Redis."""

    @model_validator(mode="after")
    def _one_way(self) -> Proof:
        ways = [way for way in ("marker", "environment", "header", "comment", "key") if getattr(self, way) is not None]
        if len(ways) != 1:
            raise ValueError("a proof has one way to ask: marker, environment, header, comment or key")
        return self


class Target(Model):
    """One real thing."""

    component: ComponentId
    process: BoundProcess | None = None
    http: HttpAddress | None = None
    proxy: BoundProxy | None = None
    resolver: BoundResolver | None = None
    postgresql: BoundPostgreSQL | None = None
    redis: BoundRedis | None = None
    nginx: BoundNginx | None = None
    data_folder: Path | None = None
    """Where it keeps its data, for faults of disks."""
    proof: Proof
    disposable: bool = False
    """What cannot be undone may be done to it."""
    approval: bool = False
    """A second person has to approve what is done to it."""
    faults: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    """Live implementation (`blackstart list faults --live`) to its parameters, where the scenario's say too little."""

    @property
    def services(self) -> dict[str, BoundPostgreSQL | BoundRedis | BoundNginx | None]:
        """Field to service."""
        return {"postgresql": self.postgresql, "redis": self.redis, "nginx": self.nginx}


class Budget(Model):
    """How much may be broken.  A plan that needs more is refused; a run that reaches a limit is undone."""

    faults: int = Field(default=10, ge=1, le=500)
    at_once: int = Field(default=1, ge=1, le=50)
    targets: int = Field(default=3, ge=1, le=200)
    """Different ones in the whole run."""
    share: Ratio = 1.0
    """Of the targets of one component, at once; one is always allowed where `share` is above 0."""
    minutes: float = Field(default=60.0, gt=0, le=1440)
    """Of the whole run."""


class Condition(Model):
    """Something that holds while all is well: an answer over HTTP, or a query that gives at least one series."""

    title: str
    http: HttpAddress | None = None
    status: int = 200
    within: DurationMs = 2_000
    query: str | None = None
    """PromQL, asked of the binding's Prometheus."""

    @model_validator(mode="after")
    def _one_question(self) -> Condition:
        if (self.http is None) == (self.query is None):
            raise ValueError("a condition asks one question: http or query")
        return self


class Monitoring(Model):
    """What watches the targets."""

    prometheus: HttpAddress | None = None
    alertmanager: HttpAddress | None = None
    notifications: Path | None = None
    """Where the receiver keeps what arrives, one JSON document a line."""


class Journey(Model):
    """What a user does, over HTTP: the truth about impact."""

    title: str
    http: HttpAddress
    status: int = 200
    within: DurationMs = 3_000
    every: Annotated[DurationMs, Field(ge=200)] = 1_000


class Binding(Model):
    """A whole binding file."""

    format: Literal["blackstart/binding/1"]
    title: str
    environment: Id
    estate: str | None = None
    """Estate whose components the targets stand for; that of the scenario when left out."""
    monitoring: Monitoring = Monitoring()
    journeys: tuple[Journey, ...] = ()
    targets: dict[Id, Target] = Field(min_length=1)
    budget: Budget = Budget()
    steady_state: tuple[Condition, ...] = Field(min_length=1)
    """Has to hold before the first fault, and again after the last was undone."""
    steady_within: Annotated[DurationMs, Field(gt=0)] = 60_000
    """How long it may take to come back."""
    guards: tuple[Condition, ...] = ()
    """As soon as one does not hold, everything is undone and the run ends."""
    guard_every: Annotated[DurationMs, Field(ge=200)] = 5_000

    @model_validator(mode="after")
    def _queries_have_somebody_to_ask(self) -> Binding:
        if self.monitoring.prometheus is None and any(c.query for c in (*self.steady_state, *self.guards)):
            raise ValueError("a condition asks a query, and monitoring names no Prometheus")
        return self


def resolved(binding: Binding, folder: Path) -> Binding:
    """The same with its paths made absolute, from the folder of the file."""
    monitoring = binding.monitoring
    if monitoring.notifications is not None:
        monitoring = monitoring.model_copy(update={"notifications": (folder / monitoring.notifications).absolute()})
    targets = {id: _resolved(target, folder) for id, target in binding.targets.items()}
    return binding.model_copy(update={"targets": targets, "monitoring": monitoring})


def _resolved(target: Target, folder: Path) -> Target:
    process = target.process
    if process is not None:
        start = process.start
        if start is not None:
            log = folder / start.log if start.log is not None else None
            start = start.model_copy(update={"folder": folder / start.folder, "log": log})
        process = process.model_copy(update={"pid_file": (folder / process.pid_file).absolute(), "start": start})
    proxy = target.proxy and target.proxy.model_copy(update={"control": (folder / target.proxy.control).absolute()})
    resolver = target.resolver and BoundResolver(control=(folder / target.resolver.control).absolute())
    data = target.data_folder and (folder / target.data_folder).absolute()
    services = {name: bound and bound.resolved(folder) for name, bound in target.services.items()}
    parts = {"process": process, "proxy": proxy, "resolver": resolver, "data_folder": data}
    return target.model_copy(update=parts | services)
