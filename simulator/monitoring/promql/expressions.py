"""The syntax tree of PromQL, as immutable values.

Every node knows its `value_type`.  `children()` lists the nodes below it, so that questions about an expression
(which metrics does it read, how far back does it look) are short walks.  Durations are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from simulator.monitoring.promql.matchers import Matcher


class ValueType(StrEnum):
    SCALAR = "scalar"
    VECTOR = "instant vector"
    MATRIX = "range vector"
    STRING = "string"


class QueryBound(Enum):
    """`@ start()` and `@ end()`: the first and the last step of the query."""

    START = "start"
    END = "end"


@dataclass(frozen=True)
class Expression:
    """Root of all nodes."""

    @property
    def value_type(self) -> ValueType:
        return ValueType.VECTOR

    def children(self) -> tuple[Expression, ...]:
        return ()

    def walk(self) -> Iterator[Expression]:
        """This node and everything below it, depth first."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True)
class Number(Expression):
    value: float

    @property
    def value_type(self) -> ValueType:
        return ValueType.SCALAR


@dataclass(frozen=True)
class Text(Expression):
    value: str

    @property
    def value_type(self) -> ValueType:
        return ValueType.STRING


@dataclass(frozen=True)
class Moment:
    """Where a selector looks: `at` (Unix seconds, a bound of the query, or None for "now"), less an offset."""

    offset_ms: int = 0
    at: float | QueryBound | None = None


@dataclass(frozen=True)
class Selector(Expression):
    """`http_requests_total{job="api"} offset 5m`."""

    matchers: tuple[Matcher, ...]
    moment: Moment = field(default=Moment())


@dataclass(frozen=True)
class RangeSelector(Expression):
    """`http_requests_total[5m]`; the moment is that of the selector."""

    selector: Selector
    range_ms: int

    @property
    def value_type(self) -> ValueType:
        return ValueType.MATRIX

    @property
    def moment(self) -> Moment:
        return self.selector.moment

    def children(self) -> tuple[Expression, ...]:
        return (self.selector,)


@dataclass(frozen=True)
class Subquery(Expression):
    """`(rate(x[5m]) > 1)[1h:1m]`; a step of None is the default of the server."""

    inner: Expression
    range_ms: int
    step_ms: int | None
    moment: Moment

    @property
    def value_type(self) -> ValueType:
        return ValueType.MATRIX

    def children(self) -> tuple[Expression, ...]:
        return (self.inner,)


@dataclass(frozen=True)
class Negation(Expression):
    inner: Expression

    @property
    def value_type(self) -> ValueType:
        return self.inner.value_type

    def children(self) -> tuple[Expression, ...]:
        return (self.inner,)


@dataclass(frozen=True)
class Call(Expression):
    function: str
    arguments: tuple[Expression, ...]

    @property
    def value_type(self) -> ValueType:
        return ValueType.SCALAR if self.function in ("time", "scalar", "pi") else ValueType.VECTOR

    def children(self) -> tuple[Expression, ...]:
        return self.arguments


@dataclass(frozen=True)
class Aggregation(Expression):
    """`sum by (job) (x)`: with `without`, `grouping` names the labels that go, otherwise those that stay."""

    operator: str
    inner: Expression
    parameter: Expression | None
    grouping: tuple[str, ...]
    without: bool

    def children(self) -> tuple[Expression, ...]:
        return (self.inner,) if self.parameter is None else (self.parameter, self.inner)


class Cardinality(Enum):
    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "many-to-one"
    ONE_TO_MANY = "one-to-many"
    MANY_TO_MANY = "many-to-many"


@dataclass(frozen=True)
class Matching:
    """How the sides of a binary operation find each other.

    With `on`, series match by `labels`, otherwise by all labels but these.  `include` are the labels that
    `group_left` and `group_right` take over from the "one" side.
    """

    cardinality: Cardinality = Cardinality.ONE_TO_ONE
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class Binary(Expression):
    operator: str
    left: Expression
    right: Expression
    matching: Matching
    returns_bool: bool

    @property
    def value_type(self) -> ValueType:
        sides = (self.left.value_type, self.right.value_type)
        return ValueType.SCALAR if sides == (ValueType.SCALAR, ValueType.SCALAR) else ValueType.VECTOR

    def children(self) -> tuple[Expression, ...]:
        return (self.left, self.right)
