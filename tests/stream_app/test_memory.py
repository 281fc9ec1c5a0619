"""What workers hold in memory does not grow with cameras, runs or the size of frames; with our own engine."""

from __future__ import annotations

import pytest

from benchmarks.memory import frames_of, measure
from settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(600)]

# Of a process: what it may hold with a few cameras, and with many or with the largest frames.
FEW_MIB, MANY_MIB = 300, 400
EACH_CAMERA_MIB = 5


def test_cameras_cost_little_memory(settings: Settings) -> None:
    few = measure(settings, frames_of("8", count=400)).peak_mib
    many = measure(settings, frames_of("40", count=600)).peak_mib

    assert few < FEW_MIB
    assert many - few < (40 - 8) * EACH_CAMERA_MIB


def test_runs_that_have_ended_cost_none(settings: Settings) -> None:
    usage = measure(settings, frames_of("runs", count=600))

    (tenths,) = usage.resident_mib
    assert tenths[-1] < 1.05 * tenths[2]


def test_a_backlog_of_large_frames_waits_in_kafka(settings: Settings) -> None:
    assert measure(settings, frames_of("large", count=0)).peak_mib < MANY_MIB
