"""Workers that die under `handstream worker`, on a real Kafka."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from broker.topics import BrokerError, admin_client
from events.prediction import decode_prediction
from events.topics import TopicNames
from settings import Settings
from stream_app.membership import client_id, remove_soon
from supervision.children import ChildProcesses
from supervision.supervisor import ChildFailed, Supervisor
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import environment, receive, send, two_free_ports, wait_for, worker

pytestmark = pytest.mark.broker

GROUP = (sys.executable, "-m", "handstream.cli", "worker", "--processes", "2")
CAMERAS = ("desk", "door", "hall", "gate")
TIMEOUT_SECONDS = 90.0


def test_a_worker_that_is_killed_leaves_the_group_and_starts_again(settings: Settings, tmp_path: Path) -> None:
    letters = TopicNames(settings.topic_prefix).dead_letters
    log, port = tmp_path / "worker.log", two_free_ports()
    with worker(settings, *GROUP, log=log, HANDSTREAM_METRICS_PORT=str(port)) as parent:
        wait_for(lambda: len(members(settings)) == 2, "two workers")
        dead, other = psutil.Process(parent.pid).children()
        dead.kill()
        wait_for(lambda: client_id(dead.pid) not in members(settings), "the dead worker to be out of the group")
        send(settings, *(frame(camera=camera, image=b"no image").to_record() for camera in CAMERAS))
        assert len(receive(settings, letters, len(CAMERAS))) == len(CAMERAS)
        wait_for(lambda: len(members(settings)) == 2, "the worker to be back")
        wait_for(lambda: "is ready again" in log.read_text(), "the supervisor to say so")
        assert other.is_running()

    assert log.read_text().count("ended: killed by SIGKILL; starting it again at once") == 1
    assert parent.returncode == 0


@pytest.mark.parametrize(
    ("way", "reason"),
    [("raise", "RuntimeError: the model broke"), pytest.param("crash", "killed by SIGSEGV", marks=pytest.mark.long)],
)
def test_a_frame_that_ends_each_worker_ends_the_supervisor_and_stays(
    settings: Settings, tmp_path: Path, way: str, reason: str
) -> None:
    topics = TopicNames(settings.topic_prefix)
    send(settings, *(frame(sequence=number).to_record() for number in range(6)), partition=1)
    children = ChildProcesses(log_dir=tmp_path)
    supervisor = Supervisor(children, say=print, on_crash=lambda ended: remove_soon(settings, ended.pid))
    own = environment(settings, HANDSTREAM_METRICS_PORT="0", PYTHONPATH=str(Path(__file__).parents[2]))
    with children:
        supervisor.start("worker-0", "tests.stream_app.broken_worker", way, environment=own)
        with pytest.raises(ChildFailed) as failed:
            watch(supervisor)

    assert str(failed.value) == f"{topics.frames}/1/3 has ended a worker 3 times: {reason}"
    done = {decode_prediction(record.value).sequence for record in receive(settings, topics.predictions, 3)}
    assert done == {0, 1, 2}


def members(settings: Settings) -> set[str]:
    """Client ids of the members of the workers' group, as far as the broker can say."""
    try:
        with admin_client(settings) as admin:
            found: Any = admin.describe_groups([settings.consumer_group])[settings.consumer_group]
    except BrokerError:
        return set()
    return {one["client_id"] for one in found["members"]}


def watch(supervisor: Supervisor) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        supervisor.check()
        time.sleep(0.1)
