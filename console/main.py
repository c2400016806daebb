"""The `blackstart` command: what each verb means is in `console.commands`, one module a verb, loaded when it is called.

Exit status: 0 done and objectives met, 1 done and not met (tests failed, findings), 2 bad input, 3 refused for safety,
130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from console.commands import (
    alerts_backtest,
    alerts_coverage,
    alerts_notify,
    alerts_notify_test,
    alerts_route,
    alerts_script,
    alerts_slo,
    alerts_test,
    estate_concentration,
    estate_diff,
    estate_draw,
    estate_generate,
    estate_impact,
    estate_import,
    estate_status,
    fault_plan,
    fault_recover,
    fault_run,
    fidelity,
    history_backtest,
    history_classify,
    history_describe,
    history_fit,
    history_import,
    history_plan,
    new_profile,
    new_scenario,
    oncall_load,
    oncall_optimise,
    programme_actions,
    report_pack,
    report_verify,
    stack,
    sweep_merge,
    sweep_report,
)
from console.commands import bia as bia_command
from console.commands import check as check_command
from console.commands import compare as compare_command
from console.commands import explain as explain_command
from console.commands import list as list_command
from console.commands import oncall as oncall_command
from console.commands import practices as practices_command
from console.commands import replay as replay_command
from console.commands import report as report_command
from console.commands import review as review_command
from console.commands import run as run_command
from console.commands import schema as schema_command
from console.commands import score as score_command
from console.commands import sweep as sweep_command
from console.groups import DEFAULT, WithDefault
from timeline.findings import BlackstartError

app = typer.Typer(
    name="blackstart",
    help="Chaos and continuity exercise simulator: rehearse incidents, score what held.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
alerts = typer.Typer(no_args_is_help=True, help="Alert rules and routes: test, script, route, notify.")
slo = typer.Typer(no_args_is_help=True, help="Service level objectives: make burn-rate rules, check existing ones.")
oncall = typer.Typer(no_args_is_help=True, help="Who is on call, and who is paged in which order.")
estate = typer.Typer(no_args_is_help=True, help="Estates: import, impact of faults, drift, made-up ones.")
history = typer.Typer(
    no_args_is_help=True, help="The past: import incidents, describe, classify, fit and back-test them."
)
app.add_typer(alerts, name="alerts")
app.add_typer(estate, name="estate")
app.add_typer(history, name="history")
app.add_typer(oncall, name="oncall")
report = typer.Typer(
    cls=WithDefault, no_args_is_help=True, help="Documents of a run, and the evidence pack for an auditor."
)
app.add_typer(report, name="report")
sweep = typer.Typer(
    cls=WithDefault,
    no_args_is_help=True,
    help="A scenario played many times: `sweep SCENARIO... -n N`, all options in `sweep write --help`.",
)
app.add_typer(sweep, name="sweep")
review = typer.Typer(
    cls=WithDefault,
    no_args_is_help=True,
    help="The review of an incident: `review RUN --out DIR`, all options in `review write --help`.",
)
app.add_typer(review, name="review")
bia = typer.Typer(no_args_is_help=True, help="Business impact analysis: the workbook, out and in.")
app.add_typer(bia, name="bia")
fault = typer.Typer(no_args_is_help=True, help="Controlled faults on real targets that prove to be non-production.")
app.add_typer(fault, name="fault")
programme = typer.Typer(no_args_is_help=True, help="The year: what exercises found, and what became of it.")
actions = typer.Typer(no_args_is_help=True, help="The improvement register: actions, and exercises that verify them.")
programme.add_typer(actions, name="actions")
app.add_typer(programme, name="programme")
new = typer.Typer(no_args_is_help=True, help="Start a file of your own: profile, scenario.")
app.add_typer(new, name="new")

app.command("run")(run_command.run)
app.command("practices")(practices_command.practices)
app.command("replay")(replay_command.replay)
app.command("compare")(compare_command.compare)
app.command("check")(check_command.check)
app.command("list")(list_command.list_things)
app.command("explain")(explain_command.explain)
app.command("schema")(schema_command.schema)
app.command("score")(score_command.score)
report.command(DEFAULT)(report_command.report)
report.command("pack")(report_pack.pack)
report.command("verify")(report_verify.verify)
review.command(DEFAULT)(review_command.review)
review.command("compare")(review_command.compare)
sweep.command(DEFAULT)(sweep_command.sweep)
sweep.command("merge")(sweep_merge.merge)
sweep.command("report")(sweep_report.report)
alerts.add_typer(slo, name="slo")
alerts.command("test")(alerts_test.test)
alerts.command("script")(alerts_script.script)
alerts.command("coverage")(alerts_coverage.coverage)
alerts.command("route")(alerts_route.route)
alerts.command("notify")(alerts_notify.notify)
alerts.command("notify-test")(alerts_notify_test.notify_test)
new.command("profile")(new_profile.new_profile)
new.command("scenario")(new_scenario.new_scenario)
estate.command("impact")(estate_impact.impact)
estate.command("concentration")(estate_concentration.concentration)
estate.command("diff")(estate_diff.diff)
estate.command("draw")(estate_draw.draw)
estate.command("generate")(estate_generate.generate)
estate.command("import")(estate_import.import_)
estate.command("status")(estate_status.status)
history.command("import")(history_import.import_)
history.command("describe")(history_describe.describe)
history.command("classify")(history_classify.classify)
history.command("fit")(history_fit.fit)
history.command("backtest")(history_backtest.backtest)
history.command("plan")(history_plan.plan)
app.command("fidelity")(fidelity.fidelity)
stack_app = typer.Typer(no_args_is_help=True, help="The shipped non-production stack: up, down, status.")
app.add_typer(stack_app, name="stack")
stack_app.command("up")(stack.up)
stack_app.command("down")(stack.down)
stack_app.command("status")(stack.status)
fault.command("plan")(fault_plan.plan)
fault.command("run")(fault_run.run)
fault.command("status")(fault_recover.status)
fault.command("recover")(fault_recover.recover)
actions.command("list")(programme_actions.list_actions)
actions.command("add")(programme_actions.add)
actions.command("close")(programme_actions.close)
actions.command("verify")(programme_actions.verify)
actions.command("export")(programme_actions.export)
actions.command("import")(programme_actions.import_)
bia.command("export")(bia_command.export)
bia.command("import")(bia_command.import_)
slo.command("generate")(alerts_slo.generate)
slo.command("check")(alerts_slo.check)
alerts.command("backtest")(alerts_backtest.backtest)
oncall.command("show")(oncall_command.show)
oncall.command("escalate")(oncall_command.escalate)
oncall.command("load")(oncall_load.load)
oncall.command("optimise")(oncall_optimise.optimise)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("blackstart"))
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Chaos and continuity exercise simulator: rehearse incidents, score what held."""


def main(arguments: list[str] | None = None) -> None:
    """Runs a command line and leaves with its status; errors that a user can act on have no traceback."""
    try:
        status: Any = app(arguments, standalone_mode=False)
    except BlackstartError as error:
        print(error, file=sys.stderr)
        status = error.exit_status
    except typer.Exit as leaving:
        status = leaving.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        status = 130
    except Exception as error:
        status = _usage_error(error)
    sys.exit(status if isinstance(status, int) else 0)


def _usage_error(error: Exception) -> int:
    """A wrong option or argument, as click tells it; anything else is a defect and keeps its traceback."""
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return int(getattr(error, "exit_code", 2))


if __name__ == "__main__":
    main()
