"""Any bytes become pixels or a fault of the frame, and a small file cannot ask for much memory."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from events.reason import Reason, RecordError
from imaging import limits
from imaging.decoding import decode, decode_image, thumbnail
from imaging.header import image_size
from tests.recognition.pictures import encoded

RED, BLUE = (220, 20, 30), (20, 30, 220)


def photograph(*, progressive: bool = False) -> bytes:
    """A JPEG (240, 320) whose every block has data of its own."""
    noise = np.random.default_rng(3).integers(0, 255, (60, 80, 3)).astype(np.uint8)
    pixels = cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_PROGRESSIVE, int(progressive)])[1].tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_pixels_are_rgb_and_contiguous(kind: str) -> None:
    pixels = decode(encoded(kind))

    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    np.testing.assert_allclose(pixels[24, 8], RED, atol=12)
    np.testing.assert_allclose(pixels[24, 56], BLUE, atol=12)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P")]
)
def test_other_colour_models_come_as_three_channels(kind: str, mode: str) -> None:
    assert decode(encoded(kind, mode=mode)).shape == (48, 64, 3)


@pytest.mark.parametrize("size", [(64, 48), (2800, 2100)])
def test_a_phone_held_upright_gives_an_upright_picture(size: tuple[int, int]) -> None:
    # Orientation 6: what is left in the file is up in the picture.
    pixels = decode(encoded("JPEG", size=size, orientation=6))

    height, width = pixels.shape[:2]
    assert height > width
    np.testing.assert_allclose(pixels[height // 8, width // 2], RED, atol=12)
    np.testing.assert_allclose(pixels[-height // 8, width // 2], BLUE, atol=12)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    blocks = np.random.default_rng(1).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(np.kron(blocks, np.ones((8, 8, 1), np.uint8))).save(buffer, kind, exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(buffer)).convert("RGB"))

    np.testing.assert_allclose(decode(buffer.getvalue()).astype(int), upright.astype(int), atol=3)


def test_16_bits_of_grey_become_the_upper_8() -> None:
    grey = np.arange(0, 65536, 1024, dtype=np.uint16).reshape(8, 8)
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG")
    np.testing.assert_array_equal(decode(buffer.getvalue())[..., 0], grey >> 8)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("GIF", "RGBA"), ("WEBP", "RGBA")]
)
def test_transparent_pixels_are_white(kind: str, mode: str) -> None:
    image = Image.new("RGBA", (16, 16), (200, 30, 30, 255))
    image.paste((200, 30, 30, 0), (0, 0, 8, 16))
    buffer = io.BytesIO()
    image.convert(mode).save(buffer, kind, **({"lossless": True} if kind == "WEBP" else {}))
    pixels = decode(buffer.getvalue())
    assert (pixels[:, :8] == 255).all()
    assert (pixels[:, 8:, 1] < 100).all()


def test_a_jpeg_without_its_last_bytes_has_all_its_pixels() -> None:
    whole = photograph()
    for missing in (1, 2):
        found = decode_image(whole[:-missing])
        assert not found.is_damaged
        np.testing.assert_array_equal(found.pixels, decode(whole))
        assert thumbnail(whole[:-missing], long_side=20) is not None


def test_bytes_behind_the_end_do_not_matter() -> None:
    assert not decode_image(photograph() + bytes(100)).is_damaged
    padded = photograph()[:-2] + bytes(5) + photograph()[-2:]
    assert not decode_image(padded).is_damaged


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_cut_off_is_decoded_and_flagged(progressive: bool) -> None:
    whole = photograph(progressive=progressive)
    found = decode_image(whole[: len(whole) * 3 // 4])
    assert found.is_damaged
    assert found.pixels.shape == decode(whole).shape
    if not progressive:
        np.testing.assert_array_equal(found.pixels[:64], decode(whole)[:64])


def test_a_jpeg_with_lost_bytes_in_the_middle_is_decoded_and_flagged(capfd: pytest.CaptureFixture[str]) -> None:
    whole = photograph()
    middle = len(whole) // 2
    damaged = whole[:middle] + whole[middle + 300 :]
    assert decode_image(damaged).is_damaged
    assert thumbnail(damaged, long_side=20) is None
    assert capfd.readouterr().err == ""


def test_a_large_jpeg_without_its_last_bytes_is_decoded_smaller() -> None:
    large = encoded("JPEG", size=(2800, 2100))[:-2]
    assert decode(large).shape == (1050, 1400, 3)
    assert decode(large, max_reduction=1).shape == (2100, 2800, 3)


def test_a_picture_much_larger_than_needed_is_decoded_smaller() -> None:
    assert decode(encoded("JPEG", size=(2800, 2100))).shape == (1050, 1400, 3)
    assert decode(encoded("JPEG", size=(2800, 2100), mode="CMYK")).shape == (1050, 1400, 3)
    assert decode(encoded("JPEG", size=(1280, 720))).shape == (720, 1280, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.EMPTY_IMAGE),
        (b"hello", Reason.NOT_AN_IMAGE),
        (encoded("JPEG")[:200], Reason.NOT_AN_IMAGE),
        (encoded("PNG")[:60], Reason.NOT_AN_IMAGE),
        (b"\xff\xd8\xff\xe0" + bytes(500), Reason.NOT_AN_IMAGE),
        (encoded("TIFF"), Reason.NOT_AN_IMAGE),
    ],
)
def test_what_is_no_picture_is_the_frames_own_fault(content: bytes, reason: Reason) -> None:
    with pytest.raises(RecordError) as caught:
        decode(content)
    assert caught.value.reason is reason


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF"])
)
def test_no_bytes_raise_anything_else(content: bytes, magic: bytes) -> None:
    with contextlib.suppress(RecordError):
        decode(magic + content)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["JPEG", "PNG", "WEBP", "BMP", "GIF"]))
def test_a_damaged_byte_raises_nothing_else(place: int, value: int, kind: str) -> None:
    content = bytearray(encoded(kind))
    content[place % len(content)] = value
    with contextlib.suppress(RecordError):
        decode(bytes(content))


@pytest.mark.parametrize("claimed", [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (40_000_001, 1)])
def test_a_small_file_that_claims_to_be_huge_is_refused_before_it_is_decoded(
    claimed: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("was decoded"))
    header = struct.pack(">IIBBBBB", *claimed, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + encoded("PNG")[33:]
    )

    with pytest.raises(RecordError, match="pixels") as caught:
        decode(png)
    assert caught.value.reason is Reason.TOO_MANY_PIXELS


def test_too_many_bytes_are_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 100)

    with pytest.raises(RecordError, match="100 are allowed") as caught:
        decode(encoded("PNG"))
    assert caught.value.reason is Reason.TOO_MANY_BYTES


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF"])
def test_the_size_is_read_from_the_header_alone(kind: str) -> None:
    content = encoded(kind, size=(300, 200), mode="P" if kind == "GIF" else "RGB")

    assert image_size(content[: max(200, len(content) // 2)]) == (300, 200)


def test_the_length_that_a_png_claims_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    # OpenCV takes 2 GB for a chunk that claims so much, before it sees that the file ends.
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("went to OpenCV"))
    content = bytearray(encoded("PNG"))
    content[33] = 127

    with contextlib.suppress(RecordError):
        assert decode(bytes(content)).shape == (48, 64, 3)


@pytest.mark.parametrize(("width", "height"), [(1, 20_000), (20_000, 1)])
@pytest.mark.parametrize("form", ["PNG", "BMP", "JPEG"])
def test_a_long_thin_picture_is_refused_before_it_ends_the_process(width: int, height: int, form: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, form)

    with pytest.raises(RecordError) as caught:
        decode(buffer.getvalue())

    assert caught.value.reason is Reason.TOO_MANY_PIXELS
