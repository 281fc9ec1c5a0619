"""How the commands end when they are told to: in time, with nothing lost and nothing done twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from broker.consuming import consumer, partitions_of
from broker.embedded.node import EmbeddedBroker
from broker.topics import create_topics
from events.prediction import decode_prediction
from events.topics import TopicNames
from settings import Settings
from tests.producers.consuming import wait_for_frames
from tests.stream_app.test_stuck import HANGING_WORKER
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import (
    committed_lag,
    environment,
    health,
    receive,
    send,
    two_free_ports,
    wait_for,
    worker,
)

pytestmark = pytest.mark.broker

# What is promised, and as much again, since the machine that runs the tests may be busy with other things.
ENDS_WITHIN_SECONDS = 2 * 5.0
AT_ONCE_SECONDS = 2.0
CAMERAS = ("desk", "door", "hall", "gate")

ONE = (sys.executable, "-m", "stream_app")
GROUP = (sys.executable, "-m", "handstream.cli", "worker", "--processes", "2")


@pytest.mark.parametrize(
    ("command", "number"), [(ONE, signal.SIGTERM), pytest.param(GROUP, signal.SIGINT, marks=pytest.mark.long)]
)
def test_a_worker_that_is_ended_under_load_has_committed_all_that_it_did(
    settings: Settings, tmp_path: Path, command: tuple[str, ...], number: signal.Signals
) -> None:
    letters = TopicNames(settings.topic_prefix).dead_letters
    port = two_free_ports()
    with sending(settings) as sent:
        with worker(settings, *command, log=tmp_path / "first.log", HANDSTREAM_METRICS_PORT=str(port)) as process:
            wait_for(lambda: not health(port, "/readyz"), "the worker to be ready")
            wait_for(lambda: committed_lag(settings) < sent.count, "frames to be done")
            process.send_signal(number)
            assert_ends(process, code=0)
        done = outcomes_in(settings, letters)
        assert 0 < done <= sent.count
    assert committed_lag(settings) == sent.count - done

    with worker(settings, log=tmp_path / "second.log"):
        outcomes = receive(settings, letters, sent.count)
    offsets = [(one.partition, int(dict(one.headers)["dlq_offset"])) for one in outcomes]
    assert len(offsets) == sent.count
    for partition in range(settings.partitions):
        there = [offset for number, offset in offsets if number == partition]
        assert there == list(range(len(there)))


def outcomes_in(settings: Settings, topic: str) -> int:
    with consumer(settings) as client:
        return int(sum(client.end_offsets(partitions_of(client, topic)).values()))


class Sent:
    count = 0


@contextmanager
def sending(settings: Settings) -> Iterator[Sent]:
    """Frames that are no images, which cost a worker next to nothing, from four cameras for the time of a block."""
    sent, enough = Sent(), threading.Event()

    def run() -> None:
        while not enough.wait(0.02):
            send(settings, *(frame(camera=camera, sequence=sent.count).to_record() for camera in CAMERAS))
            sent.count += len(CAMERAS)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield sent
    finally:
        enough.set()
        thread.join()


def test_a_second_ctrl_c_ends_a_group_at_once_though_a_frame_hangs(settings: Settings, tmp_path: Path) -> None:
    # The worker's own program, with a recogniser that hangs, under the parent that `handstream worker` is.
    (tmp_path / "hanging.py").write_text(HANGING_WORKER)
    parent = (
        "import os, sys, time\n"
        "from supervision.children import ChildProcesses\n"
        "with ChildProcesses() as group:\n"
        "    group.start('worker-0', 'hanging', sys.argv[1], environment=os.environ)\n"
        "    time.sleep(600)\n"
    )
    port = two_free_ports()
    with worker(
        settings, sys.executable, "-c", parent, str(tmp_path / "never"),
        log=tmp_path / "group.log", HANDSTREAM_METRICS_PORT=str(port), HANDSTREAM_STUCK_AFTER_SECONDS="1",
        PYTHONPATH=os.pathsep.join((str(tmp_path), str(Path(__file__).parents[1]))),
    ) as process:  # fmt: skip
        wait_for(lambda: not health(port, "/readyz"), "the worker to be ready")
        send(settings, *(frame(sequence=number).to_record() for number in range(4)))
        wait_for(lambda: "stuck" in health(port, "/healthz"), "the worker to hang")
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.wait(AT_ONCE_SECONDS)
        assert not psutil.wait_procs(family, timeout=AT_ONCE_SECONDS)[1]

    outcomes = receive(settings, TopicNames(settings.topic_prefix).predictions, 3)
    assert [decode_prediction(one.value).sequence for one in outcomes] == [0, 1, 2]


@pytest.mark.long
@pytest.mark.timeout(240)
def test_with_the_broker_away_each_ends_in_time_and_says_what_was_not_confirmed(
    settings: Settings, tmp_path: Path
) -> None:
    own = settings.model_copy(update={"broker": "127.0.0.1:0"})
    with EmbeddedBroker(settings=own, ephemeral=True) as broker:
        here = broker.settings()
        create_topics(here)
        ending, impatient = produce(here), produce(here)
        port = two_free_ports()
        with worker(here, log=tmp_path / "worker.log", HANDSTREAM_METRICS_PORT=str(port)) as working:
            wait_for_frames(here)
            wait_for(lambda: not health(port, "/readyz"), "the worker to be ready")
            broker.stop()
            wait_for(lambda: "progress" in health(port, "/readyz"), "the worker to miss the broker")

            ending.send_signal(signal.SIGTERM)
            assert_ends(ending, code=0)
            figures = json.loads(ending.communicate()[0])
            assert figures["dropped"]["unconfirmed"] > 0
            assert not figures["stream_ended"]

            impatient.send_signal(signal.SIGINT)
            time.sleep(0.5)
            impatient.send_signal(signal.SIGINT)
            assert impatient.wait(AT_ONCE_SECONDS) == 130

            # Nothing can be committed: it does not wait for that for ever, and says so.
            working.send_signal(signal.SIGTERM)
            assert working.wait(2 * ENDS_WITHIN_SECONDS) in (0, 1)


@pytest.mark.parametrize(("signals", "code"), [((signal.SIGTERM,), 0), ((signal.SIGINT, signal.SIGINT), 130)])
def test_a_monitor_ends_though_kafka_takes_its_question_and_gives_no_answer(
    settings: Settings, tmp_path: Path, signals: tuple[signal.Signals, ...], code: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, (tmp_path / "monitor.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "handstream.cli", "monitor", "--port", "0"],
            env=environment(settings, HANDSTREAM_BROKER=f"127.0.0.1:{silent.getsockname()[1]}"),
            stderr=log,
        )
        asked, _ = silent.accept()
        with asked:
            for number in signals:
                time.sleep(0.5)
                process.send_signal(number)
            assert_ends(process, code=code)


def produce(settings: Settings) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "handstream.cli", "produce", "synthetic", "--width", "64", "--height", "64", "--json"],
        env=environment(settings, HANDSTREAM_PRODUCER_METRICS_PORT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def assert_ends(process: subprocess.Popen[bytes] | subprocess.Popen[str], *, code: int) -> None:
    assert process.wait(ENDS_WITHIN_SECONDS) == code
