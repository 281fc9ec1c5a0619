"""Children that end kindly, that do not, and that have to end at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

from stream_app.process_group import EndAtOnce, ProcessGroup

PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGTERM, {})
print("there", flush=True)
time.sleep(600)
"""
KIND = PROGRAM.format("lambda *_: sys.exit(0)")
STARTING = PROGRAM.format("signal.SIG_DFL")
STUBBORN = PROGRAM.format("signal.SIG_IGN")


def start(group: ProcessGroup, folder: Path, **programs: str) -> list[psutil.Process]:
    for name, program in programs.items():
        (folder / f"{name}.py").write_text(program)
        group.start(name, name, environment={**os.environ, "PYTHONPATH": f"{folder}:{Path(__file__).parents[2]}"})
    deadline = time.monotonic() + 30
    while any("there" not in group.path(name, "out").read_text() for name in programs):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [psutil.Process(pid) for pid in group.pids().values()]


def test_who_does_not_end_kindly_is_killed_and_named(tmp_path: Path) -> None:
    group = ProcessGroup(log_dir=tmp_path / "logs", stop_timeout_seconds=1)
    with group:
        children = start(group, tmp_path, kind=KIND, starting=STARTING, stubborn=STUBBORN)

    assert group.unclean == ("stubborn",)
    assert not any(child.is_running() for child in children)


def test_at_once_waits_for_nobody(tmp_path: Path) -> None:
    group = ProcessGroup(log_dir=tmp_path / "logs", stop_timeout_seconds=600)
    group.__enter__()
    children = start(group, tmp_path, stubborn=STUBBORN)
    group.__exit__(EndAtOnce, EndAtOnce(), None)

    assert not any(child.is_running() for child in children)
