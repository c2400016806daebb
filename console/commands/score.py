"""`blackstart score`: the scores of a run, or of a real incident's records, and a gate for a build."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    import blackstart


_LISTED = 10


def score(
    run: Annotated[Path | None, typer.Argument(help="A run folder.")] = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="In place of a run: a folder with the records of one real incident."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="With --record: the run folder to write; by default exercises/<name>-<input hash>."),
    ] = None,
    pseudonyms: Annotated[
        Path | None,
        typer.Option(metavar="KEYFILE", help="With --record: replace names by a hash with the key in this file."),
    ] = None,
    propose: Annotated[
        bool,
        typer.Option(
            help="Of a run: print what it suggests to change in its playbook, as a diff. With --record: print a draft "
            "of incident.yaml, made by looking at the files."
        ),
    ] = False,
    also: Annotated[
        list[Path] | None, typer.Option(metavar="RUN", help="With --propose: another run of the same playbook.")
    ] = None,
    gate: Annotated[
        Path | None, typer.Option(help="A gate: conditions that the run has to fulfil, instead of its objectives.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="With --gate: also write the conditions as JUnit XML.")] = None,
    risks: Annotated[
        Path | None, typer.Option(metavar="CSV", help="A risk register: write the results of the run back into it.")
    ] = None,
    risks_out: Annotated[
        Path | None, typer.Option(metavar="CSV", help="With --risks: where to; must not exist yet.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --risks: the day of the exercise; today.")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Score a run and end with 0 when every objective was met, 1 when not; with --gate, by the conditions of a file.

    With --record, files of a real incident (tickets, pages, chat, status page, alerts) become a timeline first, and a
    run folder is written.

    Example: blackstart score exercises/demo --gate gate.yaml --junit gate.xml
    """
    import blackstart
    from console import output
    from console.options import refused

    if junit is not None and gate is None:
        raise refused("--junit", "only conditions of a gate are written there", "name the gate with --gate")
    if (run is None) == (record is None):
        raise refused("RUN", "what is scored is either a run folder or a record", "give RUN, or --record DIR")
    if also and not (propose and run is not None):
        raise refused("--also", "further runs are for what runs suggest to change", "add --propose")
    if record is None:
        if out is not None or pseudonyms is not None:
            raise refused("--record", "--out and --pseudonyms are for records", "add --record DIR")
        assert run is not None
        if propose:
            typer.echo(blackstart.propose(run, *(also or [])), nl=False)
            return 0
        result = blackstart.open_run(run)
    elif propose:
        return _propose(record)
    else:
        result = _of_record(record, out, pseudonyms, quiet=quiet or as_json)
    if (risks is None) != (risks_out is None):
        raise refused("--risks", "a register is read and written", "give --risks and --risks-out")
    if risks is not None and risks_out is not None:
        _write_back(result, risks, risks_out, on, quiet=quiet or as_json)
    if gate is not None:
        return _judge(result, gate, junit, as_json=as_json, quiet=quiet)
    if as_json:
        output.print_json(result.scores.model_dump(mode="json"))
    elif not quiet:
        output.print_summary(result)
    return 0 if result.scores.objectives_met else 1


def _write_back(result: blackstart.Run, register: Path, out: Path, on: datetime | None, *, quiet: bool) -> None:
    import blackstart
    from console.options import refused
    from timeline.files import write_whole

    if out.exists():
        raise refused("--risks-out", f"{out} exists already", "choose another name")
    text, found = blackstart.risk_results(result, register, on=date.today() if on is None else on.date())
    write_whole(out, text)
    if not quiet:
        for risk in found:
            typer.echo(f"{risk.risk}: {risk.finding}", err=True)


def _propose(record: Path) -> int:
    from scenarios.history.incident.proposing import propose_manifest

    typer.echo(propose_manifest(record), nl=False)
    return 0


def _of_record(folder: Path, out: Path | None, keyfile: Path | None, *, quiet: bool) -> blackstart.Run:
    """Scores a record; what became of its rows goes to standard error."""
    import blackstart
    from console.keys import key_of

    key = None if keyfile is None else key_of(keyfile, "--pseudonyms")
    scored = blackstart.score_record(folder, out=out, key=key)
    if not quiet:
        for source in scored.record.sources:
            counts = f"{source.used} used, {source.context} context, {source.refused} refused"
            typer.echo(f"{source.name} ({source.kind}): {source.rows} rows: {counts}", err=True)
        refused = list(scored.record.refused())
        for row, reason in refused[:_LISTED]:
            typer.echo(f"{row.file}:{row.line}: {reason}", err=True)
        if len(refused) > _LISTED:
            typer.echo(f"... {len(refused) - _LISTED} more in {scored.run.folder / 'sources.jsonl'}", err=True)
        for finding in scored.record.findings:
            typer.echo(finding.render(), err=True)
    return scored.run


def _judge(result: blackstart.Run, file: Path, junit: Path | None, *, as_json: bool, quiet: bool) -> int:
    from console import output
    from reports.gate import Gate, judge, junit_xml
    from timeline.files import write_whole
    from topologies.loading.document import read_document
    from topologies.loading.validation import validate

    conditions = judge(validate(read_document(file), Gate), result.timeline, result.scores)
    failed = sum(not condition.holds for condition in conditions)
    if junit is not None:
        write_whole(junit, junit_xml(result.scores.scenario, conditions))
    if as_json:
        output.print_json(
            {
                "passed": len(conditions) - failed,
                "failed": failed,
                "conditions": [{"name": c.name, "holds": c.holds, "explanation": c.explanation} for c in conditions],
            }
        )
    elif not quiet:
        for condition in conditions:
            print(f"{'passed' if condition.holds else 'FAILED'}  {condition.name}: {condition.explanation}")
        print(f"{len(conditions) - failed} passed, {failed} failed")
    return 1 if failed else 0
