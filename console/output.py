"""What the command line prints: results on standard output, progress and messages on standard error.

Colours only on a terminal; NO_COLOR is respected (rich does both).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from blackstart import Run

_PIPE_WIDTH = 160

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


def print_json(document: Any) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, told the share that is done; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)


_COUNT_EVERY_S = 10.0


@contextmanager
def counting(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Told how many are done of all: on a terminal a bar with rate and time left, elsewhere a line now and then."""
    if quiet:
        yield lambda _, __: None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    watched = sys.stderr.isatty()
    pace: Pace | None = None
    told_s = monotonic()
    columns = (TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not watched) as bar:
        task = bar.add_task(title, total=1.0)

        def tell(done: int, total: int) -> None:
            nonlocal pace, told_s
            now_s = monotonic()
            if pace is None:
                pace = Pace(now_s, done)
            words = f"{title}: {pace.words(now_s, done, total)}"
            bar.update(task, completed=done / total, description=words)
            if not watched and now_s - told_s >= _COUNT_EVERY_S:
                told_s = now_s
                print(words, file=sys.stderr, flush=True)

        yield tell


@dataclass(frozen=True, slots=True)
class Pace:
    """When counting began, in seconds of a steady clock, and with how many: what was there before took no time now."""

    began_s: float
    first: int

    def words(self, now_s: float, done: int, total: int) -> str:
        """`120 of 1000, 16.2 a second, 54 s left`."""
        if done == self.first or now_s <= self.began_s:
            return f"{done} of {total}"
        from reports.quantities import write_seconds

        rate = (done - self.first) / (now_s - self.began_s)
        left = f", {write_seconds((total - done) / rate)} left" if done < total else ""
        return f"{done} of {total}, {rate:.3g} a second{left}"


def print_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as a table on a terminal; on a pipe too, without colours and without cutting anything off."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table)


def _cell(value: Any) -> str:
    return ", ".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


def print_summary(run: Run) -> None:
    """What a run showed, in a screenful: objectives, business functions, where the report is."""
    from rich.console import Console
    from rich.table import Table

    from reports.quantities import write_seconds
    from scenarios.history.incident.reading import RECORD

    scores = run.scores
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    drawn = () if scores.evidence_class == RECORD else (f"seed {scores.seed}",)
    console.print(f"[bold]{scores.title}[/bold]  ({', '.join((scores.estate, *drawn, scores.evidence_class))})")
    objectives = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("rating", "points", "objective"):
        objectives.add_column(name, overflow="fold")
    for objective in scores.objectives:
        points = "-" if objective.score is None else f"{objective.score:.0f}"
        objectives.add_row(objective.rating or "-", points, objective.title)
    console.print(objectives)
    achieved = scores.measure("recovery_time_achieved").samples
    kept = {s.subject: s.value for s in scores.measure("rto_met").samples}
    functions = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("business function", "time below its minimum", "RTO"):
        functions.add_column(name)
    for sample in achieved:
        lasted = f"{'over ' if sample.censored else ''}{write_seconds(sample.value)}"
        verdict = {1.0: "met", 0.0: "missed"}.get(kept.get(sample.subject, -1.0), "unknown")
        functions.add_row(sample.subject.partition(":")[2], lasted, verdict)
    if achieved:
        console.print(functions)
    score = "not rated" if scores.score is None else f"{scores.score:.0f} of 100"
    verdict = "objectives met" if scores.objectives_met else "objectives not met"
    if not scores.objectives:
        verdict = "no objectives stated"
    console.print(f"Blackstart score: {score}, {verdict if scores.complete else 'incomplete run'}")
    console.print(f"Report: {run.folder / 'report.html'}", soft_wrap=True)


def print_story(run: Run) -> None:
    """The run, minute by minute: each line is an event."""
    from datetime import datetime

    from reports.quantities import write_moment
    from reports.story import story

    epoch = datetime.fromisoformat(run.scores.epoch)
    for line in story(run.timeline):
        print(f"{write_moment(line.event.at_ms, epoch)}  {line.text}")
