"""Commands whose package is not installed."""

from __future__ import annotations

from typing import ClassVar

import typer
from typer.testing import CliRunner

from handstream.lazy_group import LazyGroup


class _Group(LazyGroup):
    targets: ClassVar = {"fly": "no_such_package_of_ours.cli:fly", "lag": "monitoring.lag_cli:lag"}
    checkout_only: ClassVar = frozenset({"fly"})


app = typer.Typer(cls=_Group)


@app.callback()
def main() -> None:
    """A command with one part missing."""


def test_a_command_of_the_checkout_says_where_it_is_to_be_had() -> None:
    refused = CliRunner().invoke(app, ["fly"])
    assert refused.exit_code == 2
    assert refused.output.startswith("handstream fly: not part of the installed package")


def test_the_other_commands_and_the_help_go_on() -> None:
    assert CliRunner().invoke(app, ["--help"]).exit_code == 0
    assert CliRunner().invoke(app, ["lag", "--help"]).exit_code == 0
