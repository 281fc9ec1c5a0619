"""Any record that the types allow, and any headers that a foreign producer could send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from events.dead_letter import MAX_ERROR_CHARACTERS, DeadLetter
from events.frame import Frame, Mode, Origin
from events.gesture import GestureEvent, Phase
from events.header_table import DEAD_LETTER_HEADERS, FRAME_HEADERS, SENT_AGAIN_HEADERS
from events.prediction import LANDMARK_COUNT, Hand, Handedness, Model, Prediction, Status, Timings
from events.reason import Reason
from events.record import Position
from events.stream_end import StreamEnd

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40).filter(str.isprintable)
counts = st.integers(0, 10**18 - 1)
times = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))]),
)
ratios = st.floats(0.0, 1.0)
milliseconds = st.floats(0.0, 1e9)
positions = st.builds(Position, topic=names.filter(lambda name: "/" not in name), partition=counts, offset=counts)
coordinates = st.floats(-2.0, 3.0)

frames = st.builds(
    Frame,
    image=st.binary(min_size=1, max_size=200),
    camera=names,
    run=names,
    sequence=counts,
    captured_at=times,
    source=texts,
    width=counts,
    height=counts,
    mode=st.sampled_from(Mode),
    key=st.none() | names,
    label=st.none() | texts,
    content_type=names,
    retries=counts,
    origin=st.none() | st.builds(Origin, position=positions, run=names, captured_at=times),
)

hands = st.builds(
    Hand,
    handedness=st.sampled_from(Handedness),
    score=ratios,
    landmarks=st.tuples(coordinates, coordinates, coordinates).map(lambda point: (point,) * LANDMARK_COUNT),
    box=st.tuples(coordinates, coordinates, coordinates, coordinates),
    gesture=texts,
    confidence=ratios,
    scores=st.dictionaries(texts, ratios, max_size=3),
)

predictions = st.builds(
    Prediction,
    id=texts,
    camera=names,
    run=names,
    source=texts,
    sequence=counts,
    mode=st.sampled_from(Mode),
    captured_at=times,
    processed_at=times,
    status=st.sampled_from(Status),
    hands=st.lists(hands, max_size=2).map(tuple),
    model=st.builds(Model, name=texts, version=texts, sha256=st.text("0123456789abcdef", min_size=64, max_size=64)),
    timings_ms=st.builds(
        Timings, queue=milliseconds, decode=milliseconds, landmarks=milliseconds, classify=milliseconds
    ),
    label=st.none() | texts,
    width=st.none() | counts,
    height=st.none() | counts,
    retries=counts,
    replay_of=st.none() | texts,
)

gesture_events = st.builds(
    GestureEvent,
    id=texts,
    camera=names,
    run=names,
    source=texts,
    mode=st.sampled_from(Mode),
    hand=st.sampled_from(Handedness),
    gesture=texts,
    phase=st.sampled_from(Phase),
    started_at=times,
    ended_at=st.none() | times,
    frames=counts,
    confidence=ratios,
    frame=texts,
    settled_at=times,
)

stream_ends = st.builds(
    StreamEnd,
    run=names,
    source=texts,
    partition=counts,
    partitions=st.integers(1, 1000),
    frames=counts,
    ended_at=times,
)

header_names = (
    st.sampled_from([header.name for header in (*FRAME_HEADERS, *SENT_AGAIN_HEADERS, *DEAD_LETTER_HEADERS)]) | texts
)
header_values = st.none() | st.binary(max_size=60) | texts.map(str.encode) | st.binary(min_size=4097, max_size=4097)
header_pairs = st.lists(st.tuples(header_names, header_values), max_size=25)

dead_letters = st.builds(
    DeadLetter,
    key=st.none() | st.binary(max_size=40),
    value=st.binary(max_size=200),
    headers=st.lists(
        st.tuples(header_names.filter(lambda name: not name.startswith("dlq_")), st.binary(max_size=60)), max_size=20
    ).map(tuple),
    reason=st.sampled_from(Reason),
    error=st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_ERROR_CHARACTERS),
    position=st.builds(Position, topic=names, partition=counts, offset=counts),
    time=times,
)
