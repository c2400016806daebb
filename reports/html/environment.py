"""How every page of ours is made: one base, one style, everything escaped, nothing undefined, no request leaves it.

A template extends `base.html.jinja` and fills its blocks `title` and `body`, and `style` for what it alone needs.
"""

from __future__ import annotations

import jinja2

from reports.quantities import write_ms


def page_environment(package: str) -> jinja2.Environment:
    """For the templates of a package, beside the common ones; durations in milliseconds are written by `ms`."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(package, "templates"), jinja2.PackageLoader("reports.html", "templates")]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["ms"] = write_ms
    return environment
