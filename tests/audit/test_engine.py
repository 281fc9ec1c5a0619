"""Every kind of finding, and that a million frames need no more memory than a few."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest

from audit.engine import Bits, audit
from audit.log import AuditedSpan, AuditScope
from audit.sighting import DEAD, EndSeen, FrameIdentity, FrameSeen, OutcomeRecord, OutcomeSeen, StraySeen
from events.record import Position
from tests.audit.twins import GROUP, NOON, TOPIC, MemoryLog, audited, outcome, span, stored


def test_each_frame_with_its_one_outcome_keeps_every_promise() -> None:
    statuses = ["ok", "no_hand", "stale", DEAD]
    report = audited([outcome(n, status=statuses[n % 4]) for n in range(8)], span(end=8, committed=8))
    totals = report.totals
    assert (totals.frames, totals.ok, totals.no_hand, totals.stale, totals.dead) == (8, 2, 2, 2, 2)
    assert report.broken(max_duplicates=0) == ()
    assert (totals.pending, totals.lost, totals.duplicated, totals.out_of_order) == (0, 0, 0, 0)
    assert [note.partition(" ")[2].partition(":")[0] for note in report.notes()] == ["stale", "dead letters"]


def test_without_an_outcome_a_frame_is_lost_below_the_commit_and_pending_from_there() -> None:
    report = audited([outcome(0), outcome(2)], span(end=5, committed=3))
    assert report.examples.lost == ["frames/0/1"]
    assert (report.lost, report.pending, report.totals.frames) == (1, 2, 5)
    assert len(report.broken()) == 1


def test_where_nothing_was_ever_committed_all_are_pending() -> None:
    report = audited([], span(end=3))
    assert (report.pending, report.lost) == (3, 0)


def test_duplicates_are_told_and_break_a_promise_only_beyond_what_is_allowed() -> None:
    outcomes = [outcome(0), outcome(1), outcome(2), outcome(1), outcome(2, status=DEAD), outcome(3)]
    report = audited(outcomes, span(end=4, committed=4))
    assert (report.duplicated, report.out_of_order, report.totals.frames) == (2, 0, 4)
    assert report.examples.duplicated == ["frames/0/1", "frames/0/2"]
    assert report.broken() == report.broken(max_duplicates=2) == ()
    assert len(report.broken(max_duplicates=1)) == 1


def test_a_prediction_behind_one_of_a_later_frame_of_its_camera_is_out_of_order() -> None:
    mixed = [outcome(0), outcome(2), outcome(1), outcome(4, camera="door"), outcome(3)]
    report = audited(mixed, span(end=5, committed=5))
    assert report.cameras["desk"].out_of_order == 1
    assert report.examples.out_of_order == ["frames/0/1"]
    assert report.cameras["door"].out_of_order == 0
    assert report.broken()


def test_partitions_have_no_order_among_each_other() -> None:
    outcomes = [outcome(5, partition=1, sequence=0), outcome(0, sequence=1)]
    spans = (span(end=1, committed=1), span(partition=1, first=5, end=6, committed=6))
    report = audited(outcomes, *spans)
    assert report.broken(max_duplicates=0) == ()
    assert report.totals.missing_in_sequence == 0


def test_dropped_and_backward_numbers_are_the_producers_and_break_nothing() -> None:
    report = audited([outcome(0, sequence=0), outcome(1, sequence=5)], span(end=2, committed=2))
    assert (report.totals.missing_in_sequence, report.broken()) == (4, ())
    back = audited([outcome(0, sequence=5), outcome(1, sequence=4)], span(end=2, committed=2))
    assert (back.totals.back_in_sequence, back.out_of_order) == (1, 0)


def test_stream_ends_are_passed_on_pending_or_lost_and_stay_behind_their_frames() -> None:
    ends = {number: stored(number, end=(f"run{number}", 0)) for number in (1, 2, 3)}
    report = audited([outcome(0), EndSeen(run="run1", partition=0, written_in=0)], span(end=4, committed=3), kept=ends)
    assert (report.ends.passed_on, report.ends.lost, report.ends.pending) == (1, 1, 1)
    early = [EndSeen(run="run", partition=0, written_in=0)] * 2 + [outcome(0)]
    before = audited(early, span(end=2, committed=2), kept={1: stored(1, end=("run", 0))})
    assert (before.ends.out_of_order, before.ends.duplicated) == (1, 1)
    assert before.broken()


def test_a_frame_that_says_no_camera_is_counted_too() -> None:
    outcomes = [outcome(0, status=DEAD, camera=None)]
    report = audited(outcomes, span(end=2, committed=2), kept={1: stored(1, camera=None, run=None)})
    assert report.cameras[None].dead == report.cameras[None].lost == 1


def test_cameras_that_were_not_asked_for_are_left_out() -> None:
    outcomes = [outcome(0), outcome(1, camera="door")]
    kept = {2: stored(2), 3: stored(3, camera="door")}
    report = audited(outcomes, span(end=4, committed=4), kept=kept, scope=AuditScope(cameras=frozenset({"door"})))
    assert set(report.cameras) == {"door"}
    assert (report.totals.frames, report.lost) == (2, 1)


def test_what_retention_took_breaks_no_promise_and_is_said() -> None:
    report = audited([outcome(3), outcome(9), outcome(10)], span(first=10, beginning=10, end=11, committed=6))
    assert (report.frame_gone, report.expired, report.totals.frames) == (2, 4, 1)
    assert report.broken() == ()
    narrowed = audited([outcome(3), outcome(9)], span(first=9, end=10, committed=10))
    assert (narrowed.frame_gone, narrowed.totals.frames) == (0, 1)


def test_records_that_are_no_outcomes_and_offsets_without_a_record_are_counted() -> None:
    stray = StraySeen(position=Position(topic="predictions", partition=0, offset=7), error="not JSON")
    log = MemoryLog(spans=[span(end=1, committed=1)], make_outcomes=lambda: [stray])
    report = audit(log, topic=TOPIC, group=GROUP)
    assert (report.strays, report.no_record, report.lost) == (1, 1, 0)
    assert "predictions/0/7" in str(report.first_stray)


def test_nothing_is_called_lost_before_all_outcomes_were_read() -> None:
    class Partial(MemoryLog):
        def outcomes(self, *, whole: bool = False) -> Iterator[OutcomeRecord]:
            return iter([outcome(0), outcome(1)] if whole else [outcome(1)])

    log = Partial(spans=[span(end=2, committed=2)], make_outcomes=list, kept={0: stored}, is_whole=False)
    assert audit(log, topic=TOPIC, group=GROUP).lost == 0


def test_frames_are_chosen_by_their_own_time_whatever_lies_between() -> None:
    minute = timedelta(minutes=1)
    outcomes = [
        outcome(0, captured_at=NOON),
        outcome(1, camera="ahead", captured_at=NOON + 30 * minute),
        outcome(1, camera="ahead", captured_at=NOON + 30 * minute),
        outcome(2, captured_at=NOON + minute),
        outcome(4, status=DEAD, captured_at=NOON - minute),
    ]
    kept = {
        3: stored(3, captured_at=NOON + minute),
        5: stored(5, camera="ahead", captured_at=NOON + 31 * minute),
        6: stored(6, captured_at=NOON + 2 * minute),
    }
    scope = AuditScope(since=NOON, until=NOON + 2 * minute)
    report = audited(outcomes, span(end=7, committed=7), kept=kept, scope=scope)
    assert (report.totals.frames, report.totals.ok, report.lost, report.duplicated) == (3, 2, 1, 0)
    assert (set(report.cameras), report.examples.lost) == ({"desk"}, ["frames/0/3"])
    whole = audited(outcomes, span(end=7, committed=7), kept=kept)
    assert (whole.totals.frames, whole.lost, whole.duplicated, whole.totals.dead) == (7, 3, 1, 1)
    gone = [outcome(0), outcome(1, captured_at=NOON - minute)]
    assert audited(gone, span(first=2, beginning=2, end=2), scope=scope).frame_gone == 1


def test_stream_ends_count_only_where_they_belong_to_what_is_audited() -> None:
    passed_on = [EndSeen(run=run, partition=0, written_in=0) for run in ("old", "old", "new", "new", "new")]
    passed_on += [EndSeen(run="run", partition=1, written_in=1)] * 2
    hour = timedelta(hours=1)
    kept = {
        0: stored(0, camera=None, end=("old", 0), captured_at=NOON - hour),
        1: stored(1, camera=None, end=("new", 0)),
        2: stored(2, camera=None, end=("lost", 0)),
    }
    whole = span(end=3, committed=3)
    for spans, scope, duplicated, lost in (
        (whole, AuditScope(), 3, 1),
        (whole, AuditScope(since=NOON), 2, 1),
        (whole, AuditScope(until=NOON), 1, 0),
        (whole, AuditScope(cameras=frozenset({"desk"})), 0, 0),
        (span(first=1, end=2, committed=3), AuditScope(), 2, 0),
    ):
        ends = audited(passed_on, spans, kept=kept, scope=scope).ends
        assert (ends.duplicated, ends.lost) == (duplicated, lost), (spans, scope)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 30])
def test_bits_give_what_was_not_marked(count: int) -> None:
    bits = Bits(first=100, end=100 + count)
    marked = set(range(100, 100 + count, 3))
    assert [bits.mark(offset) for offset in marked] == [False] * len(marked)
    assert all(bits.mark(offset) for offset in marked)
    assert list(bits.unmarked()) == [offset for offset in range(100, 100 + count) if offset not in marked]


MILLION, PARTITIONS = 1_000_000, 8


def _million() -> Iterator[OutcomeSeen]:
    """Every 1000th frame has no outcome, every 500th a second one."""
    for number in range(MILLION):
        partition, offset = number % PARTITIONS, number // PARTITIONS
        if offset % 1000 == 0:
            continue
        seen = outcome(offset, partition=partition, camera=f"camera-{partition}")
        yield seen
        if offset % 500 == 1:
            yield seen


def _at(partition: int, offset: int) -> FrameSeen:
    return FrameSeen(
        offset=offset, timestamp_ms=0, origin=FrameIdentity(camera=f"camera-{partition}", captured_at=NOON)
    )


@pytest.mark.long
def test_a_million_frames_are_audited_in_constant_memory() -> None:
    each = MILLION // PARTITIONS
    spans: list[AuditedSpan] = [span(partition=number, end=each, committed=each) for number in range(PARTITIONS)]
    kept = {number: (lambda offset, number=number: _at(number, offset)) for number in range(PARTITIONS)}
    tracemalloc.start()
    try:
        report = audit(MemoryLog(spans=spans, make_outcomes=_million, kept=kept), topic=TOPIC, group=GROUP)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.totals.frames == MILLION
    assert (report.lost, report.duplicated) == (each // 1000 * PARTITIONS, each // 500 * PARTITIONS)
    assert peak_bytes < 1_000_000
