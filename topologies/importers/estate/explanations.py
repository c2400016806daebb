"""What the findings of importing an estate mean, by their id, for `blackstart explain`."""

from __future__ import annotations

from topologies.importers.estate.draft import DIFFERENT, DOUBTFUL

ESTATE_IMPORT_FINDINGS: dict[str, str] = {
    DIFFERENT: """An import says something that has no equal in an estate.

The remark says what is done instead, so that the difference can be judged.""",
    DOUBTFUL: """An import contradicts itself, or names something that is not in it.

What is named and not described becomes a thing of its own; of two statements the first counts.  Look at the place, and
give the file that describes it as well.""",
    "estate.foreign": """A file is not as the format that was named has it.

The place is the value that does not fit.  `blackstart list importers` shows the formats and their files.""",
    "estate.mapping": """A table cannot be mapped: its columns are of no kind that is known, or a mapping names others.

`blackstart estate import csv FILES --propose mapping.yaml` writes the mapping that would be used, to be edited.""",
    "estate.template": """A file is a template, and no manifest.

What it makes depends on values that are elsewhere.  Render it first: `helm template CHART > manifests.yaml`.""",
    "estate.fetch": """A ServiceNow instance did not answer as its Table API should.

Credentials are read from SERVICENOW_TOKEN, or from SERVICENOW_USER and SERVICENOW_PASSWORD.  They are sent to the
instance that was named and to nobody else: no redirect is followed.""",
    "estate.too-large": """An import holds more than one estate can.

Files of an estate are read up to 8 MiB.  Import a part: CIs of one location or class, one namespace, one system.""",
    "json.syntax": """A file is not JSON.

The place is where reading ended.  An export that was cut off ends like this: export it again.""",
    "csv.syntax": """A file is not CSV.

Mostly a quote was opened and never closed, so that the rest of the file is one cell.""",
}
