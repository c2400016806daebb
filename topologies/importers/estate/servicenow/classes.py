"""What a class of configuration items is in an estate, by the words of its name or label.

`cmdb_ci_db_mssql_instance` has the word `db`: a database.  The rules are tried in order; a mapping goes before them.
"""

from __future__ import annotations

import re
from itertools import pairwise

from topologies.estate import ComponentKind
from topologies.importers.estate.csv.mapping import Kind

_FUNCTIONS = ("service", "businessservice", "businesscapability", "businessprocess", "servicebusiness")
_RULES: tuple[tuple[Kind, str], ...] = (
    ("site", "datacenter datacentre zone room availabilityzone logicaldatacenter location"),
    (ComponentKind.POWER, "ups pdu generator power"),
    (ComponentKind.COOLING, "crac hvac cooling"),
    (ComponentKind.DNS, "dns"),
    (ComponentKind.IDENTITY, "ldap directory kerberos"),
    (ComponentKind.GATEWAY, "lb balancer loadbalancer proxy bigip f5 gateway"),
    (ComponentKind.NETWORK, "netgear network switch router firewall vpn wap wan lan subnet nic adapter"),
    (ComponentKind.DATABASE, "db database mssql mysql oracle ora postgresql mongodb hana"),
    (ComponentKind.CACHE, "redis memcached cache"),
    (ComponentKind.QUEUE, "mq queue kafka rabbitmq messaging broker"),
    (ComponentKind.STORAGE, "storage san nas volume disk lun filesystem bucket msd"),
    (ComponentKind.BATCH, "batch job scheduler"),
    (ComponentKind.MONITORING, "monitor monitoring"),
    (ComponentKind.SERVICE, "server appl application app service vm instance container pod computer host hardware"),
    (ComponentKind.SERVICE, "kubernetes docker web api function software endpoint esx hypervisor rack chassis"),
)


def kind_of_class(name: str) -> Kind | None:
    """The kind or part of a class, by its table name or label; None where no word of it is known."""
    words = re.split(r"[^a-z0-9]+", name.casefold().removeprefix("cmdb_ci_"))
    joined = "".join(words)
    if joined in _FUNCTIONS:
        return "function"
    if words[-1] == "cluster" or joined in ("cluster", "loadbalancerpool", "lbpool"):
        return "group"
    spoken = {*words, joined, *(f"{one}{two}" for one, two in pairwise(words))}
    return next((kind for kind, known in _RULES if not spoken.isdisjoint(known.split())), None)
