"""Groups of commands that do something themselves: `report RUN` beside `report pack RUN`."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

DEFAULT = "write"
"""The command that is meant where none is named."""


class WithDefault(TyperGroup):
    """A group in which whatever is not the name of a command is an argument of the one named `write`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            args = [DEFAULT, *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)
