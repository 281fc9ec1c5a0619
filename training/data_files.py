"""Which files a user means who names files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from imaging.files import NOT_REGULAR, PathError, check_regular, path_text, suffix_of
from imaging.formats import has_image_suffix
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundData:
    """data: each file once. skipped: how many other files lie in the folders, by suffix; hidden ones not counted."""

    data: Sequence[DataFile | PhotoFolder]
    skipped: Mapping[str, int]


def find_data(paths: Sequence[Path]) -> FoundData:
    """What lies at the paths. Raises DataError for a path at which there is nothing to train on."""
    skipped: Counter[str] = Counter()
    files: dict[Path, Kind] = {}
    photographs: dict[Path, list[Path]] = {}
    for path in paths:
        if not path.is_dir():
            try:
                check_regular(path)
            except PathError as error:
                raise DataError(str(error)) from error
        found = list(_below(path.resolve(), skipped=skipped))
        if not found:
            what = "holds none of" if path.is_dir() else "is none of"
            raise DataError(f"{path_text(path)} {what}: {FORMS}")
        for file in found:
            kind = _kind(file)
            if kind is not None:
                files.setdefault(file, kind)
            else:
                photographs.setdefault(path.resolve() if path.is_dir() else file.parent, []).append(file)
    names = unique_names([*files, *photographs])
    given = {path.resolve() for path in paths}
    tables = [DataFile(path=path, kind=kind, name=names[path], given=path in given) for path, kind in files.items()]
    return FoundData(data=[*tables, *_folders(photographs, names)], skipped=skipped)


def unique_names(paths: Sequence[Path]) -> dict[Path, str]:
    """The last part of each path, or as many of the last as tell it from all others."""
    names = {path: path_text(path.name or path) for path in paths}
    parts = 1
    while True:
        counts = Counter(names.values())
        twice = [path for path, name in names.items() if counts[name] > 1 and len(path.parts) > parts]
        if not twice:
            return names
        parts += 1
        for path in twice:
            names[path] = path_text("/".join(path.parts[-parts:]))


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
                    Photograph(
                        path=file,
                        label=path_text(file.parent.name),
                        place=f"{name}/{path_text(file.relative_to(folder))}",
                    )
                    for file in new
                ),
                empty=tuple(
                    Fault(
                        f"{name}/{path_text(empty.relative_to(folder))}", "empty class: its folder holds no photograph"
                    )
                    for empty in _empty_folders(folder)
                ),
            )


def _below(path: Path, *, skipped: Counter[str]) -> Iterator[Path]:
    """The file itself, or the usable files below the folder, sorted. Hidden ones are left out."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_dir() or file.name == REPORT_PICTURE or (path.is_dir() and _is_hidden(file, path)):
            continue
        if file.is_file() and (_kind(file) is not None or has_image_suffix(file)):
            yield file
        else:
            skipped[suffix_of(file) if file.is_file() else NOT_REGULAR] += 1


def _empty_folders(folder: Path) -> Iterator[Path]:
    for below in sorted(folder.rglob("*")):
        if below.is_dir() and not _is_hidden(below, folder) and not any(below.iterdir()):
            yield below


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _kind(file: Path) -> Kind | None:
    return next((kind for suffix, kind in _SUFFIXES.items() if file.name.lower().endswith(suffix)), None)
