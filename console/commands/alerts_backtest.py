"""`blackstart alerts backtest`: rules over recorded series: what would have paged whom."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import Version, refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from studies.backtest import Answer, Incident, Layout, Question, Recording, Thresholds, Variant
    from topologies.organisation import Organisation


class DataFormat(StrEnum):
    """Formats of recorded series, as `studies.backtest.readers` names them."""

    OPENMETRICS = "openmetrics"
    DUMP = "dump"
    JSON = "json"
    CSV = "csv"


class Nan(StrEnum):
    """What a NaN of a dump was."""

    STALE = "stale"
    VALUE = "value"


def backtest(
    rules: Annotated[list[Path], typer.Argument(help="Rule files, folders or globs.", metavar="RULES...")],
    data: Annotated[
        list[Path], typer.Option(help="Recorded series: files, folders, globs; may be given again.", metavar="FILES")
    ],
    config: Annotated[Path | None, typer.Option(help="Alertmanager configuration: who is notified.")] = None,
    organisation: Annotated[
        Path | None, typer.Option(help="Organisation: who was on call (a file, an estate's folder, a shipped estate).")
    ] = None,
    against: Annotated[
        list[Path] | None, typer.Option(help="Changed rules: compare before (RULES) and after. May be given again.")
    ] = None,
    against_config: Annotated[Path | None, typer.Option(help="Changed Alertmanager configuration to compare.")] = None,
    incidents: Annotated[Path | None, typer.Option(help="What really happened: CSV with from,to and name.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="Count from here (ISO 8601); by default all data.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Count until here.")] = None,
    timezone: Annotated[
        str, typer.Option(help="Zone of figures, of the night, and of moments without offset.")
    ] = "UTC",
    short: Annotated[str, typer.Option(help="An alert that fires for less is short.")] = "5m",
    flap: Annotated[str, typer.Option(help="An alert that fires again within this is flapping.")] = "30m",
    offsets: Annotated[
        int, typer.Option(min=1, max=60, help="Evaluate at so many offsets within the interval, and give the range.")
    ] = 1,
    evaluated: Annotated[
        Path | None,
        typer.Option(help="Answer of the real server to /api/v1/rules: evaluate groups at its moments."),
    ] = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="The recording has everything: what is not in it did not exist.")
    ] = False,
    prometheus: Annotated[Version, typer.Option(help="Which Prometheus is meant.")] = Version.THREE,
    lookback: Annotated[str, typer.Option(help="As --query.lookback-delta of the server.")] = "5m",
    interval: Annotated[str, typer.Option(help="As global.evaluation_interval: for groups without interval.")] = "1m",
    external_label: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="As global.external_labels; may be given again.")
    ] = None,
    format: Annotated[
        DataFormat | None, typer.Option(help="Format of the data; by default told from each file.")
    ] = None,
    nan: Annotated[Nan, typer.Option(help="What a NaN in a dump was: the end of its series, or a value.")] = Nan.STALE,
    skip_bad: Annotated[int, typer.Option(min=0, help="Go on with up to N lines left out that cannot be read.")] = 0,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE=NAME", help="CSV: the column of time, value or metric; may be given again."),
    ] = None,
    time_format: Annotated[
        str, typer.Option(help="CSV: iso, s, ms, us, ns or a pattern of strptime; by default as the first time looks.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Write report.html, backtest.json and figures into this folder.")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Run rules over recorded series: which alerts fire, who is notified, and what a change would make of it.

    Example: blackstart alerts backtest rules.yml --data dump.om.gz --config alertmanager.yml --against new-rules.yml
    """
    from console import output
    from console.moments import parse_span
    from simulator.monitoring.promql import Semantics
    from studies.backtest import (
        Addressees,
        Format,
        Moments,
        NanIs,
        Reading,
        Server,
        Settings,
        Thresholds,
        answer,
        read_incidents,
        read_moments,
        read_recording,
    )

    zone = _zone(timezone)
    rules, data = _divided(rules, data)
    changes = bool(against) or against_config is not None
    after = [(against or rules, against_config or config)] if changes else []
    variants = _variants([(rules, config), *after], parse_span(interval, "--interval"))
    addressees = Addressees(_organisation(organisation), zone)
    moments = read_moments(evaluated) if evaluated is not None else Moments()
    labels = _labels(external_label or [])
    server = Server(Semantics(prometheus.value), parse_span(lookback, "--lookback"), labels, moments)
    thresholds = Thresholds(parse_span(short, "--short"), parse_span(flap, "--flap"))
    happened = read_incidents(incidents, zone) if incidents is not None else None
    layout = _layout(column or [], time_format, zone)
    reading = Reading(Format(format) if format else None, NanIs(nan), skip_bad, layout)
    recording = read_recording(_files(data), reading)
    question = _question(recording, from_, to, zone, thresholds, happened)
    with output.progress("evaluating", quiet=quiet or as_json) as progress:
        settings = Settings(server, offsets, complete)
        found = answer(variants, recording, settings, question, addressees, progress)
    _show(found, out, quiet=quiet, as_json=as_json)
    return 0


def _show(found: Answer, out: Path | None, *, quiet: bool, as_json: bool) -> None:
    if out is not None:
        from studies.backtest.folder import write_folder

        write_folder(out, found)
    if as_json:
        from console import output
        from studies.backtest.document import document

        output.print_json(document(found))
    elif not quiet:
        from console.backtest_tables import print_backtest

        print_backtest(found)
        if out is not None:
            typer.echo(f"Report: {out / 'report.html'}")


def _variants(sides: Sequence[tuple[Sequence[Path], Path | None]], interval_ms: int) -> list[Variant]:
    from simulator.monitoring.alertmanager import load_config
    from simulator.monitoring.rules import load_rules
    from studies.backtest import Variant
    from topologies.loading.document import read_document

    return [
        Variant(name, tuple(load_rules(files, interval_ms)), load_config(read_document(file)) if file else None)
        for name, (files, file) in zip(_names(sides), sides, strict=True)
    ]


def _names(sides: Sequence[tuple[Sequence[Path], Path | None]]) -> list[str]:
    """What variants are called: by the files in which they differ, as short as tells them apart."""
    rules = [" ".join(path.name for path in files) for files, _ in sides]
    configs = [config.name if config is not None else "no configuration" for _, config in sides]
    if len(set(rules)) == len(sides):
        return rules
    names = [f"{one} with {config}" for one, config in zip(rules, configs, strict=True)]
    if len(set(names)) == len(sides):
        return names
    paths = [" ".join(map(str, [*files, *([config] if config else [])])) for files, config in sides]
    return paths if len(set(paths)) == len(sides) else [f"{path} ({n})" for n, path in enumerate(paths, start=1)]


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo, available_timezones

    from timeline.findings import nearest

    if name not in available_timezones():
        raise refused("--timezone", f"there is no time zone {name!r}", nearest(name, available_timezones()))
    return ZoneInfo(name)


def _labels(given: Sequence[str]) -> Mapping[str, str]:
    pairs = [pair.partition("=") for pair in given]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise refused("--external-label", f"{name!r} is not a label", "write NAME=VALUE, like cluster=eu-1")
    return {name: value for name, _, value in pairs}


def _layout(columns: Sequence[str], time_format: str, zone: ZoneInfo) -> Layout:
    from studies.backtest import Layout
    from timeline.findings import nearest

    roles: dict[str, str] = {}
    for pair in columns:
        role, equals, name = pair.partition("=")
        if not equals or role not in ("time", "value", "metric"):
            hint = nearest(role, ("time", "value", "metric")) or "write time=NAME, value=NAME or metric=NAME"
            raise refused("--column", f"{pair!r} names no column", hint)
        roles[role] = name
    return Layout(roles.get("time", ""), roles.get("value", ""), roles.get("metric", ""), time_format, zone)


def _organisation(file: Path | None) -> Organisation | None:
    if file is None:
        return None
    from console.commands.oncall import read_organisation

    return read_organisation(file)[0]


def _divided(rules: Sequence[Path], data: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Rules and data, where a shell has made `--data a.om b.om` of `--data *.om`: b.om arrives among the rules.

    Files that are not named like rule files are data then; if none is named so, the first is the rules.
    """
    from simulator.monitoring.rules.loading import RULE_FILE_SUFFIXES

    named = [path for path in rules if path.suffix in RULE_FILE_SUFFIXES or path.is_dir() or not path.is_file()]
    kept = named or list(rules[:1])
    return kept, [*data, *(path for path in rules if path not in kept)]


def _files(given: Sequence[Path]) -> list[Path]:
    """The files of folders and globs, in the order of their names."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
            if not inside:
                raise refused(str(path), "the folder has no files", "give the files of a recording")
            found += inside
        elif path.exists() or not set("*?[") & set(path.name):
            found.append(path)
        else:
            matches = sorted(path.parent.glob(path.name))
            if not matches:
                raise refused(str(path), "no file matches this pattern", "")
            found += matches
    return found


def _question(
    recording: Recording,
    from_: str | None,
    to: str | None,
    zone: ZoneInfo,
    thresholds: Thresholds,
    incidents: Sequence[Incident] | None,
) -> Question:
    """Raises InputError for a span in which nothing was recorded."""
    from console.moments import parse_moment
    from studies.backtest import Question

    store = recording.store
    from_ms = store.first_ms if from_ is None else round(parse_moment(from_, "--from", zone).timestamp() * 1000)
    to_ms = store.last_ms if to is None else round(parse_moment(to, "--to", zone).timestamp() * 1000)
    from_ms, to_ms = max(from_ms, store.first_ms), min(to_ms, store.last_ms)
    if from_ms > to_ms:
        from studies.backtest.caveats import write_local

        recorded = f"recorded is {write_local(store.first_ms, zone)} to {write_local(store.last_ms, zone)}"
        raise refused("--from and --to", "nothing was recorded in this span", recorded)
    return Question(from_ms, to_ms, zone, thresholds, incidents)
