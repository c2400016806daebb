"""What kind of component something is, guessed from what a file calls it; with the rule that matched.

The rules, the first that matches counts:

1. what the file states itself (`kind: database`, a CMDB class, a Backstage type), where it has an equal here;
2. a word of the container image: `bitnami/postgresql:15` is a database;
3. a word of the name: `cart-db` is a database, `redis-cart` a cache;
4. nothing: a service, which is what most things are.

A guess of the second sort is medium, of the third and fourth low in confidence, and the estate says so in `sources`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from topologies.estate import ComponentKind

_WORDS: dict[ComponentKind, str] = {
    # An exporter is told by this word before the thing that it watches is.
    ComponentKind.MONITORING: (
        "exporter prometheus prom grafana jaeger tempo loki mimir thanos zipkin otelcol otel collector "
        "telegraf fluentd fluentbit fluent promtail logstash kibana filebeat metricbeat datadog newrelic "
        "cadvisor statsd graphite nagios zabbix kiali victoriametrics splunk monitoring"
    ),
    ComponentKind.ALERTING: ("alertmanager alerting"),
    ComponentKind.DATABASE: (
        "postgres postgresql postgis timescaledb mysql mysqld mariadb percona mongo mongodb mongod cassandra "
        "scylla cockroach cockroachdb cockroachlabs mssql sqlserver oracle db2 sybase elasticsearch "
        "opensearch solr clickhouse influxdb neo4j couchdb couchbase dynamodb firestore spanner alloydb rds "
        "aurora tidb vitess arangodb rethinkdb etcd h2 sqlite qdrant weaviate milvus pgvector db database sql "
        "rdbms hsqldb"
    ),
    ComponentKind.CACHE: (
        "redis memcached memcache valkey dragonfly hazelcast varnish ehcache infinispan elasticache cache keydb"
    ),
    ComponentKind.QUEUE: (
        "rabbitmq kafka activemq artemis nats pulsar mosquitto redpanda rocketmq sqs pubsub kinesis mq queue "
        "broker zookeeper eventhub servicebus ibmmq emqx"
    ),
    ComponentKind.GATEWAY: (
        "nginx traefik haproxy envoy kong caddy apisix krakend zuul gateway ingress ingressgateway "
        "loadbalancer balancer lb proxy frontendproxy istio httpd waf f5 bigip"
    ),
    ComponentKind.STORAGE: (
        "minio ceph s3 nfs glusterfs longhorn volume storage bucket san nas blob filestore seaweedfs efs ebs"
    ),
    ComponentKind.IDENTITY: (
        "keycloak dex openldap ldap oauth2 authelia authentik okta adfs activedirectory idp sso identity "
        "kerberos zitadel"
    ),
    ComponentKind.DNS: ("coredns dns bind9 dnsmasq unbound powerdns pihole route53"),
    ComponentKind.BATCH: ("cron cronjob batch job scheduler airflow etl backup migration migrate"),
    ComponentKind.NETWORK: ("switch router firewall vpn wireguard wan lan mpls"),
    ComponentKind.POWER: ("ups pdu power"),
    ComponentKind.COOLING: ("hvac crac chiller cooling"),
    ComponentKind.CHAT: ("mattermost rocketchat slack zulip"),
    ComponentKind.ITSM: ("servicenow itsm jira glpi"),
    ComponentKind.PAGING: ("pagerduty opsgenie goalert"),
}
_KINDS_BY_WORD = {kind: frozenset(words.split()) for kind, words in _WORDS.items()}
_TOOLS = frozenset(("phpmyadmin", "adminer", "pgadmin", "pgadmin4", "commander", "ui", "admin", "express", "client"))
"""Words of things that only look at a database, cache or queue."""
_GENERIC = frozenset(("server", "enterprise", "community", "core", "standalone"))
"""Last words of images that say nothing without the one before."""
_VERSION = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind, why, and how far it can be trusted."""

    kind: ComponentKind
    rule: str
    confidence: str


def stated(kind: ComponentKind, rule: str) -> Guess:
    """What the file says itself, under a rule of its format."""
    return Guess(kind, rule, "high")


def guess(name: str, image: str | None = None) -> Guess:
    """By the words of the image, else of the name, else a service."""
    if image and (found := _by_words(_telling(image), "image", "medium")):
        return found
    return _by_words(name, "name", "low") or Guess(ComponentKind.SERVICE, "nothing says what it is", "low")


def named_kind(text: str) -> ComponentKind | None:
    """A kind that a file names in a column or field of its own, with its usual synonyms."""
    word = re.sub(r"[\s_]+", "-", text.strip().casefold())
    if word in set(ComponentKind):
        return ComponentKind(word)
    found = _by_words(word, "", "")
    if found is not None:
        return found.kind
    services = {"app", "application", "api", "backend", "frontend", "website", "microservice", "server", "host", "vm"}
    return ComponentKind.SERVICE if word in services | {"web", "worker", "function", "component"} else None


def _by_words(text: str, what: str, confidence: str) -> Guess | None:
    words = [word for word in re.split(r"[^a-z0-9]+", text.casefold()) if word]
    if not _TOOLS.isdisjoint(words):
        return None
    spoken = {word: word for word in words}
    spoken |= {f"{one}{two}": f"{one}-{two}" for one, two in pairwise(words)}
    spoken |= {_VERSION.sub("", word): word for word in words}
    for kind, known in _KINDS_BY_WORD.items():
        for word, written in spoken.items():
            if word in known:
                return Guess(kind, f"{what} has the word {written!r}", confidence)
    return None


def _telling(image: str) -> str:
    """The part of an image's name that tells: of `ghcr.io/acme/cart-db:1.2@sha256:...` it is `cart-db`."""
    *above, last = image.partition("@")[0].split("/")
    last = last.partition(":")[0]
    return "-".join([*above[-1:], last]) if last in _GENERIC else last
