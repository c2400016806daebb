"""Synthetic enterprises: made-up estates with the shape of real ones, of any size, for tests of scale.

What shapes them:

- services stand in *domains* of about ten, each owned by one team; they call services of a lower *rank*, mostly of
  their own domain, and popular ones more often than others (preferential attachment, Barabási and Albert 1999), so that
  fan-in is skewed as in published call graphs;
- each domain keeps its data in a standby pair over two data centres, half of them behind a cache, a third with a queue;
- everything stands on a few foundations (network, DNS, identity), and monitoring and response on tools of their own;
- each business function is served by front services of one domain, with targets by its criticality.

The same number of services and seed give the same files.  Figures are made up: every one is marked as assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

_PER_DOMAIN = 10
_OWN_DOMAIN = 0.7
"""Share of calls that stay in their domain."""
_BY_HOUR = [0.1, 0.08, 0.06, 0.05, 0.06, 0.1, 0.25, 0.5, 0.8, 0.95, 1.0, 1.0]
_BY_HOUR += [0.9, 0.9, 0.95, 0.95, 0.9, 0.8, 0.75, 0.7, 0.6, 0.45, 0.3, 0.15]
_TARGETS = {
    "critical": {"rto": "2h", "rpo": "1m", "mtpd": "8h", "loss_per_hour": 50_000},
    "important": {"rto": "8h", "rpo": "15m", "mtpd": "1d", "loss_per_hour": 8_000},
    "standard": {"rto": "1d", "rpo": "4h", "mtpd": "7d", "loss_per_hour": 500},
}
_RESTART = {"restart": "lognormal(median=3m, p90=10m)", "roll-back": "lognormal(median=8m, p90=20m)"}
_DATA = {"restart": "lognormal(median=8m, p90=25m)", "repair": "lognormal(median=1h, p90=3h)"}

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SyntheticEstate:
    """The contents of an estate's files, ready to be written as YAML."""

    topology: Data
    organisation: Data
    rules: Data
    alertmanager: Data


def generate(services: int, seed: int = 1) -> SyntheticEstate:
    """An enterprise with so many services.  Raises ValueError for fewer than one."""
    if services < 1:
        raise ValueError(f"an estate has at least one service, not {services}")
    random = Random(f"{services}/{seed}")
    domains = [f"domain-{number + 1}" for number in range(max(1, round(services / _PER_DOMAIN)))]
    components = _foundations()
    pairs: Data = {}
    ranked = _services(services, domains, random)
    for domain in domains:
        _data_of(domain, components, pairs, random)
    components |= {id: _service(id, domain, calls, random) for id, domain, calls in ranked}
    for domain in domains:
        _stand_on_data(domain, [id for id, home, _ in ranked if home == domain], components, random)
    topology = {
        "format": "blackstart/estate/1",
        "title": f"Synthetic enterprise of {services} services",
        "timezone": "Europe/Vienna",
        "currency": "EUR",
        "description": f"Made up (seed {seed}); no figure in it was ever measured.",
        "sites": _sites(),
        "components": components,
        "standby_pairs": pairs,
        "functions": _functions(domains, ranked, random),
        "platform": {"prometheus": "prometheus", "alertmanager": "alertmanager", "paging": "paging", "chat": "chat"},
        "monitoring": {"rules": ["alerts/rules/services.yaml"], "alertmanager": "alerts/alertmanager.yaml"},
    }
    teams = [*domains, "platform"]
    return SyntheticEstate(topology, _organisation(teams, random), _rules(), _alertmanager(teams))


def _sites() -> Data:
    place = {"kind": "datacentre", "timezone": "Europe/Vienna"}
    return {
        "dc-a": {"title": "Data centre A", **place, "depends_on": {"power-a": {"type": "hard", "after": "10m"}}},
        "dc-b": {"title": "Data centre B", **place, "depends_on": {"power-b": {"type": "hard", "after": "10m"}}},
        "cloud": {"title": "Cloud region", "kind": "cloud-region", "timezone": "Europe/Vienna"},
    }


def _foundations() -> Data:
    def part(kind: str, title: str, count: int = 1, needed: int = 1, **fields: Any) -> Data:
        return {
            "title": title,
            "kind": kind,
            "owner": "platform",
            "replicas": {"count": count, "needed": needed},
            "labels": {"team": "platform"},
            "recovery": dict(_RESTART),
            **fields,
        }

    power: Data = {"telemetry": ["power"], "recovery": {"repair": "lognormal(median=2h, p90=6h)"}}
    probed: Data = {"telemetry": ["node", "blackbox"]}
    return {
        "power-a": part("power", "Power of data centre A", **power),
        "power-b": part("power", "Power of data centre B", **power),
        "dns": part("dns", "Name service", 3, latency_ms=2, **probed),
        "identity": part("identity", "Sign-in", 4, 2, latency_ms=30, depends_on=_needs({"dns": 1.0}), **probed),
        "prometheus": part("monitoring", "Prometheus", site="cloud", telemetry=["node"]),
        "alertmanager": part("alerting", "Alertmanager", site="cloud", telemetry=["node"]),
        "paging": part("paging", "Paging provider", telemetry=["blackbox"]),
        "chat": part("chat", "Chat", telemetry=["blackbox"]),
    }


def _services(count: int, domains: list[str], random: Random) -> list[tuple[str, str, dict[str, float]]]:
    """Id, domain and calls of each service; those of a lower rank come first."""
    made: list[tuple[str, str, dict[str, float]]] = []
    everywhere: list[str] = []
    """Each service once, and once more for each caller."""
    at_home: dict[str, list[str]] = {domain: [] for domain in domains}
    """The same, by the domain that calls."""
    for number in range(count):
        domain = domains[number % len(domains)]
        id = f"{domain}-service-{number // len(domains) + 1}"
        calls: dict[str, float] = {}
        for _ in range(random.randint(0, 4)):
            popular = at_home[domain] if random.random() < _OWN_DOMAIN else everywhere
            if popular:
                calls[random.choice(popular)] = random.choice([0.2, 0.5, 1.0, 1.0, 2.0])
        made.append((id, domain, calls))
        everywhere += [id, *calls]
        at_home[domain] += [id, *(callee for callee in calls if callee in at_home[domain])]
    return made


def _service(id: str, domain: str, calls: dict[str, float], random: Random) -> Data:
    needed = random.choice([1, 2, 2, 4])
    return {
        "title": id.replace("-", " ").capitalize(),
        "kind": "service",
        "site": random.choice(["dc-a", "cloud", "cloud"]),
        "owner": domain,
        "replicas": {"count": needed + random.choice([1, 1, 2]), "needed": needed},
        "latency_ms": random.choice([20, 40, 80, 150]),
        "telemetry": ["http-server", "node"],
        "labels": {"team": domain},
        "depends_on": {**_needs(calls), "dns": {"type": "hard", "after": "5m", "calls": 0.1}},
        "recovery": dict(_RESTART),
    }


def _needs(calls: dict[str, float]) -> Data:
    return {id: {"type": "hard", "calls": count} for id, count in calls.items()}


def _data_of(domain: str, components: Data, pairs: Data, random: Random) -> None:
    """The database of a domain, and perhaps a cache and a queue."""
    own = {"owner": domain, "labels": {"team": domain}}
    for member, site in (("a", "dc-a"), ("b", "dc-b")):
        components[f"{domain}-db-{member}"] = {
            "title": f"Database of {domain}, {member.upper()}",
            "kind": "database",
            "site": site,
            "latency_ms": 5,
            "telemetry": ["postgres", "node"],
            "recovery": dict(_DATA),
            **own,
        }
    mode = random.choice([{"mode": "manual"}, {"mode": "automatic", "detection": "30s"}])
    pairs[f"{domain}-db"] = {
        "title": f"Database of {domain}",
        "primary": f"{domain}-db-a",
        "standby": f"{domain}-db-b",
        "owner": domain,
        "transactions_per_s": random.choice([1, 5, 20]),
        "fail_over": {**mode, "takes": "lognormal(median=5m, p90=15m)"},
        "replication": {"type": "asynchronous", "lag": "lognormal(median=2s, p90=20s)"},
    }
    for kind, share, telemetry in (("cache", 1 / 2, ["node"]), ("queue", 1 / 3, ["queue", "node"])):
        if random.random() < share:
            components[f"{domain}-{kind}"] = {
                "title": f"{kind.capitalize()} of {domain}",
                "kind": kind,
                "site": "cloud",
                "replicas": {"count": 3, "needed": 2},
                "latency_ms": 2,
                "telemetry": telemetry,
                "recovery": dict(_RESTART),
                **own,
            }


def _stand_on_data(domain: str, services: list[str], components: Data, random: Random) -> None:
    """Services of low rank use the data of their domain; front ones ask for identity."""
    for position, id in enumerate(services):
        needs = components[id]["depends_on"]
        if position < max(1, len(services) // 2):
            needs[f"{domain}-db"] = {"type": "hard", "calls": random.choice([0.5, 1.0, 2.0])}
            if f"{domain}-cache" in components:
                needs[f"{domain}-cache"] = {"type": "soft", "degradation": 0.2}
            if f"{domain}-queue" in components and random.random() < 0.5:
                needs[f"{domain}-queue"] = {"type": "hard", "calls": 0.3}
        else:
            needs["identity"] = {"type": "hard", "calls": 0.2, "after": "15m"}


def _functions(domains: list[str], services: list[tuple[str, str, dict[str, float]]], random: Random) -> Data:
    """One function a domain, served by the two services of its highest rank."""
    functions: Data = {}
    for number, domain in enumerate(domains):
        front = [id for id, home, _ in services if home == domain][-2:]
        criticality = random.choices(list(_TARGETS), weights=[1, 2, 3])[0]
        functions[f"function-{number + 1}"] = {
            "title": f"Business function {number + 1}",
            "owner": domain,
            "criticality": criticality,
            "supported_by": _needs(dict.fromkeys(front, 1.0)),
            "minimum_level": 0.6,
            **_TARGETS[criticality],
            "demand": {"entry": front[-1], "peak_rps": random.choice([5, 20, 80]), "by_hour": list(_BY_HOUR)},
            "reports": {"users": random.choice([50, 500, 5_000]), "share": 0.05},
        }
    return functions


def _organisation(teams: list[str], random: Random) -> Data:
    people = {f"{team}-{letter}": _person(team, random) for team in teams for letter in "abcd"}
    people["duty-manager"] = _person(None, random)
    rotations = {
        f"{team}-{turn}": {
            "title": f"{team}, {turn} call",
            "team": team,
            "timezone": "Europe/Vienna",
            "layers": [{"people": [f"{team}-{p}" for p in order], "start": "2026-01-05T09:00:00", "length": "1w"}],
        }
        for team in teams
        for turn, order in (("first", "abcd"), ("second", "cdab"))
    }
    steps = {team: [{"rotations": [f"{team}-{turn}"], "wait": "5m"} for turn in ("first", "second")] for team in teams}
    return {
        "format": "blackstart/organisation/1",
        "title": "Synthetic organisation",
        "people": people,
        "teams": {t: {"title": t, "policy": t, "receivers": [f"{t}-pager"]} for t in teams},
        "rotations": rotations,
        "policies": {
            **{team: {"title": team, "steps": steps[team], "repeat": 1} for team in teams},
            "managers": {"title": "Managers", "steps": [{"people": ["duty-manager"], "wait": "10m"}]},
        },
        "receivers": {f"{team}-pager": team for team in teams},
        "channels": {
            "push": {"title": "Push message", "latency": "uniform(2s, 20s)", "failure": 0.02, "needs": ["paging"]},
            "phone": {"title": "Automated call", "latency": "uniform(10s, 45s)", "failure": 0.03, "needs": ["paging"]},
        },
        "roles": {"incident-manager": {"title": "Incident manager", "policy": "managers"}},
        "authority": [
            {"action": action, "teams": teams}
            for action in ("restart", "roll-back", "repair", "fail-over", "scale-out")
        ],
        "severities": [
            {"severity": "sev1", "title": "a critical function is down", "critical_functions": True, "major": True},
            {"severity": "sev2", "title": "a function is down", "functions_disrupted": 1},
            {"severity": "sev3", "title": "anything else", "otherwise": True},
        ],
        "working": {
            "triage": "lognormal(median=3m, p90=8m)",
            "validation": "lognormal(median=4m, p90=10m)",
            "check": "lognormal(median=4m, p90=12m)",
            "check_unskilled": "lognormal(median=8m, p90=20m)",
            "decision": "lognormal(median=3m, p90=10m)",
            "verification": "lognormal(median=3m, p90=8m)",
        },
    }


def _person(team: str | None, random: Random) -> Data:
    return {
        "title": f"Engineer of {team}" if team else "Duty manager",
        **({"team": team} if team else {}),
        "timezone": random.choice(["Europe/Vienna", "Europe/Vienna", "Asia/Singapore"]),
        "skills": {"service": 0.8, "database": random.choice([0.3, 0.8]), "*": 0.5},
        "answer": {
            "day": "lognormal(median=2m, p90=6m)",
            "night": "lognormal(median=5m, p90=15m)",
            "missed_day": 0.05,
            "missed_night": 0.15,
        },
        "contact": ["push", "phone"],
    }


def _rules() -> Data:
    every = "sum by (component, team) (rate(http_requests_total[5m]))"
    failed = 'sum by (component, team) (rate(http_requests_total{code=~"5.."}[5m]))'
    return {
        "groups": [
            {
                "name": "services",
                "interval": "30s",
                "rules": [
                    _rule("ComponentDown", "avg by (component, team) (up) == 0", "1m"),
                    _rule("ErrorRatioHigh", f"{failed} / {every} > 0.05"),
                    _rule("ProbeFails", "probe_success == 0"),
                    _rule("PowerLost", "power_source_up == 0", "30s"),
                    _rule("DatabaseDown", "pg_up == 0", "1m"),
                ],
            }
        ]
    }


def _rule(name: str, expr: str, wait: str = "2m") -> Data:
    return {
        "alert": name,
        "expr": expr,
        "for": wait,
        "labels": {"severity": "critical", "team": "{{ $labels.team }}"},
        "annotations": {"summary": f"{name} on {{{{ $labels.component }}}}"},
    }


def _alertmanager(teams: list[str]) -> Data:
    return {
        "route": {
            "receiver": "platform-pager",
            "group_by": ["team", "component"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [{"matchers": [f'team="{team}"'], "receiver": f"{team}-pager"} for team in teams],
        },
        "receivers": [
            {"name": f"{t}-pager", "webhook_configs": [{"url": f"http://paging.invalid/{t}"}]} for t in teams
        ],
    }
