"""`handstream train`: from landmark tables to a model bundle."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from recognition.assets import AssetError, ensure_landmark_model
from recognition.bundle import Bundle, Manifest, save_bundle
from recognition.landmarks import StillLandmarker, TrackingLandmarker
from recognition.pipeline import Recognizer
from training.model_card import figure_text, write_model_card
from training.photographs import check_photographs, find_photographs
from training.svm import SvmSettings
from training.tables import Hands, TableError, faulty_rows, find_tables, read_tables
from training.trainer import train_bundle, with_photographs

BAD_USE = 2


def train(
    tables: Annotated[
        list[Path], typer.Argument(help="Landmark tables (CSV), or folders of them.", metavar="FILE|DIR ...")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle.")] = Path("models/gestures"),
    name: Annotated[str, typer.Option(help="Name of the bundle, as predictions carry it.")] = "gestures",
    bundle_version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1",
    origin: Annotated[
        str, typer.Option(help="Where the data come from and under which licence, for the model card.")
    ] = "The origin and the licence of the data were not stated.",
    check: Annotated[
        list[Path] | None, typer.Option(help="Table or folder to report on, never trained on. May be repeated.")
    ] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Photographs to report on, each in a folder named as its gesture.")
    ] = None,
    aspect: Annotated[
        float | None,
        typer.Option(help="Width / height of the images, for tables in 0..1 of images that do not say it.", min=0.1),
    ] = None,
    skip_faulty_rows: Annotated[
        bool, typer.Option("--skip-faulty-rows", help="Leave out and count rows that cannot be read.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of all that is random: the same seed gives the same model.", min=0)] = 0,
) -> None:
    """Train the gesture classifier on landmark tables: a bundle with manifest and model card.

    A table has the columns x1, y1 … x21, y21 and label, in pixels, relative to the wrist or in 0..1 of the image.
    Columns user_id, width and height are used where they are there. Takes some minutes. Exit code 2 where a table or a
    photograph cannot be used.

    \b
    Examples:
      handstream train landmarks.csv --out models/mine
      handstream train landmarks/ --check others.csv --aspect 0.75 --photos photos/
    """
    console = Console(stderr=True)
    read = functools.partial(_read, aspect=aspect, skip_faulty_rows=skip_faulty_rows, console=console)
    try:
        hands = read(tables)
        unseen = read(check) if check else None
        photographs = find_photographs(photos) if photos else []
        bundle = train_bundle(
            hands,
            unseen=unseen,
            name=name,
            version=bundle_version,
            settings=SvmSettings(seed=seed),
            progress=lambda folds: track(folds, description="held-out folds", total=len(folds), console=console),
        )
        if photographs:
            bundle = _on_photographs(bundle, photographs, console=console)
    except (TableError, AssetError) as error:
        console.print(f"handstream train: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(BAD_USE) from None
    except KeyboardInterrupt:
        console.print("handstream train: stopped, nothing was written", highlight=False)
        raise typer.Exit(130) from None
    manifest = save_bundle(out, classifier=bundle.classifier, manifest=bundle.manifest)
    write_model_card(out, manifest=manifest, hands=hands, origin=origin)
    Console().print(_report(manifest, out))


def _read(paths: list[Path], *, aspect: float | None, skip_faulty_rows: bool, console: Console) -> Hands:
    hands = read_tables(find_tables(paths), aspect=aspect, skip_faulty_rows=skip_faulty_rows)
    for file, count in hands.skipped.items():
        console.print(f"{file}: {faulty_rows(count)} left out", style="yellow", highlight=False, markup=False)
    return hands


def _on_photographs(bundle: Bundle, files: list[Path], *, console: Console) -> Bundle:
    model = ensure_landmark_model(progress=console.is_terminal)
    recognizer = Recognizer(
        bundle=bundle,
        create_still=lambda: StillLandmarker(model),
        create_tracking=lambda: TrackingLandmarker(model),
    )
    try:
        bar = track(files, description="photographs", console=console)
        return with_photographs(bundle, check_photographs(recognizer, bar))
    finally:
        recognizer.close()


def _report(manifest: Manifest, folder: Path) -> Table:
    table = Table(title=f"{manifest.name} {manifest.version} in {folder}", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in manifest.metrics.items():
        table.add_row(name, figure_text(value))
    table.add_row("threshold", figure_text(manifest.threshold))
    return table
