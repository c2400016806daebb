"""Configuration of the parts, and the binding that names them as targets.

Rules and routes are those of the estate `high-street`, file by file: what the model evaluates is what really runs.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from injectors.stack.layout import ENVIRONMENT, ENVIRONMENT_VARIABLE, HOST, MARKER, Layout, Port
from injectors.stack.parts import Part, as_user
from topologies.shipped import shipped_estates

ESTATE = "high-street"
SCRAPE_S = 5

_NGINX = """\
daemon off;
pid {pid};
error_log {errors};
worker_processes 1;
env {variable};
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {temporary}/body; proxy_temp_path {temporary}/proxy; fastcgi_temp_path {temporary}/fastcgi;
  uwsgi_temp_path {temporary}/uwsgi; scgi_temp_path {temporary}/scgi;
  server {{
    listen {host}:{port};
    add_header X-Environment {environment} always;
    location / {{
      proxy_pass http://{host}:{upstream};
      proxy_connect_timeout 1s;
      proxy_read_timeout 2s;
      proxy_http_version 1.1;
      proxy_hide_header X-Environment;
    }}
  }}
  server {{
    listen {host}:{status};
    location /status {{ stub_status; }}
  }}
}}
"""

_REDIS = """\
bind {host}
port {port}
pidfile {pid}
daemonize no
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
dir {folder}
{replica}
"""

_BLACKBOX = """\
modules:
  shop:
    prober: http
    timeout: 3s
    http: {preferred_ip_protocol: ip4}
"""


_LIVE: Mapping[str, Mapping[str, object]] = {
    "storefront": {"latency": {"delay": "1200ms"}, "reset": {}},
    "payments": {"latency": {"delay": "1s"}},
}
"""How the scenario's faults are done where it says too little: as much delay as its factor gives the model."""


def write_configuration(layout: Layout) -> None:
    """Everything that the parts read; the folders have to be there."""
    etc = layout.configuration
    (etc / "nginx.conf").write_text(
        _NGINX.format(
            pid=layout.pid_file("gateway"),
            errors=layout.log("nginx-errors"),
            variable=ENVIRONMENT_VARIABLE,
            temporary=layout.folder / "nginx",
            host=HOST,
            port=Port.GATEWAY,
            status=Port.GATEWAY_STATUS,
            upstream=Port.STOREFRONT_PROXY,
            environment=ENVIRONMENT,
        )
    )
    for letter, port in (("a", Port.PRICES_A), ("b", Port.PRICES_B)):
        (etc / f"redis-{letter}.conf").write_text(
            _REDIS.format(
                host=HOST,
                port=port,
                pid=layout.pid_file(f"prices-{letter}"),
                folder=layout.folder / "redis",
                replica=f"replicaof {HOST} {Port.PRICES_A}" if letter == "b" else "",
            )
        )
    (layout.folder / "redis" / MARKER).write_text(ENVIRONMENT)
    (etc / "blackbox.yml").write_text(_BLACKBOX)
    alerts = shipped_estates()[ESTATE] / "alerts"
    shutil.copy(alerts / "alertmanager.yaml", etc / "alertmanager.yml")
    shutil.copytree(alerts / "rules", etc / "rules", dirs_exist_ok=True)
    (etc / "prometheus.yml").write_text(json.dumps(_prometheus(etc), indent=2))


def _prometheus(etc: Path) -> Mapping[str, object]:
    """JSON is YAML.  Labels are those that the model gives its series: `component`, and what the estate declares."""
    services = {"storefront": Port.STOREFRONT, "orders": Port.ORDERS, "payments": Port.PAYMENTS}
    exporters = {
        "gateway": Port.NGINX_EXPORTER,
        "orders-db-a": Port.DATABASE_A_EXPORTER,
        "orders-db-b": Port.DATABASE_B_EXPORTER,
        "prices-a": Port.PRICES_A_EXPORTER,
        "prices-b": Port.PRICES_B_EXPORTER,
    }
    probe = {
        "job_name": "probe",
        "metrics_path": "/probe",
        "params": {"module": ["shop"], "target": [f"http://{HOST}:{Port.GATEWAY}/"]},
        "static_configs": [_static("gateway", Port.BLACKBOX)],
    }
    return {
        "global": {
            "scrape_interval": f"{SCRAPE_S}s",
            "scrape_timeout": f"{SCRAPE_S - 1}s",
            "evaluation_interval": f"{SCRAPE_S}s",
        },
        "rule_files": [str(etc / "rules" / "*.yaml")],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{HOST}:{Port.ALERTMANAGER}"]}]}]},
        "scrape_configs": [
            {"job_name": "services", "static_configs": [_static(id, port) for id, port in services.items()]},
            {"job_name": "exporters", "static_configs": [_static(id, port) for id, port in exporters.items()]},
            probe,
        ],
    }


def _static(component: str, port: int) -> Mapping[str, object]:
    return {"targets": [f"{HOST}:{port}"], "labels": {"component": component, "team": "shop"}}


def write_binding(layout: Layout, parts: Iterable[Part]) -> None:
    """Every part that stands for a component, as a target with its proof."""
    binding = {
        "format": "blackstart/binding/1",
        "title": "The shipped stack on this machine",
        "environment": ENVIRONMENT,
        "estate": ESTATE,
        "monitoring": {
            "prometheus": f"http://{HOST}:{Port.PROMETHEUS}",
            "alertmanager": f"http://{HOST}:{Port.ALERTMANAGER}",
            "notifications": str(layout.notifications),
        },
        "journeys": [{"title": "Shopping", "http": f"http://{HOST}:{Port.GATEWAY}/"}],
        "targets": {part.name: _target(layout, part) for part in parts if part.component is not None},
        "budget": {"faults": 40, "targets": 12, "at_once": 2, "minutes": 120},
        "steady_state": [
            {"title": "The shop is open", "http": f"http://{HOST}:{Port.GATEWAY}/"},
            {"title": "Everything is scraped", "query": "count(up == 1) == count(up)"},
            {"title": "No alert fires", "query": 'absent(ALERTS{alertstate="firing"})'},
        ],
    }
    layout.binding.write_text(json.dumps(binding, indent=2) + "\n")


def _target(layout: Layout, part: Part) -> Mapping[str, object]:
    target: dict[str, object] = {
        "component": part.component,
        "process": {"pid_file": str(layout.pid_file(part.name)), "start": _start(layout, part)},
        "proof": {"says": ENVIRONMENT, **_proof(part)},
    }
    if part.proxy is not None:
        target["proxy"] = {"control": str(layout.proxy(part.proxy))}
    if part.name in _LIVE:
        target["faults"] = _LIVE[part.name]
    if part.data_folder is not None:
        target["data_folder"] = str(part.data_folder)
    if part.component in ("gateway", "storefront", "orders", "payments", "prometheus", "alertmanager"):
        target["http"] = f"http://{HOST}:{part.listens}"
    return target


def _proof(part: Part) -> Mapping[str, str]:
    """How the part says what it is: by a header of its answers, a file where it works, or its environment."""
    if part.name == "gateway":
        return {"header": "X-Environment"}
    if part.name.startswith(("orders-db", "prices")):
        return {"marker": MARKER}
    return {"environment": ENVIRONMENT_VARIABLE}


def _start(layout: Layout, part: Part) -> Mapping[str, object]:
    return {
        "arguments": [*as_user(part), *part.arguments],
        "folder": str(layout.folder),
        "environment": {ENVIRONMENT_VARIABLE: ENVIRONMENT, **dict(part.environment)},
        "listens": f"{HOST}:{part.listens}",
        "writes_pid_file": part.writes_pid_file,
        "log": str(layout.log(part.name)),
    }
