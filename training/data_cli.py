"""`handstream data`: what the training data hold, before anything is trained on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from recognition.assets import AssetError
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode
from training import data_options as options
from training.data_page import save_report
from training.data_report import DataReport
from training.dataset import read_hands
from training.hands import DataError


def data(
    paths: options.Paths,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for data_report.html and data_report.png.", metavar="FOLDER")
    ] = None,
    aspect: options.Aspect = None,
    gesture: options.MoreGestures = None,
    ignore_column: options.IgnoreColumns = None,
    columns: options.Columns = None,
) -> None:
    """Report on training data: classes, people, duplicates, and what cannot be used and why.

    Nothing is refused for a faulty row here: it is counted and named. Exit code 2 where there is nothing to read.

    \b
    Examples:
      handstream data landmarks/ --aspect 0.75
      handstream data photos/ recordings/ --out report
    """
    console = Console(stderr=True)
    try:
        hands = read_hands(
            paths,
            aspect=aspect,
            more_gestures=gesture or (),
            skip_faulty=True,
            ignore_columns=ignore_column or (),
            columns=columns,
            cache_dir=load_settings().cache_dir,
            console=console,
        )
        report = DataReport.of(hands)
        Console().print(report.tables(), highlight=False)
        for path in save_report(report, out) if out is not None else ():
            console.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)
    except (DataError, AssetError, SettingsError) as error:
        console.print(f"handstream data: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.BAD_USE) from None
    except KeyboardInterrupt:
        console.print("handstream data: stopped; landmarks found so far are kept", highlight=False)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
