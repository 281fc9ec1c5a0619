"""Many records of a real Kafka: all are counted, and memory does not go with their number."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from events.examples import example_prediction
from events.record import Record
from events.topics import TopicNames
from settings import Settings
from tests.handstream.records import publish
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import environment

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(600)]

FEW, MANY = 2_000, 50_000
# 50,000 predictions are more than 100 MB. Two of the broker's answers are held at a time.
MAX_GROWTH_BYTES = 30 * 1024 * 1024

# Not the peak of getrusage(), which a process takes over from the one that started it.
MEASURED = """
import re, sys
from pathlib import Path
from handstream.cli import main
try:
    main()
finally:
    kilobytes = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    sys.stderr.write(str(int(kilobytes) * 1024))
"""


def test_fifty_thousand_frames_need_hardly_more_memory_than_a_few(settings: Settings) -> None:
    topics = TopicNames(settings.topic_prefix)
    publish(settings, topics.frames, (_frame(number) for number in range(FEW)), partition=0)
    publish(settings, topics.predictions, _outcomes(topics.frames, 0, FEW), partition=0)
    few_bytes, few = _audit(settings)
    publish(settings, topics.frames, (_frame(number) for number in range(FEW, MANY)), partition=0)
    publish(settings, topics.predictions, _outcomes(topics.frames, FEW, MANY), partition=0)
    many_bytes, many = _audit(settings)

    assert few["totals"]["frames"] == FEW
    assert few["totals"]["pending"] == FEW // 1000
    assert many["totals"]["frames"] == MANY
    assert many["totals"]["pending"] == MANY // 1000
    assert many["totals"]["out_of_order"] == many["totals"]["duplicated"] == 0
    assert many_bytes - few_bytes < MAX_GROWTH_BYTES


def _frame(number: int) -> Record:
    return frame(sequence=number).to_record()


def _outcomes(topic: str, first: int, end: int) -> Iterator[Record]:
    """Every thousandth frame has none yet."""
    example = example_prediction()
    for number in range(first, end):
        if number % 1000 != 999:
            told = replace(example, id=f"{topic}/0/{number}", camera="desk", run="run1", sequence=number)
            yield told.to_record(key=b"desk")


def _audit(settings: Settings) -> tuple[int, dict[str, dict[str, int]]]:
    """Peak of the resident memory in bytes, and the report."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "audit", "--json"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return int(done.stderr.splitlines()[-1]), msgspec.json.decode(done.stdout)
