"""`blackstart new profile`: a telemetry profile to complete, drafted from what rules read or a scrape shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.output import JsonOption, QuietOption

if TYPE_CHECKING:
    from simulator.monitoring.telemetry.drafts import Draft


def new_profile(
    name: Annotated[str, typer.Argument(help="What the profile is called, and its file.")],
    more: Annotated[list[Path] | None, typer.Argument(help="Further files of the same kind.")] = None,
    from_rules: Annotated[list[Path] | None, typer.Option(help="Prometheus rule file: what it reads.")] = None,
    from_scrape: Annotated[list[Path] | None, typer.Option(help="A scrape as text: what it shows.")] = None,
    out: Annotated[Path, typer.Option(help="Folder to write NAME.yaml into.")] = Path(),
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Draft a telemetry profile of your own; what a person has to fill in is marked "???".

    Example: blackstart new profile billing --from-rules alerts/billing.yaml --out profiles
    """
    from simulator.monitoring.telemetry.drafts import written
    from timeline.files import write_whole
    from timeline.findings import InputError

    target = _target(name, out)
    draft = _draft(from_rules or [], from_scrape or [], more or [])
    if not draft.metrics:
        profiles = ", ".join(sorted(set(draft.shown.values()))) or "none"
        hint = f"shipped profiles that show what is there: {profiles}; list them under `telemetry` of the component"
        raise InputError.single("draft.nothing", name, "there is nothing to draft", hint)
    text = written(draft, name)
    write_whole(target, text)
    _tell(target, draft, text, as_json=as_json, quiet=quiet)
    return 0


def _target(name: str, folder: Path) -> Path:
    """The file to write.  Raises InputError when the name cannot be one, or the file exists."""
    import re

    from timeline.findings import InputError

    if re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) is None:
        hint = "lower-case letters, digits, '.', '-' and '_', beginning with a letter or a digit"
        raise InputError.single("model.bad-id", name, f"{name!r} cannot be the name of a profile", hint)
    if not folder.is_dir():
        raise InputError.single("input.not-found", str(folder), "there is no such folder", "make it first")
    target = folder / f"{name}.yaml"
    if target.exists():
        raise InputError.single("draft.exists", str(target), "this file exists", "choose another name, or move it away")
    return target


def _draft(rules: list[Path], scrapes: list[Path], more: list[Path]) -> Draft:
    from simulator.monitoring.rules import load_rules
    from simulator.monitoring.telemetry.drafts import draft_from_rules, draft_from_scrape, parse_exposition
    from timeline.findings import InputError
    from topologies.loading.document import read_text

    if bool(rules) == bool(scrapes):
        message = "a draft is made either from rules or from a scrape"
        raise InputError.single("draft.source", "new profile", message, "give --from-rules FILE or --from-scrape FILE")
    if rules:
        return draft_from_rules(load_rules([*rules, *more]))
    return draft_from_scrape([parse_exposition(read_text(path), str(path)) for path in [*scrapes, *more]])


def _tell(target: Path, draft: Draft, text: str, *, as_json: bool, quiet: bool) -> None:
    from topologies.telemetry import UNKNOWN

    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    unknown = body.count(f'"{UNKNOWN}"')
    if as_json:
        from console import output

        metrics = [metric.name for metric in draft.metrics]
        output.print_json({"file": str(target), "metrics": metrics, "unknown": unknown, "shown": dict(draft.shown)})
    elif not quiet:
        typer.echo(f"{target}: {len(draft.metrics)} metrics, {unknown} places to fill in", err=True)
        typer.echo(f"`blackstart check {target}` says what is left", err=True)
