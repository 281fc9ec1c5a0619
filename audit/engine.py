"""Compares the frames with their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.counts import OutcomeCounts, Report
from audit.log import AuditLog, AuditScope
from audit.sighting import DEAD, EndSeen, FrameIdentity, FrameSeen, OutcomeSeen, StraySeen

_FULL = 0xFF


class Bits:
    """Which offsets of first (included) to end (not included) were marked: 125 kB for a million of them."""

    __slots__ = ("_bytes", "end", "first")

    def __init__(self, *, first: int, end: int) -> None:
        self.first = first
        self.end = max(first, end)
        self._bytes = bytearray((self.end - first + 7) // 8)

    def mark(self, offset: int) -> bool:
        """Mark an offset of the range; whether it was marked already."""
        byte, bit = divmod(offset - self.first, 8)
        was = self._bytes[byte] >> bit & 1
        self._bytes[byte] |= 1 << bit
        return bool(was)

    def unmarked(self) -> Iterator[int]:
        """The offsets that were not marked, in their order."""
        for index, byte in enumerate(self._bytes):
            if byte == _FULL:
                continue
            start = self.first + index * 8
            for bit in range(min(8, self.end - start)):
                if not byte >> bit & 1:
                    yield start + bit


@dataclass(slots=True)
class _Sequence:
    """The numbers of one camera's run, in all partitions together."""

    lowest: int
    highest: int
    frames: int = 0


@dataclass(slots=True)
class _End:
    """A stream end. passed_on: how often. sent: how many records of the scope say it.

    lowest_behind: the lowest offset of a frame of its run that came behind it.
    """

    passed_on: int = 0
    sent: int = 0
    lowest_behind: int | None = None


EVERYTHING = AuditScope()
ADVANCE_EVERY = 1000


def audit(
    log: AuditLog,
    *,
    topic: str,
    group: str,
    scope: AuditScope = EVERYTHING,
    advance: Callable[[int], None] = lambda _: None,
) -> Report:
    """Read the outcomes once and of the frames those alone that have none: what an outcome says of its frame is enough.

    topic, group: of the frames and of the workers, for the report. scope: which frames of the log's spans are audited.
    A stream end belongs to no camera, so none is audited where cameras are chosen.
    advance: called with the number of records read since the last call.
    What is kept is a bit for each frame and a few numbers for each camera and run, however many records there are.
    """
    report = _Auditor(log, topic=topic, group=group, scope=scope, advance=advance).run(whole=False)
    if report.lost and not log.is_whole:
        # A worker whose clock is behind dates its outcomes before the frames: read all before calling anything lost.
        report = _Auditor(log, topic=topic, group=group, scope=scope, advance=advance).run(whole=True)
    return report


class _Auditor:
    def __init__(
        self, log: AuditLog, *, topic: str, group: str, scope: AuditScope, advance: Callable[[int], None]
    ) -> None:
        self._log = log
        self._scope = scope
        self._advance = advance
        self._spans = {span.partition: span for span in log.spans}
        self._done = {number: Bits(first=span.first, end=span.end) for number, span in self._spans.items()}
        self._report = Report(topic=topic, group=group, spans=tuple(log.spans))
        # Offset and number of the newest outcome by camera, partition of the frame and partition of the outcome.
        self._newest: dict[tuple[str, int, int], tuple[int, int, str | None]] = {}
        self._sequences: dict[tuple[str, str], _Sequence] = {}
        # Those that were passed on, by run and partition.
        self._ends: dict[tuple[str, int], _End] = {}

    def run(self, *, whole: bool) -> Report:
        report = self._report
        for sighting in self._log.outcomes(whole=whole):
            report.outcomes_read += 1
            if report.outcomes_read % ADVANCE_EVERY == 0:
                self._advance(ADVANCE_EVERY)
            match sighting:
                case OutcomeSeen():
                    self._see_outcome(sighting)
                case EndSeen():
                    self._see_end(sighting)
                case StraySeen():
                    report.strays += 1
                    report.first_stray = report.first_stray or f"at {sighting.position}: {sighting.error}"
        for partition in self._spans:
            self._look_for_missing(partition)
        self._look_for_gaps()
        report.ends.duplicated = sum(max(0, end.passed_on - end.sent) for end in self._ends.values() if end.sent)
        if not self._scope.cameras:
            report.expired = sum(span.expired for span in self._spans.values() if span.first == span.beginning)
        return report

    def _see_outcome(self, outcome: OutcomeSeen) -> None:
        span, origin = self._spans.get(outcome.partition), outcome.origin
        if span is None:
            return
        in_scope = self._scope.has(origin)
        if not span.first <= outcome.offset < span.end:
            self._report.frame_gone += in_scope and outcome.offset < span.beginning
            return
        was_done = self._done[outcome.partition].mark(outcome.offset)
        if not in_scope:
            return
        counts = self._counts(origin)
        if was_done:
            counts.duplicated += 1
            self._report.example(self._report.examples.duplicated, partition=outcome.partition, offset=outcome.offset)
            return
        counts.frames += 1
        setattr(counts, outcome.status, getattr(counts, outcome.status) + 1)
        self._number(origin)
        if outcome.status != DEAD:
            self._check_order(outcome, counts)

    def _check_order(self, outcome: OutcomeSeen, counts: OutcomeCounts) -> None:
        origin = outcome.origin
        assert origin.camera is not None
        key = (origin.camera, outcome.partition, outcome.written_in)
        newest = self._newest.get(key)
        if newest is not None and outcome.offset < newest[0]:
            counts.out_of_order += 1
            self._report.example(self._report.examples.out_of_order, partition=outcome.partition, offset=outcome.offset)
            return
        if newest is not None and origin.run == newest[2] and origin.sequence <= newest[1]:
            counts.back_in_sequence += 1
        self._newest[key] = (outcome.offset, origin.sequence, origin.run)
        if self._ends:
            end = self._ends.get((origin.run or "", outcome.written_in))
            if end is not None:
                lowest = end.lowest_behind
                end.lowest_behind = outcome.offset if lowest is None else min(lowest, outcome.offset)

    def _see_end(self, end: EndSeen) -> None:
        self._ends.setdefault((end.run, end.partition), _End()).passed_on += 1

    def _look_for_missing(self, partition: int) -> None:
        span, report = self._spans[partition], self._report
        missing = 0

        def offsets() -> Iterator[int]:
            nonlocal missing
            for offset in self._done[partition].unmarked():
                missing += 1
                yield offset

        found = 0
        for frame in self._log.frames(partition, offsets()):
            found += 1
            if self._scope.has(frame.origin):
                if frame.end is None:
                    self._judge_missing(frame, partition)
                else:
                    self._judge_end(frame, frame.end, partition)
            if found % ADVANCE_EVERY == 0:
                self._advance(ADVANCE_EVERY)
        if span.frames and not self._scope.cameras:
            report.no_record += missing - found

    def _judge_missing(self, frame: FrameSeen, partition: int) -> None:
        counts = self._counts(frame.origin)
        counts.frames += 1
        self._number(frame.origin)
        if self._spans[partition].is_pending(frame.offset):
            counts.pending += 1
        else:
            counts.lost += 1
            self._report.example(self._report.examples.lost, partition=partition, offset=frame.offset)

    def _judge_end(self, frame: FrameSeen, key: tuple[str, int], partition: int) -> None:
        ends, examples, end = self._report.ends, self._report.examples, self._ends.get(key)
        if end is not None:
            end.sent += 1
            ends.passed_on += 1
            if end.lowest_behind is not None and end.lowest_behind < frame.offset:
                ends.out_of_order += 1
                self._report.example(examples.out_of_order, partition=partition, offset=frame.offset)
        elif self._spans[partition].is_pending(frame.offset):
            ends.pending += 1
        else:
            ends.lost += 1
            self._report.example(examples.lost, partition=partition, offset=frame.offset)

    def _number(self, origin: FrameIdentity) -> None:
        if origin.camera is None or origin.run is None or not origin.in_sequence:
            return
        numbers = self._sequences.get((origin.camera, origin.run))
        if numbers is None:
            numbers = self._sequences[origin.camera, origin.run] = _Sequence(origin.sequence, origin.sequence)
        elif origin.sequence > numbers.highest:
            numbers.highest = origin.sequence
        elif origin.sequence < numbers.lowest:
            numbers.lowest = origin.sequence
        numbers.frames += 1

    def _look_for_gaps(self) -> None:
        for (camera, _), numbers in self._sequences.items():
            missing = numbers.highest - numbers.lowest + 1 - numbers.frames
            self._report.cameras[camera].missing_in_sequence += max(0, missing)

    def _counts(self, origin: FrameIdentity) -> OutcomeCounts:
        counts = self._report.cameras.get(origin.camera)
        if counts is None:
            counts = self._report.cameras[origin.camera] = OutcomeCounts()
        return counts
