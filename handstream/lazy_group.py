"""A command group that imports a command only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class LazyGroup(TyperGroup):
    """`handstream tail` must not wait for MediaPipe, scikit-learn and Faust to be imported.

    targets: command name to "module:attribute"; the attribute is a Typer app or a function.
    """

    targets: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(self.targets)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _load(cmd_name, target)
        return self.commands[cmd_name]


def _load(name: str, target: str) -> Any:
    module, attribute = target.split(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        app = found
    else:
        app = typer.Typer(add_completion=False, rich_markup_mode="rich")
        app.command(name)(found)
    command = typer.main.get_command(app)
    command.name = name
    return command
