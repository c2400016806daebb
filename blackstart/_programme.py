"""The improvement register over the year: actions of reviews go in, later exercises show whether they helped."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

from blackstart._folders import TIMELINE
from blackstart._reviews import read_review
from blackstart._runs import open_run
from reports.improvement import Action, Register, Shown, verify
from reports.improvement.register import opened_again, verified
from reports.improvement.verification import Evidence, figure_of, target_of
from reports.index import TimelineIndex
from reports.measures import MEASURES
from timeline.findings import InputError


def timeline_hash(folder: Path) -> str:
    """What a run is known by: SHA-256 of its timeline."""
    return sha256((folder / TIMELINE).read_bytes()).hexdigest()


def add_actions(register: Path | str, review: Path | str, run: Path | str, *, on: date) -> list[Action]:
    """Adds the actions of a review to a register, made if it does not exist, and returns those that are new.

    `run` is the exercise that was reviewed: its objectives give the targets, its figures what there was before.
    Raises InputError where the review is of another one.
    """
    found, opened = read_review(Path(review)), open_run(run)
    index = TimelineIndex(opened.timeline)
    if (found.scenario, found.seed, found.epoch) != (
        index.exercise.scenario,
        index.exercise.seed,
        index.exercise.epoch,
    ):
        message = f"this is a review of {found.scenario} with seed {found.seed}, and not of that run"
        raise InputError.single("review.other-incident", str(review), message, "give the run that was reviewed")
    source = timeline_hash(opened.folder)
    actions = []
    for item in found.actions:
        measure = item.measure if item.measure is not None and item.measure in MEASURES else None
        target = None if measure is None else target_of(index, measure)
        subject = item.subject or (target.subject if target is not None else None) or ""
        figure = None if measure is None else figure_of(index, measure, subject)
        actions.append(
            Action(
                id=f"{found.scenario}.{found.seed}.{item.id}",
                title=item.title,
                because=item.because,
                owner=item.owner or "",
                due=date.fromisoformat(item.due),
                scenario=found.scenario,
                source=source,
                measure=measure or "",
                subject=subject,
                at_most=None if target is None else target.at_most,
                at_least=None if target is None else target.at_least,
                was=None if figure is None else figure.value,
                opened=on,
            )
        )
    return Register(Path(register), create=True).add(actions, on, f"from the review of {found.incident}")


def verify_actions(register: Path | str, run: Path | str, *, on: date) -> list[Evidence]:
    """What a later exercise says about the actions of its scenario; the register is changed by it.

    What helped is verified.  What was closed and does not show is open again; what was open stays so.
    """
    opened, kept = open_run(run), Register(Path(register))
    source = timeline_hash(opened.folder)
    found = verify(kept.actions(), TimelineIndex(opened.timeline), source)
    helped = [verified(e.action, on, source) for e in found if e.shown is Shown.HELPED]
    again = [opened_again(e.action) for e in found if e.shown is Shown.NOT_YET and e.action.closed is not None]
    kept.change(helped, on, f"shown by the exercise {source[:12]}")
    kept.change(again, on, f"not shown by the exercise {source[:12]}: open again")
    return found
