"""What the findings about records of an incident mean, by their id, for `blackstart explain`."""

from __future__ import annotations

RECORD_FINDINGS: dict[str, str] = {
    "incident.no-manifest": """A folder of records has no incident.yaml, which says what its files are.

`blackstart score --record DIR --propose` drafts one.""",
    "incident.outside": """A record names a file that does not lie in its folder.

A record is one folder, so that it can be kept and scored again as a whole.""",
    "incident.format": """It is not said, or not known, in which format the tickets of a record are.

Tickets are read by the importers of histories; `blackstart history import --help` lists their formats.""",
    "incident.nothing": """Nothing in a folder can be recognised as records of an incident.""",
    "incident.unknown-person": """Names in the files belong to nobody under `people` of incident.yaml.

Each is taken for a person of its own, of the organisation.  Somebody with two names is then two people.""",
    "incident.no-function": """A record states no business function that was hurt.

Files do not say what the business lost: without it no recovery time is known.""",
    "incident.no-fault": """A record states no fault.

What runs from the beginning of a fault (time to detect, to acknowledge, to restore) is then not known.""",
}
