"""What a review may look at beside the timeline: the files of the run, as far as they are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from timeline.instants import DAY
from topologies.estate import Estate
from topologies.loading.document import read_document
from topologies.loading.validation import validate
from topologies.organisation import Organisation

_USUAL_WITHIN_MS = 30 * DAY
_ORGANISATION, _TOPOLOGY = "estate/organisation.yaml", "estate/topology.yaml"
_TEXTS = ("rules", "playbook")


@dataclass(frozen=True, slots=True)
class Material:
    """Owners of components by id, the policy of the organisation, and texts that edits can be proposed for."""

    owners: Mapping[str, str] = field(default_factory=dict)
    due_within_ms: int = _USUAL_WITHIN_MS
    """Until when an action is due, from the resolution."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Files of alert rules by their path in the folder of inputs."""
    playbooks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_run(cls, folder: Path) -> Material:
        """From the inputs of a run folder; a run without some of them is reviewed without them.

        Raises InputError where a file that is there cannot be read.
        """
        inputs = folder / "inputs"
        owners: dict[str, str] = {}
        within_ms = _USUAL_WITHIN_MS
        if (inputs / _TOPOLOGY).is_file():
            estate = validate(read_document(inputs / _TOPOLOGY), Estate)
            parts = (estate.components, estate.standby_pairs, estate.groups, estate.functions)
            owners = {id: thing.owner for part in parts for id, thing in part.items() if thing.owner is not None}
        if (inputs / _ORGANISATION).is_file():
            organisation = validate(read_document(inputs / _ORGANISATION), Organisation)
            after = organisation.after_incident
            if after is not None and after.improvement is not None:
                within_ms = after.improvement.within
        rules, playbooks = ({**_texts(inputs, part)} for part in _TEXTS)
        return cls(owners, within_ms, rules, playbooks)


def _texts(inputs: Path, part: str) -> dict[str, str]:
    files = sorted(path for folder in inputs.glob(f"{part}*") for path in folder.glob("*.y*ml"))
    return {path.relative_to(inputs).as_posix(): path.read_text(encoding="utf-8") for path in files}
