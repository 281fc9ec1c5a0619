"""Drawing what was recognised onto the picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageFont

from events.prediction import Hand
from imaging.decoding import Pixels

# Pairs of MediaPipe's landmark numbers: the palm's outline, then each finger (HandLandmarksConnections).
PALM = ((0, 1), (1, 5), (5, 9), (9, 13), (13, 17), (0, 17))
FINGERS = tuple((joint, joint + 1) for root in (1, 5, 9, 13, 17) for joint in range(root, root + 3))
BONES = (*PALM, *FINGERS)

BONE, JOINT, INK, PAPER = "#00d2ff", "#ff3d81", "#ffffff", "#101418"
JPEG_QUALITY = 88
_SHARE_OF_LONG_SIDE = 0.006


def annotated(pixels: Pixels, hands: Sequence[Hand]) -> Image.Image:
    """The picture (height, width, 3) RGB with the landmarks of each hand, and a caption that names the gestures."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    for hand in hands:
        draw_hand(draw, hand, size=picture.size)
    draw_caption(draw, caption(hands), size=picture.size)
    return picture


def caption(hands: Iterable[Hand]) -> str:
    return ", ".join(f"{hand.gesture}  {hand.confidence:.0%}" for hand in hands) or "no hand"


def draw_hand(draw: ImageDraw.ImageDraw, hand: Hand, *, size: tuple[int, int]) -> None:
    """size: width and height of the picture in pixels."""
    width, height = size
    points = [(x * width, y * height) for x, y, _ in hand.landmarks]
    line = max(1, round(max(size) * _SHARE_OF_LONG_SIDE))
    radius = 1.5 * line
    for start, end in BONES:
        draw.line((points[start], points[end]), fill=BONE, width=line)
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=JOINT)


def draw_caption(draw: ImageDraw.ImageDraw, text: str, *, size: tuple[int, int]) -> None:
    """A bar along the lower edge, with the text in its middle."""
    width, height = size
    bar = min(30, height // 3)
    font = ImageFont.load_default(size=max(8, min(18, bar * 3 // 5)))
    draw.rectangle((0, height - bar, width, height), fill=PAPER)
    draw.text((width / 2, height - bar / 2), text, fill=INK, font=font, anchor="mm")


def jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
