"""The decoders of records and pictures, with whatever anybody could send."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, run

# In all; of them each target has its share.
LONG_SECONDS = float(os.environ.get("FUZZ_SECONDS", "600"))


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_a_record_error_comes_out(name: str) -> None:
    run(name, examples=300, derandomize=True)


@pytest.mark.long
@pytest.mark.timeout(LONG_SECONDS + 300)
def test_nothing_else_comes_out_for_long(tmp_path: Path) -> None:
    logs = {name: tmp_path / f"{name}.log" for name in TARGETS}
    children = {}
    for name, log in logs.items():
        with log.open("wb") as output:
            children[name] = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz.targets", name, str(LONG_SECONDS), tmp_path],
                stdout=output,
                stderr=output,
            )
    try:
        for child in children.values():
            child.wait(LONG_SECONDS + 200)
    finally:
        for child in children.values():
            child.kill()
    for name, child in children.items():
        told = logs[name].read_text(errors="replace")
        print(told.splitlines()[-1] if told else "")
        assert child.returncode == 0, f"{told[-4000:]}\nthe input is in {tmp_path / name}.input"
