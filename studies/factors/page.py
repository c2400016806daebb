"""A sweep over factors as one self-contained HTML page, with its other documents."""

from __future__ import annotations

import json
from dataclasses import dataclass

from reports.figures.canvas import Figure
from reports.figures.files import write_figures
from reports.html.environment import page_environment
from scenarios.factors import Factor
from studies.factors.document import document
from studies.factors.drawing import draw_response, estimate_text, factor_title, point_title
from studies.factors.study import Explained, FactorStudy, value_text
from studies.sweep.folder import DOCUMENT, FIGURES, PAGE
from timeline.files import write_whole


@dataclass(frozen=True, slots=True)
class Drawn:
    """A response with its figures."""

    explained: Explained
    figures: list[Figure]


def write_documents(study: FactorStudy) -> None:
    """Writes `figures/`, `sweep.json` and `report.html`."""
    folder = study.folder.path
    drawn = [Drawn(one, draw_response(study.factors, study.points, one)) for one in study.responses]
    page = html_page(study, drawn)
    write_figures(folder / FIGURES, [figure for one in drawn for figure in one.figures])
    write_whole(folder / DOCUMENT, json.dumps(document(study), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)


def html_page(study: FactorStudy, drawn: list[Drawn]) -> str:
    """The text of `report.html`."""
    environment = page_environment("studies.factors")
    environment.filters |= {"takes": takes_text}
    environment.globals |= {
        "factor_title": factor_title,
        "point_title": point_title,
        "estimate_text": estimate_text,
        "best_text": best_text,
    }
    return environment.get_template("factors.html.jinja").render(
        study=study, swept=study.folder.study, record=study.folder.study.arms[0], drawn=drawn
    )


def takes_text(factor: Factor) -> str:
    """What values a factor takes."""
    if factor.levels is not None:
        return ", ".join(value_text(level) for level in factor.levels)
    if factor.distribution is not None:
        return str(factor.distribution)
    law, limits = ("uniform", factor.uniform) if factor.uniform else ("log-uniform", factor.log_uniform)
    low, high = limits or ("", "")
    return f"{law} from {low} to {high}"


def best_text(study: FactorStudy, one: Explained) -> str:
    """Which points may be the best; empty where the design has no such question, or no factor moved anything."""
    if one.best is None or one.unmoved:
        return ""
    titles = [point_title(study.factors, study.points[place]) for place in one.best.kept]
    if len(titles) == 1:
        return f"best of {one.best.points}: {titles[0]}"
    if len(titles) == one.best.points:
        return f"no point of {one.best.points} is shown to be worse than another"
    return f"the best of {one.best.points} is among {len(titles)}: {'; '.join(titles[:4])}{' ...' * (len(titles) > 4)}"
