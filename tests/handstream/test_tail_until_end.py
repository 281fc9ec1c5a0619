"""`--until-end`: when everything that was asked for has been read."""

from __future__ import annotations

from collections.abc import Mapping

from kafka import TopicPartition

from broker.received import Batch, ReceivedPrediction
from broker.until_end import UntilEnd
from events.frame import Mode
from events.prediction import Prediction
from events.stream_end import StreamEnd
from tests.handstream.records import prediction, stream_end

PARTITION = TopicPartition("predictions", 0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Log:
    """Holds `end` records, `position` of which were read."""

    end = 0
    position = 0

    def ends(self) -> dict[TopicPartition, int]:
        return {PARTITION: self.end}

    def has_reached(self, ends: Mapping[TopicPartition, int]) -> bool:
        return self.position >= ends[PARTITION]


class Backlog:
    left = 0
    asked = 0

    def frames(self) -> int:
        self.asked += 1
        return self.left


def _batch(*records: Prediction | StreamEnd) -> Batch[ReceivedPrediction]:
    return Batch(
        received=tuple(
            ReceivedPrediction(prediction=one, value=one.to_json()) for one in records if isinstance(one, Prediction)
        ),
        ends=tuple(one for one in records if isinstance(one, StreamEnd)),
    )


def _from_now_on(*records: Prediction | StreamEnd) -> UntilEnd:
    until_end = UntilEnd(log=Log(), unprocessed=None, clock=Clock())
    until_end.see(_batch(*records))
    return until_end


def test_nothing_seen() -> None:
    assert not _from_now_on().reached()


def test_a_run_ends_with_the_last_of_its_markers() -> None:
    until_end = _from_now_on(prediction(), stream_end(partition=0, partitions=2))
    assert not until_end.reached()
    assert "run (" in until_end.missing()
    until_end.see(_batch(stream_end(partition=0, partitions=2)))  # the same marker again
    assert not until_end.reached()
    until_end.see(_batch(stream_end(partition=1, partitions=2)))
    assert until_end.reached()


def test_markers_alone_make_a_run() -> None:
    assert _from_now_on(stream_end()).reached()
    assert not _from_now_on(stream_end(), stream_end(run="other", partitions=2)).reached()


def test_another_run_that_goes_on() -> None:
    until_end = _from_now_on(prediction(), stream_end(), prediction(run="other", mode=Mode.RECORDED))
    assert not until_end.reached()
    assert "other" in until_end.missing()
    until_end.see(_batch(stream_end(run="other")))
    assert until_end.reached()


def test_a_live_camera_is_not_waited_for() -> None:
    assert _from_now_on(prediction(), stream_end(), prediction(run="other", mode=Mode.LIVE)).reached()
    assert not _from_now_on(prediction(mode=Mode.LIVE)).reached()


def test_an_older_run_does_not_hide_one_that_a_worker_is_busy_with() -> None:
    clock, log, backlog = Clock(), Log(), Backlog()
    backlog.left, log.end, log.position = 7, 1, 1
    until_end = UntilEnd(log=log, unprocessed=backlog, clock=clock)
    until_end.see(_batch(stream_end(run="older")))
    assert not until_end.reached()
    assert "7 frames" in until_end.missing()

    backlog.left, log.end = 0, 9
    assert not until_end.reached()
    assert backlog.asked == 1, "the broker is asked only now and then"
    clock.now += 1
    assert not until_end.reached(), "the outcomes of the busy worker are not read yet"

    log.position = 9
    until_end.see(_batch(prediction()))
    assert not until_end.reached()
    until_end.see(_batch(stream_end()))
    assert until_end.reached()


def test_the_broker_is_not_asked_before_a_run_has_ended() -> None:
    backlog = Backlog()
    until_end = UntilEnd(log=Log(), unprocessed=backlog, clock=Clock())
    until_end.see(_batch(prediction()))
    assert not until_end.reached()
    assert backlog.asked == 0
