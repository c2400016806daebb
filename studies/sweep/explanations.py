"""What the errors of sweeps mean, by their id, for `blackstart explain`."""

from __future__ import annotations

SWEEP_FINDINGS: dict[str, str] = {
    "sweep.folder": """The folder holds something else than this sweep, and is left as it is.

A sweep goes on where it was when everything is the same: scenarios, files, settings, seed, shard and version; only
replications may become more, and `--until` may change.""",
    "sweep.busy": """Another process is writing to the folder of this sweep.""",
    "sweep.damaged": """A file in the folder of a sweep was changed, cut off or removed.

Its rows can no longer be trusted to be a whole beginning of the sweep.""",
    "sweep.not-found": """The folder is not one that `blackstart sweep` or `compare` wrote.""",
    "sweep.empty": """No replication of the sweep was written before it was interrupted.""",
    "sweep.shards": """The folders are not all shards of one sweep, each finished and each there once.""",
    "factors.unknown-response": """A file of factors is to explain what is no objective of the scenario, nor a measure.

`blackstart list measures` shows the measures; objectives stand in the scenario.""",
    "sweep.replication": """The sweep has no such replication, or no such arm.""",
    "sweep.changed": """What the sweep was played from has changed since, so its replications cannot be played again.

The digest of every file that was read stands in `study.json`.  Bring the files back as they were, or sweep again.""",
    "sweep.not-the-same": """A replication that was played again came out differently.

The files are the same, so Blackstart is not: `study.json` says which version played the sweep.""",
}
