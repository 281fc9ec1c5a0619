"""What `handstream demo` and `handstream up` do while the stack is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.table import Table

from handstream.demo.cameras import Cameras
from handstream.demo.report import summary_table
from handstream.demo.stack import RunningStack
from supervision.children import EndAtOnce
from supervision.exit_codes import ExitCode
from supervision.supervisor import ChildFailed

WORKERS_TIMEOUT_SECONDS = 120.0
# Without its page the demo goes on all the same.
GATEWAY_TIMEOUT_SECONDS = 30.0
FIRST_PREDICTION_TIMEOUT_SECONDS = 60.0
# After the cameras have ended, the frames still under way get so long to arrive.
DRAIN_SECONDS = 20.0
EVENTS_SECONDS = 0.5
WORKERS_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """summary: to be printed once the live table is gone."""

    exit_code: int
    summary: Table | None = None


def run_up(stack: RunningStack, *, port: int | None, start_prometheus: Callable[[], object]) -> Result:
    """port: of the live page, in place of that of the settings."""
    # Whoever has no workers that start must still get the page, which says so.
    stack.watch_for(WORKERS_PATIENCE_SECONDS, lambda: stack.workers_are_ready)
    stack.start_gateway(port=port)
    stack.watch_for(GATEWAY_TIMEOUT_SECONDS, lambda: stack.page_is_decided)
    stack.start_monitor()
    start_prometheus()
    stack.watch(lambda: False)
    return Result(exit_code=ExitCode.OK)


def run_demo(
    stack: RunningStack, *, cameras: Cameras, duration_seconds: float | None, start_prometheus: Callable[[], object]
) -> Result:
    """Show the cameras for so long, or until Ctrl-C; then wait for what is under way and sum up."""
    watcher = stack.watcher
    # A camera that starts before its worker only fills the queue, and its first pictures would be old ones.
    if not stack.watch_for(WORKERS_TIMEOUT_SECONDS, lambda: stack.workers_are_ready):
        raise ChildFailed(f"the workers did not get their partitions within {WORKERS_TIMEOUT_SECONDS:.0f} s")
    cameras.start(stack)
    seconds_to_first: float | None = None
    interrupted = False
    try:
        if stack.watch_for(FIRST_PREDICTION_TIMEOUT_SECONDS, lambda: watcher.tally.predictions > 0):
            seconds_to_first = time.monotonic() - stack.began_seconds
            # What they load at their start would take the workers' time from the first pictures.
            stack.start_gateway()
            stack.watch_for(GATEWAY_TIMEOUT_SECONDS, lambda: stack.page_is_decided)
            stack.start_monitor()
            start_prometheus()
            stack.watch_for(float("inf") if duration_seconds is None else duration_seconds)
    except KeyboardInterrupt:
        # What is under way still arrives.
        interrupted = True
    try:
        published = cameras.stop(stack)
        all_arrived = stack.watch_for(DRAIN_SECONDS, lambda: watcher.outcomes >= published)
        # An event is written after the prediction that settles it, to another topic.
        stack.watch_for(EVENTS_SECONDS)
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
        exit_code=ExitCode.OK if all_arrived and (interrupted or watcher.tally.predictions) else ExitCode.FAILED,
        summary=summary,
    )
