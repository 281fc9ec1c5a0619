"""Image files as independent stills."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})


def image_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as they were named, and the images below folders, recursively and sorted. Hidden ones are passed over."""
    for path in paths:
        if path.is_dir():
            for found in sorted(path.rglob("*")):
                hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
                if found.suffix.lower() in SUFFIXES and not hidden and found.is_file():
                    yield found
        else:
            yield path


def in_the_way(folder: Path) -> Path | None:
    """What keeps files from being written in a folder that may not be there yet; None where nothing does."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return None if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else there
