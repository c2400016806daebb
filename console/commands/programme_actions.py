"""`blackstart programme actions`: the improvement register of an organisation."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from reports.improvement import Action

RegisterOption = Annotated[Path, typer.Option("--register", "-r", help="The improvement register, a SQLite file.")]
DayOption = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day that counts as today.")]
DEFAULT_REGISTER = Path("improvements.sqlite")


def _day(on: datetime | None) -> date:
    return date.today() if on is None else on.date()


def list_actions(
    register: RegisterOption = DEFAULT_REGISTER,
    overdue: Annotated[bool, typer.Option(help="Only what is open after its day.")] = False,
    owner: Annotated[str | None, typer.Option(help="Only what this team or role owns.")] = None,
    on: DayOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """List the actions of the register, the earliest due first, and how many are open, overdue and verified.

    Ends with 1 when anything is overdue.

    Example: blackstart programme actions list --overdue
    """
    from console import output
    from reports.improvement import Register

    day, actions = _day(on), Register(register).actions()
    shown = [a for a in actions if (not overdue or a.is_overdue(day)) and owner in (None, a.owner)]
    counts = _counts(actions, day)
    if as_json:
        rows = [{**action.model_dump(mode="json"), "overdue": action.is_overdue(day)} for action in shown]
        output.print_json({"counts": counts, "actions": rows})
    elif not quiet:
        if shown:
            output.print_table([_row(action, day) for action in shown])
        print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if counts["overdue"] else 0


def _counts(actions: list[Action], day: date) -> dict[str, int]:
    from reports.improvement import Status

    counts = {str(status): sum(action.status is status for action in actions) for status in Status}
    return {**counts, "overdue": sum(action.is_overdue(day) for action in actions)}


def _row(action: Action, day: date) -> dict[str, str]:
    return {
        "action": action.id,
        "what": action.title,
        "owner": action.owner or "nobody",
        "due": action.due.isoformat(),
        "status": f"{action.status}, overdue" if action.is_overdue(day) else str(action.status),
        "shown by": action.measure or "-",
    }


def add(
    review: Annotated[Path, typer.Argument(help="A folder with a review.json.")],
    run: Annotated[Path, typer.Option(help="The run folder that was reviewed.")],
    register: RegisterOption = DEFAULT_REGISTER,
    on: DayOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Add the actions of a review to the register; those that are there already stay as they are.

    Example: blackstart programme actions add reviews/demo --run exercises/demo
    """
    import blackstart
    from console import output

    added = blackstart.add_actions(register, review, run, on=_day(on))
    if as_json:
        output.print_json([action.model_dump(mode="json") for action in added])
    elif not quiet:
        for action in added:
            print(action.id)
        print(f"{len(added)} added")
    return 0


def close(
    action: Annotated[str, typer.Argument(help="Id of the action.")],
    register: RegisterOption = DEFAULT_REGISTER,
    on: DayOption = None,
    quiet: QuietOption = False,
) -> int:
    """Say that an action is done.  Whether it helped is for a later exercise to show.

    Example: blackstart programme actions close datacentre-loss.1.service-desk-1-vendors-late
    """
    from reports.improvement import Register
    from reports.improvement.register import closed

    kept = Register(register)
    found = kept.find(action)
    kept.change([closed(found, _day(on))], _day(on), "done")
    if not quiet:
        print(f"{found.id}: closed")
    return 0


def verify(
    run: Annotated[Path, typer.Argument(help="The run folder of a later exercise of the same scenario.")],
    register: RegisterOption = DEFAULT_REGISTER,
    on: DayOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Hold the actions of a scenario against a later exercise of it: what helped is verified, what was closed and does
    not show is open again.

    Ends with 1 when something does not show yet.

    Example: blackstart programme actions verify exercises/demo-again
    """
    import blackstart
    from console import output
    from reports.improvement import Shown

    found = blackstart.verify_actions(register, run, on=_day(on))
    if as_json:
        output.print_json([{"action": e.action.id, "shown": e.shown, "was": e.action.was, "now": e.now} for e in found])
    elif not quiet:
        for evidence in found:
            print(f"{evidence.shown}: {evidence.action.id} ({evidence.action.measure})")
        print(", ".join(f"{sum(e.shown is shown for e in found)} {shown}" for shown in Shown))
    return 1 if any(evidence.shown is Shown.NOT_YET for evidence in found) else 0


def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV file.")],
    register: RegisterOption = DEFAULT_REGISTER,
    quiet: QuietOption = False,
) -> int:
    """Write the register as CSV.

    Example: blackstart programme actions export -o actions.csv
    """
    from reports.improvement import Register
    from reports.improvement.table import to_csv
    from timeline.files import write_whole

    actions = Register(register).actions()
    write_whole(out, to_csv(actions))
    if not quiet:
        typer.echo(f"{out}: {len(actions)} actions", err=True)
    return 0


def import_(
    table: Annotated[Path, typer.Argument(help="A CSV file with the columns of an export.")],
    register: RegisterOption = DEFAULT_REGISTER,
    on: DayOption = None,
    quiet: QuietOption = False,
) -> int:
    """Bring the actions of a CSV file into the register: new ones are added, others become as the file says.

    Example: blackstart programme actions import actions.csv
    """
    from reports.improvement import Register
    from reports.improvement.table import from_csv
    from timeline.findings import InputError

    if not table.is_file():
        raise InputError.single("input.not-found", str(table), "there is no such file")
    actions = from_csv(table.read_text(encoding="utf-8-sig"), str(table))
    kept = Register(register, create=True)
    known = {action.id: action for action in kept.actions()}
    changed = [action for action in actions if known.get(action.id) != action]
    kept.change(changed, _day(on), f"from {table.name}")
    if not quiet:
        typer.echo(f"{len(changed)} of {len(actions)} actions new or changed", err=True)
    return 0
