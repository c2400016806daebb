"""What can be wrong with a query.

ValueError
├── QueryError        the text is not a query that can be evaluated here (syntax, or an unsupported feature)
└── EvaluationError   the query failed on these series, as it would in Prometheus (for example a many-to-many
                      match); a rule whose expression fails keeps the state that it had
"""

from __future__ import annotations


class QueryError(ValueError):
    """The text is not a query that can be evaluated here; the message names the feature or the mistake."""


class EvaluationError(ValueError):
    """The query failed on the series it met, with the reason that Prometheus would give."""
