"""The `handstream` command: each room brings its own commands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, ClassVar

import typer

from handstream.lazy_group import LazyGroup
from supervision.signals import termination_like_ctrl_c


class Handstream(LazyGroup):
    targets: ClassVar = {
        "demo": "handstream.demo.cli:demo",
        "up": "handstream.demo.cli:up",
        "broker": "broker.cli:app",
        "produce": "producers.cli:app",
        "worker": "stream_app.cli:worker",
        "gateway": "gateway.cli:gateway",
        "monitor": "monitoring.cli:monitor",
        "lag": "monitoring.lag_cli:lag",
        "tail": "handstream.tail.cli:tail",
        "dlq": "dead_letters.cli:app",
        "audit": "audit.cli:audit",
        "predict": "recognition.cli:predict",
        "record": "training.record.cli:record",
        "data": "training.data_cli:data",
        "train": "training.cli:train",
        "evaluate": "handstream.evaluate.cli:app",
        "models": "handstream.models.cli:app",
        "plan": "handstream.plan.cli:plan",
        "bench": "benchmarks.cli:bench",
        "setup": "handstream.setup:setup",
    }
    checkout_only: ClassVar = frozenset({"bench"})


app = typer.Typer(
    cls=Handstream,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"handstream {version('handstream')}")
        raise typer.Exit


@app.callback()
def handstream(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hand gestures from cameras and files, through Kafka, in real time.

    Settings come from HANDSTREAM_* environment variables and from .env; see docs/settings.md.
    """


def main() -> None:
    # In one place for every command: a service manager's SIGTERM and a closed terminal end it as Ctrl-C does.
    with termination_like_ctrl_c():
        app()


if __name__ == "__main__":
    main()
