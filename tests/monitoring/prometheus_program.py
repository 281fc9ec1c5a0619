"""The programs of Prometheus, which not every machine has."""

from __future__ import annotations

import os
import shutil

import pytest


def prometheus_program(name: str) -> str:
    """Path of `promtool` or `prometheus`. A test is skipped without it, but not where all of them have to run."""
    found = shutil.which(name)
    if found is not None:
        return found
    way_out = f"{name} is missing: it comes with Debian's package prometheus (apt-get install prometheus)"
    if os.environ.get("CI"):
        pytest.fail(way_out)
    pytest.skip(way_out)
