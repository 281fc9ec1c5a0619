"""Pictures that were valid before somebody damaged them."""

from __future__ import annotations

import functools

from hypothesis import strategies as st
from PIL import Image

from tests.adversarial import pictures


@functools.cache
def seeds() -> tuple[bytes, ...]:
    """Small, so that each damage hits something, of every form and with everything that a form may hold."""
    small = pictures.hand().resize((48, 36))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "maker"
    others = [small.rotate(90), small.rotate(180)]
    return (
        pictures.encoded(small, "JPEG", exif=exif),
        pictures.encoded(small, "JPEG", progressive=True, subsampling=0),
        pictures.encoded(small.convert("CMYK"), "JPEG"),
        pictures.encoded(small.convert("L"), "JPEG"),
        pictures.encoded(small, "MPO", save_all=True, append_images=others),
        pictures.encoded(small, "PNG", exif=exif),
        pictures.encoded(small.convert("P"), "PNG", transparency=0),
        pictures.encoded(small.convert("1"), "PNG"),
        pictures.encoded(small, "PNG", save_all=True, append_images=others),
        pictures.encoded(small, "WEBP", exif=exif),
        pictures.encoded(small, "WEBP", lossless=True),
        pictures.encoded(small, "WEBP", save_all=True, append_images=others),
        pictures.encoded(small, "GIF"),
        pictures.encoded(small, "GIF", save_all=True, append_images=others),
        pictures.encoded(small, "BMP"),
        pictures.encoded(small.convert("P"), "BMP"),
    )


@st.composite
def damaged_pictures(draw: st.DrawFn) -> bytes:
    """Cut, flipped, spliced, with bytes repeated, or with numbers of the header overwritten; several times over."""
    content = bytearray(draw(st.sampled_from(seeds())))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        match draw(st.sampled_from(["cut", "flip", "splice", "repeat", "number", "drop", "header"])):
            case "cut":
                del content[place:]
            case "flip" if content:
                content[place] ^= 1 << draw(st.integers(0, 7))
            case "splice":
                other = draw(st.sampled_from(seeds()))
                begin = draw(st.integers(0, len(other)))
                content[place:] = other[begin:]
            case "repeat":
                end = draw(st.integers(place, min(len(content), place + 200)))
                content[place:place] = content[place:end] * draw(st.integers(1, 50))
            case "number":
                size = draw(st.sampled_from([1, 2, 4]))
                number = draw(st.sampled_from([0, 1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**32 - 1]))
                content[place : place + size] = (number % 256**size).to_bytes(
                    size, draw(st.sampled_from(["big", "little"]))
                )
            case "drop":
                del content[place : place + draw(st.integers(1, 40))]
            case "header" if content:
                content[place % min(64, len(content))] = draw(st.integers(0, 255))
    return bytes(content)
