"""Importing a library without parts of it that nothing here calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# MediaPipe imports matplotlib for a drawing helper: 2 seconds of a process' start.
PLOTTING = ("matplotlib", "matplotlib.pyplot")
# OpenVINO imports its converter of models, and that absl, whose log handler closes streams that are not its own.
MODEL_CONVERSION = ("openvino.tools.ovc",)


@contextmanager
def without_modules(*names: str) -> Iterator[None]:
    """Hold empty modules in the place of these for the time of an import.

    Whatever is imported from them is None. Afterwards they can be imported as ever. Where one was imported before,
    nothing is held back.
    """
    if any(name in sys.modules for name in names):
        yield
        return
    for name in names:
        sys.modules[name] = _Empty(name)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None
