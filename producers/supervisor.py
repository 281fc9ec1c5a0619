"""Runs a production for a person at a terminal: progress, Ctrl-C, what it came to."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec
from rich.console import Console
from rich.live import Live

from broker.topics import BrokerError, create_topics
from monitoring.process_registry import process_registry
from monitoring.server import MonitoringPortTaken
from monitoring.tracing import running_tracer
from producers.kafka_sink import KafkaSink
from producers.ledger import Ledger
from producers.messages import messages
from producers.metrics import ProducerMetrics
from producers.monitoring import SILENCE_SECONDS, monitored
from producers.production import Production
from producers.progress import ProgressView, print_summary
from producers.sink import Sink
from producers.source import SourceError
from producers.traced_sink import traced
from settings import Settings, SettingsError, load_settings
from supervision import status
from supervision.exit_codes import ExitCode

POLL_SECONDS = 0.2
STALL_SECONDS = 5.0

logger = logging.getLogger("handstream.producer")


def supervise(
    make: Callable[[Sink], Production],
    *,
    name: str,
    json: bool,
    unreadable: Callable[[], int] = lambda: 0,
    silence_seconds: float = SILENCE_SECONDS,
) -> int:
    """Run what make() builds, and return the exit code. silence_seconds: how long a source in order may give nothing.

    0: published. 1: the broker failed, or a camera was lost for good. 2: the source or a setting cannot be used.
    130: Ctrl-C cut a finite source short.
    """
    console = Console(stderr=True, soft_wrap=True)
    production: Production | None = None
    code = 0
    with messages(console) as log_as:
        try:
            settings = load_settings()
            log_as(settings)
            create_topics(settings)
            with running_tracer(settings, service="handstream-producer") as tracer, KafkaSink(settings) as kafka:
                production = make(kafka if tracer is None else traced(kafka, settings=settings, tracer=tracer))
                finite = production.total is not None
                registry = process_registry()
                production.tell_publishing(ProducerMetrics(registry, production.ledger).publish_seconds.observe)
                with monitored(
                    production,
                    settings=settings,
                    registry=registry,
                    tell=logger.info,
                    silence_seconds=silence_seconds,
                ):
                    _run(production, console=console, name=name, settings=settings)
                code = ExitCode.INTERRUPTED if finite and production.summary().interrupted else ExitCode.OK
        except (SettingsError, SourceError, BrokerError, MonitoringPortTaken) as error:
            _tell(console, str(error))
            status.failed(str(error))
            begun = production is not None and production.ledger.counts().offered > 0
            code = ExitCode.FAILED if begun or isinstance(error, BrokerError) else ExitCode.BAD_USE
            if not begun:
                return code
        except KeyboardInterrupt:  # before it began, or a second time
            code = ExitCode.INTERRUPTED
        if production is None:
            return code
        summary = replace(production.summary(), unreadable_files=unreadable())
        print_summary(console, summary)
        if json:
            figures = {**msgspec.to_builtins(summary), "frames_per_second": round(summary.frames_per_second, 3)}
            sys.stdout.write(msgspec.json.encode(figures).decode() + "\n")
        if not code and summary.unreadable_files and not summary.published:
            _tell(console, f"none of the files of {name} could be read")
            return ExitCode.BAD_USE
        return code


def _run(production: Production, *, console: Console, name: str, settings: Settings) -> None:
    """Runs it in a thread, so that Ctrl-C reaches this one and leaves the other's locks alone."""
    fault: list[BaseException] = []
    # Not the thread's own join(): Python 3.11 takes a thread for ended when Ctrl-C interrupts its join.
    ended = threading.Event()

    def work() -> None:
        try:
            production.run()
        except BaseException as error:
            fault.append(error)
        finally:
            ended.set()

    stall = StallWatch(production.ledger, clock=time.monotonic)
    with _progress(production, console=console, name=name):
        threading.Thread(target=work, name="production", daemon=True).start()
        try:
            _wait(ended, stall=stall, settings=settings)
        except KeyboardInterrupt:
            logger.info("ending; Ctrl-C again ends at once, without waiting for what is in flight")
            production.stop()
            try:
                _wait(ended, stall=stall, settings=settings)
            except KeyboardInterrupt:
                production.ledger.abandon()
                raise
    if fault:
        raise fault[0]


def _wait(ended: threading.Event, *, stall: StallWatch, settings: Settings) -> None:
    while not ended.wait(POLL_SECONDS):
        change = stall.look()
        if change is not None:
            text = "does not answer; waiting for it" if change else "answers again"
            logger.warning("the broker %s", text, extra={"broker": settings.broker})


class StallWatch:
    """Sees when frames are in flight and none has been confirmed for a while."""

    def __init__(self, ledger: Ledger, *, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._published = 0
        self._since = clock()
        self._stalled = False

    def look(self) -> bool | None:
        """True when it stalls, False when it goes on again, None when nothing changed."""
        counts, now = self._ledger.counts(), self._clock()
        if counts.published != self._published:
            was_stalled, self._stalled = self._stalled, False
            self._published, self._since = counts.published, now
            return False if was_stalled else None
        if not counts.in_flight:
            self._since = now
        if self._stalled or now - self._since < STALL_SECONDS:
            return None
        self._stalled = True
        return True


@contextmanager
def _progress(production: Production, *, console: Console, name: str) -> Iterator[None]:
    if not console.is_terminal:
        yield
        return
    view = ProgressView(production.ledger, name=name, total=lambda: production.total)
    with Live(view, console=console, refresh_per_second=8, transient=True):
        yield


def _tell(console: Console, line: str) -> None:
    console.print(f"handstream produce: {line}", markup=False, highlight=False)
