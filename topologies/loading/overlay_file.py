"""An overlay file: values for paths, each with where it comes from, for people to read, edit and hand in.

    format: blackstart/overlay/1
    title: Fitted to history.parquet
    values:
      organisation.people.dba.answer.day:
        value: lognormal(median=4m, p90=12m)
        basis: fitted
        confidence: medium
        source: 312 acknowledgements by the team data
        low: lognormal(median=3m50s, p90=11m)
        high: lognormal(median=4m10s, p90=13m)
        n: 312
    left_alone:
      organisation.working.triage: the record does not divide the work on an incident

Paths are those of `--set` (`topologies.loading.overlay`); values are set on the files in the order of the overlay, and
what it says of their source joins the table of sources.  `low`, `high` and `n` are for readers: whoever changes a
value writes `basis: expert` beside it.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from topologies.fields import Model, Source
from topologies.loading.document import read_document
from topologies.loading.gathering import Gathered
from topologies.loading.nodes import ScalarNode
from topologies.loading.overlay import Setting, divided
from topologies.loading.validation import validate
from topologies.writing import to_yaml

FORMAT: Literal["blackstart/overlay/1"] = "blackstart/overlay/1"
_Written = Annotated[str, StringConstraints(min_length=1)]


class OverlayValue(Source):
    """One value with its source."""

    value: Any
    """As YAML; null removes what is there."""
    low: _Written | None = None
    high: _Written | None = None
    """The ends of its 95 % interval."""
    n: int | None = Field(default=None, ge=0)
    """Cases behind it."""


class Overlay(Model):
    """A whole overlay file."""

    format: Literal["blackstart/overlay/1"]
    title: str = ""
    values: dict[str, OverlayValue]
    """By path, as for `--set`."""
    left_alone: dict[str, str] = Field(default_factory=dict)
    """What was looked at and is not in `values`, and why."""


def read_overlay(path: Path) -> list[Setting]:
    """The settings of an overlay file.  Raises InputError with every disagreement and its place."""
    document = read_document(path)
    overlay = validate(document, Overlay)
    gathered = Gathered()
    settings = []
    for name, entry in overlay.values.items():
        place, node = document.place(["values", name], key=True), document.node(["values", name, "value"])
        ways = gathered.attempt(partial(divided, name, place))
        if ways is not None:
            removes = isinstance(node, ScalarNode) and node.value is None
            source = Source(source=entry.source, basis=entry.basis, confidence=entry.confidence)
            text = f"{name}={json.dumps(entry.value, ensure_ascii=False)}"
            settings.append(Setting(name, *ways, None if removes else node, text, place, source))
    gathered.complete()
    return settings


def overlay_text(overlay: Overlay) -> str:
    """The file, with a head that says what it is."""
    data = overlay.model_dump(mode="json", exclude_none=True)
    return _HEAD + to_yaml({"format": overlay.format, **data})


_HEAD = """\
# Values for `--overlay`: change them freely, and then write `basis: expert` beside them, so that no report calls them
# fitted. Delete what you do not want.
"""
