"""Which files a user means who names files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from recognition.files import SUFFIXES as PHOTOGRAPH_SUFFIXES
from training.hands import DataError, Fault
from training.photo_hands import Photograph

FORMS = (
    "landmark tables (*.csv, *.tsv, *.csv.gz, *.tsv.gz), HaGRID annotations (*.json), recordings (*.jsonl) and "
    "photographs in folders named as their gesture"
)

# A report that was saved among the data is not part of them.
REPORT_PICTURE = "data_report.png"


class Kind(StrEnum):
    TABLE = "table"
    ANNOTATION = "annotation"
    RECORDING = "recording"


_SUFFIXES: Final = {
    ".csv": Kind.TABLE,
    ".tsv": Kind.TABLE,
    ".csv.gz": Kind.TABLE,
    ".tsv.gz": Kind.TABLE,
    ".json": Kind.ANNOTATION,
    ".jsonl": Kind.RECORDING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file that holds landmarks.

    name: the end of its path, as long as needed to tell it from the other files.
    given: whether the user named the file itself, and not a folder in which it lies.
    """

    path: Path
    kind: Kind
    name: str
    given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFolder:
    """Photographs below one folder. empty: its sub-folders in which nothing is."""

    path: Path
    name: str
    photographs: tuple[Photograph, ...]
    empty: tuple[Fault, ...]


def find_data(paths: Sequence[Path]) -> list[DataFile | PhotoFolder]:
    """What lies at the paths, each file once. Raises DataError for a path at which there is nothing to train on."""
    files: dict[Path, Kind] = {}
    photographs: dict[Path, list[Path]] = {}
    for path in paths:
        if not path.exists():
            raise DataError(f"there is no file or folder {path}")
        found = list(_below(path.resolve()))
        if not found:
            what = "holds none of" if path.is_dir() else "is none of"
            raise DataError(f"{path} {what}: {FORMS}")
        for file in found:
            kind = _kind(file)
            if kind is not None:
                files.setdefault(file, kind)
            else:
                photographs.setdefault(path.resolve() if path.is_dir() else file.parent, []).append(file)
    names = unique_names([*files, *photographs])
    given = {path.resolve() for path in paths}
    tables = [DataFile(path=path, kind=kind, name=names[path], given=path in given) for path, kind in files.items()]
    return [*tables, *_folders(photographs, names)]


def unique_names(paths: Sequence[Path]) -> dict[Path, str]:
    """The last part of each path, or as many of the last as tell it from all others."""
    names = {path: path.name or str(path) for path in paths}
    parts = 1
    while True:
        counts = Counter(names.values())
        twice = [path for path, name in names.items() if counts[name] > 1 and len(path.parts) > parts]
        if not twice:
            return names
        parts += 1
        for path in twice:
            names[path] = "/".join(path.parts[-parts:])


def _folders(photographs: dict[Path, list[Path]], names: dict[Path, str]) -> Iterator[PhotoFolder]:
    seen: set[Path] = set()
    for folder, files in photographs.items():
        new = [file for file in files if file not in seen]
        seen.update(new)
        name = names[folder]
        if new:
            yield PhotoFolder(
                path=folder,
                name=name,
                photographs=tuple(
                    Photograph(path=file, label=file.parent.name, place=f"{name}/{file.relative_to(folder)}")
                    for file in new
                ),
                empty=tuple(Fault(f"{name}/{empty.relative_to(folder)}", "empty class: its folder holds no photograph")
                            for empty in _empty_folders(folder)),
            )  # fmt: skip


def _below(path: Path) -> Iterator[Path]:
    """The file itself, or the usable files below the folder, sorted. Hidden ones are passed over."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        usable = _kind(file) is not None or file.suffix.lower() in PHOTOGRAPH_SUFFIXES
        usable &= file.name != REPORT_PICTURE
        if usable and file.is_file() and not (path.is_dir() and _is_hidden(file, path)):
            yield file


def _empty_folders(folder: Path) -> Iterator[Path]:
    for below in sorted(folder.rglob("*")):
        if below.is_dir() and not _is_hidden(below, folder) and not any(below.iterdir()):
            yield below


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _kind(file: Path) -> Kind | None:
    return next((kind for suffix, kind in _SUFFIXES.items() if file.name.lower().endswith(suffix)), None)
