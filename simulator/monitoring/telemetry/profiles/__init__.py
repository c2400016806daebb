"""Profiles: the series of well-known exporters, by their real names; one module an exporter.

Names, labels and types follow the exporters' documentation and source; those of node_exporter, postgres_exporter,
redis_exporter, nginx-prometheus-exporter and blackbox_exporter are compared with what the real ones show
(`tests/conformance/exporters`).  A profile shows the part of an exporter that rules commonly read: tens of series a
replica, not hundreds.  `queue` and `power` are generic.
"""

from simulator.monitoring.telemetry.profiles import (
    blackbox,
    generic,
    http_server,
    kafka,
    kubernetes,
    nginx,
    node,
    postgres,
    rabbitmq,
    redis,
)
from simulator.monitoring.telemetry.recipe import Profile
from timeline.registry import Registry

PROFILES: Registry[Profile] = Registry("telemetry profile")

for _id, _profile in {
    "http-server": http_server.PROFILE,
    "node": node.PROFILE,
    "postgres": postgres.PROFILE,
    "redis": redis.PROFILE,
    "nginx": nginx.PROFILE,
    "rabbitmq": rabbitmq.PROFILE,
    "kafka": kafka.PROFILE,
    "kube-state-metrics": kubernetes.STATE_METRICS,
    "kubelet": kubernetes.KUBELET,
    "cadvisor": kubernetes.CADVISOR,
    "blackbox": blackbox.PROFILE,
    "queue": generic.QUEUE,
    "power": generic.POWER,
}.items():
    PROFILES.add(_id, _profile)

__all__ = ["PROFILES"]
