"""The stream through the gateway: real Kafka, a real worker, browsers and viewers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from broker.clients import kafka_python_options
from events.frame import Mode, decode_frame
from events.prediction import decode_prediction
from events.stream_end import STREAM_END_TYPE
from events.topics import TopicNames
from producers.synthetic.still import render_still
from settings import Settings
from tests.gateway.page_stack import Stack, own_topics, stack
from tests.gateway.sockets import BrowserTwin, frame_bytes, hear, of_type, say, socket
from tests.stream_app.worker_process import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

VIEWERS = 50


@pytest.fixture(scope="module")
def live(kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A gateway and a worker that is ready."""
    with stack(own_topics(kafka), tmp_path_factory.mktemp("live")) as one:
        one.start_worker()
        one.start_gateway(HANDSTREAM_GATEWAY_MAX_CAMERAS="2", HANDSTREAM_GATEWAY_MAX_VIEWERS=str(VIEWERS + 2))
        wait_for(lambda: health(one)["workers"] == 1, "the worker")
        yield one


@pytest.fixture(scope="module")
def hand() -> bytes:
    return render_still(gesture="fist", seed=1)


def health(live: Stack) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{live.address}/stream/health", timeout=10).json()
    return found


def test_a_browsers_frames_come_back_as_predictions(live: Stack, hand: bytes) -> None:
    browser = BrowserTwin(live.address, name="Ada's <Laptop>")
    camera = browser.welcome["camera"]
    assert camera.startswith("browser-ada-s-laptop-")
    with socket(live.address, "/ws/view?cameras=" + camera) as viewer:
        answers = browser.show(hand, frames=25)

        assert [answer["type"] for answer in answers] == ["prediction"] * 25
        assert [answer["sequence"] for answer in answers] == list(range(25))
        predictions = [decode_prediction(json.dumps(answer["prediction"]).encode()) for answer in answers]
        assert {one.camera for one in predictions} == {camera}
        assert {one.mode for one in predictions} == {Mode.LIVE}
        assert predictions[-1].gesture == "fist"
        # The browser's own clock is not believed.
        assert all(abs(datetime.now(UTC) - one.captured_at) < timedelta(minutes=2) for one in predictions)

        started = hear(viewer, of_type("gesture"))
        assert (started["camera"], started["gesture"], started["phase"]) == (camera, "fist", "started")
        say(viewer, type="watch", cameras="*", frames_per_second=30)
        browser.show(hand, frames=3)
        header, picture = hear(viewer, lambda message: isinstance(message, tuple))
        assert header["camera"] == camera
        assert picture == hand
        assert hear(viewer, of_type("prediction"))["prediction"]["camera"] == camera
        seen = hear(viewer, of_type("health"))
        assert (seen["state"], seen["model"]["name"]) == ("ok", "gestures")
        browser.close()
        ended = hear(viewer, of_type("gesture"))
        assert (ended["gesture"], ended["phase"]) == ("fist", "ended")

    listed = httpx.get(f"{live.address}/cameras", timeout=10).json()
    (mine,) = [one for one in listed if one["camera"] == camera]
    assert (mine["browser"], mine["mode"], mine["gesture"]) == (True, "live", "fist")
    picture_of = httpx.get(f"{live.address}/cameras/{camera}/frame", timeout=10)
    assert picture_of.content == hand
    tag = {"If-None-Match": picture_of.headers["etag"]}
    assert httpx.get(f"{live.address}/cameras/{camera}/frame", headers=tag, timeout=10).status_code == 304

    records = read_frames(live.settings)
    mine_sent = [one for one in records if one.camera == camera]
    assert [one.sequence for one in mine_sent] == list(range(28))
    wait_for(lambda: mine_sent[0].run in ended_runs(live.settings), "the stream's end")


def read_frames(settings: Settings) -> list[Any]:
    return [
        decode_frame(key=record.key, value=record.value, headers=record.headers)
        for record in records_of(settings)
        if dict(record.headers)["ce_type"] != STREAM_END_TYPE.encode()
    ]


def ended_runs(settings: Settings) -> set[str]:
    values = [json.loads(record.value) for record in records_of(settings) if record.value.startswith(b"{")]
    return {value["run"] for value in values}


def records_of(settings: Settings) -> list[Any]:
    topic = TopicNames(settings.topic_prefix).frames
    consumer = KafkaConsumer(**kafka_python_options(settings), auto_offset_reset="earliest")
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(partitions)
    found: list[Any] = []
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for some in consumer.poll(timeout_ms=200).values():
            found += some
    consumer.close()
    return found


def test_what_a_browser_may_not_send_is_dropped_with_the_reason(live: Stack, hand: bytes) -> None:
    browser = BrowserTwin(live.address, name="")
    assert browser.welcome["camera"].startswith("browser-camera-")
    refused = [(b"hello", "image"), (b"\xff\xd8\xff" + bytes(browser.welcome["max_bytes"]), "size")]
    for image, reason in refused:
        browser.connection.send(frame_bytes(image, sequence=7))
        assert hear(browser.connection, lambda _: True) == {"type": "dropped", "sequence": 7, "reason": reason}
        time.sleep(0.1)
    for sequence in range(30):
        browser.connection.send(frame_bytes(hand, sequence=sequence))
    reasons = {hear(browser.connection, of_type("dropped"))["reason"] for _ in range(10)}
    assert reasons <= {"rate", "backlog"}
    browser.close()
    metrics = httpx.get(f"{live.address}/metrics", timeout=10).text
    assert 'handstream_gateway_camera_drops_total{reason="image"} 1.0' in metrics


@pytest.mark.parametrize("message", ["{}", '{"type":"hello","name":7}', "not json"])
def test_a_browser_that_does_not_introduce_itself_is_refused(live: Stack, message: str) -> None:
    with socket(live.address, "/ws/camera") as connection:
        connection.send(message)
        refused = hear(connection, lambda _: True)
        assert refused["type"] == "refused"
        assert refused["problem"]["status"] == 400
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=10)


def test_there_are_only_so_many_browsers_at_once(live: Stack) -> None:
    first, second = (BrowserTwin(live.address, name="one") for _ in range(2))
    assert first.welcome["camera"] != second.welcome["camera"]
    third = BrowserTwin(live.address, name="one")
    assert third.welcome["type"] == "refused"
    assert third.welcome["problem"]["status"] == 429
    first.close()
    second.close()
    wait_for(lambda: "handstream_gateway_cameras 0.0" in httpx.get(f"{live.address}/metrics").text, "free places")


def test_predictions_are_asked_for_and_followed(live: Stack, hand: bytes) -> None:
    browser = BrowserTwin(live.address, name="followed")
    camera = browser.welcome["camera"]
    query = {"camera": camera, "gesture": "fist"}
    with (
        httpx.stream("GET", f"{live.address}/predictions/stream", params=query, timeout=60) as events,
        ThreadPoolExecutor(1) as showing,
    ):
        assert events.headers["content-type"].startswith("text/event-stream")
        shown = showing.submit(browser.show, hand, frames=12)
        lines = events.iter_lines()
        first = [next(lines) for _ in range(4)]
        answers = shown.result()
    browser.close()
    fields = dict(line.split(": ", 1) for line in first if line)
    assert fields["event"] == "prediction"
    prediction = decode_prediction(fields["data"].encode())
    assert (prediction.id, prediction.camera) == (fields["id"], camera)
    # Not a byte differs from what the topic holds.
    assert fields["data"].encode() == prediction.to_json()

    url = f"{live.address}/predictions"
    found = httpx.get(url, params={"camera": camera, "limit": 5}, timeout=10).json()
    assert [one["sequence"] for one in found] == [11, 10, 9, 8, 7]
    assert found[0] == answers[-1]["prediction"]
    assert httpx.get(url, params={"camera": camera, "gesture": "palm"}, timeout=10).json() == []
    refused = httpx.get(url, params={"gesture": "peac"}, timeout=10)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "unknown gesture 'peac': did you mean 'peace'?",
    )
    assert httpx.get(f"{url}/stream", params={"gesture": "peac"}, timeout=10).status_code == 422
    assert httpx.get(url, params={"camera": camera, "status": "no_hand"}, timeout=10).json() == []


def test_fifty_viewers_are_held_and_one_that_reads_nothing_slows_nobody(live: Stack, hand: bytes) -> None:
    # Who does not read does not hear the goodbye either.
    slow = [socket(live.address, "/ws/view", max_queue=1, close_timeout=0.1) for _ in range(2)]
    viewers: list[ClientConnection] = []
    try:
        for connection in slow:
            say(connection, type="watch", cameras="*", frames_per_second=30)
        viewers = [socket(live.address, "/ws/view", close_timeout=0.1) for _ in range(VIEWERS)]
        before = resident_bytes(live)
        browser = BrowserTwin(live.address, name="watched")
        camera = browser.welcome["camera"]
        with ThreadPoolExecutor(VIEWERS) as readers:

            def read(connection: ClientConnection) -> int:
                last: dict[str, Any] = {}

                def is_last(message: Any) -> bool:
                    nonlocal last
                    if of_type("prediction")(message) and message["prediction"]["camera"] == camera:
                        last = message["prediction"]
                    return bool(last) and last["sequence"] == 29

                hear(connection, is_last)
                return int(last["sequence"])

            reading = [readers.submit(read, connection) for connection in viewers]
            answers = browser.show(hand, frames=30)
            # Each sees the last frame's prediction, though two take nothing and fall behind.
            assert [one.result() for one in reading] == [29] * VIEWERS
        browser.close()
        assert [answer["type"] for answer in answers] == ["prediction"] * 30
        metrics = httpx.get(f"{live.address}/metrics", timeout=10).text
        assert f'handstream_gateway_viewers{{kind="websocket"}} {VIEWERS + 2}.0' in metrics
        assert resident_bytes(live) - before < 100 * 1024 * 1024
        with socket(live.address, "/ws/view") as beyond, pytest.raises(ConnectionClosed) as closed:
            hear(beyond, lambda _: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
    finally:
        for connection in (*slow, *viewers):
            connection.close()


def resident_bytes(live: Stack) -> float:
    metrics = httpx.get(f"{live.address}/metrics", timeout=10).text
    (line,) = [line for line in metrics.splitlines() if line.startswith("process_resident_memory_bytes ")]
    return float(line.split()[1])


def test_a_viewer_that_talks_nonsense_is_sent_away(live: Stack) -> None:
    for message in ("nonsense", '{"type":"watch"}', b"\x00"):
        with socket(live.address, "/ws/view") as viewer:
            viewer.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                hear(viewer, lambda _: False)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008


def test_dead_letters_and_what_is_missing_are_told(live: Stack) -> None:
    """Last of these tests, since it ends the worker."""
    before = health(live)["dead_letters"]
    browser = BrowserTwin(live.address, name="broken")
    # The header of a JPEG, without the scan that holds the pixels: only the worker finds out.
    image = render_still(gesture="fist", seed=1)
    browser.connection.send(frame_bytes(image[: image.index(b"\xff\xda")], sequence=0))
    wait_for(lambda: health(live)["dead_letters"] == before + 1, "the dead letter")
    browser.close()
    wait_for(lambda: health(live)["state"] == "no_camera", "the silence")
    assert "Use my camera" in health(live)["message"]
    live.stop("worker")
    wait_for(lambda: health(live)["state"] == "no_worker", "the worker to be missed")
    assert "handstream worker" in health(live)["message"]
