"""The estate: what runs, where, on what it depends, and which business functions stand on it.

Everything that can fail or depend is a *node* of one graph and shares one namespace of ids per kind:

- a *component* runs in replicas at a site;
- a *standby pair* has a primary and a standby; whoever depends on the pair is served by its active member;
- a *group* is k-of-n: it gives service while `needed` of its members do;
- a *site* carries its components: a site that is down takes them with it;
- a *business function* is what the organisation is there for, with the targets of its impact analysis.

A *dependency* is `hard` (without it no service), `soft` (without it a share of service is lost) or `asynchronous`
(without it work piles up), or `bootstrap` (needed to start, not to run).  `after` delays what a loss does: a battery, a
cache, a time-out.  What several things stand or fall with together is stated in `shared_fate`.  How callers and callees
deal with more than fits stands in `topologies.flows`.

What is not known is left out and stays unknown (`None`): it is reported, never guessed.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field, model_validator

from topologies.bia import ImpactCategory, ImpactCurve, Tolerance
from topologies.catalogue import Catalogue
from topologies.classification import Served
from topologies.fields import (
    ComponentId,
    Duration,
    DurationMs,
    Id,
    Model,
    ProfileId,
    Ratio,
    RegularExpression,
    SiteId,
    Source,
    TeamId,
    TimeZone,
    VendorId,
)
from topologies.flows import (
    Autoscaling,
    BackOff,
    Cache,
    ChannelName,
    CircuitBreaker,
    Ejection,
    Factor,
    Journey,
    Peak,
    PositiveMs,
    Queue,
    ReportChannel,
    Shedding,
    Weekday,
)
from topologies.parties import Vendor
from topologies.recovery import DataSet, FailBack, Fencing, Procedures, Workaround
from topologies.shared_fate import SharedFate
from topologies.workforce import Backlog, ManualFallback, StaffNeed
from topologies.workplaces import RemoteWork, Workplace

FORMAT = "blackstart/estate/1"


class ComponentKind(StrEnum):
    """What a component is: decides which faults fit it and which skill its repair asks for."""

    SERVICE = "service"
    GATEWAY = "gateway"
    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    STORAGE = "storage"
    BATCH = "batch"
    NETWORK = "network"
    DNS = "dns"
    IDENTITY = "identity"
    POWER = "power"
    COOLING = "cooling"
    MONITORING = "monitoring"
    ALERTING = "alerting"
    PAGING = "paging"
    CHAT = "chat"
    ITSM = "itsm"
    STATUS_PAGE = "status-page"
    EXTERNAL = "external"


class SiteKind(StrEnum):
    DATACENTRE = "datacentre"
    CLOUD_REGION = "cloud-region"
    WORKPLACE = "workplace"


class Dependency(Model):
    """An edge of the graph, stated at the side that depends."""

    type: Literal["hard", "soft", "asynchronous", "bootstrap"]
    degradation: Ratio | None = None
    """Share of service lost: soft, while the dependency is down; asynchronous, while more than `bound` waits."""
    bound: float | None = Field(default=None, ge=0)
    """Asynchronous only: so much work may wait without anybody noticing."""
    after: DurationMs = 0
    """How long service goes on after the dependency is lost (battery, cache lifetime, time-out)."""
    calls: float = Field(default=1.0, ge=0)
    """Calls to the dependency for each request served."""
    retries: int = Field(default=0, ge=0, le=20)
    """Further tries after a failed call."""
    timeout: PositiveMs | None = None
    """How long the caller waits for an answer; what comes later is work in vain, and a failed call."""
    back_off: BackOff | None = None
    """Pauses between tries; none when left out."""
    retry_budget: Annotated[float | None, Field(ge=0, le=20)] = None
    """Further tries, at most, as a share of first calls: whatever fails, load grows by no more than this."""
    breaker: CircuitBreaker | None = None
    cached_by: ComponentId | None = None
    """Calls go over this edge only for what that cache does not hold: `calls` is their number while it is warm."""

    @property
    def is_path(self) -> bool:
        """Whether calls over it have a memory or a patience of their own."""
        return any(x is not None for x in (self.timeout, self.back_off, self.retry_budget, self.breaker))

    @model_validator(mode="after")
    def _tries_again(self) -> Dependency:
        if not self.retries and (self.back_off is not None or self.retry_budget is not None):
            raise ValueError("back_off and retry_budget are about further tries: state `retries`, too")
        return self

    @model_validator(mode="after")
    def _says_how_much(self) -> Dependency:
        if self.bound is not None and self.type != "asynchronous":
            raise ValueError("only where work waits (an asynchronous dependency) is there a bound on what waits")
        if (self.type == "soft" or self.bound is not None) != (self.degradation is not None):
            raise ValueError(
                "a soft dependency, and an asynchronous one with a bound, states its degradation (share of service"
                " lost); no other does"
            )
        return self


Dependencies = dict[ComponentId, Dependency]


class Site(Model):
    """A place.  What it depends on (power, cooling, carrier) takes the whole place with it."""

    title: str
    kind: SiteKind
    timezone: TimeZone
    city: str | None = None
    vendor: VendorId | None = None
    """Who operates it; its own staff when left out."""
    seats: int | None = Field(default=None, ge=0)
    workplace: Workplace | None = None
    """Workplaces only: how it is left, and where its people go."""
    repair: Duration | None = None
    """How long it takes to bring a lost place back, once somebody works on it; not possible when left out."""
    depends_on: Dependencies = Field(default_factory=dict)


class Replicas(Model):
    """Instances of a component: `needed` of `count` carry the whole load."""

    count: int = Field(ge=1, le=500)
    needed: int = Field(ge=1)

    @model_validator(mode="after")
    def _needed_exist(self) -> Replicas:
        if self.needed > self.count:
            raise ValueError(f"{self.needed} replicas are needed but there are only {self.count}")
        return self


class Recovery(Model):
    """How long the actions on a component take, once started.  Left out: that action is not possible here."""

    restart: Duration | None = None
    roll_back: Annotated[Duration | None, Field(alias="roll-back")] = None
    disable: Duration | None = None
    repair: Duration | None = None
    scale_out: Annotated[Duration | None, Field(alias="scale-out")] = None
    rebuild: Duration | None = None
    """New from its definition, its data from what they are derived from."""
    fence: Duration | None = None
    """Keeps it from accepting work."""
    start_up: Annotated[Duration | None, Field(alias="start-up")] = None
    """From power and dependencies back to service, without anybody's hand; at once when left out."""
    shed_load: Annotated[Duration | None, Field(alias="shed-load")] = None
    """Until a share of what arrives is turned away, as the component's `shedding` says."""
    cold_start: Annotated[Duration | None, Field(alias="cold-start")] = None
    """By hand and without what it needs to start (its bootstrap dependencies), from copies kept for that."""
    needs: tuple[ComponentId, ...] = ()
    """Tools that every other action on it needs: a console, a store of secrets, name resolution."""


class Component(Model):
    """One thing that runs."""

    title: str
    kind: ComponentKind
    site: SiteId | None = None
    vendor: VendorId | None = None
    """The third party that runs or repairs it."""
    owner: TeamId | None = None
    replicas: Replicas = Replicas(count=1, needed=1)
    capacity_rps: float | None = Field(default=None, gt=0)
    """Requests a second that all needed replicas together can serve; unknown when left out."""
    latency_ms: float | None = Field(default=None, gt=0)
    """Median time of a request when all is well."""
    telemetry: tuple[ProfileId, ...] = ()
    """Profiles (exporters) that make its series."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels on all its series, as the scrape configuration sets them."""
    depends_on: Dependencies = Field(default_factory=dict)
    recovery: Recovery = Recovery()
    queue: Queue | None = None
    autoscaling: Autoscaling | None = None
    ejection: Ejection | None = None
    cache: Cache | None = None
    shedding: Shedding | None = None
    data: DataSet | None = None
    """What it holds by itself; members of a pair hold the pair's."""
    workaround: Workaround | None = None
    procedures: Procedures = Field(default_factory=dict)
    """What actions on it need and risk beside their time."""

    @model_validator(mode="after")
    def _flows_are_known(self) -> Component:
        if self.queue is not None and (self.capacity_rps is None or self.latency_ms is None):
            raise ValueError("a queue is worked off at some speed: state capacity_rps and latency_ms, too")
        if self.autoscaling is not None and self.capacity_rps is None:
            raise ValueError("autoscaling follows the share of capacity in use: state capacity_rps, too")
        if self.autoscaling is not None and self.autoscaling.max < self.replicas.count:
            raise ValueError(f"autoscaling.max is less than the {self.replicas.count} replicas that there are")
        if self.shedding is not None and self.recovery.shed_load is None:
            raise ValueError("shedding takes somebody some time: state `recovery: {shed-load: <duration>}`, too")
        return self


class FailOver(Model):
    """How the standby becomes active."""

    mode: Literal["manual", "automatic"]
    detection: DurationMs | None = None
    """Automatic only: how long the primary must be gone."""
    takes: Duration
    link: ComponentId | None = None
    """What the members hear each other over; while it is down neither knows whether the other lives."""
    witness: ComponentId | None = None
    """Has the casting vote: without it no automatic fail-over, and none while it still hears the active member."""
    fencing: Fencing | None = None
    """Left out: a member that is cut off goes on writing after the other took over (split brain)."""
    reach_former: Ratio = 0.5
    """Share of transactions that still go to the former active member while the link is down."""

    @model_validator(mode="after")
    def _automatic_says_when(self) -> FailOver:
        if (self.mode == "automatic") != (self.detection is not None):
            raise ValueError("automatic fail-over, and only that, states its detection time")
        return self


class Replication(Model):
    """How the standby follows the primary."""

    type: Literal["synchronous", "asynchronous"]
    lag: Duration | None = None
    """Asynchronous only: how far behind the standby is, drawn at the moment of loss."""

    @model_validator(mode="after")
    def _lag_belongs_to_asynchronous(self) -> Replication:
        if (self.type == "asynchronous") != (self.lag is not None):
            raise ValueError("asynchronous replication, and only that, states its lag")
        return self


class StandbyPair(Model):
    """A primary and its standby.  Without `standby` it is a single component under a stable name."""

    title: str
    primary: ComponentId
    standby: ComponentId | None = None
    fail_over: FailOver | None = None
    replication: Replication | None = None
    owner: TeamId | None = None
    transactions_per_s: float | None = Field(default=None, ge=0)
    """To turn lost time into lost transactions."""
    fail_back: FailBack | None = None
    data: DataSet | None = None
    """What both members hold."""
    workaround: Workaround | None = None
    procedures: Procedures = Field(default_factory=dict)

    @model_validator(mode="after")
    def _standby_has_a_way_over(self) -> StandbyPair:
        if self.standby is not None and self.fail_over is None:
            raise ValueError("a pair with a standby states how it fails over (fail_over)")
        return self


class Group(Model):
    """k-of-n: gives service while `needed` of its members do."""

    title: str
    members: tuple[ComponentId, ...] = Field(min_length=1)
    needed: int = Field(ge=1)
    owner: TeamId | None = None

    @model_validator(mode="after")
    def _needed_exist(self) -> Group:
        if self.needed > len(self.members):
            raise ValueError(f"{self.needed} members are needed but there are only {len(self.members)}")
        return self


class Demand(Model):
    """Requests that reach an entry point from outside."""

    entry: ComponentId
    peak_rps: float = Field(gt=0)
    by_hour: tuple[Ratio, ...] = Field(min_length=24, max_length=24)
    """Share of the peak in each hour of a working day, in the time zone of the estate."""
    weekend: Ratio = 1.0
    """Factor on Saturdays and Sundays."""
    weekdays: dict[Weekday, Factor] = Field(default_factory=dict)
    """Factors on single days of the week; they go before `weekend`."""
    peaks: dict[Id, Peak] = Field(default_factory=dict)
    """Days beyond the week; where several fall together, their factors multiply."""


class UserReports(Model):
    """How users make themselves heard when a function fails them."""

    users: int = Field(ge=1)
    """Users active in a peak hour."""
    share: Ratio | None = None
    """Share of affected active users who report to the service desk within an hour of total loss."""
    channels: dict[ChannelName, ReportChannel] = Field(default_factory=dict)
    """The same by channel, where that is known."""

    @model_validator(mode="after")
    def _says_how_much_once(self) -> UserReports:
        if (self.share is None) == (not self.channels):
            raise ValueError("state how many report either in all (share) or by channel (channels)")
        return self


class BusinessFunction(Model):
    """A business function with the targets of its impact analysis (ISO 22300: RTO, RPO, MTPD, MBCO)."""

    title: str
    owner: TeamId | None = None
    criticality: Literal["critical", "important", "standard"] | None = None
    supported_by: Dependencies
    minimum_level: Ratio | None = None
    """MBCO: share of normal service below which the function counts as disrupted."""
    rto: DurationMs | None = None
    rpo: DurationMs | None = None
    mtpd: DurationMs | None = None
    sla_restore: DurationMs | None = None
    """What the service level agreement promises for restoring the services behind it."""
    loss_per_hour: float | None = Field(default=None, ge=0)
    """In the currency of the estate."""
    peaks: str | None = None
    demand: Demand | None = None
    reports: UserReports | None = None
    workforce: dict[Id, StaffNeed] | None = None
    """The people it needs, by skill; an empty one needs nobody, and left out it is not known."""
    fallback: ManualFallback | None = None
    backlog: Backlog | None = None
    impact: dict[ImpactCategory, ImpactCurve] = Field(default_factory=dict)
    """Impact over the length of a disruption."""
    tolerance: Tolerance | None = None

    journeys: dict[Id, Journey] = Field(default_factory=dict)
    """Synthetic users who try it; what they find are series of the blackbox profile."""
    serves: Served | None = None

    @model_validator(mode="after")
    def _fallback_is_staffed_from_the_workforce(self) -> BusinessFunction:
        unknown = sorted(set(self.fallback.staff if self.fallback else ()) - set(self.workforce or ()))
        if unknown:
            raise ValueError(f"the fallback takes people of {', '.join(unknown)}, which the workforce does not have")
        return self


class Platform(Model):
    """Which components carry monitoring and response themselves: when theirs is down, so is the machinery."""

    prometheus: ComponentId | None = None
    alertmanager: ComponentId | None = None
    paging: ComponentId | None = None
    chat: ComponentId | None = None
    itsm: ComponentId | None = None
    status_page: ComponentId | None = None
    logs: ComponentId | None = None


class LogRule(Model):
    """An alert on log lines, as a log platform's ruler gives it to Alertmanager."""

    alert: Annotated[str, Field(min_length=1)]
    signature: RegularExpression
    """Searched for in each line."""
    delay: Duration
    """From the first line until the alert: shipping, indexing, evaluation."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Beside those of the component whose log it is."""


class VendorFeed(Model):
    """The status feed of a vendor, turned into alerts."""

    alert: Annotated[str, Field(min_length=1)] = "VendorIncident"
    delay: Duration
    """From the beginning of trouble until the vendor posts it and it has been read."""
    labels: dict[str, str] = Field(default_factory=dict)


class Monitoring(Model):
    """How the estate is scraped.  Rules and routes are native files beside this one."""

    scrape_interval: DurationMs = 15_000
    rules: tuple[str, ...] = ()
    """Prometheus rule files, relative to this one."""
    alertmanager: str | None = None
    """Alertmanager configuration, relative to this one."""
    slos: tuple[str, ...] = ()
    """OpenSLO files, relative to this one; the service of an SLO is a component or a function of this estate."""
    external_labels: dict[str, str] = Field(default_factory=dict)
    profiles: tuple[str, ...] = ()
    """Telemetry profiles of the estate's own, relative to this one; each is named as its file."""
    jobs: dict[ProfileId, str] = Field(default_factory=dict)
    """Jobs that exporters are scraped under, by profile, where the job is not that of the component: such an exporter
    is a target of its own, with an `up` of its own."""
    log_rules: dict[Id, LogRule] = Field(default_factory=dict)
    vendor_feeds: dict[VendorId, VendorFeed] = Field(default_factory=dict)


class Estate(Model):
    """A whole estate, as `topology.yaml` states it."""

    format: Literal["blackstart/estate/1"]
    title: str
    timezone: TimeZone
    currency: str | None = None
    description: str = ""
    sites: dict[Id, Site] = Field(default_factory=dict)
    vendors: dict[Id, Vendor] = Field(default_factory=dict)
    components: dict[Id, Component]
    standby_pairs: dict[Id, StandbyPair] = Field(default_factory=dict)
    groups: dict[Id, Group] = Field(default_factory=dict)
    shared_fate: SharedFate = Field(default_factory=dict)
    functions: dict[Id, BusinessFunction] = Field(default_factory=dict)
    remote_work: RemoteWork | None = None
    """Left out, nobody works remotely."""
    platform: Platform = Platform()
    monitoring: Monitoring = Monitoring()
    catalogue: Catalogue = Catalogue()
    """Where the catalogue of services is not what stands here."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Source and confidence of parameters, by their path (`components.core-db.recovery.restart`)."""

    @model_validator(mode="after")
    def _one_namespace(self) -> Estate:
        for first, second in combinations(("components", "standby_pairs", "groups", "sites", "shared_fate"), 2):
            if both := sorted(getattr(self, first).keys() & getattr(self, second).keys()):
                raise ValueError(f"{', '.join(both)}: the same id in {first} and {second}")
        return self

    @model_validator(mode="after")
    def _catalogue_differs_from_what_there_is(self) -> Estate:
        there = {
            (id, dependency)
            for things in (self.components, self.sites)
            for id, thing in things.items()
            for dependency in thing.depends_on
        }
        for edge in self.catalogue.missing:
            if (edge.dependent, edge.dependency) not in there:
                raise ValueError(f"the catalogue cannot lack {edge}: there is no such dependency")
        for edge in self.catalogue.stale:
            if (edge.dependent, edge.dependency) in there:
                raise ValueError(f"the catalogue is right about {edge}: there is such a dependency")
        return self

    @model_validator(mode="after")
    def _alternates_have_seats(self) -> Estate:
        for id, site in self.sites.items():
            if site.workplace is not None and site.kind is not SiteKind.WORKPLACE:
                raise ValueError(f"{id} is of kind {site.kind}; only a workplace states how it is one")
            for alternate in site.workplace.alternates if site.workplace else ():
                place = self.sites.get(alternate.site)
                if place is not None and (place.kind is not SiteKind.WORKPLACE or place.seats is None):
                    raise ValueError(
                        f"{alternate.site}, an alternate of {id}, has to be a workplace that states its seats"
                    )
        return self
