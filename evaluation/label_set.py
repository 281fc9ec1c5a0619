"""Labels that accept more than one gesture: `palm+stop` is right when either is predicted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from events.prediction import NO_GESTURE
from recognition.gestures import GESTURES, NAME_RULE, is_name

# '+' may stand in a folder's name on every system and needs no quotes in a shell, and no gesture's name has one.
SEPARATOR = "+"
_ALSO_READ = re.compile(r"[|,]")


@cache
def accepted(label: str) -> frozenset[str]:
    """The gestures that are right for a label: itself, or each member of a set."""
    return frozenset(label.split(SEPARATOR))


def is_set(label: str) -> bool:
    return SEPARATOR in label


def join(names: Iterable[str]) -> str:
    """The label that accepts these gestures, in the order of the 18, then by name, `no_gesture` last."""
    return SEPARATOR.join(sorted(set(names), key=order))


def parse_label(text: str) -> str:
    """Read `palm`, `palm+stop`, `palm|stop` or `palm,stop`. Raises ValueError for what is no name of a gesture."""
    names = [name.strip() for name in _ALSO_READ.sub(SEPARATOR, text).split(SEPARATOR)]
    for name in names:
        if not is_name(name):
            raise ValueError(f"{name[:40]!r} is not the name of a gesture, which has {NAME_RULE}")
    return join(names)


def order(label: str) -> tuple[int, str]:
    """Sort key: the 18 gestures, then others by name, `no_gesture` last; a set follows its first member."""
    first = label.split(SEPARATOR, maxsplit=1)[0]
    if first == NO_GESTURE:
        return len(GESTURES) + 1, label
    return (GESTURES.index(first) if first in GESTURES else len(GESTURES)), label
