"""`handstream predict`: the stream's predictions for image files, without a stream."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import track

from events.prediction import MAX_HANDS, Prediction
from events.reason import RecordError
from imaging.files import PathError, find_images, path_text, skipped_sentence
from recognition.assets import AssetError
from recognition.bundle import BundleError
from recognition.bundle_sources import bundle_source
from recognition.in_order import in_order
from recognition.pipeline import Recognizer
from recognition.stills import predict_file
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode


class Labels(StrEnum):
    """Where ground truth comes from."""

    NONE = "none"
    PARENT = "parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    path: Path
    error: str


def predict(
    paths: Annotated[list[Path], typer.Argument(help="Image files, or folders to search.", metavar="FILE|DIR ...")],
    labels: Annotated[
        Labels, typer.Option(help="'parent' takes the folder's name as the label that was meant.")
    ] = Labels.NONE,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "--bundle",
            help="Model bundle: a folder, models:/NAME@ALIAS or models:/NAME/VERSION. "
            "HANDSTREAM_MODEL where not given, else the shipped one.",
            metavar="FOLDER|models:/…",
        ),
    ] = None,
    max_hands: Annotated[
        int | None,
        typer.Option(
            help="Hands found in one image at most; HANDSTREAM_MAX_HANDS where not given, else 2.", min=1, max=MAX_HANDS
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Images at once; 0 for one a core.", min=0)] = 0,
) -> None:
    """Name the gestures in image files: one line of JSON an image, as in the `predictions` topic.

    Needs no broker. Exit code 1 where some image could not be read, 2 where there is nothing to read.

    \b
    Examples:
      handstream predict photo.jpg
      handstream predict photos/ --labels parent > predictions.jsonl
      handstream predict photo.jpg --model models:/gestures@champion
    """
    console = Console(stderr=True)
    try:
        found = find_images(paths)
        settings = load_settings()
        if max_hands is not None:
            settings = settings.model_copy(update={"max_hands": max_hands})
        source = bundle_source(model or settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
        recognizer = Recognizer.create(bundle=source.load(), settings=settings)
    except (PathError, AssetError, BundleError, SettingsError) as error:
        _fail(console, str(error))
    files = found.files
    if found.skipped:
        console.print(skipped_sentence(found.skipped), style="yellow", highlight=False, markup=False, soft_wrap=True)
    unreadable = 0
    outcomes = in_order(
        lambda numbered: _predict_file(recognizer, numbered[1], sequence=numbered[0], labels=labels),
        enumerate(files),
        workers=workers or os.cpu_count() or 1,
    )
    try:
        bar = track(outcomes, total=len(files), description="predict", console=console, disable=not _shows_bar(console))
        for outcome in bar:
            if isinstance(outcome, Unreadable):
                unreadable += 1
                console.print(
                    f"skipped {path_text(outcome.path)}: {outcome.error}",
                    style="yellow",
                    highlight=False,
                    markup=False,
                    soft_wrap=True,
                )
            else:
                print(outcome.to_json().decode(), flush=True)
    except BrokenPipeError:
        # The reader has seen enough, as `head` does. Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    finally:
        # The threads must have let go of the landmarkers before these are closed.
        outcomes.close()
        recognizer.close()
    if unreadable:
        console.print(f"{unreadable} of {len(files)} could not be read", style="yellow", highlight=False, markup=False)
        raise typer.Exit(ExitCode.FAILED)


def _predict_file(recognizer: Recognizer, path: Path, *, sequence: int, labels: Labels) -> Prediction | Unreadable:
    label = path_text(path.resolve().parent.name) if labels is Labels.PARENT else None
    try:
        return predict_file(recognizer, path, sequence=sequence, label=label)
    except RecordError as error:
        return Unreadable(path=path, error=str(error))
    except OSError as error:
        return Unreadable(path=path, error=error.strerror or str(error))


def _shows_bar(console: Console) -> bool:
    # On one terminal the lines of JSON and the bar would be written over each other.
    return console.is_terminal and not sys.stdout.isatty()


def _fail(console: Console, message: str) -> NoReturn:
    console.print(f"handstream predict: {message}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(ExitCode.BAD_USE)
