"""A command group that imports a command only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class LazyGroup(TyperGroup):
    """`handstream tail` must not wait for MediaPipe, scikit-learn and Faust to be imported.

    targets: command name to "module:attribute"; the attribute is a Typer app or a function.
    checkout_only: names of commands whose package an installed wheel lacks; there they say so.
    """

    targets: ClassVar[Mapping[str, str]] = {}
    checkout_only: ClassVar[frozenset[str]] = frozenset()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(self.targets)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = self._load(cmd_name, target)
        return self.commands[cmd_name]

    def _load(self, name: str, target: str) -> Any:
        module, attribute = target.split(":")
        if name in self.checkout_only and find_spec(module.partition(".")[0]) is None:
            return _to_command(name, _needs_checkout(name))
        return _to_command(name, getattr(import_module(module), attribute))


def _to_command(name: str, found: Any) -> Any:
    if isinstance(found, typer.Typer):
        app = found
    else:
        app = typer.Typer(add_completion=False, rich_markup_mode="rich")
        app.command(name)(found)
    command = typer.main.get_command(app)
    command.name = name
    return command


def _needs_checkout(name: str) -> Callable[[], None]:
    def refuse() -> None:
        """Needs a checkout of the project; it is not part of the installed package."""
        where = "run it in a checkout of the project, after `make setup`"
        typer.echo(f"handstream {name}: not part of the installed package; {where}", err=True)
        raise typer.Exit(2)

    return refuse
