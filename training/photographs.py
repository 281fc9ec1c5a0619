"""Figures on photographs, through the whole path: image file in, prediction out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from events.prediction import NO_GESTURE
from events.reason import RecordError
from recognition.files import image_files
from recognition.gestures import GESTURES
from recognition.pipeline import Recognizer
from recognition.stills import predict_file
from training.hands import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFigures:
    """gestures: photographs that show a gesture; found: those of them where a hand was found; right: rightly named.
    others: photographs that show none; misnamed: those of them where a gesture was seen.
    """

    gestures: int
    found: int
    right: int
    others: int
    misnamed: int

    @property
    def accuracy_found(self) -> float:
        return self.right / max(1, self.found)

    @property
    def accuracy_all(self) -> float:
        return self.right / max(1, self.gestures)


def find_photographs(folder: Path) -> list[Path]:
    """The images below a folder, each in one named as its gesture. Raises DataError for any other, and for none."""
    files = list(image_files([folder])) if folder.is_dir() else []
    if not files:
        raise DataError(f"there are no images below {folder}")
    for file in files:
        if _label(file) not in (*GESTURES, NO_GESTURE):
            raise DataError(f"{file}: its folder names neither a gesture nor {NO_GESTURE}")
    return files


def check_photographs(recognizer: Recognizer, files: Iterable[Path]) -> PhotoFigures:
    """Raises DataError for a photograph that cannot be read."""
    gestures = found = right = others = misnamed = 0
    for sequence, file in enumerate(files):
        label = _label(file)
        try:
            seen = predict_file(recognizer, file, sequence=sequence, label=label).gesture
        except (RecordError, OSError) as error:
            raise DataError(f"{file}: {error}") from error
        if label == NO_GESTURE:
            others += 1
            misnamed += seen not in (None, NO_GESTURE)
        else:
            gestures += 1
            found += seen is not None
            right += seen == label
    return PhotoFigures(gestures=gestures, found=found, right=right, others=others, misnamed=misnamed)


def _label(file: Path) -> str:
    return file.resolve().parent.name
