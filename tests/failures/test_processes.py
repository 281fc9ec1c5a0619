"""Processes that are killed, come and go, or are slow: every frame has its one outcome all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from audit.run import audit_system
from settings import Settings
from tests.failures.system import (
    CAMERAS,
    COMMIT_SECONDS,
    FRAMES_PER_SECOND,
    Showing,
    assert_kept,
    kill,
    light_worker,
    settled,
    wait_until,
)
from tests.stream_app.worker_process import environment

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

# What one worker may have done since it last committed, with room for a commit that came late on a busy machine.
UNCOMMITTED = int(3 * COMMIT_SECONDS * FRAMES_PER_SECOND * len(CAMERAS))


@pytest.mark.long
@pytest.mark.parametrize("kills", [1, 4])
def test_a_worker_that_is_killed_loses_nothing_and_doubles_no_more_than_it_had_not_committed(
    settings: Settings, tmp_path: Path, kills: int
) -> None:
    film = Showing(settings, seconds=3 * (kills + 1))
    for number in range(kills):
        with light_worker(settings, log=tmp_path / f"{number}.log") as process:
            before = outcomes(settings)
            wait_until(lambda before=before: outcomes(settings) > before + 50, "outcomes")  # type: ignore[misc]
            kill(process)
    with light_worker(settings, log=tmp_path / "last.log"):
        frames = film.finish()
        report = settled(settings, frames=frames)

    assert_kept(report, frames=frames, max_duplicates=kills * UNCOMMITTED)


@pytest.mark.long
def test_workers_that_join_and_leave_under_load_double_nothing(settings: Settings, tmp_path: Path) -> None:
    film = Showing(settings, seconds=20)
    with light_worker(settings, log=tmp_path / "stays.log"):
        film.wait_for(100)
        for number in range(3):
            with light_worker(settings, log=tmp_path / f"{number}.log"):
                before = outcomes(settings)
                wait_until(lambda before=before: outcomes(settings) > before + 300, "outcomes")  # type: ignore[misc]
        frames = film.finish()
        report = settled(settings, frames=frames)

    assert_kept(report, frames=frames)


@pytest.mark.long
def test_a_worker_slower_than_the_source_falls_behind_and_loses_nothing(settings: Settings, tmp_path: Path) -> None:
    film = Showing(settings, seconds=10)
    with light_worker(settings, log=tmp_path / "worker.log", seconds_a_frame=0.02):
        frames = film.finish()
        behind = audit_system(settings)
        report = settled(settings, frames=frames)

    assert behind.pending > 500
    assert behind.broken(max_duplicates=0) == ()
    assert_kept(report, frames=frames)


@pytest.mark.long
def test_a_producer_that_is_killed_leaves_whole_frames_and_no_stream_end(settings: Settings, tmp_path: Path) -> None:
    command = ["produce", "synthetic", "--cameras", "2", "--fps", "15", "--width", "160", "--height", "120"]
    with light_worker(settings, log=tmp_path / "worker.log", HANDSTREAM_STALE_AFTER_SECONDS="3600"):
        for _ in range(2):
            producer = subprocess.Popen(
                [sys.executable, "-m", "handstream.cli", *command],
                env=environment(settings, HANDSTREAM_PRODUCER_METRICS_PORT="0"),
                stderr=subprocess.DEVNULL,
            )
            before = outcomes(settings)
            wait_until(lambda before=before: outcomes(settings) > before + 40, "outcomes")  # type: ignore[misc]
            producer.send_signal(signal.SIGKILL)
            producer.wait(20)
        report = settled(settings, frames=80)

    assert report.broken(max_duplicates=0) == ()
    assert report.ends.passed_on == 0
    assert report.totals.dead == 0


def outcomes(settings: Settings) -> int:
    return audit_system(settings).outcomes_read
