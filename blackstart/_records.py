"""Records of real incidents: scored like an exercise and left in a run folder of the same form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blackstart._folders import INCOMPLETE, TIMELINE, digest, keep_hashes, keep_inputs, make_folder
from blackstart._runs import Run
from reports.folder import write_reports
from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident import IncidentFolder, read_incident
from timeline.files import sync_folder, write_whole
from timeline.store import TimelineFile

SOURCES = "sources.jsonl"


@dataclass(frozen=True, slots=True)
class ScoredRecord:
    """A record with the run that was made of it."""

    record: IncidentFolder
    run: Run


def score_record(folder: Path | str, *, out: Path | str | None = None, key: bytes | None = None) -> ScoredRecord:
    """Scores the records of a real incident by the same measures as an exercise.

    The run folder is `out`, by default `exercises/<name>-<input hash>`; besides the usual files it holds
    `sources.jsonl`, every row of every source with the events that it told.  With `key` people are pseudonyms, and of
    the inputs only hashes are kept.  Raises InputError before anything is written when a file cannot be read.
    """
    folder = Path(folder)
    record = read_incident(folder, Names(key))
    inputs = {path.relative_to(folder).as_posix(): path.read_bytes() for path in record.files}
    # Bytes as characters: the hash is over what is there, whatever its encoding.
    whole = digest({name: content.decode("latin-1") for name, content in inputs.items()})
    target = Path(out) if out is not None else Path("exercises") / f"{record.name}-{whole[:10]}"
    make_folder(target)
    (keep_hashes if record.hidden else keep_inputs)(target / "inputs", inputs)
    with TimelineFile(target / TIMELINE) as file:
        for event in record.timeline:
            file(event)
    write_whole(target / SOURCES, record.source_lines())
    scores = write_reports(record.timeline, target)
    (target / INCOMPLETE).unlink()
    sync_folder(target)
    return ScoredRecord(record, Run(target, record.timeline, scores))
