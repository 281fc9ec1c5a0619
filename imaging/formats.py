"""The image formats that are read, by content, media type and suffix."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# As Pillow names them.
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
# A phone's JPEG with a second image behind the first is an MPO to Pillow.
JPEG_FORMATS: Final = frozenset({"JPEG", "MPO"})

CONTENT_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif"})
# What browsers, cameras and libraries of other times write for them.
_ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/x-windows-bmp": "image/bmp",
}

_CONTENT_TYPE_BY_SUFFIX: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".jpe": "image/jpeg",
    ".jfif": "image/jpeg",
    ".jif": "image/jpeg",
    ".pjpeg": "image/jpeg",
    ".pjp": "image/jpeg",
    ".mpo": "image/jpeg",
    ".png": "image/png",
    ".apng": "image/png",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".dib": "image/bmp",
    ".gif": "image/gif",
}
SUFFIXES: Final = frozenset(_CONTENT_TYPE_BY_SUFFIX)


def image_type(content_type: str) -> str | None:
    """The registered name of an image's media type, given in lower case and without parameters; None for others."""
    return content_type if content_type in CONTENT_TYPES else _ALIASES.get(content_type)


def has_image_suffix(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
