"""Names of gestures: which are known, and what one may look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from events.prediction import NO_GESTURE
from recognition.gestures import GESTURES
from training.hands import DataError

NAME_PATTERN = "^[a-z0-9_]{1,40}$"
NAME_RULE = "1 to 40 small letters, digits and '_'"
_NAME = re.compile(NAME_PATTERN)


def is_name(text: str) -> bool:
    return _NAME.match(text) is not None


def known_labels(more_gestures: Sequence[str] = ()) -> frozenset[str]:
    """The 18 gestures, `no_gesture` and the user's own. Raises DataError for a name that cannot be one."""
    for name in more_gestures:
        if not is_name(name):
            raise DataError(f"--gesture {name!r} is no name for a gesture: {NAME_RULE}")
    return frozenset((*GESTURES, NO_GESTURE, *more_gestures))


def unknown_label(label: str) -> str:
    """The reason for leaving out a hand of a label that is not known."""
    if not label:
        return "the label is empty"
    if not is_name(label):
        return f"{label!r} is no name for a gesture: {NAME_RULE}"
    return f"unknown label {label!r} (--gesture {label} allows it)"
