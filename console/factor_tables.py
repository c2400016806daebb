"""A sweep over factors on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from studies.factors import Explained, FactorStudy


def tell_factors(study: FactorStudy, *, as_json: bool, quiet: bool) -> None:
    """One table for each response and kind of answer."""
    from console import output

    if as_json:
        from studies.factors import document

        output.print_json(document(study))
        return
    if quiet:
        return
    record, design = study.folder.study.arms[0], study.factors.design.kind
    typer.echo(
        f"{record.title}  ({record.scenario}, {record.estate}, {design}: {len(study.points)} points, "
        f"{study.played} replications)"
    )
    if not study.complete:
        typer.echo(f"This sweep has not finished: {study.wanted - study.played} replications are missing.")
    for one in study.responses:
        _tell_response(study, one)
    for left in study.left_out:
        typer.echo(f"Left out: {left.title}, of which {left.missing} of {study.played} replications have no figure.")
    typer.echo(f"Report: {study.folder.path / 'report.html'}")


def _tell_response(study: FactorStudy, one: Explained) -> None:
    from console import output
    from studies.factors.drawing import estimate_text
    from studies.factors.page import best_text

    mean = f": {estimate_text(one.response, one.mean)} over the whole space" if one.mean else ""
    typer.echo(f"\n{one.response.title}{mean}")
    if one.unmoved:
        typer.echo("No factor moved it in what was played.")
        return
    for rows in (_effects(study, one), _indices(study, one), _elementary(study, one)):
        if rows:
            output.print_table(rows)
    if one.best:
        typer.echo(f"With 95 % confidence, {best_text(study, one)}.")


def _effects(study: FactorStudy, one: Explained) -> list[dict[str, Any]]:
    from studies.factors.drawing import difference_estimate_text, factor_title

    return [
        {
            "factor": factor_title(study.factors, effect.factor),
            "from": effect.start,
            "to": effect.to,
            "effect": difference_estimate_text(one.response, effect.difference),
        }
        for effect in one.effects
    ]


def _indices(study: FactorStudy, one: Explained) -> list[dict[str, Any]]:
    from studies.factors.drawing import factor_title, index_text

    return [
        {
            "factor": factor_title(study.factors, index.factor),
            "Sobol' first order": index_text(index.first),
            "total": index_text(index.total),
        }
        for index in one.indices
    ]


def _elementary(study: FactorStudy, one: Explained) -> list[dict[str, Any]]:
    from studies.factors.drawing import difference_estimate_text, estimate_text, factor_title

    return [
        {
            "factor": factor_title(study.factors, effect.factor),
            "size of the effect": estimate_text(one.response, effect.mu_star),
            "effect": difference_estimate_text(one.response, effect.mu),
            "spread": one.response.text(effect.sigma),
        }
        for effect in one.elementary
    ]
