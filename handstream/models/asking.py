"""Asking the registry for a command, and saying what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console

from handstream.models.export import ExportError
from handstream.models.live_reference import NoReference
from recognition.bundle import BundleError
from recognition.registry import Registry
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    console: Console

    def registry(self) -> Registry:
        settings = load_settings()
        # Importing MLflow is most of the wait.
        with self.console.status("Asking MLflow"):
            return Registry.open(data_dir=settings.data_dir, cache_dir=settings.cache_dir)


@contextmanager
def speaking() -> Iterator[Asked]:
    """Say what goes wrong inside in one line."""
    console = Console(stderr=True)
    try:
        yield Asked(console=console)
    except (SettingsError, BundleError, ExportError, NoReference) as error:
        console.print(f"handstream models: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.BAD_USE) from None
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
