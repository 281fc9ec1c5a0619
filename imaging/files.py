"""Files and folders as the user names them, the same for every command."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from events.reason import Reason, RecordError
from imaging.formats import SUFFIXES, has_image_suffix
from imaging.limits import MAX_BYTES

_DIGITS = re.compile(r"([0-9]+)")
_NameKey = list[tuple[tuple[int, int, str], ...]]
NOT_REGULAR = "not a regular file"


class PathError(Exception):
    """A path cannot be used: one clear line."""


class Sort(StrEnum):
    """name: as people count, so img2 comes before img10. time: by the time the file was last changed."""

    NAME = "name"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """files: in the order wanted. skipped: how many other files lie in the folders, by suffix; hidden ones not
    counted."""

    files: tuple[Path, ...]
    skipped: Mapping[str, int]


def find_images(paths: Sequence[Path], *, recursive: bool = True, sort: Sort = Sort.NAME) -> FoundImages:
    """The named files, whatever their suffix, and the image files in the named folders. Hidden files are left out.

    sort by name orders each folder and keeps the order of paths; sort by time orders all of them.
    Raises PathError for a path that is not there or is no regular file, and for a folder without images.
    """
    files: list[Path] = []
    skipped: Counter[str] = Counter()
    for path in paths:
        if not path.is_dir():
            check_regular(path)
            files.append(path)
            continue
        found = _in_folder(path, recursive=recursive, skipped=skipped)
        if not found:
            kinds = ", ".join(sorted(SUFFIXES))
            way_out = "" if recursive else "; --recursive looks into its folders too"
            raise PathError(f"folder {path_text(path)} holds no images ({kinds}){way_out}")
        files += found
    if sort is Sort.TIME:
        files.sort(key=lambda file: (_changed_ns(file), natural_key(file)))
    return FoundImages(files=tuple(files), skipped=skipped)


def skipped_sentence(skipped: Mapping[str, int], *, what: str = "images") -> str:
    """Such as: skipped 3 files other than images: .txt (2), no suffix (1)."""
    total = sum(skipped.values())
    kinds = ", ".join(f"{suffix} ({count:,})" for suffix, count in sorted(skipped.items()))
    return f"skipped {total:,} file{'' if total == 1 else 's'} other than {what}: {kinds}"


def suffix_of(file: Path) -> str:
    """What skipped files are counted by."""
    return path_text(file.suffix.lower()) or "no suffix"


def check_regular(path: Path) -> None:
    """Raise PathError for what is not there and for what cannot be read to an end, such as a named pipe."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise PathError(f"there is no file or folder {path_text(path)}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PathError(f"{path_text(path)} cannot be read: {reason}") from error
    if not stat.S_ISREG(mode):
        raise PathError(f"{path_text(path)} is {NOT_REGULAR}")


def read_image_file(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Raises RecordError for a file with too many bytes, and OSError for one that cannot be read or is no regular
    one."""
    # Opening a named pipe would wait for a writer.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, NOT_REGULAR, str(path))
        if status.st_size > max_bytes:
            raise RecordError(Reason.TOO_MANY_BYTES, f"the file has {status.st_size} bytes, {max_bytes} are allowed")
        return file.read()


def path_text(path: Path | str) -> str:
    """A path as UTF-8 can carry it, for records and messages; file systems allow names that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", errors="replace")


@contextmanager
def name_for_libraries(path: Path) -> Iterator[str]:
    """A name of the file for libraries that take UTF-8 text, and `NAME:` for a URL. Valid until the block ends."""
    absolute = os.path.abspath(path)
    try:
        absolute.encode()
    except UnicodeEncodeError:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            yield f"/dev/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        yield absolute


def natural_key(path: Path) -> _NameKey:
    """Sorts folder by folder, and numbers within a name by their value."""
    return [
        tuple((0, int(piece), "") if index % 2 else (1, 0, piece) for index, piece in enumerate(_DIGITS.split(part)))
        for part in path.parts
    ]


def _in_folder(folder: Path, *, recursive: bool, skipped: Counter[str]) -> list[Path]:
    found = []
    try:
        for file in _walk(folder, recursive=recursive):
            if not file.is_file():
                skipped[NOT_REGULAR] += 1
            elif has_image_suffix(file):
                found.append(file)
            else:
                skipped[suffix_of(file)] += 1
    except OSError as error:
        raise PathError(f"folder {path_text(folder)} cannot be read: {error.strerror}") from error
    return sorted(found, key=natural_key)


def _walk(folder: Path, *, recursive: bool) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _changed_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # it vanished: reading it will say so
        return 0
