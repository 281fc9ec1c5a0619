"""A live stream is fresh again soon after a time without a worker, and says what it left out."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.embedded.ports import free_port
from events.prediction import Status, decode_prediction
from events.stream_end import STREAM_END_TYPE
from events.topics import TopicNames
from settings import Settings
from tests.producers.consuming import wait_for_frames
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import committed_lag, environment, health, metrics, receive, send, wait_for, worker

pytestmark = pytest.mark.broker

FRESH_WITHIN_SECONDS = 5.0
WATCHED_SECONDS = 3.0


@pytest.mark.long
@pytest.mark.parametrize("away_seconds", [10, 60])
def test_a_live_stream_is_fresh_again_soon_after_a_time_without_a_worker(
    settings: Settings, tmp_path: Path, away_seconds: int
) -> None:
    topics = TopicNames(settings.topic_prefix)
    # Recorded at a time when live frames would be stale, and not skipped all the same.
    recorded = [frame(camera="film", sequence=number) for number in range(20)]
    send(settings, *(one.to_record() for one in recorded))
    port = free_port()
    camera = subprocess.Popen(
        [
            sys.executable, "-m", "handstream.cli", "produce", "synthetic", "--json",
            "--camera", "door", "--fps", "30", "--width", "320", "--height", "240",
        ],
        env=environment(settings, HANDSTREAM_PRODUCER_METRICS_PORT="0"),
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        wait_for_frames(settings)
        time.sleep(away_seconds)
        with worker(settings, log=tmp_path / "worker.log", HANDSTREAM_METRICS_PORT=str(port)):
            wait_for(lambda: not {"partitions", "connection"} & health(port, "/readyz").keys(), "partitions")
            assigned_at = datetime.now(UTC)
            time.sleep(FRESH_WITHIN_SECONDS + WATCHED_SECONDS)
            camera.send_signal(signal.SIGTERM)
            published = json.loads(camera.communicate(timeout=30)[0])["published"]
            wait_for(lambda: committed_lag(settings) == 0, "all frames to be done")
            counted = metrics(port)
    finally:
        camera.kill()
    outcomes = receive(settings, topics.predictions, published + settings.partitions)
    predictions = [
        decode_prediction(one.value) for one in outcomes if ("ce_type", STREAM_END_TYPE.encode()) not in one.headers
    ]
    seen = [one for one in predictions if one.camera == "door"]
    stale = [one for one in seen if one.status is Status.STALE]
    assert [one.sequence for one in seen] == list(range(published))
    assert len(stale) >= 30 * (away_seconds - 2)
    assert f'handstream_frames_processed_total{{status="stale"}} {len(stale)}.0' in counted

    fresh_at = assigned_at + timedelta(seconds=FRESH_WITHIN_SECONDS)
    late = [one for one in seen if one.status is not Status.STALE and one.processed_at >= fresh_at]
    assert len(late) > 5
    # On a machine that is busy with other things the recognition alone may take most of a second.
    assert max(one.latency_ms - one.timings_ms.decode - one.timings_ms.landmarks for one in late) < 1000
