"""One real incident as its records tell it: a folder of exports becomes a timeline that is scored like an exercise.

    record = read_incident(Path("2026-03-payments"))
    record.timeline, record.sources, record.findings

- `manifest`: `incident.yaml`, which says what each file is, who is who, and what people state (functions, faults);
- `tickets`, `pages`, `chat`, `status_page`, `monitoring`: one reader a source; `markers` are what a chat may log;
- `assembling` puts what they tell in order and adds the causes that are known; `reading` does all of it;
- `proposing` drafts a manifest, `drafting` a scenario with its MSEL.

Nothing is guessed: what no file and no statement says is not on the timeline, and `ExerciseDetail.complete_kinds` says
of which kinds of event the record has every one, so that the scorer takes no other absence for a fact.
"""

from scenarios.history.incident.reading import IncidentFolder, read_incident

__all__ = ["IncidentFolder", "read_incident"]
