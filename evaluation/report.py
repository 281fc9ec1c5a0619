"""The report in a folder: page, figures and confusion matrix."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from evaluation.document import document
from evaluation.evaluation import Evaluation
from evaluation.examples import Pictures, draw_examples
from evaluation.subject import Subject

PAGE_FILE = "evaluation.html"
FIGURES_FILE = "evaluation.json"
CONFUSION_FILE = "confusion_matrix.png"
_NEEDS = ("matplotlib", "jinja2")


class ReportError(Exception):
    """The report cannot be written: the message says why, and the way out."""


def obstacle_to(folder: Path) -> Path | None:
    """What keeps files from being written in a folder that may not be there yet; None where nothing does."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return None if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else there


def check_report(folder: Path) -> None:
    """Whether a report could be written, before a long evaluation is begun for it. Raises ReportError."""
    for library in _NEEDS:
        if find_spec(library) is None:
            raise ReportError(f"the report cannot be drawn without {library}: `make training` installs it")
    obstacle = obstacle_to(folder)
    if obstacle is not None:
        raise ReportError(f"the report cannot be written to {folder}: {obstacle} is no folder that can be written in")


def write_report(
    folder: Path, *, evaluation: Evaluation, subject: Subject, pictures: Pictures, worst: int
) -> tuple[Path, ...]:
    """Write evaluation.html, evaluation.json and confusion_matrix.png, all of them or none; their paths.

    worst: how many misses are drawn. Raises ReportError.
    """
    # Printing the figures needs neither matplotlib nor Jinja2, which `make training` installs.
    from evaluation.charts import draw_confusion, draw_reliability  # noqa: PLC0415
    from evaluation.page import write_page  # noqa: PLC0415

    confusion = draw_confusion(evaluation.confusion)
    page = write_page(
        evaluation,
        subject,
        confusion=confusion,
        reliability=draw_reliability(evaluation.calibration),
        examples=draw_examples(evaluation.misses, count=worst, pictures=pictures),
    )
    contents = {
        folder / PAGE_FILE: page.encode(),
        folder / FIGURES_FILE: document(evaluation, subject),
        folder / CONFUSION_FILE: confusion,
    }
    return write_files(folder, contents)


def write_files(folder: Path, contents: Mapping[Path, bytes]) -> tuple[Path, ...]:
    """Write files in a folder, all of them or none; their paths. Raises ReportError."""
    temporary = {path: path.with_name(f".{path.name}.part") for path in contents}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            # Once all parts are written, a folder in the way is the one thing that could still stop them halfway.
            if path.is_dir():
                raise IsADirectoryError(None, f"{path.name} is a folder")
            temporary[path].write_bytes(content)
        for path, part in temporary.items():
            os.replace(part, path)
    except BaseException as error:
        with suppress(OSError):
            for part in temporary.values():
                part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ReportError(f"the report cannot be written to {folder}: {error.strerror or error}") from error
        raise
    return tuple(contents)
