"""Where tail starts, what it chooses and how it writes it down."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker.received import OutcomeFilter, ReceivedGesture, ReceivedPrediction
from broker.topic_reader import Edge, parse_start
from events.examples import example_gesture_event, example_prediction
from events.prediction import Status
from handstream.tail.formats import CSV_COLUMNS, Csv, JsonLines, Lines
from tests.handstream.records import prediction

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("earliest", Edge.EARLIEST),
        ("latest", Edge.LATEST),
        ("90s", NOW - timedelta(seconds=90)),
        ("10m", NOW - timedelta(minutes=10)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2025-03-14T09:26:53Z", datetime(2025, 3, 14, 9, 26, 53, tzinfo=UTC)),
        ("2025-03-14T10:26:53+01:00", datetime(2025, 3, 14, 9, 26, 53, tzinfo=UTC)),
    ],
)
def test_start(text: str, start: Edge | datetime) -> None:
    assert parse_start(text, now=NOW) == start


@pytest.mark.parametrize("text", ["", "tomorrow", "10", "10w", "-5m", "2025-03-14T09:26:53", "999999999d", "9" * 40])
def test_start_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is none of: earliest, latest"):
        parse_start(text, now=NOW)


def test_start_to_come() -> None:
    with pytest.raises(ValueError, match="is in the future"):
        parse_start("2025-03-14T12:00:01Z", now=NOW)


def test_filter() -> None:
    prediction, event = example_prediction(), example_gesture_event()
    (one,) = _received(prediction.to_json())
    assert OutcomeFilter().matches(one)
    assert OutcomeFilter(cameras=frozenset({"door", "gate"}), gestures=frozenset({"peace"})).matches(one)
    assert not OutcomeFilter(cameras=frozenset({"gate"})).matches(one)
    assert not OutcomeFilter(gestures=frozenset({"fist"})).matches(one)
    assert not OutcomeFilter(cameras=frozenset({"door"}), statuses=frozenset({Status.STALE})).matches(one)
    second = replace(prediction.hands[0], gesture="fist", confidence=0.1)
    two_hands = replace(prediction, hands=(*prediction.hands, second))
    assert OutcomeFilter(gestures=frozenset({"fist"})).matches(replace(one, prediction=two_hands))

    started = ReceivedGesture(event=event, value=event.to_json())
    assert OutcomeFilter(cameras=frozenset({event.camera}), gestures=frozenset({event.gesture})).matches(started)
    assert not OutcomeFilter(gestures=frozenset({"fist"})).matches(started)


def _received(*values: bytes) -> list[ReceivedPrediction]:
    return [ReceivedPrediction(prediction=example_prediction(), value=value) for value in values]


def test_json_lines_keep_what_they_do_not_know_and_stay_on_one_line() -> None:
    value = example_prediction().to_json()
    newer = b'{\n  "colour": "red",' + value[1:]
    lines = JsonLines().encode(_received(value, newer)).splitlines()
    assert json.loads(lines[0]) == json.loads(value)
    assert json.loads(lines[1]) == {"colour": "red", **json.loads(value)}


def test_csv_quotes() -> None:
    source = 'a "quoted", name\nof two lines'
    rows = [prediction(1, source=source), prediction(2, hands=(), status=Status.NO_HAND, label=None)]
    text = Csv().head() + Csv().encode([ReceivedPrediction(prediction=row, value=row.to_json()) for row in rows])
    first, second = csv.DictReader(io.StringIO(text.decode(), newline=""))
    assert tuple(first) == CSV_COLUMNS
    assert first["source"] == source
    assert (first["gesture"], first["confidence"], first["latency_ms"]) == ("peace", "0.94", "41.0")
    assert (second["gesture"], second["label"], second["hands"], second["status"]) == ("", "", "0", "no_hand")


def test_a_pipe_whose_reader_left_is_noticed_without_writing() -> None:
    read, write = os.pipe()
    with open(write, "wb") as stream:
        lines = Lines(stream, JsonLines())
        lines.idle()
        os.close(read)
        with pytest.raises(BrokenPipeError):
            lines.idle()


def test_a_buffer_in_memory_is_no_pipe() -> None:
    stream = io.BytesIO()
    lines = Lines(stream, Csv())
    lines.idle()
    assert stream.getvalue() == Csv().head()
