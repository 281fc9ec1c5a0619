"""Dead letters as files."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from dead_letters.letter import Letter
from dead_letters.listing import described

MAX_CAMERA_CHARACTERS = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_ENDINGS = ((b"\xff\xd8", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"RIFF", "webp"), (b"BM", "bmp"))


def file_name(one: Letter) -> str:
    """Camera, sequence, partition and offset of the letter, without an ending; safe on every file system."""
    camera = _UNSAFE.sub("_", one.camera)[:MAX_CAMERA_CHARACTERS].strip("_") or "unknown"
    sequence = _UNSAFE.sub("_", one.sequence)[:18].strip("_") or "none"
    return f"{camera}-{sequence}-{one.position.partition}-{one.position.offset}"


def export(one: Letter, *, folder: Path, overwrite: bool) -> Path:
    """Write the value as it came, and beside it a JSON file that describes it. The value's path.

    Raises FileExistsError unless overwrite, before anything is written; OSError where it cannot be written.
    """
    value = folder / f"{file_name(one)}.{_ending(one.letter.value)}"
    description = value.with_suffix(".json")
    for path in (value, description):
        if not overwrite and path.exists():
            raise FileExistsError(str(path))
    mode = "wb" if overwrite else "xb"
    with value.open(mode) as file:
        file.write(one.letter.value)
    with description.open(mode) as file:
        file.write(msgspec.json.format(msgspec.json.encode(described(one)), indent=2) + b"\n")
    return value


def _ending(value: bytes) -> str:
    return next((ending for begin, ending in _ENDINGS if value.startswith(begin)), "bin")
