"""Reviews of incidents: begun from a run folder, and compared."""

from __future__ import annotations

from pathlib import Path

from blackstart._runs import open_run
from reports.index import TimelineIndex
from reports.review import Comparison, Material, Method, Review, review_of
from reports.review import compare_reviews as compare_two
from reports.review.markdown import markdown
from reports.review.page import review_page
from timeline.files import write_whole
from timeline.findings import InputError
from topologies.loading.document import read_document
from topologies.loading.validation import validate

REVIEW = "review.json"


def review(
    folder: Path | str,
    *,
    out: Path | str | None = None,
    method: Method = Method.CAUSE_AND_EFFECT,
    incident: str | None = None,
    by: str = "",
) -> Review:
    """The review of an incident of a run, begun; of the one that hurt longest, where none is named.

    With `out`, review.md, review.html, review.json and the proposed edits are written there.  Raises InputError where
    there is no run, no such incident, or another file than a review in the way.
    """
    run = open_run(folder)
    index = TimelineIndex(run.timeline)
    made = review_of(index, run.scores, Material.of_run(run.folder), incident=incident, method=method, by=by)
    if out is not None:
        _write(made, index, Path(out))
    return made


def _write(made: Review, index: TimelineIndex, out: Path) -> None:
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / REVIEW).is_file())):
        raise InputError.single(
            "review.folder", str(out), "this holds something else than a review", "choose another --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "edits").mkdir(exist_ok=True)
    for old in (out / "edits").glob("*.diff"):
        old.unlink()
    for number, edit in enumerate(made.edits, start=1):
        write_whole(out / "edits" / f"{number}-{Path(edit.file).stem}.diff", edit.diff)
    write_whole(out / "review.md", markdown(made))
    write_whole(out / "review.html", review_page(made, index))
    write_whole(out / REVIEW, made.model_dump_json(indent=2) + "\n")


def compare_reviews(first: Path | str, second: Path | str) -> Comparison:
    """Two reviews of one incident, from their folders or files.  Raises InputError where they are of different ones."""
    return compare_two(read_review(Path(first)), read_review(Path(second)))


def read_review(path: Path) -> Review:
    """A review from its folder or its file.  Raises InputError where there is none."""
    file = path / REVIEW if path.is_dir() else path
    if not file.is_file():
        raise InputError.single(
            "input.not-found", str(file), "there is no such review", "make it with `blackstart review`"
        )
    return validate(read_document(file), Review)
