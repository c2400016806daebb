"""JSON Schemas of the kinds of file, for editors and for whoever generates files.

A schema says what a file may look like; what names refer to, and whether numbers agree with each other, only
`blackstart check` can say.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema

from scenarios.models import Playbook, Scenario
from topologies.automations import Automations
from topologies.estate import Estate
from topologies.expectations import Expectations
from topologies.obligations import Obligation
from topologies.organisation import Organisation
from topologies.telemetry import TelemetryProfile

KINDS: dict[str, type[BaseModel]] = {
    "topology": Estate,
    "estate": Estate,
    "organisation": Organisation,
    "scenario": Scenario,
    "playbook": Playbook,
    "expectations": Expectations,
    "obligations": Obligation,
    "automations": Automations,
    "profile": TelemetryProfile,
}
"""`estate` is another name of `topology`: the format of `topology.yaml`."""


class _OnlyIds(GenerateJsonSchema):
    """Keys of a map of ids are ids: pydantic states their pattern but would let any other key pass."""

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of file.  Raises KeyError for a kind that does not exist."""
    schema = KINDS[kind].model_json_schema(by_alias=True, mode="validation", schema_generator=_OnlyIds)
    return {"$schema": _OnlyIds.schema_dialect, **schema}
