"""`handstream demo` as a user sees it: on a terminal, with everything gone at its end."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from settings import Settings

TIMEOUT_SECONDS = 120.0
pytestmark = pytest.mark.broker


@dataclass
class Ended:
    exit_code: int
    screen: str
    left_over: list[psutil.Process]
    children: set[str]


def environment(settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "TERM": "xterm",
        "COLUMNS": "100",
        "LINES": "40",
        "TMPDIR": str(tmp_path),
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
        "HANDSTREAM_METRICS_PORT": "0",
        "HANDSTREAM_MONITOR_PORT": "0",
    }


def run_on_a_terminal(*arguments: str, env: dict[str, str], end_with: signal.Signals | None = None) -> Ended:
    """end_with: sent as soon as the table shows frames a second and the live page serves."""
    terminal, inside = pty.openpty()
    process = psutil.Popen(
        [sys.executable, "-m", "handstream.cli", "demo", *arguments],
        env=env,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    screen, deadline = "", time.monotonic() + TIMEOUT_SECONDS
    family: dict[psutil.Process, str] = {}
    while time.monotonic() < deadline:
        try:
            screen += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            break  # Linux says so when the last one on the other side has closed it.
        if process.is_running():
            # A child that has only been forked still has the command of its parent.
            family |= {child: _command(child) or family.get(child, "") for child in process.children(recursive=True)}
        if end_with is not None and "frames/s" in screen and "desk" not in screen and "live page at" in screen:
            process.send_signal(end_with)
            end_with = None
    os.close(terminal)
    exit_code = process.wait(30)
    gone, left_over = psutil.wait_procs(list(family), timeout=30)
    assert gone, "the demo should have had children"
    return Ended(exit_code=exit_code, screen=screen, left_over=left_over, children=set(family.values()))


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def test_it_stops_by_itself_and_sums_up_below_the_table(settings: Settings, tmp_path: Path) -> None:
    ended = run_on_a_terminal("--duration", "2", "--fps", "5", env=environment(settings, tmp_path))

    assert ended.exit_code == 0, ended.screen
    assert ended.left_over == []
    assert any(" monitor --port" in child for child in ended.children)
    # What is behind the last movement of the cursor is what stays on the screen.
    final = ended.screen[ended.screen.rindex("Summary") :]
    assert "\x1b[1A" not in final
    for row in ("frames published", "predictions", "dead letters", "p50", "p95", "accuracy", "first prediction"):
        assert row in final
    assert list(tmp_path.glob("handstream-logs-*")) == []


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_nothing_is_left(settings: Settings, tmp_path: Path, number: signal.Signals) -> None:
    ended = run_on_a_terminal("--fps", "5", env=environment(settings, tmp_path), end_with=number)

    assert ended.exit_code == 0, ended.screen
    assert ended.left_over == []
    assert "frames published" in ended.screen
    assert "live page at http://127.0.0.1:" in ended.screen


@pytest.mark.long
def test_children_do_not_outlive_a_demo_that_was_killed(settings: Settings, tmp_path: Path) -> None:
    ended = run_on_a_terminal("--fps", "5", env=environment(settings, tmp_path), end_with=signal.SIGKILL)

    assert ended.exit_code == -signal.SIGKILL
    assert ended.left_over == []


def test_frames_that_cannot_arrive_end_it_with_an_error(settings: Settings, tmp_path: Path) -> None:
    broken = {**environment(settings, tmp_path), "HANDSTREAM_BROKER": "127.0.0.1:1"}

    ended = subprocess.run(
        [sys.executable, "-m", "handstream.cli", "demo", "--duration", "1"],
        env=broken,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )

    assert ended.returncode == 2
    assert ended.stderr.count("no Kafka broker answers at 127.0.0.1:1") == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("model", ["nowhere", "models:/gestures"])
def test_a_model_that_cannot_be_is_said_before_anything_is_started(tmp_path: Path, model: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "handstream.cli", "up", "--model", model],
        env={**os.environ, "HANDSTREAM_DATA_DIR": str(tmp_path / "data"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )

    assert ended.returncode == 2
    assert model in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "data").exists()
