"""Which failure mode a kind of fault of the catalogue is, so that an answer of triage can be held against the truth.

The modes are the causes of `scenarios/history/failure_modes.yaml`.  It is a judgement, made once: a kind of fault is
named after its mechanism, a mode after where outages come from (a certificate that expires is configuration, a queue
that nobody consumes is load).
"""

from __future__ import annotations

from collections.abc import Mapping

CAUSES = frozenset(
    {
        "upgrade",
        "network",
        "bug",
        "configuration",
        "load",
        "dependency",
        "power",
        "security",
        "human",
        "storage",
        "server",
        "natural-disaster",
        "hardware",
    }
)
"""The shipped modes that say why."""
_KINDS_OF_MODE: Mapping[str, tuple[str, ...]] = {
    "upgrade": ("bad-deploy", "image-missing"),
    "network": ("network-outage", "packet-loss", "dns-failure", "partition", "telecom-loss"),
    "bug": ("crash", "crash-loop", "hang", "slow", "memory-leak", "out-of-memory", "job-failure"),
    "configuration": ("bad-configuration", "certificate-expiry", "clock-skew"),
    "load": (
        "cpu-starvation",
        "noisy-neighbour",
        "connection-exhaustion",
        "descriptor-exhaustion",
        "quota-exhausted",
        "cache-eviction",
        "consumer-lag",
        "pods-pending",
    ),
    "dependency": ("vendor-outage", "vendor-failure"),
    "power": ("power-loss", "cooling-loss", "rack-loss", "overheating"),
    "security": ("ransomware", "credential-revoked"),
    "human": ("workplace-denied", "staff-absence"),
    "storage": (
        "disk-full",
        "inode-exhaustion",
        "slow-disk",
        "read-only",
        "corruption",
        "replication-stopped",
        "replication-lag",
    ),
    "server": ("node-not-ready",),
    "natural-disaster": ("site-loss", "region-loss", "flood"),
}
MODE_OF_FAULT: Mapping[str, str] = {kind: mode for mode, kinds in _KINDS_OF_MODE.items() for kind in kinds}
"""Kind of fault to mode."""
