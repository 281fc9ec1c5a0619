"""Whatever stands in a topic, reading it gives a record or a RecordError with a reason, never anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.dead_letter import decode_dead_letter
from events.examples import (
    example_dead_letter,
    example_frame,
    example_prediction,
    example_prediction_record,
    example_stream_end,
)
from events.frame import Frame, decode_frame
from events.gesture import decode_gesture_event
from events.held import HELD_HEADER, decode_held
from events.prediction import decode_prediction
from events.reason import Reason, RecordError
from events.record import HeaderReader
from events.stream_end import decode_stream_end
from tests.events.strategies import header_names, header_pairs, header_values

Pairs = list[tuple[str, bytes | None]]

_bytes = st.none() | st.binary()
_FRAME = example_frame().to_record()
_END = example_stream_end().to_record()
_LETTER = example_dead_letter().to_record()


def _fault(read: Callable[[], object]) -> RecordError | None:
    try:
        read()
    except RecordError as error:
        return error
    return None


def _check(read: Callable[[], object]) -> None:
    fault = _fault(read)
    assert fault is None or (isinstance(fault.reason, Reason) and str(fault))


@st.composite
def _damaged(draw: st.DrawFn, headers: tuple[tuple[str, bytes], ...]) -> Pairs:
    """Valid headers with one to three of them dropped, doubled or overwritten."""
    pairs: Pairs = list(headers)
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(pairs) - 1))
        action = draw(st.sampled_from(["drop", "double", "overwrite", "add"]))
        if action == "drop":
            del pairs[index]
        elif action == "double":
            pairs.append(pairs[index])
        elif action == "overwrite":
            pairs[index] = (pairs[index][0], draw(header_values))
        else:
            pairs.append((draw(header_names), draw(header_values)))
    return pairs


@given(header_pairs, _bytes, _bytes)
def test_any_headers(headers: Pairs, key: bytes | None, value: bytes | None) -> None:
    _check(lambda: decode_frame(key=key, value=value, headers=headers))
    _check(lambda: decode_stream_end(value=value, headers=headers))
    _check(lambda: decode_dead_letter(key=key, value=value, headers=headers))
    _check(lambda: decode_frame(key=key, value=value, headers=dict(headers)))


@given(_damaged(_FRAME.headers), _bytes)
def test_damaged_frame(headers: Pairs, key: bytes | None) -> None:
    _check(lambda: decode_frame(key=key, value=_FRAME.value, headers=headers))


@given(_damaged(_END.headers))
def test_damaged_stream_end(headers: Pairs) -> None:
    _check(lambda: decode_stream_end(value=_END.value, headers=headers))


@given(_damaged(_LETTER.headers))
def test_damaged_dead_letter(headers: Pairs) -> None:
    _check(lambda: decode_dead_letter(key=_LETTER.key, value=_LETTER.value, headers=headers))


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.none() | st.binary() | _json_values.map(lambda value: json.dumps(value).encode()))
def test_any_value(value: bytes | None) -> None:
    _check(lambda: decode_prediction(value))
    _check(lambda: decode_gesture_event(value))
    assert isinstance(decode_held([(HELD_HEADER, value)]), tuple)
    _check(lambda: decode_stream_end(value=value, headers=_END.headers))


@given(st.data())
def test_damaged_values(data: st.DataObject) -> None:
    for good, read in (
        (example_prediction().to_json(), decode_prediction),
        (_END.value, lambda value: decode_stream_end(value=value, headers=_END.headers)),
    ):
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, min(len(good), start + 12)))
        damaged = good[:start] + data.draw(st.binary(max_size=8)) + good[end:]
        _check(lambda read=read, damaged=damaged: read(damaged))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ce_specversion", None, Reason.MISSING_HEADER),
        ("ce_specversion", b"0.3", Reason.MALFORMED_HEADER),
        ("ce_type", b"handstream.frame.v9", Reason.UNKNOWN_TYPE),
        ("ce_type", b"handstream.stream-end.v1", Reason.UNKNOWN_TYPE),
        ("ce_camera", b"", Reason.MALFORMED_HEADER),
        ("ce_camera", b"two\nlines", Reason.MALFORMED_HEADER),
        ("ce_camera", b"\xff", Reason.MALFORMED_HEADER),
        ("ce_camera", b"x" * 129, Reason.MALFORMED_HEADER),
        ("ce_camera", None, Reason.MISSING_HEADER),
        ("ce_sequence", b"-1", Reason.MALFORMED_HEADER),
        ("ce_sequence", b"1_000", Reason.MALFORMED_HEADER),
        ("ce_sequence", "٣".encode(), Reason.MALFORMED_HEADER),
        ("ce_sequence", b"9" * 19, Reason.MALFORMED_HEADER),
        ("ce_width", b"", Reason.MALFORMED_HEADER),
        ("ce_mode", b"film", Reason.MALFORMED_HEADER),
        ("ce_time", b"2025-03-14T09:26:53", Reason.MALFORMED_HEADER),
        ("ce_time", b"0001-01-01T00:00:00+23:59", Reason.MALFORMED_HEADER),
        ("ce_time", b"yesterday", Reason.MALFORMED_HEADER),
        ("ce_id", b"door/1024", Reason.MALFORMED_HEADER),
        ("ce_id", b"gate/4f1c9e2a/1024", Reason.MALFORMED_HEADER),
        ("ce_source", b"x" * 4097, Reason.MALFORMED_HEADER),
        ("content-type", None, Reason.MISSING_HEADER),
        ("ce_label", b"\xff", Reason.MALFORMED_HEADER),
        ("ce_retrycount", b"often", Reason.MALFORMED_HEADER),
        ("ce_replayof", b"frames/2", Reason.MALFORMED_HEADER),
    ],
)
def test_frame_names_the_header_at_fault(name: str, value: bytes | None, reason: Reason) -> None:
    headers: Pairs = [pair for pair in _FRAME.headers if pair[0] != name]
    with pytest.raises(RecordError, match=f"'{re.escape(name)}'") as caught:
        decode_frame(key=None, value=_FRAME.value, headers=[*headers, (name, value)])
    assert caught.value.reason is reason


def test_a_header_twice() -> None:
    with pytest.raises(RecordError, match="'ce_camera' stands twice") as caught:
        decode_frame(key=None, value=_FRAME.value, headers=[*_FRAME.headers, ("ce_camera", b"door")])
    assert caught.value.reason is Reason.DUPLICATE_HEADER


def test_no_headers() -> None:
    with pytest.raises(RecordError) as caught:
        decode_frame(key=b"door", value=_FRAME.value, headers=None)
    assert caught.value.reason is Reason.MISSING_HEADER


@pytest.mark.parametrize("value", [None, b""])
def test_a_frame_without_bytes(value: bytes | None) -> None:
    with pytest.raises(RecordError, match="door/4f1c9e2a/1024") as caught:
        decode_frame(key=b"door", value=value, headers=_FRAME.headers)
    assert caught.value.reason is Reason.EMPTY_IMAGE


def test_a_key_that_is_not_text_does_not_lose_the_frame() -> None:
    frame = decode_frame(key=b"\xff\x00", value=_FRAME.value, headers=HeaderReader(_FRAME.headers))
    assert replace(frame, key=None) == example_frame()
    assert isinstance(frame, Frame)


@pytest.mark.parametrize(
    "field",
    [
        b'"label":"\xff\xfe"',  # not UTF-8
        b'"future":' + b"[" * 100_000 + b"]" * 100_000,  # nested without end
        b'"captured_at":"2025-03-14T09:26:53"',  # no zone
        b'"sequence":-1',
        b'"hands":[{},{},{}]',
        b'"mode":"film"',
    ],
)
def test_a_prediction_at_fault(field: bytes) -> None:
    value = example_prediction().to_json()
    with pytest.raises(RecordError, match="not a prediction") as caught:
        decode_prediction(value[:-1] + b"," + field + b"}")
    assert caught.value.reason is Reason.MALFORMED_VALUE


def test_an_unknown_reason() -> None:
    headers: Pairs = [(name, b"boredom" if name == "dlq_reason" else value) for name, value in _LETTER.headers]
    with pytest.raises(RecordError, match="boredom"):
        decode_dead_letter(key=None, value=b"", headers=headers)


@pytest.mark.parametrize(
    "change",
    [
        (b'"frames":31', b'"frames":0'),
        (b'Z","last_at"', b'","last_at"'),  # no zone
        (b'"hand":"right"', b'"hand":"third"'),
    ],
)
def test_what_is_held_is_nothing_where_it_cannot_be_so(change: tuple[bytes, bytes]) -> None:
    good = dict(example_prediction_record().headers)[HELD_HEADER]
    bad = good.replace(*change)
    assert bad != good
    assert len(decode_held([(HELD_HEADER, good)])) == 1
    assert decode_held([(HELD_HEADER, bad)]) == ()
