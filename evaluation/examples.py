"""The worst misses, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw

from evaluation.outcome import Outcome
from evaluation.worst import worst
from events.prediction import Hand
from events.reason import RecordError
from imaging.decoding import Pixels, decode
from recognition.drawing import draw_hand, jpeg

LONG_SIDE_PIXELS = 480
# What is shown around the hands, as a multiple of their size.
_ROOM = 2.4
_GROUND = (0x22, 0x2A, 0x33)
_FRAME = "#ffffff"
_USUAL_SIZE = (640, 480)


class Pictures(Protocol):
    """Where the picture of an outcome is read again."""

    def read(self, outcome: Outcome) -> bytes | None:
        """The encoded picture; None where it is no longer there."""


class NoPictures:
    """For a report that shows nobody: the landmarks alone are drawn."""

    def read(self, outcome: Outcome) -> bytes | None:  # noqa: ARG002
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A miss with its picture as JPEG; None where there is neither a picture nor a hand to draw. has_picture: what is
    drawn upon is the picture itself, and not an empty ground."""

    outcome: Outcome
    drawn: bytes | None
    has_picture: bool


def draw_examples(misses: Sequence[Outcome], *, count: int, pictures: Pictures) -> list[Example]:
    """The worst misses as `worst` chooses them, at most so many."""
    return [_example(one, pictures) for one in worst(misses, count=count)]


def _example(outcome: Outcome, pictures: Pictures) -> Example:
    image = pictures.read(outcome)
    if image is not None:
        try:
            return Example(outcome=outcome, drawn=_draw(decode(image), outcome), has_picture=True)
        except RecordError:
            pass  # a file that was replaced since it was looked at
    if not outcome.hands:
        return Example(outcome=outcome, drawn=None, has_picture=False)
    width, height = (outcome.width, outcome.height) if outcome.width and outcome.height else _USUAL_SIZE
    return Example(outcome=outcome, drawn=_draw(_ground(width, height), outcome), has_picture=False)


def _draw(pixels: Pixels, outcome: Outcome) -> bytes:
    """JPEG of the hands, or of the whole picture where there are none."""
    picture = Image.fromarray(pixels)
    window = _window(outcome.hands, picture.size)
    scale = LONG_SIDE_PIXELS / max(window.width, window.height)
    if not outcome.hands:
        scale = min(1.0, scale)
    size = max(1, round(window.width * scale)), max(1, round(window.height * scale))
    cut = picture.resize(size, box=(window.left, window.top, window.right, window.bottom))
    draw = ImageDraw.Draw(cut)
    for hand in outcome.hands:
        draw_hand(draw, _seen_through(hand, window, picture.size), size=size)
    if outcome.several and outcome.main_hand is not None:
        left, top, right, bottom = _seen_through(outcome.main_hand, window, picture.size).box
        draw.rectangle((left * size[0], top * size[1], right * size[0], bottom * size[1]), outline=_FRAME, width=2)
    return jpeg(cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The part of a picture that is shown, pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


def _window(hands: Sequence[Hand], size: tuple[int, int]) -> _Window:
    """A square around the hands with some room, as far as the picture reaches; all of it without a hand."""
    width, height = size
    if not hands:
        return _Window(left=0, top=0, right=width, bottom=height)
    boxes = np.array([hand.box for hand in hands]) * (width, height, width, height)
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    reach = max(right - left, bottom - top, 16.0) * _ROOM / 2
    x = min(max((left + right) / 2, 0.0), width)
    y = min(max((top + bottom) / 2, 0.0), height)
    return _Window(
        left=float(max(0.0, x - reach)),
        top=float(max(0.0, y - reach)),
        right=float(min(width, x + reach)),
        bottom=float(min(height, y + reach)),
    )


def _seen_through(hand: Hand, window: _Window, size: tuple[int, int]) -> Hand:
    """The hand with its places in 0..1 of the window."""
    width, height = size

    def across(x: float) -> float:
        return (x * width - window.left) / window.width

    def down(y: float) -> float:
        return (y * height - window.top) / window.height

    left, top, right, bottom = hand.box
    return replace(
        hand,
        landmarks=tuple((across(x), down(y), z) for x, y, z in hand.landmarks),
        box=(across(left), down(top), across(right), down(bottom)),
    )


def _ground(width: int, height: int) -> Pixels:
    scale = min(1.0, LONG_SIDE_PIXELS / max(width, height))
    size = (max(1, round(height * scale)), max(1, round(width * scale)), 1)
    return np.tile(np.array(_GROUND, dtype=np.uint8), size)
