"""What `handstream demo` and `handstream up` do while the stack is up."""

from __future__ import annotations

import time
from dataclasses import dataclass

from rich.table import Table

from handstream.demo.cameras import Cameras
from handstream.demo.report import summary_table
from handstream.demo.stage import ChildEnded, Stage
from stream_app.process_group import EndAtOnce

WORKERS_TIMEOUT_SECONDS = 120.0
# Without its page the demo goes on all the same.
GATEWAY_TIMEOUT_SECONDS = 30.0
FIRST_PREDICTION_TIMEOUT_SECONDS = 60.0
# After the cameras have ended, the frames still under way get so long to arrive.
DRAIN_SECONDS = 20.0
EVENTS_SECONDS = 0.5
GATEWAY_PATIENCE_SECONDS = 20.0
NOT_ALL_ARRIVED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """summary: to be printed once the live table is gone."""

    exit_code: int
    summary: Table | None = None


def run_up(stage: Stage) -> Result:
    # Whoever has no workers that start must still get the page, which says so.
    stage.watch_for(GATEWAY_PATIENCE_SECONDS, lambda: stage.watcher.workers >= stage.processes)
    stage.start_gateway()
    stage.watch_for(GATEWAY_TIMEOUT_SECONDS, stage.gateway_is_ready)
    stage.start_monitoring()
    stage.watch(lambda: False)
    return Result(exit_code=0)


def run_demo(stage: Stage, *, cameras: Cameras, duration_seconds: float | None) -> Result:
    """Show the cameras for so long, or until Ctrl-C; then wait for what is under way and sum up."""
    watcher = stage.watcher
    # A camera that starts before its worker only fills the queue, and its first pictures would be old ones.
    if not stage.watch_for(WORKERS_TIMEOUT_SECONDS, lambda: watcher.workers >= stage.processes):
        raise ChildEnded(f"the workers did not get their partitions within {WORKERS_TIMEOUT_SECONDS:.0f} s")
    cameras.start(stage)
    seconds_to_first: float | None = None
    interrupted = False
    try:
        if stage.watch_for(FIRST_PREDICTION_TIMEOUT_SECONDS, lambda: watcher.tally.predictions > 0):
            seconds_to_first = time.monotonic() - stage.began_seconds
            # What they load at their start would take the workers' time from the first pictures.
            stage.start_gateway()
            stage.watch_for(GATEWAY_TIMEOUT_SECONDS, stage.gateway_is_ready)
            stage.start_monitoring()
            stage.watch_for(float("inf") if duration_seconds is None else duration_seconds)
    except KeyboardInterrupt:
        # What is under way still arrives.
        interrupted = True
    try:
        published = cameras.stop(stage)
        all_arrived = stage.watch_for(DRAIN_SECONDS, lambda: watcher.outcomes >= published)
        # An event is written after the prediction that settles it, to another topic.
        stage.watch_for(EVENTS_SECONDS)
    except KeyboardInterrupt:
        if not interrupted:
            raise
        raise EndAtOnce from None
    watcher.tally.finish()
    summary = summary_table(
        watcher.tally,
        published=published,
        dead_letters=watcher.dead_letters,
        seconds_to_first=seconds_to_first,
    )
    return Result(
        exit_code=0 if all_arrived and (interrupted or watcher.tally.predictions) else NOT_ALL_ARRIVED, summary=summary
    )
