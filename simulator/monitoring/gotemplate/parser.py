"""From pieces to the syntax tree; names of functions and variables are checked here, as Go does."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from simulator.monitoring.gotemplate.errors import TemplateError
from simulator.monitoring.gotemplate.lexer import Kind, Piece, Token, split
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

_KEYWORDS = frozenset({"if", "range", "with", "template", "define", "block", "end", "else", "break", "continue"})
_ESCAPE = re.compile(r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))")
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Parser:
    """Reads one text; what it defines (`define`, `block`) gathers in `templates` by name."""

    def __init__(self, text: str, functions: Collection[str] | None) -> None:
        self._pieces: Iterator[Piece] = split(text)
        self._functions = functions
        self._scopes: list[list[str]] = [["$"]]
        self._loops = 0
        self.templates: dict[str, tuple[Node, ...]] = {}

    def parse(self) -> tuple[Node, ...]:
        body, ending = self._body()
        if ending is not None:
            raise TemplateError(f"unexpected {{{{{ending.word}}}}}", ending.line)
        return body

    def _body(self) -> tuple[tuple[Node, ...], _ActionReader | None]:
        """Nodes up to an `end` or `else` (which is given too) or the end of the text."""
        nodes: list[Node] = []
        for piece in self._pieces:
            if piece.action is None:
                if piece.text:
                    nodes.append(Text(piece.text))
                continue
            reader = _ActionReader(piece.action, piece.line, self)
            if reader.word in ("end", "else"):
                return tuple(nodes), reader
            if (node := self._node(reader)) is not None:
                nodes.append(node)
        return tuple(nodes), None

    def _node(self, reader: _ActionReader) -> Node | None:
        word = reader.word
        match word:
            case "if" | "with" | "range":
                return self._control(reader)
            case "template":
                return self._include(reader)
            case "define":
                self._define(reader)
                return None
            case "block":
                return self._block(reader)
            case "break" | "continue":
                reader.take()
                reader.finish()
                if not self._loops:
                    raise TemplateError(f"{{{{{word}}}}} outside {{{{range}}}}", reader.line)
                return Break() if word == "break" else Continue()
        pipeline = reader.pipeline()
        reader.finish()
        return Action(pipeline)

    def _control(self, reader: _ActionReader) -> Node:
        word = reader.take().text
        self._scopes.append([])
        pipeline = reader.pipeline(in_range=word == "range")
        reader.finish()
        self._loops += word == "range"
        body, ending = self._body()
        self._loops -= word == "range"
        otherwise: tuple[Node, ...] = ()
        if ending is not None and ending.word == "else":
            ending.take()
            if ending.word in ("if", "with"):
                if ending.word != word:
                    raise TemplateError(f"unexpected {{{{else {ending.word}}}}} in {word}", ending.line)
                otherwise = (self._control(ending),)
                self._scopes.pop()
                return _control_node(word, pipeline, body, otherwise)
            ending.finish()
            otherwise, ending = self._body()
        self._close(ending, reader.line)
        self._scopes.pop()
        return _control_node(word, pipeline, body, otherwise)

    def _close(self, ending: _ActionReader | None, line: int) -> None:
        if ending is None:
            raise TemplateError("unexpected EOF: an {{end}} is missing", line)
        if ending.word != "end":
            raise TemplateError(f"expected end; found {{{{{ending.word}}}}}", ending.line)
        ending.take()
        ending.finish()

    def _include(self, reader: _ActionReader) -> Node:
        reader.take()
        name = reader.string("template name")
        pipeline = None if reader.at_end else reader.pipeline()
        reader.finish()
        return Include(name, pipeline, reader.line)

    def _define(self, reader: _ActionReader) -> None:
        reader.take()
        name = reader.string("template name in define")
        reader.finish()
        self._named(name, reader.line)

    def _block(self, reader: _ActionReader) -> Node:
        reader.take()
        name = reader.string("template name in block")
        pipeline = reader.pipeline()
        reader.finish()
        self._named(name, reader.line)
        return Include(name, pipeline, reader.line)

    def _named(self, name: str, line: int) -> None:
        outer, self._scopes = self._scopes, [["$"]]
        body, ending = self._body()
        self._close(ending, line)
        self._scopes = outer
        self.templates[name] = body

    def declare(self, name: str) -> None:
        self._scopes[-1].append(name)

    def check_variable(self, name: str, line: int) -> None:
        if not any(name in scope for scope in self._scopes):
            raise TemplateError(f'undefined variable "{name}"', line)

    def check_function(self, name: str, line: int) -> None:
        if self._functions is not None and name not in self._functions:
            raise TemplateError(f'function "{name}" not defined', line)


def _control_node(word: str, pipeline: Pipeline, body: tuple[Node, ...], otherwise: tuple[Node, ...]) -> Node:
    if word == "if":
        return If(pipeline, body, otherwise)
    return With(pipeline, body, otherwise) if word == "with" else Range(pipeline, body, otherwise)


class _ActionReader:
    """The tokens of one action, read from left to right."""

    def __init__(self, tokens: Sequence[Token], line: int, parser: Parser) -> None:
        self._tokens = tokens
        self._position = 0
        self._parser = parser
        self.line = line

    @property
    def at_end(self) -> bool:
        return self._position >= len(self._tokens)

    @property
    def word(self) -> str:
        """The keyword that comes next, or an empty string."""
        if self.at_end:
            return ""
        token = self._tokens[self._position]
        return token.text if token.kind is Kind.IDENTIFIER and token.text in _KEYWORDS else ""

    def take(self) -> Token:
        if self.at_end:
            raise TemplateError("missing value for command", self.line)
        token = self._tokens[self._position]
        self._position += 1
        return token

    def finish(self) -> None:
        if not self.at_end:
            raise TemplateError(f"unexpected {self._tokens[self._position].text!r}", self.line)

    def string(self, what: str) -> str:
        token = self.take()
        if token.kind is not Kind.STRING:
            raise TemplateError(f"unexpected {token.text!r}; expected a {what}", self.line)
        return unquote(token.text)

    def pipeline(self, *, in_range: bool = False) -> Pipeline:
        variables, declares = self._variables(in_range=in_range)
        commands = [self._command()]
        while self._next_is("|"):
            self.take()
            commands.append(self._command())
        for command in commands[1:]:
            if isinstance(command.operands[0], Literal | Dot):
                raise TemplateError("non executable command in pipeline", self.line)
        if declares:
            for name in variables:
                self._parser.declare(name)
        return Pipeline(tuple(commands), variables, declares, self.line)

    def _variables(self, *, in_range: bool) -> tuple[tuple[str, ...], bool]:
        ahead = [token.text for token in self._tokens[self._position : self._position + 4]]
        if not ahead or not ahead[0].startswith("$"):
            return (), False
        if len(ahead) > 1 and ahead[1] in (":=", "="):
            names: tuple[str, ...] = (ahead[0],)
            operator = ahead[1]
        elif in_range and len(ahead) > 3 and ahead[1] == "," and ahead[3] in (":=", "="):
            names, operator = (ahead[0], ahead[2]), ahead[3]
        else:
            return (), False
        self._position += 2 * len(names)
        if operator == "=":
            for name in names:
                self._parser.check_variable(name, self.line)
        return names, operator == ":="

    def _next_is(self, mark: str) -> bool:
        if self.at_end:
            return False
        token = self._tokens[self._position]
        return token.kind is Kind.MARK and token.text == mark

    def _command(self) -> Command:
        operands: list[Operand] = []
        while not self.at_end and not self._next_is("|") and not self._next_is(")"):
            operands.append(self._operand())
        if not operands:
            raise TemplateError("missing value for command", self.line)
        return Command(tuple(operands))

    def _operand(self) -> Operand:
        operand = self._term(self.take())
        names = []
        while not self.at_end:
            token = self._tokens[self._position]
            if token.kind is not Kind.FIELD or token.spaced:
                break
            names.append(self.take().text[1:])
        if not names:
            return operand
        match operand:
            case Field():
                return Field((*operand.names, *names))
            case Variable():
                return Variable(operand.name, (*operand.names, *names))
            case Literal() | Dot():
                raise TemplateError(f"unexpected . after term {names[0]!r}", self.line)
        return Chain(operand, tuple(names))

    def _term(self, token: Token) -> Operand:
        match token.kind:
            case Kind.FIELD:
                return Field((token.text[1:],))
            case Kind.DOT:
                return Dot()
            case Kind.VARIABLE:
                self._parser.check_variable(token.text, self.line)
                return Variable(token.text)
            case Kind.STRING:
                return Literal(unquote(token.text))
            case Kind.CHARACTER:
                character = unquote(token.text)
                if len(character) != 1:
                    raise TemplateError(f"malformed character constant: {token.text}", self.line)
                return Literal(ord(character))
            case Kind.NUMBER:
                return Literal(_number(token.text))
            case Kind.IDENTIFIER if token.text in ("true", "false", "nil"):
                return Literal({"true": True, "false": False, "nil": None}[token.text])
            case Kind.IDENTIFIER if token.text not in _KEYWORDS:
                self._parser.check_function(token.text, self.line)
                return Function(token.text)
            case Kind.MARK if token.text == "(":
                inner = self.pipeline()
                if not self._next_is(")"):
                    raise TemplateError("unclosed left paren", self.line)
                self.take()
                return inner
        raise TemplateError(f"unexpected {token.text!r} in operand", self.line)


def _number(text: str) -> int | float:
    """An integer where the text is one, also `1e3`; otherwise a float."""
    plain = text.replace("_", "")
    try:
        return int(plain, 0)
    except ValueError:
        value = float(plain)
        return int(value) if value.is_integer() and "." not in plain else value


def unquote(text: str) -> str:
    """The value of a quoted string or character."""
    if text[0] == "`":
        return text[1:-1]

    def replace(found: re.Match[str]) -> str:
        if found[1]:
            return _SIMPLE.get(found[1], found[1])
        return chr(int(found[5], 8) if found[5] else int(found[2] or found[3] or found[4], 16))

    return _ESCAPE.sub(replace, text[1:-1])
