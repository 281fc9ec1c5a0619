"""The 18 gestures of HaGRID, which side of the hand each of them shows, and what a gesture may be called."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from enum import StrEnum


class Side(StrEnum):
    """palm, back: the camera sees only this side of the hand. any: the gesture is the same from both sides."""

    PALM = "palm"
    BACK = "back"
    ANY = "any"


# Where the side is fixed, it is what tells the gesture from its inverted twin: peace from peace_inverted. HaGRID's own
# annotations name the leading hand: in all of 679 rows of the seven gestures with a fixed side, that side is seen.
SIDES = {
    "call": Side.ANY,
    "dislike": Side.ANY,
    "fist": Side.ANY,
    "four": Side.ANY,
    "like": Side.ANY,
    "mute": Side.ANY,
    "ok": Side.ANY,
    "one": Side.ANY,
    "palm": Side.PALM,
    "peace": Side.PALM,
    "peace_inverted": Side.BACK,
    "rock": Side.ANY,
    "stop": Side.PALM,
    "stop_inverted": Side.BACK,
    "three": Side.ANY,
    "three2": Side.ANY,
    "two_up": Side.PALM,
    "two_up_inverted": Side.BACK,
}
GESTURES = tuple(SIDES)

NAME_PATTERN = "^[a-z0-9_]{1,40}$"
NAME_RULE = "1 to 40 small letters, digits and '_'"
_NAME = re.compile(NAME_PATTERN)


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def unknown_gesture(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is none of the known ones, with the nearest of them."""
    ordered = sorted(known)
    nearest = difflib.get_close_matches(name, ordered, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {', '.join(ordered)}"
    return f"unknown gesture {name[:40]!r}: {hint}"
