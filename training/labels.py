"""Names of gestures: which are known."""

from __future__ import annotations

from collections.abc import Sequence

from events.prediction import NO_GESTURE
from recognition.gestures import GESTURES, NAME_RULE, is_name
from training.hands import DataError


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
