"""Children that end gracefully, that do not, and that have to end at once."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil

from supervision.children import ChildProcesses, EndAtOnce
from tests.supervision.children_programs import write_program

PROGRAM = """
import signal, sys, time
signal.signal(signal.SIGTERM, {})
print("there", flush=True)
time.sleep(600)
"""
GRACEFUL = PROGRAM.format("lambda *_: sys.exit(0)")
STARTING = PROGRAM.format("signal.SIG_DFL")
STUBBORN = PROGRAM.format("signal.SIG_IGN")


def start(group: ChildProcesses, folder: Path, **programs: str) -> list[psutil.Process]:
    for name, program in programs.items():
        group.start(name, name, environment=write_program(folder, name, program))
    deadline = time.monotonic() + 30
    while any("there" not in group.path(name, "out").read_text() for name in programs):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [psutil.Process(pid) for pid in group.pids().values()]


def test_who_does_not_end_gracefully_is_killed_and_named(tmp_path: Path) -> None:
    group = ChildProcesses(log_dir=tmp_path / "logs", stop_timeout_seconds=1)
    with group:
        children = start(group, tmp_path, graceful=GRACEFUL, starting=STARTING, stubborn=STUBBORN)

    assert group.unclean == ("stubborn",)
    assert not any(child.is_running() for child in children)


def test_at_once_waits_for_nobody(tmp_path: Path) -> None:
    group = ChildProcesses(log_dir=tmp_path / "logs", stop_timeout_seconds=600)
    group.__enter__()
    children = start(group, tmp_path, stubborn=STUBBORN)
    group.__exit__(EndAtOnce, EndAtOnce(), None)

    assert not any(child.is_running() for child in children)


def test_a_program_ends_with_the_process_that_started_it_and_its_folder_goes_too(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    parent = (
        "import subprocess, sys, time\n"
        "from pathlib import Path\n"
        "from supervision.children import child_command\n"
        f"command = child_command('program', ['sleep', '600'], remove=Path({str(folder)!r}))\n"
        "subprocess.Popen(command, start_new_session=True)\n"
        "time.sleep(600)\n"
    )
    process = psutil.Popen([sys.executable, "-c", parent])
    deadline = time.monotonic() + 30
    while len(family := process.children(recursive=True)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()

    assert not psutil.wait_procs(family, timeout=10)[1]
    assert not folder.exists()
