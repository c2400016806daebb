"""`blackstart programme record`, `status` and `plan`: the exercises of a year, planned and held."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.commands.programme_actions import DEFAULT_REGISTER, DayOption, RegisterOption
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from reports.programme.coverage import Row
    from reports.programme.status import ExerciseStatus, ProgrammeStatus

FileArgument = Annotated[Path, typer.Argument(help="A programme file.")]


def record(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    exercise: Annotated[str, typer.Option("--as", metavar="EXERCISE", help="Its id in the programme.")],
    type: Annotated[
        str | None,
        typer.Option(help="seminar, workshop, tabletop, game, drill, functional or full-scale; none for an incident."),
    ] = None,
    attended: Annotated[
        list[str] | None, typer.Option("--with", metavar="TEAM", help="A team that took part in person.")
    ] = None,
    attested_by: Annotated[str, typer.Option(help="With --with: the role that attests it.")] = "",
    register: RegisterOption = DEFAULT_REGISTER,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day it was held; by default that of a live run, or today."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Put a run on record as an exercise that was held.

    A modelled run is a rehearsal and stands for no exercise of people, unless teams sat around it and somebody attests
    it.

    Example: blackstart programme record exercises/demo --as power-loss --type tabletop --with platform --attested-by
    crisis-director
    """
    import blackstart
    from console import output
    from console.options import refused
    from reports.programme import ExerciseType
    from timeline.findings import nearest

    if type is not None and type not in set(ExerciseType):
        hint = nearest(type, [str(known) for known in ExerciseType]) or ", ".join(ExerciseType)
        raise refused("--type", f"{type!r} is no type of exercise", hint)
    held = blackstart.record_exercise(
        register,
        run,
        exercise=exercise,
        type=type,
        on=None if on is None else on.date(),
        attended=attended or (),
        attested_by=attested_by,
    )
    if as_json:
        output.print_json({"kind": str(held.kind), **held.model_dump(mode="json")})
    elif not quiet:
        print(f"{held.exercise}: {held.kind} of {held.on}, {held.scenario} ({held.evidence_class})")
        print(f"business functions: {', '.join(held.functions) or 'none'}")
    return 0


def status(
    programme: FileArgument,
    register: RegisterOption = DEFAULT_REGISTER,
    on: DayOption = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as a page of HTML.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show how a programme stands: exercises held, due and overdue, and what was exercised of the organisation.

    Ends with 1 when an exercise or a business function is overdue.

    Example: blackstart programme status programme.yaml --on 2026-06-30
    """
    import blackstart
    from console import output
    from reports.programme.page import programme_page
    from reports.programme.status import document_of
    from timeline.files import write_whole

    kept = None if register == DEFAULT_REGISTER and not register.exists() else register
    found = blackstart.programme_status(programme, kept, on=date.today() if on is None else on.date())
    if out is not None:
        write_whole(out, programme_page(found))
    if as_json:
        output.print_json(document_of(found))
    elif not quiet:
        _print_status(found)
    return 1 if found.is_overdue else 0


def _print_status(status: ProgrammeStatus) -> None:
    from console import output
    from reports.programme.coverage import Coverage, Dimension
    from reports.programme.words import sentences_of

    print(f"{status.title}, on {status.on}\n")
    if status.exercises:
        output.print_table([_exercise_row(exercise) for exercise in status.exercises])
        print()
    output.print_table([_function_row(row) for row in status.coverage[Dimension.FUNCTIONS]])
    print()
    output.print_table(
        [
            {
                f"in {status.policy.every}": str(dimension),
                **{str(state): sum(row.state is state for row in rows) for state in Coverage},
                "of": len(rows),
            }
            for dimension, rows in status.coverage.items()
        ]
    )
    print()
    for sentence in sentences_of(status):
        print(sentence)


def _exercise_row(exercise: ExerciseStatus) -> dict[str, str]:
    planned = exercise.planned
    return {
        "exercise": exercise.id,
        "what": planned.title,
        "type": str(planned.type),
        "when": str(planned.when),
        "owner": planned.owner,
        "state": str(exercise.state),
        "held": ", ".join(str(held.on) for held in exercise.held) or "-",
    }


def _function_row(row: Row) -> dict[str, str]:
    return {
        "business function": row.id,
        "state": str(row.state),
        "last exercised": str(row.last or "never"),
        "until": str(row.lapses or "-"),
        "by": ", ".join(row.by) or "-",
        "rehearsals": str(row.rehearsals),
        "planned next": str(row.next or "nothing planned"),
    }


def plan(
    programme: FileArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The calendar, as iCalendar.")],
    quiet: QuietOption = False,
) -> int:
    """Write a programme as a calendar that calendar programs read.

    Example: blackstart programme plan programme.yaml -o programme.ics
    """
    from reports.programme import load_programme
    from reports.programme.calendar import calendar_of
    from timeline.files import write_whole

    loaded = load_programme(programme)
    write_whole(out, calendar_of(loaded.programme))
    if not quiet:
        typer.echo(f"{out}: {len(loaded.programme.exercises)} exercises", err=True)
    return 0
