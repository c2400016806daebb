"""A sweep's folder: killed and gone on with, cut into shards and put together: the same bytes as in one go."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studies.sweep import Replication, Shard, Task, play, writing
from studies.sweep.arms import Study, Until
from studies.sweep.store import CELL, INCOMPLETE, STUDY, merge, open_folder
from tests.studies.sweep.synthetic import ARM, MEASURE, Source, rows, study
from timeline.findings import InputError

TOTAL = 3 * CELL + 7


def swept(path: Path, wanted: Study, source: Source | None = None) -> Path:
    with writing(path, wanted) as folder:
        play(folder, source or Source())
        folder.finish()
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return swept(tmp_path_factory.mktemp("whole") / "out", study(TOTAL))


def test_rows_come_back_as_they_were_written(whole: Path) -> None:
    assert open_folder(whole).rows(ARM.name) == rows(TOTAL, Source())


POINTS = [
    (when, call) for call in (1, 2, 3, 5, 6) for when in ("before", "after")
]  # INCOMPLETE, study.json, first and third cell, last cell


@pytest.mark.parametrize(("when", "call"), POINTS)
def test_a_sweep_that_was_killed_goes_on_without_repeating_or_losing(
    when: str, call: int, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "tests.studies.sweep.synthetic", str(out), str(TOTAL)]
    assert subprocess.run([*command, when, str(call)]).returncode == -signal.SIGKILL
    cells = len(list(out.rglob("[0-9]*.parquet")))
    assert cells == max(call - 2 - (when == "before"), 0)  # both the old and the new state are met
    assert (out / INCOMPLETE).exists() or (when, call) == ("before", 1)
    swept(out, study(TOTAL))
    assert files(out) == files(whole)


def test_going_on_plays_only_what_is_missing(tmp_path: Path) -> None:
    played: list[int] = []

    class Counting(Source):
        def row(self, task: Task) -> Replication:
            played.append(task.replication)
            return super().row(task)

    swept(tmp_path / "out", study(CELL + 3), Counting())
    swept(tmp_path / "out", study(2 * CELL), Counting())
    assert played == list(range(2 * CELL))


def test_more_replications_later_are_the_bytes_of_all_at_once(whole: Path, tmp_path: Path) -> None:
    for total in (11, CELL, CELL + 1, TOTAL):
        swept(tmp_path / "out", study(total))
    assert files(tmp_path / "out") == files(whole)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_shards_merge_to_the_bytes_of_one_run(count: int, whole: Path, tmp_path: Path) -> None:
    shards = [Shard(number=number, of=count) for number in range(count, 0, -1)]
    folders = [swept(tmp_path / str(s.number), study(TOTAL).model_copy(update={"shard": s})) for s in shards]
    merged = merge([open_folder(folder) for folder in folders], tmp_path / "out")
    merged.finish()
    assert files(tmp_path / "out") == files(whole)


def test_shards_that_do_not_make_a_whole_are_refused(tmp_path: Path) -> None:
    first, second = (
        open_folder(swept(tmp_path / str(n), study(20).model_copy(update={"shard": Shard(number=n, of=2)})))
        for n in (1, 2)
    )
    other = open_folder(
        swept(tmp_path / "other", study(20, seed=2).model_copy(update={"shard": Shard(number=2, of=2)}))
    )
    for wrong, message in (([first], "1/2"), ([first, first], "1/2"), ([first, other], "another sweep")):
        with pytest.raises(InputError, match=message):
            merge(wrong, tmp_path / "out")
    next((tmp_path / "2" / "rows").rglob("*.parquet")).unlink()
    with pytest.raises(InputError, match="2/2 has not finished"):
        merge([first, second], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_rows_are_never_added_to_another_sweep(whole: Path) -> None:
    before = files(whole)
    with pytest.raises(InputError, match="differs in seed"), writing(whole, study(TOTAL, seed=9)):
        pass
    with pytest.raises(InputError, match="differs in replications"), writing(whole, study(TOTAL - 1)):
        pass
    assert files(whole) == before


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="something else than a sweep"), writing(tmp_path, study(1)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_two_processes_do_not_write_one_folder(tmp_path: Path) -> None:
    with (
        writing(tmp_path / "out", study(1)),
        pytest.raises(InputError, match="another process"),
        writing(tmp_path / "out", study(1)),
    ):
        pass


@pytest.mark.parametrize("damage", ["cut", "missing", "foreign"])
def test_a_damaged_folder_is_refused(damage: str, tmp_path: Path) -> None:
    swept(tmp_path, study(TOTAL))
    first, second, *_ = sorted(tmp_path.rglob("[0-9]*.parquet"))
    match damage:
        case "cut":
            first.write_bytes(first.read_bytes()[:-40])
        case "missing":
            first.unlink()
        case _:
            first.write_bytes(second.read_bytes())
    with pytest.raises(InputError), writing(tmp_path, study(TOTAL)) as folder:
        play(folder, Source())


def test_a_description_that_is_none_is_refused_with_its_field(tmp_path: Path) -> None:
    swept(tmp_path, study(1))
    document = json.loads((tmp_path / STUDY).read_text())
    (tmp_path / STUDY).write_text(json.dumps({**document, "seed": "many"}))
    with pytest.raises(InputError, match="seed"):
        open_folder(tmp_path)


@pytest.mark.parametrize("until", [Until(id="restore", width=0.12), Until(id=MEASURE, width=20.0)])
def test_it_stops_at_the_same_replication_after_any_interruption(until: Until, tmp_path: Path) -> None:
    at_once = swept(tmp_path / "at-once", study(5000, until=until))
    played = open_folder(at_once).done(ARM.name)
    assert 2 * CELL <= played < 5000
    assert played % CELL == 0
    swept(tmp_path / "in-two", study(CELL + 9))
    swept(tmp_path / "in-two", study(5000, until=until))
    assert files(tmp_path / "in-two") == files(at_once)
    swept(tmp_path / "in-two", study(5000, until=until))
    assert files(tmp_path / "in-two") == files(at_once)
