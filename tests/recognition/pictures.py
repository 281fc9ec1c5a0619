"""Pictures for the tests of this room."""

from __future__ import annotations

import io

from PIL import Image


def encoded(kind: str, *, size: tuple[int, int] = (64, 48), mode: str = "RGB", orientation: int | None = None) -> bytes:
    """A picture whose left half is red and whose right half is blue, before its EXIF orientation is applied."""
    width, height = size
    picture = Image.new("RGB", size, (220, 20, 30))
    picture.paste((20, 30, 220), (width // 2, 0, width, height))
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, kind, **({"exif": exif} if orientation is not None else {}))
    return buffer.getvalue()
