"""Templates, ready to render.

The evaluator walks the syntax tree with three things in hand: the data at the dot, the variables in scope and the
functions it was given.  There is no other way out of a template.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.monitoring.gotemplate.builtins import BUILTINS, html_text
from simulator.monitoring.gotemplate.errors import TemplateError
from simulator.monitoring.gotemplate.nodes import (
    Action,
    Break,
    Chain,
    Command,
    Continue,
    Dot,
    Field,
    Function,
    If,
    Include,
    Literal,
    Node,
    Operand,
    Pipeline,
    Range,
    Text,
    Variable,
    With,
)
from simulator.monitoring.gotemplate.parser import Parser
from simulator.monitoring.gotemplate.printing import go_string
from simulator.monitoring.gotemplate.values import SafeText, Value, is_list, is_true, read_field, type_name

_DEEPEST_INCLUDE = 100
_MOST_TURNS = 100_000

Functions = Mapping[str, Callable[..., Value]]


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template; `templates` are the ones that its text defines, by name."""

    body: tuple[Node, ...]
    templates: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, functions: Collection[str] | None = None) -> Template:
        """Read a template.

        With `functions` (names), a call of any other function but the built-in ones is an error now, not when it is
        rendered.  Raises TemplateError with the line.
        """
        known = None if functions is None else frozenset((*functions, *BUILTINS, "and", "or"))
        parser = Parser(text, known)
        body = parser.parse()
        return cls(body, parser.templates)

    def with_templates(self, others: Iterable[Template]) -> Template:
        """Together with what other texts define, as when Go reads several files; later ones win, our own last."""
        merged: dict[str, tuple[Node, ...]] = {}
        for other in others:
            merged.update(other.templates)
        return Template(self.body, {**merged, **self.templates})

    def render(self, data: Value, functions: Functions | None = None, *, escape: bool = False) -> str:
        """The text of the template for `data`; with `escape` values are escaped for HTML.  Raises TemplateError."""
        walk = _Walk(self.templates, {**BUILTINS, **(functions or {})}, escape=escape)
        walk.nodes(self.body, data)
        return "".join(walk.out)


class _BreakLoop(Exception):
    pass


class _ContinueLoop(Exception):
    pass


class _Walk:
    def __init__(self, templates: Mapping[str, tuple[Node, ...]], functions: Functions, *, escape: bool) -> None:
        self._escape = escape
        self._templates = templates
        self._functions = functions
        self._variables: list[tuple[str, Value]] = []
        self._depth = 0
        self._turns = 0
        self.out: list[str] = []

    def nodes(self, nodes: Sequence[Node], data: Value) -> None:
        """Render the body of a template, for which `$` is `data`."""
        outer, self._variables = self._variables, [("$", data)]
        try:
            self._body(nodes, data)
        finally:
            self._variables = outer

    def _body(self, nodes: Sequence[Node], dot: Value) -> None:
        for node in nodes:
            self._node(node, dot)

    def _node(self, node: Node, dot: Value) -> None:
        match node:
            case Text(text):
                self.out.append(text)
            case Action(pipeline):
                value = self._pipeline(pipeline, dot)
                if not pipeline.variables:
                    self.out.append(self._shown(value))
            case If(pipeline, body, otherwise):
                with _Scope(self._variables):
                    self._body(body if is_true(self._pipeline(pipeline, dot)) else otherwise, dot)
            case With(pipeline, body, otherwise):
                with _Scope(self._variables):
                    value = self._pipeline(pipeline, dot)
                    if is_true(value):
                        self._body(body, value)
                    else:
                        self._body(otherwise, dot)
            case Range():
                self._range(node, dot)
            case Include():
                self._include(node, dot)
            case Break():
                raise _BreakLoop
            case Continue():
                raise _ContinueLoop

    def _shown(self, value: Value) -> str:
        text = "<no value>" if value is None else go_string(value)
        return html_text(text) if self._escape and not isinstance(value, SafeText) else text

    def _range(self, node: Range, dot: Value) -> None:
        with _Scope(self._variables):
            items = _items(self._pipeline(node.pipeline, dot, binds=False))
            if not items:
                self._body(node.otherwise, dot)
            names = node.pipeline.variables
            try:
                for key, item in items:
                    with _Scope(self._variables):
                        self._count_turn()
                        given = (item,) if len(names) == 1 else (key, item)
                        for name, value in zip(names, given, strict=False):
                            self._bind(name, value, declares=node.pipeline.declares)
                        try:
                            self._body(node.body, item)
                        except _ContinueLoop:
                            continue
            except _BreakLoop:
                pass

    def _count_turn(self) -> None:
        self._turns += 1
        if self._turns > _MOST_TURNS:
            raise TemplateError("too many turns of range")

    def _include(self, node: Include, dot: Value) -> None:
        body = self._templates.get(node.name)
        if body is None:
            raise TemplateError(f'template "{node.name}" not defined', node.line)
        if self._depth >= _DEEPEST_INCLUDE:
            raise TemplateError("exceeded maximum template depth", node.line)
        self._depth += 1
        self.nodes(body, None if node.pipeline is None else self._pipeline(node.pipeline, dot))
        self._depth -= 1

    def _bind(self, name: str, value: Value, *, declares: bool) -> None:
        if declares:
            self._variables.append((name, value))
            return
        for index in range(len(self._variables) - 1, -1, -1):
            if self._variables[index][0] == name:
                self._variables[index] = (name, value)
                return
        raise TemplateError(f"undefined variable: {name}")

    def _variable(self, name: str) -> Value:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise TemplateError(f"undefined variable: {name}")

    def _pipeline(self, pipeline: Pipeline, dot: Value, *, binds: bool = True) -> Value:
        given: tuple[Value, ...] = ()
        for command in pipeline.commands:
            given = (self._command(command, dot, given),)
        if binds:
            for name in pipeline.variables:
                self._bind(name, given[0], declares=pipeline.declares)
        return given[0]

    def _command(self, command: Command, dot: Value, piped: tuple[Value, ...]) -> Value:
        first, *rest = command.operands
        if isinstance(first, Function):
            return self._call(first.name, rest, dot, piped)
        if isinstance(first, Field | Variable | Chain):
            arguments = [*(self._operand(operand, dot) for operand in rest), *piped]
            return self._path(first, dot, arguments)
        if rest or piped:
            raise TemplateError("can't give argument to non-function")
        return self._operand(first, dot)

    def _operand(self, operand: Operand, dot: Value) -> Value:
        match operand:
            case Literal(value):
                return value
            case Dot():
                return dot
            case Function(name):
                return self._call(name, [], dot, ())
            case Pipeline():
                return self._pipeline(operand, dot)
        return self._path(operand, dot, [])

    def _path(self, operand: Field | Variable | Chain, dot: Value, arguments: Sequence[Value]) -> Value:
        """Fields from a starting value; arguments go to the last one."""
        if isinstance(operand, Field):
            value = dot
        elif isinstance(operand, Variable):
            value = self._variable(operand.name)
        else:
            value = self._operand(operand.operand, dot)
        if not operand.names and arguments:
            raise TemplateError("can't give argument to non-function")
        for index, name in enumerate(operand.names):
            last = index == len(operand.names) - 1
            value = read_field(value, name, arguments if last else ())
        return value

    def _call(self, name: str, operands: Sequence[Operand], dot: Value, piped: tuple[Value, ...]) -> Value:
        if name in ("and", "or"):
            return self._logic(name, operands, dot, piped)
        function = self._functions.get(name)
        if function is None:
            raise TemplateError(f'"{name}" is not a defined function')
        arguments = [*(self._operand(operand, dot) for operand in operands), *piped]
        try:
            return function(*arguments)
        except TemplateError as error:
            raise TemplateError(f"error calling {name}: {error}") from None
        except (TypeError, ValueError, AttributeError, OverflowError):
            given = ", ".join(type_name(argument) for argument in arguments)
            raise TemplateError(f"wrong number or types of args for {name}: got ({given})") from None

    def _logic(self, name: str, operands: Sequence[Operand], dot: Value, piped: tuple[Value, ...]) -> Value:
        """`and` and `or` give the first argument that decides, and do not evaluate the ones behind it."""
        value: Value = None
        for index in range(len(operands) + len(piped)):
            value = self._operand(operands[index], dot) if index < len(operands) else piped[0]
            if is_true(value) is (name == "or"):
                return value
        if not operands and not piped:
            raise TemplateError(f"wrong number of args for {name}: want at least 1 got 0")
        return value


class _Scope:
    """Variables declared inside are forgotten at the end."""

    def __init__(self, variables: list[tuple[str, Value]]) -> None:
        self._variables = variables
        self._size = len(variables)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        del self._variables[self._size :]


def _items(value: Value) -> list[tuple[Value, Value]]:
    """What `range` goes through: maps in the order of their keys, lists, and integers from 0."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if is_list(value):
        return list(enumerate(value))
    if isinstance(value, int) and not isinstance(value, bool):
        if value > _MOST_TURNS:
            raise TemplateError("too many turns of range")
        return [(number, number) for number in range(value)]
    raise TemplateError(f"range can't iterate over {go_string(value)}")
