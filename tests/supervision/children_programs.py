"""Starts small Python programs as children."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def write_program(folder: Path, name: str, program: str) -> Mapping[str, str]:
    """Make it a module of that name; the environment in which it is found."""
    (folder / f"{name}.py").write_text(program)
    return {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}
