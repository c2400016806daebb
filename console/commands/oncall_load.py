"""`blackstart oncall load`: how much duty and how many pages each person carries, and what is too much."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.oncall import FileArgument
from console.output import JsonOption, QuietOption
from timeline.findings import InputError, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.workload.load import Load, Span
    from reports.workload.pages import Page
    from topologies.organisation import Organisation

_WEEKS = 4


def load(
    file: FileArgument,
    runs: Annotated[list[Path] | None, typer.Argument(help="Run folders: their pages, over their time.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="Start of the span (ISO 8601); by default now.")] = None,
    to: Annotated[str | None, typer.Option(help="End of the span; by default four weeks after its start.")] = None,
    pages: Annotated[
        Path | None,
        typer.Option(help="Pages of the past (CSV: at, person or rotation, incident, until or minutes)."),
    ] = None,
    rotations: Annotated[
        list[str] | None, typer.Option("--rotation", help="Only this rotation; may be given several times.")
    ] = None,
    incidents_per_shift: Annotated[
        int, typer.Option(min=0, help="Most incidents of one person in any twelve hours.")
    ] = 2,
    on_call_share: Annotated[
        float, typer.Option(min=0, max=1, help="Largest share of the time that one person is on call.")
    ] = 0.25,
    fail_on: Annotated[Severity, typer.Option(help="Least severity that ends with status 1.")] = Severity.ERROR,
    out: Annotated[Path | None, typer.Option(help="Folder for the figures (SVG).")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show the on-call load of each person: time, nights, weekends, holidays, pages, and how unequal it is (Gini).

    Time on call comes from the schedule.  Pages come from runs or from a CSV file of the past; without either only the
    duty is shown.  What exceeds the limits is a finding.  Moments without an offset are local time of the first
    rotation.

    Example: blackstart oncall load meridian-bank --from 2026-01-05 --to 2026-03-30 --pages pages.csv
    """
    from console import output
    from console.commands.oncall import read_organisation
    from reports.workload.limits import Limits, exceeded
    from reports.workload.load import load_of

    organisation, document = read_organisation(file)
    chosen = _chosen(rotations or [], organisation)
    known, spans = _material(organisation, chosen, runs or [], pages, (from_, to))
    carried = load_of(organisation, chosen, spans, known)
    limits = Limits(incidents_per_shift, on_call_share)
    findings = list(exceeded(carried, limits, lambda id: document.place(["people", id], key=True)))
    if out is not None:
        from reports.figures.files import write_figures
        from reports.figures.workload import draw_load

        write_figures(out, draw_load(carried, organisation, limits))
    if as_json:
        output.print_json({**_document(carried), "findings": [finding.to_json() for finding in findings]})
    elif not quiet:
        _print(carried)
        for finding in findings:
            typer.echo(finding.render())
    return 1 if any(finding.severity.at_least(fail_on) for finding in findings) else 0


def _chosen(rotations: Sequence[str], organisation: Organisation) -> list[str]:
    from timeline.findings import nearest

    for id in rotations:
        if id not in organisation.rotations:
            hint = nearest(id, organisation.rotations)
            raise InputError.single("input.option", "--rotation", f"there is no rotation {id!r}", hint)
    chosen = list(rotations or organisation.rotations)
    if not chosen:
        raise InputError.single("input.option", "FILE", "the organisation has no rotations", "")
    return chosen


def _material(
    organisation: Organisation,
    rotations: Sequence[str],
    runs: Sequence[Path],
    pages: Path | None,
    bounds: tuple[str | None, str | None],
) -> tuple[list[Page] | None, list[Span]]:
    """Pages, None where there is no record of any, and the spans to look at."""
    from reports.workload.past import read_past

    zone_of = organisation.rotations[rotations[0]].timezone
    if runs:
        if pages is not None or bounds != (None, None):
            message = "runs bring their own pages and their own time"
            raise InputError.single("input.option", "RUN", message, "leave out --pages, --from and --to, or the runs")
        return _of_runs(runs, organisation)
    past = None if pages is None else read_past(pages, organisation)
    return past, [_span(bounds, zone_of, past or [])]


def _of_runs(runs: Sequence[Path], organisation: Organisation) -> tuple[list[Page], list[Span]]:
    import blackstart
    from reports.index import TimelineIndex
    from reports.workload.load import Span
    from reports.workload.pages import pages_of
    from timeline.findings import nearest
    from timeline.instants import UNIX_EPOCH, from_wall

    pages: list[Page] = []
    spans = []
    for run in runs:
        index = TimelineIndex(blackstart.open_run(run).timeline)
        epoch_ms = from_wall(index.epoch, UNIX_EPOCH)
        spans.append(Span(epoch_ms, epoch_ms + max(index.until_ms, 1)))
        pages += pages_of(index, epoch_ms)
    for page in pages:
        if page.person not in organisation.people:
            message = f"a run pages {page.person!r}, who is not in this organisation"
            raise InputError.single("input.option", "RUN", message, nearest(page.person, organisation.people))
    return pages, spans


def _span(bounds: tuple[str | None, str | None], timezone: str, pages: Sequence[Page]) -> Span:
    """What the options say; else the whole days of the pages; else four weeks from now on."""
    from zoneinfo import ZoneInfo

    from console.moments import parse_moment
    from reports.workload.load import Span
    from timeline.instants import UNIX_EPOCH, from_wall, to_wall

    zone = ZoneInfo(timezone)
    from_, to = bounds
    if pages:
        first, last = (to_wall(page.at_ms, UNIX_EPOCH).astimezone(zone) for page in (pages[0], pages[-1]))
        start, end = _midnight(first), _midnight(last) + timedelta(days=1)
    else:
        start = datetime.now(zone).replace(microsecond=0)
        end = start + timedelta(weeks=_WEEKS)
    if from_ is not None:
        start = parse_moment(from_, "--from", zone)
        end = end if pages else start + timedelta(weeks=_WEEKS)
    if to is not None:
        end = parse_moment(to, "--to", zone)
    if end <= start:
        message = f"{end.isoformat()} does not lie after {start.isoformat()}"
        raise InputError.single("input.option", "--to", message, "")
    return Span(from_wall(start, UNIX_EPOCH), from_wall(end, UNIX_EPOCH))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _document(load: Load) -> dict[str, Any]:
    from reports.workload.load import ASPECTS

    return {
        "spans": [
            {"from": _wall(span.from_ms).isoformat(), "to": _wall(span.to_ms).isoformat()} for span in load.spans
        ],
        "rotations": list(load.rotations),
        "people": [
            {"person": person.person, **{aspect.id: aspect.read(person) for aspect in ASPECTS}}
            for person in load.people
        ],
        "gini": {aspect.id: aspect.inequality(load.people) for aspect in ASPECTS},
    }


def _print(load: Load) -> None:
    """A table with a row for each person, the inequality of each column below."""
    from console import output
    from reports.workload.load import ASPECTS

    shown = [aspect for aspect in ASPECTS if any(aspect.read(person) is not None for person in load.people)]
    for span in load.spans:
        typer.echo(f"{_wall(span.from_ms):%Y-%m-%d %H:%M} to {_wall(span.to_ms):%Y-%m-%d %H:%M} UTC")
    typer.echo(", ".join(load.rotations))
    rows = [
        {"person": person.person, **{aspect.title: _cell(aspect.read(person)) for aspect in shown}}
        for person in load.people
    ]
    unequal = {aspect.title: _cell(aspect.inequality(load.people)) for aspect in shown}
    output.print_table([*rows, {"person": "Gini", **unequal}])


def _wall(at_ms: int) -> datetime:
    from timeline.instants import UNIX_EPOCH, to_wall

    return to_wall(at_ms, UNIX_EPOCH)


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}" if value < 1 else f"{value:.1f}"
