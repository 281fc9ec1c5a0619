"""Importing MediaPipe without matplotlib."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_PLOTTING = ("matplotlib", "matplotlib.pyplot")


@contextmanager
def without_plotting() -> Iterator[None]:
    """Hold empty modules in matplotlib's place for the time of an import.

    MediaPipe imports matplotlib for a drawing helper that nothing here calls; loading it is 2 of the 5 seconds until a
    worker is up. Afterwards matplotlib can be imported as ever. Where it already was, nothing is held back.
    """
    if "matplotlib" in sys.modules:
        yield
        return
    for name in _PLOTTING:
        sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        for name in _PLOTTING:
            del sys.modules[name]
