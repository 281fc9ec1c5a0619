"""What is fuzzed: nothing but a RecordError may come out.

`python -m tests.fuzz.targets NAME SECONDS FOLDER` runs one of them for so long, in a process of its own, since what is
in C may end the process. The input under way is in FOLDER, in `NAME.input`, so that one that did is not lost.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from events.dead_letter import decode_dead_letter
from events.frame import Frame, decode_frame
from events.prediction import decode_prediction
from events.reason import RecordError
from events.record import HeaderReader, Position
from events.stream_end import decode_stream_end
from events.topics import TopicNames
from imaging.decoding import decode
from imaging.header import image_size
from recognition.pipeline import Recognition
from stream_app.outcome import Incoming
from stream_app.processor import FrameProcessor
from tests.fuzz.mutations import damaged_pictures
from tests.fuzz.records import Pairs, damaged_headers, damaged_values
from tests.stream_app.twins import NO_HAND, TwinRecognizer

BATCH_EXAMPLES = 500
MAX_SIDE_OUT = 16_384
TOPICS = TopicNames()

RecordParts = tuple[bytes | None, bytes | None, Pairs]


def read_record(parts: RecordParts) -> None:
    """Whatever the record is taken for."""
    key, value, headers = parts
    for read in (
        lambda: decode_frame(key=key, value=value, headers=headers),
        lambda: decode_stream_end(value=value, headers=headers),
        lambda: decode_dead_letter(key=key, value=value, headers=headers).to_record(),
        lambda: decode_prediction(value),
        lambda: HeaderReader(headers).integer("ce_sequence", minimum=0),
    ):
        with contextlib.suppress(RecordError):
            read()
    position = Position(topic="frames", partition=0, offset=0)
    processor = FrameProcessor(recognizer=TwinRecognizer(_see), topics=TOPICS, clock=lambda: datetime.now(UTC))
    outcome = processor.process(Incoming(position=position, key=key, value=value, headers=headers))
    assert outcome.topic in (TOPICS.predictions, TOPICS.dead_letters)
    assert all(type(name) is str and isinstance(content, bytes) for name, content in outcome.record.headers)


def _see(frame: Frame) -> Recognition:
    # As the real one does first with the time.
    int(frame.captured_at.timestamp() * 1000)
    return NO_HAND


def read_picture(content: bytes) -> None:
    with contextlib.suppress(RecordError):
        image_size(content)
    try:
        pixels = decode(content)
    except RecordError:
        return
    assert pixels.dtype == "uint8"
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert min(pixels.shape[:2]) > 0
    assert max(pixels.shape[:2]) <= MAX_SIDE_OUT
    assert pixels.flags.c_contiguous


TARGETS: dict[str, tuple[Callable[[Any], None], st.SearchStrategy[Any]]] = {
    "records": (
        read_record,
        st.tuples(st.none() | st.binary(max_size=20), damaged_values(), damaged_headers()),
    ),
    "pictures": (read_picture, damaged_pictures() | st.binary(max_size=400)),
}


def run(name: str, *, examples: int, derandomize: bool = False, before: Callable[[Any], None] = lambda _: None) -> None:
    """So many inputs. before: called with each."""
    target, inputs = TARGETS[name]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=derandomize,
        # A failure as it came is reported soon enough; making it smaller could crash the process meanwhile.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def fuzz(one: Any) -> None:
        before(one)
        target(one)

    fuzz()


def main() -> None:
    name, seconds, folder = sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])
    under_way = folder / f"{name}.input"
    count = 0

    def keep(one: Any) -> None:
        nonlocal count
        count += 1
        under_way.write_bytes(pickle.dumps(one))

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run(name, examples=BATCH_EXAMPLES, before=keep)
    print(f"{count} inputs of {name}")


if __name__ == "__main__":
    main()
