"""Dead letters in the log: no line a frame."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from events.dead_letter import DeadLetter
from events.reason import Reason
from events.record import Position
from stream_app.dead_letter_log import WINDOW_SECONDS, DeadLetterLog
from stream_app.outcome import DeadLettered, Outcome
from tests.logged import context


def outcome(offset: int, reason: Reason) -> Outcome:
    letter = DeadLetter(
        key=b"door",
        value=b"",
        headers=(),
        reason=reason,
        error=f"wrong {offset}",
        position=Position(topic="frames", partition=1, offset=offset),
        time=datetime(2025, 1, 1, tzinfo=UTC),
    )
    return DeadLettered(topic="frames.dlq", record=letter.to_record(), letter=letter, camera="door")


def test_the_first_of_a_reason_is_told_at_once_and_the_others_together(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now = 0.0
    log = DeadLetterLog(clock=lambda: now)

    def told() -> list[dict[str, object]]:
        log.tell()
        found = [context(record) for record in caplog.records]
        caplog.clear()
        return found

    for offset in range(100):
        log.count(outcome(offset, Reason.NOT_AN_IMAGE))
        now += 0.01
        if offset == 0:
            (first,) = told()
            assert (first["count"], first["reason"], first["offset"]) == (1, "not_an_image", 0)
        else:
            assert told() == []
    log.count(outcome(100, Reason.EMPTY_IMAGE))
    assert [one["reason"] for one in told()] == ["empty_image"]
    now += WINDOW_SECONDS
    (later,) = told()
    assert later == {
        "reason": "not_an_image",
        "count": 99,
        "camera": "door",
        "topic": "frames",
        "partition": 1,
        "offset": 99,
        "error": "wrong 99",
    }
    assert told() == []
    log.count(outcome(101, Reason.NOT_AN_IMAGE))
    log.tell(at_once=True)
    assert caplog.records[-1].levelno == logging.WARNING

    caplog.set_level(logging.DEBUG)
    log.count(outcome(102, Reason.NOT_AN_IMAGE))
    assert context(caplog.records[-1])["offset"] == 102
