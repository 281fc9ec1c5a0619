"""Decoding images that anybody may have sent: limits first, pixels afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from events.reason import Reason, RecordError
from imaging.formats import JPEG_FORMATS
from imaging.header import check_cost, open_header, orientation, raise_if_ours
from imaging.opencv import cv2

Pixels = NDArray[np.uint8]
Grey = NDArray[np.uint8]

# The landmark model looks at 224 x 224 pixels of a hand: of a larger image, less has to be decoded.
ENOUGH_PIXELS_LONG_SIDE = 1280
_DIVISORS = (8, 4, 2, 1)
# Rows of a large image that are converted at once; a multiple of each divisor.
_BAND_ROWS = 128

_END_OF_IMAGE = b"\xff\xd9"
# libjpeg's warnings (jerror.h) after which pixels are made up or out of place; the others concern headers alone.
_LOST_DATA = re.compile(r"premature end of data|bad Huffman code|bad code|instead of RST|extraneous bytes")
# Webcams pad the end of the data; what is left over after a lost byte is rarely so little.
_PADDED_END = re.compile(r"Corrupt JPEG data: ([1-9]|[1-5][0-9]|6[0-4]) extraneous bytes before marker 0xd9")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedImage:
    """pixels: RGB (height, width, 3) uint8, upright. is_damaged: the content was corrupt or cut off, and a part of the
    pixels is made up."""

    pixels: Pixels
    is_damaged: bool = False


def decode(image: bytes, *, max_reduction: int = 8, trusted: bool = False) -> Pixels:
    """The pixels of decode_image."""
    return decode_image(image, max_reduction=max_reduction, trusted=trusted).pixels


def decode_image(image: bytes, *, max_reduction: int = 8, trusted: bool = False) -> DecodedImage:
    """The image as browsers show it: upright as EXIF says, 8 bits a channel, transparency on white, the first frame.

    max_reduction: an image much larger than recognition needs comes at a half, a quarter or an eighth of its size, down
    to one over this; 1 decodes all pixels. trusted: a file of the user's own, of which only the size in pixels is
    limited. Raises RecordError where the image is at fault.
    """
    with open_header(image, trusted=trusted) as header:
        if not trusted:
            check_cost(image, header)
        divisor = min(max_reduction, _divisor(max(header.size), ENOUGH_PIXELS_LONG_SIDE))
        if header.format in JPEG_FORMATS:
            pixels, is_damaged = _decode_jpeg(image, size=header.size, divisor=divisor)
        else:
            pixels, is_damaged = _decode_other(header, divisor=divisor), False
        return DecodedImage(pixels=_upright(pixels, orientation(header)), is_damaged=is_damaged)


def thumbnail(image: bytes, *, long_side: int) -> Grey | None:
    """Grey pixels (height, width) uint8 of a JPEG, its longer side at most so many pixels, as the file has them stored.

    None for other formats and for damaged content. Raises RecordError where the image breaks a limit.
    """
    with open_header(image) as header:
        check_cost(image, header)
        if header.format not in JPEG_FORMATS:
            return None
        divisor = _divisor(max(header.size), long_side)
        try:
            pixels = _scaled(_ended(image), size=header.size, divisor=divisor, colours="GRAY", strict=True)[..., 0]
        except ValueError:
            return None
    height, width = pixels.shape
    scale = long_side / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, dtype=np.uint8)


def _divisor(side: int, enough: int) -> int:
    return next(divisor for divisor in _DIVISORS if divisor == 1 or side >= divisor * enough)


def _decode_jpeg(image: bytes, *, size: tuple[int, int], divisor: int) -> tuple[Pixels, bool]:
    """Pixels, and whether data are missing. simplejpeg takes half of OpenCV's time, and says what libjpeg warns of."""
    image = _ended(image)
    try:
        return _scaled(image, size=size, divisor=divisor, colours="RGB", strict=True), False
    except ValueError as error:
        warning = str(error)
    is_damaged = _LOST_DATA.search(warning) is not None and _PADDED_END.fullmatch(warning) is None
    try:
        return _scaled(image, size=size, divisor=divisor, colours="RGB", strict=False), is_damaged
    except ValueError:
        # Kinds that TurboJPEG does not convert, such as CMYK.
        return _decode_by_opencv(image, divisor=divisor), is_damaged


def _ended(image: bytes) -> bytes:
    """With an end marker: cameras on small boards leave the last bytes out. A second one does not matter."""
    return image if image.endswith(_END_OF_IMAGE) else image + _END_OF_IMAGE


def _scaled(image: bytes, *, size: tuple[int, int], divisor: int, colours: str, strict: bool) -> Pixels:
    """strict: raises ValueError with libjpeg's first warning, not only for errors."""
    # The smallest scale that has at least these sides is one over the divisor.
    width, height = (0, 0) if divisor == 1 else (-(-side // divisor) for side in size)
    pixels = simplejpeg.decode_jpeg(
        image, colours, min_width=width, min_height=height, min_factor=divisor, strict=strict
    )
    return np.asarray(pixels, dtype=np.uint8)


_REDUCED: Final = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}


def _decode_by_opencv(image: bytes, *, divisor: int) -> Pixels:
    try:
        pixels = cv2.imdecode(np.frombuffer(image, np.uint8), _REDUCED[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error.err or error}") from error
    if pixels is None:
        raise RecordError(Reason.NOT_AN_IMAGE, "the image cannot be decoded: its content does not match its header")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _decode_other(whole: Image.Image, *, divisor: int) -> Pixels:
    # OpenCV believes the lengths that a PNG claims: 230 bytes can make it take 2 GB. Pillow reads what is there.
    try:
        whole.load()
        return _in_rgb(whole, divisor=divisor)
    except Exception as error:
        raise_if_ours(error)
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error}") from error


def _in_rgb(whole: Image.Image, *, divisor: int) -> Pixels:
    """Band by band: each conversion of the whole would be another copy of it."""
    width, height = whole.size
    pixels = np.empty((-(-height // divisor), -(-width // divisor), 3), np.uint8)
    for top in range(0, height, _BAND_ROWS):
        band = _opaque(_in_8_bits(whole.crop((0, top, width, min(height, top + _BAND_ROWS)))))
        rows = np.asarray(band.reduce(divisor) if divisor > 1 else band)
        pixels[top // divisor : top // divisor + len(rows)] = rows
    return pixels


def _in_8_bits(band: Image.Image) -> Image.Image:
    # Pillow would cut 16 bits of grey off at 255, and nearly all of it would be white.
    if not band.mode.startswith("I"):
        return band
    return Image.fromarray((np.asarray(band) >> 8).clip(0, 255).astype(np.uint8))


def _opaque(band: Image.Image) -> Image.Image:
    if not band.has_transparency_data:
        return band.convert("RGB")
    # What is stored below transparent pixels is nothing that anybody was meant to see.
    white = Image.new("RGBA", band.size, "white")
    white.alpha_composite(band.convert("RGBA"))
    return white.convert("RGB")


def _upright(pixels: Pixels, exif_orientation: int) -> Pixels:
    is_transposed, flip = _TURNS[exif_orientation]
    turned = cv2.transpose(pixels) if is_transposed else pixels
    return np.asarray(turned if flip is None else cv2.flip(turned, flip), dtype=np.uint8)


# By EXIF's orientation: whether rows become columns, and cv2.flip's code for what is left: 0 top to bottom, 1 left to
# right, -1 both.
_TURNS: Final[dict[int, tuple[bool, int | None]]] = {
    1: (False, None),
    2: (False, 1),
    3: (False, -1),
    4: (False, 0),
    5: (True, None),
    6: (True, 1),
    7: (True, -1),
    8: (True, 0),
}
