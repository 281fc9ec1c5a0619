"""Whether records that wait are got on with."""

from __future__ import annotations

from events.record import Position
from stream_app.end import End
from stream_app.progress import PATIENCE_SECONDS, Progress
from tests.stream_app.twins import Clock


def at(offset: int) -> Position:
    return Position(topic="frames", partition=0, offset=offset)


def ends(
    end: int, *, read: int = 0, assignment: int = 1, answered_at: float = 1.0, records_end: int | None = None
) -> dict[tuple[str, int], End]:
    last = end if records_end is None else records_end
    return {("frames", 0): End(offset=end, at=answered_at, read=read, assignment=assignment, records_end=last)}


def test_records_that_wait_must_be_got_on_with() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    assert progress.assigned() == "no partition is assigned to this worker"

    progress.look(ends(5))
    assert progress.assigned() is None
    assert progress.recent() is None
    clock.now += PATIENCE_SECONDS + 1
    assert progress.recent() == "5 records wait in frames/0, none was finished for 11 s"

    progress.finished(at(0))
    assert progress.recent() is None
    clock.now += PATIENCE_SECONDS + 2
    assert progress.recent() == "4 records wait in frames/0, none was finished for 12 s"


def test_nothing_to_do_is_no_standstill() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.look(ends(5, read=5))
    for second in range(60):
        clock.now += 1
        progress.look(ends(5, read=5, answered_at=second + 2.0))
        assert progress.recent() is None


def test_a_marker_behind_the_last_record_is_not_waited_for() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.look(ends(5))
    progress.finished(at(3))
    for second in range(60):
        clock.now += 1
        progress.look(ends(5, read=5, records_end=4, answered_at=second + 2.0))
        assert progress.recent() is None


def test_a_broker_that_does_not_answer_is_said() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    for _ in range(3):
        progress.look(ends(5, read=5, answered_at=7.0))
        clock.now += PATIENCE_SECONDS / 2 + 0.5
    assert progress.recent() == "the broker has not answered for 16 s"
    progress.look(ends(5, read=5, answered_at=8.0))
    assert progress.recent() is None


def test_a_partition_that_comes_back_may_have_been_read_by_another_worker_meanwhile() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.look(ends(5))
    progress.finished(at(0))
    progress.look(ends(50, read=50, assignment=2, answered_at=2.0))
    clock.now += PATIENCE_SECONDS + 1
    progress.look(ends(50, read=50, assignment=2, answered_at=3.0))
    assert progress.recent() is None
    progress.look({})
    assert progress.assigned() is not None


def test_it_knows_which_record_is_at_it_longest() -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    assert progress.longest_in_hand_seconds() == 0.0
    progress.began(at(1))
    clock.now += 2
    progress.began(at(2))
    clock.now += 3
    assert progress.longest_in_hand_seconds() == 5.0
    progress.processed(at(1))
    assert progress.longest_in_hand_seconds() == 3.0
