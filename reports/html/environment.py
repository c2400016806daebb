"""How every page of ours is made: one base, one style, everything escaped, nothing undefined, no request leaves it.

A template extends `base.html.jinja` and fills its blocks `title` and `body`, and `style` for what it alone needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from reports.quantities import write_ms

if TYPE_CHECKING:
    from reports.figures.canvas import Figure


def page_environment(package: str) -> jinja2.Environment:
    """For the templates of a package, beside the common ones; durations in milliseconds are written by `ms`, figures
    drawn by `svg`."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(package, "templates"), jinja2.PackageLoader("reports.html", "templates")]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"ms": write_ms, "svg": drawn}
    return environment


def drawn(figure: Figure) -> Markup:
    """A figure as part of a page: our own drawing, which is not escaped."""
    return Markup(figure.svg)
