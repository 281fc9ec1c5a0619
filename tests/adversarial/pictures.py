"""Pictures of a real hand, and of nothing, in every form that is hard to take."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

HAND = (Path(__file__).parents[1] / "sample_hand.jpg").read_bytes()
SIZE_8K = (7680, 4320)

# What makes a picture lie in the file as it does, for each of EXIF's orientations.
_LAID = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def hand() -> Image.Image:
    return Image.open(io.BytesIO(HAND)).convert("RGB")


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def laid(orientation: int, *, form: str = "JPEG") -> bytes:
    """The hand, laid in the file so that it is upright once the orientation is heeded."""
    method = _LAID[orientation]
    picture = hand() if method is None else hand().transpose(method)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(picture, form, exif=exif, **({"quality": 95} if form == "JPEG" else {}))


def animated(form: str) -> bytes:
    """The hand first, then two grey pictures."""
    others = [Image.new("RGB", hand().size, (grey, grey, grey)) for grey in (40, 200)]
    return encoded(hand(), form, save_all=True, append_images=others, duration=100)


@functools.cache
def large(size: tuple[int, int] = SIZE_8K) -> Image.Image:
    """The hand in the middle of a grey wall: such a file stays small, whatever its form."""
    width, height = size
    picture = Image.new("RGB", size, (128, 128, 128))
    sized = hand().resize((height * 4 // 3, height))
    picture.paste(sized.resize((height * 2 // 3, height // 2)), (width // 3, height // 4))
    return picture


def claiming(image: bytes, *, width: int, height: int) -> bytes:
    """A JPEG whose header says another size."""
    place = next(place for marker in (b"\xff\xc0", b"\xff\xc2") if (place := image.find(marker)) >= 0)
    return image[: place + 5] + struct.pack(">HH", height, width) + image[place + 9 :]


def png_claiming(*, width: int, height: int) -> bytes:
    image = encoded(Image.new("RGB", (8, 8)), "PNG")
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return image[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + image[33:]


def many_scans() -> bytes:
    """A progressive JPEG whose last scan stands there again and again: each goes over all of its pixels."""
    image = encoded(Image.new("RGB", (2400, 2400), (90, 120, 150)), "JPEG", progressive=True)
    last = image.rindex(b"\xff\xda")
    return image[:last] + image[last:-2] * 400 + image[-2:]


def with_flipped_bits(image: bytes, *, seed: int, count: int, begin: int = 700) -> bytes:
    """Bits flipped behind the header."""
    content = bytearray(image)
    random = np.random.default_rng(seed)
    for place in random.integers(begin, len(content) - 2, count):
        content[place] ^= 1 << int(random.integers(8))
    return bytes(content)


def grey_of_16_bits() -> bytes:
    grey = np.asarray(hand().convert("L"), np.uint16) * 257
    return encoded(Image.fromarray(grey), "PNG")


def colour_of_16_bits() -> bytes:
    pixels = np.asarray(hand())[:, :, ::-1].astype(np.uint16) * 257
    written, content = cv2.imencode(".png", pixels)
    assert written
    return content.tobytes()


def text_bomb() -> bytes:
    """A PNG with a text that unpacks to 100 MB."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 100_000_000, zip=True)
    return encoded(hand().resize((64, 48)), "PNG", pnginfo=text)


def thin(form: str, *, width: int, height: int) -> bytes:
    return encoded(Image.new("RGB", (width, height), (90, 120, 150)), form)


def noise(seed: int, size: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)
