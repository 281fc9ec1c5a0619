"""`handstream train`: from labelled hands to a model bundle."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from recognition.assets import AssetError, default_cache_dir, ensure_landmark_model
from recognition.bundle import Bundle, Manifest, save_bundle
from recognition.landmarks import StillLandmarker, TrackingLandmarker
from recognition.pipeline import Recognizer
from training import data_options as options
from training.dataset import read_hands
from training.faults import described
from training.hands import DataError
from training.model_card import figure_text, write_model_card
from training.photographs import check_photographs, find_photographs
from training.svm import SvmSettings
from training.trainer import train_bundle, with_photographs

BAD_USE = 2


def train(
    paths: options.Paths,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle.")] = Path("models/gestures"),
    name: Annotated[str, typer.Option(help="Name of the bundle, as predictions carry it.")] = "gestures",
    bundle_version: Annotated[str, typer.Option(help="Version of the bundle.")] = "1",
    origin: Annotated[
        str, typer.Option(help="Where the data come from and under which licence, for the model card.")
    ] = "The origin and the licence of the data were not stated.",
    check: Annotated[
        list[Path] | None, typer.Option(help="File or folder to report on, never trained on. May be repeated.")
    ] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Photographs to report on, each in a folder named as its gesture.")
    ] = None,
    aspect: options.Aspect = None,
    gesture: options.MoreGestures = None,
    ignore_column: options.IgnoreColumns = None,
    skip_faulty: options.SkipFaulty = False,
    seed: Annotated[int, typer.Option(help="Of all that is random: the same seed gives the same model.", min=0)] = 0,
) -> None:
    """Train the gesture classifier: a bundle with manifest and model card.

    Takes landmark tables, HaGRID annotations, recordings and photographs, alone or mixed; docs/data.md describes them.
    Takes some minutes. Exit code 2 where something cannot be used.

    \b
    Examples:
      handstream train landmarks.csv --out models/mine
      handstream train landmarks/ --check others.csv --aspect 0.75 --photos photos/
    """
    console = Console(stderr=True)
    read = functools.partial(
        read_hands,
        aspect=aspect,
        more_gestures=gesture or (),
        skip_faulty=skip_faulty,
        ignore_columns=ignore_column or (),
        cache_dir=default_cache_dir(),
        console=console,
    )
    try:
        hands = read(paths)
        if hands.faults:
            console.print(f"left out: {described(hands.faults)}", style="yellow", highlight=False, markup=False)
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
    except (DataError, AssetError) as error:
        console.print(f"handstream train: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(BAD_USE) from None
    except KeyboardInterrupt:
        console.print("handstream train: stopped, nothing was written", highlight=False)
        raise typer.Exit(130) from None
    manifest = save_bundle(out, classifier=bundle.classifier, manifest=bundle.manifest)
    write_model_card(out, manifest=manifest, hands=hands, origin=origin)
    Console().print(_report(manifest, out))


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
