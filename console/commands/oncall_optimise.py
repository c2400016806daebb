"""`blackstart oncall optimise`: a fairer rota, and what it would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.commands.oncall import FileArgument
from console.options import refused
from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from reports.workload.load import Span
    from studies.rota.arrivals import Arrivals
    from studies.rota.comparison import Compared
    from studies.rota.posing import Weights, Wishes
    from studies.rota.problem import Problem, Slot
    from studies.rota.solving import Conflict, Proposal
    from topologies.organisation import Organisation


def optimise(
    file: FileArgument,
    from_: Annotated[str, typer.Option("--from", help="Start of the rota (ISO 8601).")],
    to: Annotated[str, typer.Option(help="End of the rota.")],
    rotation: Annotated[str | None, typer.Option(help="The rotation; needed when the file has several.")] = None,
    leave: Annotated[Path | None, typer.Option(help="Who is away when (YAML, blackstart/leave/1).")] = None,
    pages: Annotated[
        Path | None, typer.Option(help="Pages of the past (CSV, as for oncall load): when pages come.")
    ] = None,
    arrivals: Annotated[Path | None, typer.Option(help="When pages come (YAML, blackstart/arrivals/1).")] = None,
    slot: Annotated[
        str | None, typer.Option(help="Length of a slot, like 12h; by default where the rotation changes hands.")
    ] = None,
    people: Annotated[
        list[str] | None, typer.Option("--with", help="One more candidate; may be given several times.")
    ] = None,
    skills: Annotated[
        list[str] | None, typer.Option("--skill", help="Skill needed: kind=ratio, as in database=0.7.")
    ] = None,
    rest: Annotated[str, typer.Option(help="Rest between two slots of one person.")] = "11h",
    max_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="Largest share of the time for one person.")
    ] = None,
    doubling: Annotated[
        bool, typer.Option("--doubling", help="Somebody may be on call in two rotations at once.")
    ] = False,
    weights: Annotated[
        list[str] | None,
        typer.Option("--weight", help="How much a burden counts: on_call, nights, weekends or holidays=number."),
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Escalation policy of the comparison; by default one that pages the rotation.")
    ] = None,
    replications: Annotated[int, typer.Option(min=20, help="How often the weeks are played.")] = 40,
    seconds: Annotated[float, typer.Option(min=1, help="Time for the search.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the pages that are played.")] = 1,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for the proposal: overrides of the rotation (YAML).")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Propose a fairer rota and try it against today's under the same pages.

    With --pages or --arrivals nights count by the pages to be expected, and both rotas are played in the simulator.
    Needs OR-tools (the extra `optimise`).  Status 1 when no rota keeps to everything that is asked: the conflict is
    named.  Moments without an offset are local time of the rotation.

    Example: blackstart oncall optimise team.yaml --from 2026-04-06 --to 2026-06-29 --leave leave.yaml -o rota.yaml
    """
    from console import output
    from console.commands.oncall import read_organisation
    from console.moments import parse_span
    from studies.rota.leave import read_leave
    from studies.rota.posing import Wishes, pose
    from studies.rota.solving import Conflict, solve

    organisation, _ = read_organisation(file)
    chosen = _rotation(organisation, rotation)
    _check_names(organisation, people or [], policy)
    if out is not None and not out.parent.is_dir():
        raise refused("--out", f"there is no folder {out.parent}", "")
    span = _span(organisation, chosen, from_, to)
    wishes = Wishes(
        span=span,
        more_people=tuple(people or ()),
        slot_ms=None if slot is None else _length(parse_span(slot, "--slot"), "--slot"),
        leave={} if leave is None else read_leave(leave, organisation),
        skills=dict(_number(text, "--skill") for text in skills or ()),
        rest_ms=parse_span(rest, "--rest"),
        share_ratio=max_share,
        doubling=doubling,
        weights=_weights(weights or ()),
        arrivals=_arrivals(organisation, chosen, pages, arrivals),
    )
    problem = pose(organisation, chosen, wishes)
    with output.progress("Searching", quiet=quiet or as_json):
        found = solve(problem, seconds)
    if isinstance(found, Conflict):
        _tell_conflict(found, problem, wishes, as_json=as_json)
        return 1
    if out is not None:
        _write(out, organisation, chosen, problem.slots, found.holders)
    compared = _compared(organisation, chosen, problem, found, wishes, (policy, replications, seed), quiet or as_json)
    if as_json:
        output.print_json(_document(chosen, problem, found, compared))
    elif not quiet:
        _print(organisation, chosen, problem, found, wishes, compared)
    return 0


def _rotation(organisation: Organisation, wanted: str | None) -> str:
    from timeline.findings import nearest

    known = list(organisation.rotations)
    if wanted is not None and wanted not in known:
        raise refused("--rotation", f"there is no rotation {wanted!r}", nearest(wanted, known))
    if wanted is None and len(known) != 1:
        raise refused("--rotation", f"there are {len(known)} rotations; name one", "known: " + ", ".join(known))
    return wanted if wanted is not None else known[0]


def _check_names(organisation: Organisation, people: Sequence[str], policy: str | None) -> None:
    from timeline.findings import nearest

    for person in people:
        if person not in organisation.people:
            raise refused("--with", f"there is no person {person!r}", nearest(person, organisation.people))
    if policy is not None and policy not in organisation.policies:
        raise refused("--policy", f"there is no policy {policy!r}", nearest(policy, organisation.policies))


def _span(organisation: Organisation, rotation: str, from_: str, to: str) -> Span:
    from zoneinfo import ZoneInfo

    from console.moments import parse_moment
    from reports.workload.load import Span
    from timeline.instants import UNIX_EPOCH, from_wall

    zone = ZoneInfo(organisation.rotations[rotation].timezone)
    start, end = parse_moment(from_, "--from", zone), parse_moment(to, "--to", zone)
    if end <= start:
        raise refused("--to", f"{end.isoformat()} does not lie after {start.isoformat()}", "")
    return Span(from_wall(start, UNIX_EPOCH), from_wall(end, UNIX_EPOCH))


def _length(ms: int, option: str) -> int:
    from timeline.instants import HOUR

    if ms < HOUR:
        raise refused(option, "a slot lasts an hour at least", "")
    return ms


def _number(text: str, option: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not equals or not 0 <= number < float("inf"):
        raise refused(option, f"{text!r} is not name=number, with a number that is not negative", "")
    return name, number


def _weights(texts: Sequence[str]) -> Weights:
    from dataclasses import fields, replace

    from studies.rota.posing import Weights
    from timeline.findings import nearest

    known = [field.name for field in fields(Weights)]
    given = dict(_number(text, "--weight") for text in texts)
    for name in given:
        if name not in known:
            raise refused("--weight", f"there is no burden {name!r}", nearest(name, known))
    return replace(Weights(), **given)


def _arrivals(organisation: Organisation, rotation: str, pages: Path | None, arrivals: Path | None) -> Arrivals | None:
    """When pages come, from a file or fitted to the past; None where nothing says so."""
    from reports.workload.load import Span
    from reports.workload.past import read_past
    from simulator.response.oncall.clock import LocalClock
    from studies.rota.arrivals import fit, read_arrivals
    from timeline.instants import DAY, UNIX_EPOCH

    if pages is not None and arrivals is not None:
        raise refused("--arrivals", "when pages come is said twice", "give --pages or --arrivals")
    if arrivals is not None:
        return read_arrivals(arrivals)
    if pages is None:
        return None
    past = read_past(pages, organisation)
    days = [page.at_ms // DAY for page in past] or [0]
    clock = LocalClock(organisation.rotations[rotation].timezone, UNIX_EPOCH)
    return fit(past, Span(days[0] * DAY, (days[-1] + 1) * DAY), clock)


def _compared(
    organisation: Organisation,
    rotation: str,
    problem: Problem,
    found: Proposal,
    wishes: Wishes,
    options: tuple[str | None, int, int],
    quiet: bool,
) -> list[Compared]:
    """Both rotas under the same pages; nothing where it is not known when pages come."""
    from console import output
    from studies.rota.comparison import compare
    from studies.rota.posing import with_rota
    from studies.rota.trial import Setting

    if wishes.arrivals is None:
        return []
    policy, replications, seed = options
    setting = Setting(rotation, policy, wishes.span, wishes.arrivals, seed)
    proposed = with_rota(organisation, rotation, problem.slots, found.holders)
    with output.progress("Playing both rotas", quiet=quiet) as tell:
        return compare(organisation, proposed, setting, replications, tell)


def _write(
    path: Path, organisation: Organisation, rotation: str, slots: Sequence[Slot], holders: Sequence[str]
) -> None:
    """The proposal as overrides; with offsets, so that an hour that exists twice is not mistaken."""
    from zoneinfo import ZoneInfo

    from studies.rota.posing import overrides_of
    from timeline.files import write_whole

    zone = ZoneInfo(organisation.rotations[rotation].timezone)
    lines = [
        f"# A rota for {rotation}, as `blackstart oncall optimise` proposes it.  Append these overrides to those of",
        "# the rotation in organisation.yaml: they go before its layers and before earlier overrides.",
        "rotations:",
        f"  {rotation}:",
        "    overrides:",
    ]
    for override in overrides_of(slots, holders):
        start, end = (moment.astimezone(zone).isoformat() for moment in (override.start, override.end))
        lines.append(f"      - {{start: {start}, end: {end}, person: {override.person}}}")
    write_whole(path, "\n".join(lines) + "\n")


def _tell_conflict(conflict: Conflict, problem: Problem, wishes: Wishes, *, as_json: bool) -> None:
    from console import output
    from timeline.instants import UNIX_EPOCH, to_wall

    said = [_demand(rule, person, wishes) for rule, person in conflict.demands]
    slots = [
        {key: to_wall(ms, UNIX_EPOCH).isoformat() for key, ms in (("from", slot.from_ms), ("to", slot.to_ms))}
        for slot in (problem.slots[number] for number in conflict.slots)
    ]
    if as_json:
        rows = [
            {"rule": str(rule), "person": person, "message": text}
            for (rule, person), text in zip(conflict.demands, said, strict=True)
        ]
        output.print_json({"status": "impossible", "conflict": rows, "slots_without_anybody": slots})
        return
    typer.echo("no rota keeps to all of this; without any one of these demands there is one:")
    for text in said:
        typer.echo(f"  {text}")
    if not said:
        typer.echo("  somebody has to hold each slot")
    for slot in slots[:3]:
        typer.echo(f"nobody is left from {slot['from']} to {slot['to']}")
    if len(slots) > 3:
        typer.echo(f"nor in {len(slots) - 3} more slots")


def _demand(rule: str, person: str, wishes: Wishes) -> str:
    from studies.rota.problem import Rule
    from timeline.instants import format_duration

    texts = {
        Rule.LEAVE: "is not on call while on leave",
        Rule.SKILLS: "has the skills: " + ", ".join(f"{kind} {needed:g}" for kind, needed in wishes.skills.items()),
        Rule.ELSEWHERE: "is not on call in two rotations at once (--doubling allows it)",
        Rule.REST: f"rests {format_duration(wishes.rest_ms)} between two slots (--rest)",
        Rule.SHARE: f"is on call for at most {wishes.share_ratio or 0:.0%} of the time (--max-share)",
    }
    return f"{person} {texts[Rule(rule)]}"


def _document(rotation: str, problem: Problem, found: Proposal, compared: Sequence[Compared]) -> dict[str, Any]:
    from studies.rota.posing import overrides_of

    return {
        "status": "optimal" if found.optimal else "feasible",
        "rotation": rotation,
        "cost": found.cost,
        "bound": found.bound,
        "cost_today": found.today,
        "changed_slots": _changed(problem, found),
        "slots": len(problem.slots),
        "overrides": [
            {"start": o.start.isoformat(), "end": o.end.isoformat(), "person": o.person}
            for o in overrides_of(problem.slots, found.holders)
        ],
        "burdens": _burdens(problem, found),
        "comparison": {c.outcome.id: None if c.difference is None else asdict(c.difference) for c in compared},
    }


def _changed(problem: Problem, found: Proposal) -> int:
    return sum(slot.today != holder for slot, holder in zip(problem.slots, found.holders, strict=True))


def _burdens(problem: Problem, found: Proposal) -> list[dict[str, Any]]:
    """A row for each person: each burden today and as proposed."""
    proposed = [problem.people.index(holder) for holder in found.holders]
    today = [-1 if holder is None else holder for holder in problem.today()]
    rows = []
    for number, person in enumerate(problem.people):
        row: dict[str, Any] = {"person": person}
        for burden in problem.burdens:
            for name, rota in (("today", today), ("proposed", proposed)):
                held = (row_of[number] for row_of, holder in zip(burden.of, rota, strict=True) if holder == number)
                row[f"{burden.id}_{name}"] = sum(held)
        rows.append(row)
    return rows


def _print(
    organisation: Organisation,
    rotation: str,
    problem: Problem,
    found: Proposal,
    wishes: Wishes,
    compared: Sequence[Compared],
) -> None:
    from console import output

    words = "no rota costs less" if found.optimal else f"no rota costs less than {found.bound:.4f}"
    today = "-" if found.today is None else f"{found.today:.4f}"
    typer.echo(f"{rotation}: {organisation.rotations[rotation].title}")
    typer.echo(f"{_changed(problem, found)} of {len(problem.slots)} slots change hands")
    typer.echo(f"cost (weighted inequality) {found.cost:.4f}, today {today}; {words}")
    if broken := _broken_today(problem):
        typer.echo(f"today's rota does not keep to: {broken}")
    nights = "pages expected in sleep hours" if wishes.arrivals is not None else "night hours"
    titles = {"on_call": "hours on call", "nights": nights, "weekends": "weekend hours", "holidays": "holiday hours"}
    divisors = {id: 1000 if id == "nights" and wishes.arrivals is not None else 60 for id in titles}
    table = []
    for row in _burdens(problem, found):
        cells = {
            title: f"{row[f'{id}_today'] / divisors[id]:.4g} -> {row[f'{id}_proposed'] / divisors[id]:.4g}"
            for id, title in titles.items()
        }
        table.append({"person": row["person"], **cells})
    output.print_table(table)
    if not compared:
        typer.echo("give --pages or --arrivals to play both rotas in the simulator", err=True)
        return
    typer.echo("")
    output.print_table([_row(c) for c in compared])
    if organisation.working.fatigue is None:
        typer.echo("nobody tires in this organisation: `working.fatigue` is not stated", err=True)


def _broken_today(problem: Problem) -> str:
    """The rules that today's rota breaks, each with whom it wrongs; nothing where no candidate holds some slot."""
    today = [-1 if holder is None else holder for holder in problem.today()]
    broken = problem.broken(today) if -1 not in today else set()
    return ", ".join(sorted(f"{rule} ({person})" for rule, person in broken))


def _row(compared: Compared) -> dict[str, str]:
    d = compared.difference
    if d is None:
        return {"outcome": compared.outcome.title, **dict.fromkeys(("today", "proposed", "difference", "95 %"), "-")}
    return {
        "outcome": compared.outcome.title,
        "today": f"{d.first:.4g}",
        "proposed": f"{d.second:.4g}",
        "difference": f"{d.difference:+.3g}" if d.difference else "0",
        "95 %": f"{d.low:+.3g} to {d.high:+.3g}" if d.low or d.high else "0 to 0",
    }
