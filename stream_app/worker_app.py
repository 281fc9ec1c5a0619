"""The Faust app of the worker, put together from settings."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import faust
from faust.types import TP

from broker.clients import faust_options
from broker.topics import create_topics, topic_specs
from events.record import Position
from events.topics import TopicNames
from monitoring.drift import DriftWindow
from monitoring.health import Health
from monitoring.logs import log_configuration
from monitoring.process_registry import process_registry
from monitoring.server import serve_at_or_after
from monitoring.tracing import start_tracer
from recognition.bundle_source import BundleSource
from recognition.bundle_watcher import BundleWatcher
from recognition.gesture_debouncer import DebounceTimes
from recognition.pipeline import Recognizer
from settings import Settings
from stream_app.agent import FrameAgent, Processor
from stream_app.arrivals import ArrivalBook
from stream_app.committing_consumer import CommittingConsumer
from stream_app.dead_letter_log import DeadLetterLog
from stream_app.dead_letter_share import DeadLetterShare
from stream_app.ending_worker import EndingWorker
from stream_app.frame_buffer import FrameBuffer
from stream_app.gesture_keeper import GestureKeeper
from stream_app.gesture_state_loader import GestureStateLoader
from stream_app.idempotent_producer import IdempotentProducer
from stream_app.membership import client_id
from stream_app.metrics import WorkerMetrics
from stream_app.no_tables import NoTables
from stream_app.outcome import Outcome
from stream_app.processor import FrameProcessor
from stream_app.progress import Progress
from stream_app.tolerant_records import read_any_header_name
from stream_app.traced_processor import TracedProcessor
from stream_app.watchdog import Watchdog
from stream_app.writer import FaustWriter
from supervision import status
from supervision.exit_codes import ExitCode
from supervision.signals import exit_within

log = logging.getLogger("handstream.worker")

# What waits in this process, of all partitions and of one: about a second of a camera with 30 frames of 50 kB a second.
BUFFERED_BYTES = 64 * 1024 * 1024
MAX_BUFFERED_BYTES_OF_PARTITION = 2 * 1024 * 1024
MIN_BUFFERED_BYTES_OF_PARTITION = 128 * 1024
# A fetch fits into what is left of a buffer when its partition is not read any more.
FETCHES_PER_BUFFER = 8
# Small batches starve the executor between two polls.
POLLED_RECORDS = 200
COMMIT_INTERVAL_SECONDS = 1.0
# A worker learns of another's coming or going with its next heartbeat, and until then partitions stand still.
HEARTBEAT_INTERVAL_SECONDS = 1.0
# The least that brokers allow by default. It counts where a machine is lost as a whole; a supervisor that lives removes
# a dead worker from the group itself.
SESSION_TIMEOUT_SECONDS = 6.0
COMMIT_TIMEOUT_SECONDS = 5.0
CRASH_TIMEOUT_SECONDS = 15.0
# How exactly it is known when a record came, see ArrivalBook.
BEAT_SECONDS = 0.1
# Room for the batch around a record of the greatest size.
HEADROOM_BYTES = 64 * 1024


def utc_now() -> datetime:
    return datetime.now(UTC)


class WorkerApp(faust.App):  # type: ignore[misc]
    """Recognises the frames of the assigned partitions. Nothing is opened before it starts.

    source: asked for another bundle while the worker runs; None: the first one stays.
    threads: frames of different partitions that are recognised at once in this process.
    has_topics: whether they were created by the caller.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        create_recognizer: Callable[[], Recognizer] = Recognizer.create,
        source: BundleSource | None = None,
        threads: int = 1,
        clock: Callable[[], datetime] = utc_now,
        has_topics: bool = False,
    ) -> None:
        buffered = min(
            MAX_BUFFERED_BYTES_OF_PARTITION, max(MIN_BUFFERED_BYTES_OF_PARTITION, BUFFERED_BYTES // settings.partitions)
        )
        super().__init__(
            settings.consumer_group,
            **faust_options(settings),
            datadir=tempfile.gettempdir(),
            key_serializer="raw",
            value_serializer="raw",
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            stream_buffer_maxsize=buffered,
            # A frame that is larger comes all the same, as the only one of its fetch.
            consumer_max_fetch_size=buffered // FETCHES_PER_BUFFER,
            broker_max_poll_records=POLLED_RECORDS,
            broker_commit_interval=COMMIT_INTERVAL_SECONDS,
            broker_heartbeat_interval=HEARTBEAT_INTERVAL_SECONDS,
            broker_session_timeout=SESSION_TIMEOUT_SECONDS,
            # By it whoever started this process finds the member that it was, should it die.
            broker_client_id=client_id(),
            consumer_auto_offset_reset="earliest",
            producer_max_request_size=max(spec.max_message_bytes for spec in topic_specs(settings)) + HEADROOM_BYTES,
            worker_redirect_stdouts=False,
            Worker=EndingWorker,
            TableManager=NoTables,
            logging_config=log_configuration(settings),
        )
        self._settings = settings
        self._names = TopicNames(settings.topic_prefix)
        self._create_recognizer = create_recognizer
        self._source = source
        self._threads = threads
        self._clock = clock
        self._has_topics = has_topics
        self._frame_agent: FrameAgent | None = None
        self._keeper: GestureKeeper | None = None
        self._metrics: WorkerMetrics | None = None
        self._dead_letters = DeadLetterShare(limit=settings.dead_letter_limit)
        self._dead_letter_log = DeadLetterLog()
        self._closers: list[Callable[[], Any]] = []
        self._has_model = False
        self._progress = Progress(in_hand=status.working_on)
        self._arrivals = ArrivalBook()
        self._pulse: asyncio.Task[None] | None = None
        frames = self.topic(self._names.frames, key_type=bytes, value_type=bytes)
        self.agent(frames, name="recognise", isolated_partitions=True)(self._consume)
        self.on_partitions_assigned.connect(self._take_over)
        self.on_partitions_revoked.connect(self._give_up)

    def FlowControlQueue(  # noqa: N802 (Faust's name)
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> FrameBuffer:
        """maxsize: bytes."""
        return FrameBuffer(maxsize=maxsize, flow_control=self.flow_control, clear_on_resume=clear_on_resume)

    def _new_transport(self) -> Any:
        transport = super()._new_transport()
        transport.Consumer = CommittingConsumer
        transport.Producer = IdempotentProducer
        read_any_header_name()
        return transport

    async def _consume(self, stream: Any) -> None:
        assert self._frame_agent is not None
        await self._frame_agent.consume(stream)

    async def on_start(self) -> None:
        """Get everything that a frame needs before the first partition is assigned, so that a fault stops us early."""
        # What it counts nobody reads: we have our own metrics.
        self.sensors.remove(self.monitor)
        drift = DriftWindow(window_seconds=self._settings.drift_window_seconds, least=self._settings.drift_least_hands)
        metrics = self._metrics = WorkerMetrics(process_registry(), drift=drift)
        metrics.assigned(self._progress.partitions)
        metrics.watch_dead_letters(self._dead_letters)
        watchdog = self._start_watchdog(metrics)
        self._pulse = asyncio.create_task(self._beat(watchdog))
        # First of all, so that it can be seen what is being waited for.
        server = serve_at_or_after(
            self._settings.metrics_port,
            registry=metrics.registry,
            health=self._health(watchdog),
            host=self._settings.metrics_host,
            setting="HANDSTREAM_METRICS_PORT",
        )
        if server.port != self._settings.metrics_port != 0:
            log.warning("metrics_port_taken", extra={"port": self._settings.metrics_port, "serving_at": server.port})
        self._closers = [watchdog.close, server.close]
        if not self._has_topics:
            await asyncio.to_thread(create_topics, self._settings)
        recognizer = await asyncio.to_thread(self._create_recognizer)
        self._has_model = True
        executor = ThreadPoolExecutor(max_workers=self._threads, thread_name_prefix="recognise")
        self._closers = [executor.shutdown, recognizer.close, *self._closers]
        if self._source is not None:
            self._closers.insert(0, self._watch(self._source, recognizer=recognizer, metrics=metrics).close)
        writer = FaustWriter(self)
        keeper = self._keeper = self._gesture_keeper(writer, metrics=metrics)
        self._frame_agent = FrameAgent(
            processor=self._traced(
                FrameProcessor(
                    recognizer=recognizer,
                    topics=self._names,
                    clock=self._clock,
                    stale_after_seconds=self._settings.stale_after_seconds,
                )
            ),
            writer=writer,
            metrics=metrics,
            executor=executor,
            clock=self._clock,
            on_fault=self._stop_on_fault,
            progress=self._progress,
            waited=lambda position: self._arrivals.waited(position, now=time.time()),
            keeper=keeper,
            on_outcome=self._saw,
        )
        log.info(
            "The worker is ready",
            extra={
                "broker": self._settings.broker,
                "group": self._settings.consumer_group,
                "topic": self._names.frames,
                "model": recognizer.model.name,
                "model_version": recognizer.model.version,
                "metrics_port": server.port,
            },
        )
        self.add_future(keeper.watch())
        status.ready(metrics_port=server.port)
        await super().on_start()

    def _start_watchdog(self, metrics: WorkerMetrics) -> Watchdog:
        watchdog = Watchdog(
            stuck_after_seconds=self._settings.stuck_after_seconds,
            longest_in_hand_seconds=self._progress.longest_in_hand_seconds,
        )
        metrics.stuck(lambda: watchdog.fault() is not None)
        watchdog.start()
        return watchdog

    def _health(self, watchdog: Watchdog) -> Health:
        return Health(
            alive={"stuck": watchdog.fault},
            ready={
                "model": lambda: None if self._has_model else "the model is being loaded",
                "partitions": self._progress.assigned,
                "progress": self._progress.recent,
                "dead_letters": self._dead_letters.check,
            },
        )

    async def _beat(self, watchdog: Watchdog) -> None:
        """Some times a second: the event loop runs, and what the broker says of our partitions."""
        while True:
            watchdog.beat()
            consumer = self._consumer
            ends = consumer.ends() if isinstance(consumer, CommittingConsumer) else {}
            self._arrivals.saw(ends)
            self._progress.look(ends)
            self._dead_letter_log.tell()
            await asyncio.sleep(BEAT_SECONDS)

    def _gesture_keeper(self, writer: FaustWriter, *, metrics: WorkerMetrics) -> GestureKeeper:
        settings = self._settings
        return GestureKeeper(
            times=DebounceTimes(
                hold=timedelta(seconds=settings.gesture_hold_seconds),
                silence=timedelta(seconds=settings.gesture_silence_seconds),
            ),
            load_history=GestureStateLoader(settings).load,
            end_offset=self._records_end,
            writer=writer,
            topic=self._names.gestures,
            count=metrics.gesture,
        )

    def _records_end(self, partition: int) -> int | None:
        end = self.consumer.ends().get((self._names.frames, partition))
        return None if end is None else end.records_end

    def _traced(self, processor: Processor) -> Processor:
        tracer = start_tracer(self._settings, service="handstream-worker")
        if tracer is None:
            return processor
        self._closers.append(tracer.close)
        return TracedProcessor(processor, tracer=tracer, group=self._settings.consumer_group)

    def _saw(self, outcome: Outcome) -> None:
        self._dead_letters.count(outcome)
        self._dead_letter_log.count(outcome)
        if outcome.trace is not None:
            outcome.trace.stored()

    async def _take_over(self, _app: Any, assigned: set[TP], **_: Any) -> None:
        partitions = self._frame_partitions(assigned)
        if self._metrics is not None:
            self._metrics.rebalanced(partitions)
        log.info("Partitions were assigned", extra={"partitions": partitions})
        if self._keeper is not None:
            self._keeper.assign(partitions)

    async def _give_up(self, _app: Any, revoked: set[TP], **_: Any) -> None:
        log.info("Partitions were given up", extra={"partitions": self._frame_partitions(revoked)})
        if self._keeper is not None:
            self._keeper.revoke(tp.partition for tp in revoked if tp.topic == self._names.frames)

    def _frame_partitions(self, given: set[TP]) -> list[int]:
        return sorted(tp.partition for tp in given if tp.topic == self._names.frames)

    def _watch(self, source: BundleSource, *, recognizer: Recognizer, metrics: WorkerMetrics) -> BundleWatcher:
        metrics.model.started(recognizer.bundle.manifest)
        watcher = BundleWatcher(
            source, serving=recognizer, observer=metrics.model, every_seconds=self._settings.model_poll_seconds
        )
        watcher.start()
        return watcher

    async def on_shutdown(self) -> None:
        await super().on_shutdown()
        if self._pulse is not None:
            self._pulse.cancel()
        for close in self._closers:
            close()
        self._dead_letter_log.tell(at_once=True)

    async def _stop_on_fault(self, fault: BaseException, position: Position) -> None:
        log.error(
            "Stopping at a frame; its offset is kept",
            extra={
                "topic": position.topic,
                "partition": position.partition,
                "offset": position.offset,
                "error": f"{type(fault).__name__}: {fault}",
            },
        )
        status.failed(f"{type(fault).__name__}: {fault}", at=str(position))
        # The failed frame is never acknowledged, so waiting for it would not end.
        self.conf.stream_wait_empty = False
        # What was done before is committed, so that it is not done again; where the broker is the fault, it is not.
        with suppress(Exception):
            await asyncio.wait_for(self.consumer.commit(), COMMIT_TIMEOUT_SECONDS)
        # Faust has left its consumer thread running after a crash: an end by force loses nothing, the offset is kept.
        exit_within(CRASH_TIMEOUT_SECONDS, code=ExitCode.FAILED)
        await self.crash(fault)
