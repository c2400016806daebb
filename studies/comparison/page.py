"""A comparison as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from reports.figures.canvas import Figure
from reports.html.environment import page_environment
from reports.measures import MEASURES
from studies.comparison.study import Comparison
from studies.comparison.words import probability_words, ratio_words, value_words, variant_words, verdict


def html_page(comparison: Comparison, figures: Sequence[Figure]) -> str:
    """The text of `comparison.html`."""
    environment = page_environment("studies.comparison")
    environment.filters |= {"ratio": ratio_words, "probability": probability_words, "variant": variant_words}
    environment.globals |= {"MEASURES": MEASURES, "value_words": value_words}
    return environment.get_template("comparison.html.jinja").render(
        comparison=comparison,
        verdict=verdict(comparison),
        study=comparison.folder.study,
        figures=[(figure, Markup(figure.svg)) for figure in figures],
        moved=[measure for measure in comparison.measures if measure.differing],
        unmoved=[measure for measure in comparison.measures if not measure.differing],
    )
