"""The folder of a sweep:

    study.json                        what is swept
    rows/<arm>/<first>.parquet        rows, in cells of `CELL` replications, in order
    INCOMPLETE                        until every row and every document is there
    sweep.json, report.html, figures/

A cell is written whole, and again with more rows until it is full.  Its bounds depend on the numbers of replications
alone: whoever played them, in however many goes, the bytes are the same, and shards merge to what one run would have
written.  After a kill, what is there is a beginning of what is to come; the sweep goes on behind it.
"""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from studies.sweep.arms import Shard, Study
from studies.sweep.outcomes import Replication, frame_of, rows_of
from timeline.files import sync_folder, write_whole
from timeline.findings import InputError

if TYPE_CHECKING:
    import polars as pl

CELL = 50
STUDY, ROWS, INCOMPLETE = "study.json", "rows", "INCOMPLETE"
_LOCK = ".lock"
_UNFINISHED = "This sweep has not finished; the same command goes on with it.\n"


class SweepFolder:
    """An open folder: `study` is what it holds."""

    def __init__(self, path: Path, study: Study) -> None:
        self.path, self.study = path, study
        self._places = {arm.name: place for place, arm in enumerate(study.arms)}

    def rows(self, arm: str) -> list[Replication]:
        """The rows of an arm, in order of replications.  Raises InputError when a cell is damaged."""
        return [row for path in self._cells(arm) for row in rows_of(self._read(path))]

    def frame(self, arm: str, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of the rows of an arm, in order of replications."""
        import polars as pl

        cells = [self._read(path).select(columns) for path in self._cells(arm)]
        return pl.concat(cells) if cells else frame_of([]).select(columns)

    def wanted(self, arm: str) -> range:
        """The replications of an arm that belong here."""
        return self.study.replications_of(self._places[arm])

    def done(self, arm: str) -> int:
        """How many rows of the arm are there.  Raises InputError when they are not a beginning of the sweep."""
        numbers = self.frame(arm, ["replication"])["replication"].to_list()
        wanted = self.wanted(arm)
        if numbers != list(wanted[: len(numbers)]):
            raise self._damaged(self.path / ROWS / arm, "rows are missing or there twice")
        return len(numbers)

    def write_cell(self, arm: str, rows: Sequence[Replication]) -> None:
        """Rows of one cell, all that there are of it so far."""
        folder = self.path / ROWS / arm
        folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        frame_of(rows).write_parquet(buffer, compression="zstd", statistics=False)
        write_whole(folder / _cell_name(rows[0].replication), buffer.getvalue())

    def last_cell(self, arm: str) -> list[Replication]:
        """Rows of a last cell that is not full yet."""
        cells = self._cells(arm)
        rows = rows_of(self._read(cells[-1])) if cells else []
        return [] if not rows or (rows[-1].replication + 1) % CELL == 0 else rows

    def finish(self) -> None:
        (self.path / INCOMPLETE).unlink(missing_ok=True)
        sync_folder(self.path)

    def _cells(self, arm: str) -> list[Path]:
        return sorted((self.path / ROWS / arm).glob("[0-9]*.parquet"))

    def _read(self, path: Path) -> pl.DataFrame:
        import polars as pl

        try:
            frame = pl.read_parquet(path.read_bytes())
        except (OSError, pl.exceptions.PolarsError) as error:
            raise self._damaged(path, str(error).splitlines()[0]) from None
        if frame.schema != frame_of([]).schema:
            raise self._damaged(path, "its columns are not those of a sweep")
        return frame

    def _damaged(self, path: Path, message: str) -> InputError:
        return InputError.single("sweep.damaged", str(path), message, "remove the folder and sweep again")


@contextmanager
def writing(path: Path, study: Study) -> Iterator[SweepFolder]:
    """The folder of a study to add rows to, made where it is not there; one process at a time.

    A finished study may go on to more replications.  Raises InputError when the folder holds something else.
    """
    if path.exists() and not path.is_dir():
        raise InputError.single("sweep.folder", str(path), "this is a file, not a folder", "choose another --out")
    if path.is_dir() and not (path / STUDY).exists() and not all(_from_the_first_moment(p) for p in path.iterdir()):
        message = "this folder holds something else than a sweep"
        raise InputError.single("sweep.folder", str(path), message, "choose another --out, or empty it")
    path.mkdir(parents=True, exist_ok=True)
    with (path / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another process is at work on this sweep"
            raise InputError.single("sweep.busy", str(path), message, "wait for it, or choose another --out") from None
        if (path / STUDY).exists():
            _refuse_another(path, study)
        _remove_leftovers(path)
        write_whole(path / INCOMPLETE, _UNFINISHED)
        write_whole(path / STUDY, study.to_json())
        yield SweepFolder(path, study)


def open_folder(path: Path) -> SweepFolder:
    """A folder to read.  Raises InputError when it is no sweep, or damaged."""
    file = path / STUDY
    if not file.is_file():
        raise InputError.single("sweep.not-found", str(path), f"there is no {STUDY} here", "is this a sweep's folder?")
    try:
        study = Study.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        message = f"this is not the description of a sweep: {where}: {first['msg']}"
        raise InputError.single("sweep.damaged", str(file), message, "remove the folder and sweep again") from None
    return SweepFolder(path, study)


def _refuse_another(path: Path, study: Study) -> None:
    there = open_folder(path).study
    extends = study.shard.whole and there.replications <= study.replications
    compared = there.model_copy(update={"replications": study.replications, "until": study.until} if extends else {})
    if compared != study:
        apart = [name for name in Study.model_fields if getattr(compared, name) != getattr(study, name)]
        message = f"this folder holds another sweep: it differs in {', '.join(apart)}"
        raise InputError.single("sweep.folder", str(path), message, "choose another --out, or remove the folder")


def _from_the_first_moment(file: Path) -> bool:
    """A file that a sweep leaves which was killed before it could say what it is."""
    return file.name in (_LOCK, INCOMPLETE) or any(file.match(f".{name}.*.part") for name in (INCOMPLETE, STUDY))


def _remove_leftovers(path: Path) -> None:
    """Temporary files of a process that was killed."""
    for leftover in [*path.glob(".*.part"), *path.glob(f"{ROWS}/*/.*.part")]:
        leftover.unlink()


def _cell_name(replication: int) -> str:
    return f"{replication // CELL * CELL:08d}.parquet"


def merge(shards: Sequence[SweepFolder], path: Path) -> SweepFolder:
    """One folder of all shards of a sweep, its rows to the byte those of one run.

    Raises InputError when shards are of different sweeps, one is missing or there twice, or one has not finished.
    """
    studies = [folder.study for folder in shards]
    for folder in shards:
        if folder.study.model_copy(update={"shard": Shard()}) != studies[0].model_copy(update={"shard": Shard()}):
            message = f"this is a shard of another sweep than {shards[0].path}"
            raise InputError.single("sweep.shards", str(folder.path), message, "merge shards of one sweep")
    wanted = [Shard(number=number, of=studies[0].shard.of) for number in range(1, studies[0].shard.of + 1)]
    if sorted(str(study.shard) for study in studies) != sorted(str(shard) for shard in wanted):
        message = f"these are the shards {', '.join(str(study.shard) for study in studies)}"
        hint = f"every one of {', '.join(str(shard) for shard in wanted)} is needed, once"
        raise InputError.single("sweep.shards", str(shards[0].path), message, hint)
    for folder in shards:
        _refuse_unfinished(folder)
    ordered = sorted(shards, key=lambda folder: folder.study.shard.number)
    with writing(path, studies[0].model_copy(update={"shard": Shard()})) as merged:
        for arm in merged.study.arms:
            for cell in _in_cells(row for folder in ordered for row in folder.rows(arm.name)):
                merged.write_cell(arm.name, cell)
            merged.done(arm.name)
    return merged


def _refuse_unfinished(folder: SweepFolder) -> None:
    for arm in folder.study.arms:
        if folder.done(arm.name) < len(folder.wanted(arm.name)):
            message = f"shard {folder.study.shard} has not finished"
            raise InputError.single("sweep.shards", str(folder.path), message, "run its command again: it goes on")


def _in_cells(rows: Iterable[Replication]) -> Iterator[list[Replication]]:
    cell: list[Replication] = []
    for row in rows:
        cell.append(row)
        if (row.replication + 1) % CELL == 0:
            yield cell
            cell = []
    if cell:
        yield cell
