from __future__ import annotations

import io
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from events.reason import RecordError
from imaging.decoding import decode
from imaging.header import image_size
from producers.picture import JpegEncoder
from tests.producers.pictures import encoded, jpeg, picture, shade_of


def test_a_jpeg_file_that_fits_is_not_touched() -> None:
    data = jpeg(width=64, height=48)
    assert JpegEncoder(quality=10, max_side_pixels=64).from_file(data).image is data


def test_a_picture_that_is_too_long_is_scaled_down_in_proportion() -> None:
    found = JpegEncoder(max_side_pixels=50).from_file(jpeg(width=60, height=100))
    assert (found.width, found.height) == (30, 50) == image_size(found.image)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp"])
def test_other_formats_become_jpeg(suffix: str) -> None:
    found = JpegEncoder().from_file(encoded(suffix, width=40, height=30, shade=77))
    assert (found.width, found.height) == (40, 30) == image_size(found.image)
    assert abs(shade_of(found.image) - 77) <= 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no bytes"),
        (b"hello", "not one of JPEG, PNG"),
        (jpeg()[:10], "not one of JPEG, PNG"),
        (encoded(".png")[:60], "cannot be decoded"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        JpegEncoder().from_file(data)


def test_a_picture_that_claims_to_be_huge_is_not_decoded() -> None:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = (30_000).to_bytes(2) + (30_000).to_bytes(2)
    with pytest.raises(RecordError, match="more than 40000000 pixels"):
        JpegEncoder(max_side_pixels=640).from_file(bytes(data))


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (16_385, 8)])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_what_a_worker_must_refuse_is_not_published(suffix: str, width: int, height: int) -> None:
    with pytest.raises(RecordError, match=f"has {width} x {height} pixels"):
        JpegEncoder().from_file(encoded(suffix, width=width, height=height))


def test_a_small_png_that_claims_a_huge_chunk_takes_no_memory_for_it() -> None:
    program = """
import sys
from pathlib import Path
from events.reason import RecordError
from producers.picture import JpegEncoder

def peak_kb():
    return int(Path("/proc/self/status").read_text().partition("VmPeak:")[2].split()[0])

before = peak_kb()
try:
    JpegEncoder().from_file(sys.stdin.buffer.read())
except RecordError as error:
    print(error.reason, peak_kb() - before < 2**20)
"""
    data = bytearray(encoded(".png"))
    at = data.index(b"IDAT")
    data[at - 4 : at] = (0x7FFF_FFF0).to_bytes(4)
    del data[at + 10 :]
    done = subprocess.run([sys.executable, "-c", program], input=bytes(data), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"not_an_image True\n", b"")


@pytest.mark.parametrize("mode", ["I;16", "RGBA", "LA", "P", "GIF"])
def test_what_is_published_is_what_the_recogniser_would_see(mode: str) -> None:
    ramp = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))
    if mode == "I;16":
        image = Image.fromarray(ramp.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(ramp).convert("L" if mode == "GIF" else mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.fromarray(np.full((48, 64), 128, np.uint8)))
    buffer = io.BytesIO()
    image.save(buffer, "GIF" if mode == "GIF" else "PNG")

    published = decode(JpegEncoder(quality=95).from_file(buffer.getvalue()).image)

    np.testing.assert_allclose(published.astype(int), decode(buffer.getvalue()).astype(int), atol=4)
    shown = 255 - (255 - ramp.astype(int)) // 2 if mode in ("RGBA", "LA") else ramp.astype(int)
    np.testing.assert_allclose(published[..., 0].astype(int), shown, atol=6)


def test_colours_of_other_formats_stay_in_place() -> None:
    blue = picture()
    blue[:] = (200, 30, 10)
    found = JpegEncoder().from_file(bytes(cv2.imencode(".png", blue)[1]))
    decoded = cv2.imdecode(np.frombuffer(found.image, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.mean(axis=(0, 1)) == pytest.approx([200, 30, 10], abs=3)


@pytest.mark.parametrize("arguments", [{"quality": 0}, {"quality": 101}, {"max_side_pixels": 0}])
def test_settings_out_of_range_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        JpegEncoder(**arguments)
