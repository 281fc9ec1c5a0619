"""Figures on photographs, through the whole path: image file in, prediction out."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterable
from math import isnan
from pathlib import Path

from evaluation.evaluation import Evaluation
from evaluation.outcome import Outcome
from events.prediction import NO_GESTURE
from events.reason import RecordError
from imaging.files import PathError, find_images, path_text, read_image_file
from imaging.header import image_size
from recognition.bundle import Bundle
from recognition.in_order import in_order
from recognition.pipeline import Recognizer
from recognition.stills import predict_file
from settings import Settings
from training.hands import DataError


def find_photographs(folder: Path, *, labels: frozenset[str]) -> tuple[list[Path], dict[str, int]]:
    """The images below a folder that lie in one named as a label; and how many others there are, by the name of theirs.

    Raises DataError for what is no image, and where none is left."""
    if not folder.is_dir():
        raise DataError(f"there is no folder {path_text(folder)}")
    try:
        found = find_images([folder]).files
    except PathError as error:
        raise DataError(str(error)) from error
    files = [file for file in found if _label(file) in labels]
    skipped = dict(sorted(Counter(_label(file) for file in found if _label(file) not in labels).items()))
    if not files:
        raise DataError(
            f"{folder}: no folder of images is named as a gesture of the data or {NO_GESTURE}; there are "
            f"{', '.join(skipped)}"
        )
    for file in files:
        try:
            image_size(read_image_file(file))
        except (RecordError, OSError) as error:
            raise DataError(f"{path_text(file)}: {error}") from error
    return files, skipped


def check_photographs(
    bundle: Bundle,
    files: list[Path],
    *,
    settings: Settings,
    progress: Callable[[Iterable[Outcome]], Iterable[Outcome]],
) -> Bundle:
    """The bundle, with figures on photographs among its metrics. Raises DataError for one that cannot be read."""
    recognizer = Recognizer.create(bundle=bundle, settings=settings)
    outcomes = in_order(lambda file: _outcome(recognizer, file), files, workers=os.cpu_count() or 1)
    try:
        evaluation = Evaluation.of(progress(outcomes))
    finally:
        outcomes.close()
        recognizer.close()
    gestures, others = evaluation.detection, evaluation.false_positives
    metrics = {
        "photos_gestures": float(gestures.total),
        "photos_found": float(gestures.hits),
        "photos_accuracy_found": evaluation.gesture_accuracy_found.value,
        "photos_accuracy_all": evaluation.gesture_accuracy.value,
        "photos_others": float(others.total),
        "photos_misnamed": float(others.hits),
    }
    known = {name: round(value, 4) for name, value in metrics.items() if not isnan(value)}
    reference = bundle.manifest.reference
    if reference is not None and gestures.total:
        reference = dataclasses.replace(reference, without_hand=round(1 - gestures.hits / gestures.total, 4))
    manifest = dataclasses.replace(bundle.manifest, metrics=bundle.manifest.metrics | known, reference=reference)
    return dataclasses.replace(bundle, manifest=manifest)


def _outcome(recognizer: Recognizer, file: Path) -> Outcome:
    try:
        return Outcome.of(predict_file(recognizer, file, sequence=0, label=_label(file)), place=path_text(file))
    except (RecordError, OSError) as error:
        raise DataError(f"{path_text(file)}: {error}") from error


def _label(file: Path) -> str:
    return path_text(file.resolve().parent.name)
