"""Which picture files a folder holds, and in which order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from producers.source import SourceError

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp"})

_DIGITS = re.compile(r"([0-9]+)")
_NameKey = list[tuple[tuple[int, int, str], ...]]


class Sort(StrEnum):
    """name: as people count, so img2 comes before img10. time: by the time the file was last changed."""

    NAME = "name"
    TIME = "time"


def find_images(paths: Sequence[Path], *, recursive: bool, sort: Sort) -> tuple[Path, ...]:
    """The named files, and the picture files in the named folders. Hidden files are left out.

    sort by name orders each folder and keeps the order of paths; sort by time orders all of them.
    Raises SourceError for a path that is not there and for a folder without pictures.
    """
    found = [file for path in paths for file in _files(path, recursive=recursive)]
    if sort is Sort.TIME:
        found.sort(key=lambda file: (_changed_ns(file), natural_key(file)))
    return tuple(found)


def natural_key(path: Path) -> _NameKey:
    """Sorts folder by folder, and numbers within a name by their value."""
    return [
        tuple((0, int(piece), "") if index % 2 else (1, 0, piece) for index, piece in enumerate(_DIGITS.split(part)))
        for part in path.parts
    ]


def _files(path: Path, *, recursive: bool) -> Sequence[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"there is no file or folder {path}")
    try:
        found = sorted(_walk(path, recursive=recursive), key=natural_key)
    except OSError as error:
        raise SourceError(f"folder {path} cannot be read: {error.strerror}") from error
    if not found:
        kinds = ", ".join(sorted(SUFFIXES))
        way_out = "" if recursive else "; --recursive looks into its folders too"
        raise SourceError(f"folder {path} holds no images ({kinds}){way_out}")
    return found


def _walk(folder: Path, *, recursive: bool) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        yield from (
            Path(parent, name)
            for name in names
            if os.path.splitext(name)[1].lower() in SUFFIXES and not name.startswith(".")
        )


def _changed_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # it vanished: reading it will say so
        return 0
