"""A worker that stands still says so, keeps its stacks, and can be ended."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from broker.embedded.ports import free_port
from events.prediction import decode_prediction
from events.topics import TopicNames
from settings import Settings
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import health, metrics, receive, send, wait_for, worker

pytestmark = pytest.mark.broker

# Hangs twice: in frame 3 until a file is there, in frame 6 for good.
HANGING_WORKER = """
import pathlib, sys, time
from settings import load_settings
from stream_app.ending_worker import EndingWorker
from stream_app.worker_app import WorkerApp
from tests.stream_app.twins import NO_HAND, TwinRecognizer

go_on = pathlib.Path(sys.argv.pop())

def hang(until):
    while not until():
        time.sleep(0.1)

def act(frame):
    if frame.sequence == 3:
        hang(go_on.exists)
    if frame.sequence == 6:
        hang(lambda: False)
    return NO_HAND

app = WorkerApp(load_settings(), create_recognizer=lambda: TwinRecognizer(act))
EndingWorker(app, loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()
"""


def test_a_frame_that_hangs_makes_the_worker_unready_and_not_alive_and_leaves_its_stacks(
    settings: Settings, tmp_path: Path
) -> None:
    topics = TopicNames(settings.topic_prefix)
    log, go_on, port = tmp_path / "worker.log", tmp_path / "go-on", free_port()
    command = (sys.executable, "-c", HANGING_WORKER, str(go_on))
    with worker(
        settings, *command, log=log, HANDSTREAM_METRICS_PORT=str(port), HANDSTREAM_STUCK_AFTER_SECONDS="2"
    ) as process:
        wait_for(lambda: not health(port, "/readyz"), "the worker to be ready")
        send(settings, *(frame(sequence=number).to_record() for number in range(6)))
        wait_for(lambda: "stuck" in health(port, "/healthz"), "the worker to be stuck")
        assert "a frame has been in recognition for" in health(port, "/readyz")["stuck"]
        assert "handstream_worker_stuck 1.0" in metrics(port)
        wait_for(lambda: "in hang" in log.read_text(), "the stacks")
        assert log.read_text().count('"event": "Stuck"') == 1

        go_on.touch()
        wait_for(lambda: not health(port, "/readyz"), "the worker to go on")
        assert "handstream_worker_stuck 0.0" in metrics(port)
        found = [decode_prediction(one.value).sequence for one in receive(settings, topics.predictions, 6)]
        assert found == [0, 1, 2, 3, 4, 5]

        send(settings, frame(sequence=6).to_record())
        wait_for(lambda: "stuck" in health(port, "/healthz"), "the worker to be stuck again")
        process.send_signal(signal.SIGTERM)
        # It waits for the frame, until it is told again.
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 130
