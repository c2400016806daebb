"""Replays of real outages over many seeds, beside their public record.

A *moment* is one entry of a scenario's `recorded`.  It is *compared* when a run has something to put beside it and it
was not fitted.  Over the seeds a moment has a median and a range from the 5th to the 95th percentile, both order
statistics (inverse of the empirical distribution), so that a run which never got there counts as later than all others.
A recorded time is *inside* when it lies within that range, bounds included.  *Coverage* pools the compared moments of
all outages; the *width* of a range is given as a share of the recorded time since the outage began.

Results per seed are kept in `replays.json`, so that the page can be held against them without playing everything again.
`python -m tests.conformance.outages.replays` plays all seeds and writes both anew.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import blackstart
from reports.index import TimelineIndex
from reports.scoring.record import compare_with_record
from simulator.exercise import describe
from timeline.details import DataLossDetail, RecordedMoment
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline

RESULTS = Path(__file__).with_name("replays.json")
PAGE = Path(__file__).parents[3] / "docs" / "outages.md"
SEEDS = range(1, 21)
LOW, HIGH = 0.05, 0.95

Results = dict[str, dict[str, dict[str, float | None]]]
"""Case to seed to what was read off its run: moments in milliseconds of exercise time, figures in hours."""


@dataclass(frozen=True)
class Outage:
    """A shipped scenario, and the moment from which its times are counted."""

    scenario: str
    begins: str


OUTAGES = (
    Outage("gitlab-2017", "removal"),
    Outage("github-2018", "began"),
    Outage("cloudflare-2023", "impact"),
)


@dataclass(frozen=True)
class Case:
    """One thing to play: a scenario as shipped, or with settings that take something away."""

    name: str
    scenario: str
    settings: tuple[str, ...] = ()


HIDDEN = tuple(f"estate.components.api-oregon.depends_on.{id}=null" for id in ("kafka", "clickhouse"))
IN_REGION = (
    *(f"estate.standby_pairs.clusters-{size}.fail_over.mode=manual" for size in ("small", "large")),
    *(f"estate.standby_pairs.clusters-{size}.fail_over.detection=null" for size in ("small", "large")),
    "scenario.faults.replication-broken=null",
)
"""No primary moves across the country by itself, so nothing is written on two sides and replication goes on."""
CASES = (
    *(Case(outage.scenario, outage.scenario) for outage in OUTAGES),
    Case("cloudflare-2023 without the hidden dependencies", "cloudflare-2023", HIDDEN),
    Case("github-2018 without fail-over across the country", "github-2018", IN_REGION),
    Case(
        "gitlab-2017 without the snapshot by hand",
        "gitlab-2017",
        ("estate.standby_pairs.main-db.data.backups.snapshot-by-hand=null",),
    ),
)


def play(case: Case, seed: int) -> dict[str, float | None]:
    """What one run says: each moment that it has something beside, hours of lost data, hours without each function."""
    timeline = blackstart.simulate(blackstart.load(case.scenario, settings=case.settings), seed=seed)
    index = TimelineIndex(timeline)
    record = compare_with_record(index)
    assert record is not None
    found: dict[str, float | None] = {m.milestone: m.modelled_at_ms for m in record.moments}
    return found | _lost(timeline) | _without_service(index)


def _lost(timeline: Timeline) -> dict[str, float | None]:
    losses = [e.detail.lost_ms for e in timeline if isinstance(e.detail, DataLossDetail)]
    return {"hours of data lost": max(losses) / HOUR} if losses else {}


def _without_service(index: TimelineIndex) -> dict[str, float | None]:
    """Hours below its minimum of each function that fell below it, up to the end of the exercise at the latest."""
    hours: dict[str, float | None] = {}
    for span in index.disruptions:
        name = f"hours without {span.begun.subject.id}"
        hours[name] = (hours.get(name) or 0.0) + span.elapsed_ms(index.until_ms) / HOUR
    return hours


@dataclass(frozen=True)
class Row:
    """One moment over all seeds, in minutes since the outage began; `inf` where runs never got there."""

    moment: str
    recorded: float
    fitted: bool
    modelled: tuple[float, ...]
    """Empty where the model has nothing to put beside it."""

    @property
    def is_compared(self) -> bool:
        return bool(self.modelled) and not self.fitted

    @property
    def low(self) -> float:
        return percentile(self.modelled, LOW)

    @property
    def median(self) -> float:
        return percentile(self.modelled, 0.5)

    @property
    def high(self) -> float:
        return percentile(self.modelled, HIGH)

    @property
    def is_inside(self) -> bool:
        return self.low <= self.recorded <= self.high

    @property
    def width_ratio(self) -> float:
        return (self.high - self.low) / self.recorded


def percentile(values: Sequence[float], p: float) -> float:
    """The smallest value that at least a share p of all values does not exceed."""
    return sorted(values)[max(math.ceil(p * len(values)) - 1, 0)]


def rows_of(outage: Outage, results: Results) -> list[Row]:
    """The record of an outage beside its runs, in the order of the record."""
    moments = _record(outage.scenario)
    runs = list(results[outage.scenario].values())
    zero_ms = next(m.at_ms for m in moments if m.milestone == outage.begins)
    return [
        Row(
            moment=m.milestone,
            recorded=(m.at_ms - zero_ms) / MINUTE,
            fitted=m.fitted,
            modelled=_beside(m.milestone, runs, zero_ms),
        )
        for m in moments
    ]


def _record(scenario: str) -> list[RecordedMoment]:
    return sorted(describe(blackstart.plan_of(blackstart.load(scenario)), 1).recorded, key=lambda m: m.at_ms)


def _beside(moment: str, runs: Iterable[Mapping[str, float | None]], zero_ms: int) -> tuple[float, ...]:
    found = [run.get(moment) for run in runs]
    if all(at_ms is None for at_ms in found):
        return ()
    return tuple(math.inf if at_ms is None else (at_ms - zero_ms) / MINUTE for at_ms in found)


# What the page shows


def table(outage: Outage, results: Results) -> str:
    """The rows of an outage as a table in Markdown."""
    lines = [
        "| moment | recorded | modelled, median | 5 to 95 % | recorded time is |",
        "|---|---|---|---|---|",
    ]
    for row in rows_of(outage, results):
        name = row.moment.replace("_", " ")
        if not row.modelled:
            lines.append(f"| {name} | {length(row.recorded)} | | | not compared |")
            continue
        verdict = "fitted" if row.fitted else _verdict(row)
        spread = f"{length(row.low)} to {length(row.high)}"
        lines.append(f"| {name} | {length(row.recorded)} | {length(row.median)} | {spread} | {verdict} |")
    return "\n".join(lines)


def _verdict(row: Row) -> str:
    if row.is_inside:
        return "inside"
    return "outside: model later" if row.recorded < row.low else "outside: model earlier"


def coverage(results: Results) -> str:
    """Coverage over all outages, with the width that it was had at."""
    lines = ["| outage | compared | inside | width of the ranges, median |", "|---|---|---|---|"]
    pooled: list[Row] = []
    for outage in OUTAGES:
        rows = [row for row in rows_of(outage, results) if row.is_compared]
        lines.append(_coverage_line(f"`{outage.scenario}`", rows))
        pooled += rows
    return "\n".join([*lines, _coverage_line("all", pooled)])


def _coverage_line(name: str, rows: Sequence[Row]) -> str:
    inside = sum(row.is_inside for row in rows)
    width = median(row.width_ratio for row in rows)
    return f"| {name} | {len(rows)} | {inside} | {width:.0%} of the recorded time |"


def variants(results: Results) -> str:
    """What was lost with and without the thing that each published lesson is about."""
    lines = ["| what customers went without | as it was | changed |", "|---|---|---|"]
    for figure, base, changed in (
        ("hours without dashboard-and-api", "cloudflare-2023", "cloudflare-2023 without the hidden dependencies"),
        ("hours without github-com", "github-2018", "github-2018 without fail-over across the country"),
        ("hours of data lost", "gitlab-2017", "gitlab-2017 without the snapshot by hand"),
    ):
        lines.append(f"| `{base}`, {figure} | {_spread(results[base], figure)} | {_spread(results[changed], figure)} |")
    return "\n".join(lines)


def _spread(runs: Mapping[str, Mapping[str, float | None]], figure: str) -> str:
    values = [run.get(figure) or 0.0 for run in runs.values()]
    low, middle, high = (percentile(values, p) for p in (LOW, 0.5, HIGH))
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def length(minutes: float) -> str:
    """Hours and minutes, or minutes and tenths below an hour; signed only when negative."""
    if math.isinf(minutes):
        return "never"
    if abs(minutes) < 60:
        return f"{minutes:.1f} min"
    sign, whole = ("-" if minutes < 0 else ""), round(abs(minutes))
    return f"{sign}{whole // 60} h {whole % 60:02d} min"


def parts(results: Results) -> dict[str, str]:
    """Every computed part of the page by its name."""
    found = {outage.scenario: table(outage, results) for outage in OUTAGES}
    return found | {"coverage": coverage(results), "lessons": variants(results)}


def computed(page: str) -> dict[str, str]:
    """The computed parts as a page has them."""
    return {m[1]: m[2] for m in re.finditer(_MARKED, page, re.DOTALL)}


def renewed(page: str, results: Results) -> str:
    """A page with its computed parts put in anew."""
    fresh = parts(results)
    return re.sub(_MARKED, lambda m: f"<!-- {m[1]} -->\n{fresh[m[1]]}\n<!-- end -->", page, flags=re.DOTALL)


_MARKED = r"<!-- ([\w-]+) -->\n(.*?)\n<!-- end -->"


def read_results() -> Results:
    found: Results = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def _play(job: tuple[Case, int]) -> dict[str, float | None]:
    return play(*job)


def main() -> None:
    """Plays everything and writes results and page."""
    jobs = [(case, seed) for case in CASES for seed in SEEDS]
    results: Results = {case.name: {} for case in CASES}
    with ProcessPoolExecutor(max_workers=2) as pool:
        for (case, seed), found in zip(jobs, pool.map(_play, jobs), strict=True):
            results[case.name][str(seed)] = found
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
