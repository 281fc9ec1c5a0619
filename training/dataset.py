"""Any mix of tables, annotations, recordings and photographs, as one set of hands."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from events.prediction import NO_GESTURE
from imaging.files import skipped_sentence
from training.annotations import read_annotations
from training.data_files import DataFile, Kind, PhotoFolder, find_data
from training.faults import SKIP_OPTION, check_faults, refuse
from training.hands import DataError, Hands, joined
from training.labels import known_labels
from training.photo_hands import read_photographs
from training.recordings import read_recording
from training.table_columns import NoHandTableError
from training.tables import read_table


def read_hands(
    paths: Sequence[Path],
    *,
    aspect: float | None = None,
    more_gestures: Sequence[str] = (),
    skip_faulty: bool = False,
    ignore_columns: Sequence[str] = (),
    columns: str | None = None,
    cache_dir: Path,
    console: Console | None = None,
) -> Hands:
    """All hands at these paths. Raises DataError, or AssetError where photographs need a landmark model.

    paths: files, and folders that hold them at any depth; README and others beside them are passed over.
    aspect: width / height of the images whose landmarks are in 0..1 of images that do not say it.
    more_gestures: names of gestures besides the 18. Those of recordings need not be among them.
    skip_faulty: leave out and count what cannot be used, instead of refusing its source.
    ignore_columns: names or patterns of columns of tables that are known to the user and of no use here.
    columns: of tables, where their header does not say it; see table_columns.expand.
    cache_dir: where the landmarks of photographs are kept for the next time.
    console: for a progress bar and remarks; None: silence.
    """
    labels = known_labels(more_gestures)
    read = functools.partial(
        _read,
        labels=labels,
        aspect=aspect,
        ignore_columns=ignore_columns,
        columns=columns,
        cache_dir=cache_dir,
        console=console,
    )
    found = find_data(paths)
    if found.skipped and console is not None:
        sentence = skipped_sentence(found.skipped, what="training data")
        console.print(sentence, style="yellow", highlight=False, markup=False, soft_wrap=True)
    if not skip_faulty:
        _check_folders([one for one in found.data if isinstance(one, PhotoFolder)], labels=labels)
    parts: list[Hands] = []
    others: list[NoHandTableError] = []
    for one in found.data:
        try:
            parts.append(check_faults(read(one), where=one.path, skip_faulty=skip_faulty))
        except NoHandTableError as error:
            # A folder of data may well hold a table of something else.
            if isinstance(one, DataFile) and one.given:
                raise
            others.append(error)
            if console is not None:
                console.print(f"skipped {error}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    if not parts:
        raise others[0]
    return joined(parts)


def check_enough(hands: Hands, *, folds: int, least_gestures: int = 3) -> None:
    """Raise DataError where there are too few gestures, or too few hands of one to be in each fold."""
    counts = Counter(hands.labels.tolist())
    gestures = sorted(counts.keys() - {NO_GESTURE})
    if len(gestures) < least_gestures:
        raise DataError(
            f"there are {len(gestures)} gestures ({', '.join(gestures) or 'none'}), {least_gestures} are needed; "
            f"{NO_GESTURE} is no gesture"
        )
    few = [f"{label} ({count})" for label, count in sorted(counts.items()) if count < folds]
    if few:
        raise DataError(f"there are fewer than {folds} hands of {', '.join(few)}; add more, or leave the class out")


def _read(
    source: DataFile | PhotoFolder,
    *,
    labels: frozenset[str],
    aspect: float | None,
    ignore_columns: Sequence[str],
    columns: str | None,
    cache_dir: Path,
    console: Console | None,
) -> Hands:
    if isinstance(source, PhotoFolder):
        hands = read_photographs(
            source.photographs, name=source.name, labels=labels, cache_dir=cache_dir, console=console
        )
        return replace(hands, faults=(*source.empty, *hands.faults))
    match source.kind:
        case Kind.TABLE:
            return read_table(
                source.path,
                name=source.name,
                labels=labels,
                aspect=aspect,
                ignore_columns=ignore_columns,
                columns=columns,
            )
        case Kind.ANNOTATION:
            return read_annotations(source.path, name=source.name, labels=labels, aspect=aspect)
        case Kind.RECORDING:
            return read_recording(source.path, name=source.name)


def _check_folders(folders: Sequence[PhotoFolder], *, labels: frozenset[str]) -> None:
    """Before minutes go into finding landmarks: are the folders named as they should be, and none of them empty?"""
    for folder in folders:
        refuse(folder.empty, where=folder.path)
        names = Counter(one.label for one in folder.photographs if one.label not in labels)
        if names:
            named = ", ".join(f"{name!r} ({count:,} photographs)" for name, count in sorted(names.items()))
            raise DataError(
                f"{folder.path}: folders that are named neither as a gesture nor {NO_GESTURE}: {named}; rename them, "
                f"allow each with --gesture NAME, or leave them out with {SKIP_OPTION}"
            )
