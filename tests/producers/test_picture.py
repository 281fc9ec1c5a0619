from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.picture import JpegEncoder, jpeg_size
from tests.producers.pictures import encoded, jpeg, picture, shade_of


@pytest.mark.parametrize("parameters", [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1], [cv2.IMWRITE_JPEG_RST_INTERVAL, 1]])
def test_the_size_comes_out_of_the_header(parameters: list[int]) -> None:
    data = bytes(cv2.imencode(".jpg", picture(width=321, height=45), parameters)[1])
    assert jpeg_size(data) == (321, 45)


def test_segments_before_the_frame_header_are_skipped() -> None:
    data = jpeg(width=70, height=50)
    exif = b"\xff\xe1" + (2 + 300).to_bytes(2) + b"\xff\xc0" * 150
    assert jpeg_size(data[:2] + exif + b"\xff\xff" + data[2:]) == (70, 50)


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_damage_is_told_and_never_breaks_anything_else(tail: bytes, position: int, value: int) -> None:
    data = bytearray(jpeg())
    data[position % len(data)] = value
    for damaged in (bytes(data), bytes(data[:position]), b"\xff\xd8" + tail, tail):
        try:
            width, height = jpeg_size(damaged)
        except ValueError:
            continue
        assert width > 0
        assert height > 0


def test_a_jpeg_file_that_fits_is_not_touched() -> None:
    data = jpeg(width=64, height=48)
    assert JpegEncoder(quality=10, max_side_pixels=64).from_file(data).image is data


def test_a_picture_that_is_too_long_is_scaled_down_in_proportion() -> None:
    found = JpegEncoder(max_side_pixels=50).from_file(jpeg(width=60, height=100))
    assert (found.width, found.height) == (30, 50) == jpeg_size(found.image)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp"])
def test_other_formats_become_jpeg(suffix: str) -> None:
    found = JpegEncoder().from_file(encoded(suffix, width=40, height=30, shade=77))
    assert (found.width, found.height) == (40, 30) == jpeg_size(found.image)
    assert abs(shade_of(found.image) - 77) <= 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (jpeg()[:10], "damaged"),
        (encoded(".png")[:40], "not a picture"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        JpegEncoder().from_file(data)


def test_a_picture_that_claims_to_be_huge_is_not_decoded() -> None:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = (30_000).to_bytes(2) + (30_000).to_bytes(2)
    with pytest.raises(ValueError, match="30000 by 30000"):
        JpegEncoder(max_side_pixels=640).from_file(bytes(data))


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (16_385, 8)])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_what_a_worker_must_refuse_is_not_published(suffix: str, width: int, height: int) -> None:
    with pytest.raises(ValueError, match=f"has {width} by {height} pixels"):
        JpegEncoder().from_file(encoded(suffix, width=width, height=height))


def test_a_small_png_that_claims_a_huge_chunk_takes_no_memory_for_it() -> None:
    program = """
import sys
from pathlib import Path
from producers.picture import JpegEncoder

def peak_kb():
    return int(Path("/proc/self/status").read_text().partition("VmPeak:")[2].split()[0])

before = peak_kb()
try:
    JpegEncoder().from_file(sys.stdin.buffer.read())
except ValueError as error:
    print(error, peak_kb() - before < 2**20)
"""
    data = bytearray(encoded(".png"))
    at = data.index(b"IDAT")
    data[at - 4 : at] = (0x7FFF_FFF0).to_bytes(4)
    del data[at + 10 :]
    done = subprocess.run([sys.executable, "-c", program], input=bytes(data), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"is not a picture, or is damaged True\n", b"")


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
