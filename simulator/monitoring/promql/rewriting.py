"""A syntax tree with some of its nodes put in place of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Negation,
    Subquery,
)


def rewrite(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """The tree with each node replaced by what `change` gives for it; where it gives None, the nodes below are asked.

    What `change` gives is not looked into again.
    """
    changed = change(expression)
    if changed is not None:
        return changed
    match expression:
        case Negation(inner) | Subquery(inner=inner):
            return replace(expression, inner=rewrite(inner, change))
        case Call(arguments=arguments):
            return replace(expression, arguments=tuple(rewrite(argument, change) for argument in arguments))
        case Aggregation(inner=inner, parameter=parameter):
            below = None if parameter is None else rewrite(parameter, change)
            return replace(expression, inner=rewrite(inner, change), parameter=below)
        case Binary(left=left, right=right):
            return replace(expression, left=rewrite(left, change), right=rewrite(right, change))
    return expression
