"""What goes over the WebSockets."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from events.cloud_event import format_time
from events.frame import Frame
from gateway.answers import CameraAnswer, GestureAnswer, HealthAnswer
from gateway.problem import ProblemDetails

_HEADER_LENGTH = struct.Struct(">I")
MAX_HEADER_BYTES = 1024
MAX_TEXT_BYTES = 16 * 1024

T = TypeVar("T")


class MessageError(ValueError):
    """A message of a browser is not what it should be."""


def prediction_message(value: bytes) -> str:
    """value: the prediction's JSON, passed on as it came."""
    return f'{{"type":"prediction","prediction":{value.decode()}}}'


def own_prediction_message(value: bytes, *, sequence: int) -> str:
    """The same, for the browser that sent the frame. sequence: as that browser counts."""
    return f'{{"type":"prediction","sequence":{sequence},"prediction":{value.decode()}}}'


def gesture_message(gesture: GestureAnswer) -> str:
    return _typed("gesture", gesture)


def health_message(health: HealthAnswer) -> str:
    return _typed("health", health)


def cameras_message(cameras: tuple[CameraAnswer, ...]) -> str:
    return _text({"type": "cameras", "cameras": cameras})


def frame_message(frame: Frame) -> bytes:
    """Length of the header (4 bytes, big-endian), the header as JSON, the picture."""
    header = msgspec.json.encode(
        {"camera": frame.camera, "sequence": frame.sequence, "captured_at": format_time(frame.captured_at)}
    )
    return b"".join((_HEADER_LENGTH.pack(len(header)), header, frame.image))


def welcome_message(*, camera: str, max_fps: int, max_bytes: int, max_side: int) -> str:
    return _text(
        {"type": "welcome", "camera": camera, "max_fps": max_fps, "max_bytes": max_bytes, "max_side": max_side}
    )


def refused_message(problem: ProblemDetails) -> str:
    return _text({"type": "refused", "problem": problem})


def dropped_message(*, sequence: int, reason: str) -> str:
    return _text({"type": "dropped", "sequence": sequence, "reason": reason})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a viewer wants to see. cameras: `*` for all."""

    cameras: Annotated[list[Annotated[str, Meta(max_length=128)]], Meta(max_length=256)] | str
    frames_per_second: Annotated[float, Meta(ge=0, le=120)] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """How a browser introduces itself as a camera."""

    name: Annotated[str, Meta(max_length=200)] = ""
    fps: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    width: Annotated[int, Meta(ge=0, le=100_000)] = 0
    height: Annotated[int, Meta(ge=0, le=100_000)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFrame:
    """A browser's frame. sequence: as it counts; its clock is not believed."""

    sequence: Annotated[int, Meta(ge=0, le=2**53)]


def decode_watch(text: str) -> Watch:
    """Raises MessageError."""
    watch = _decode(text, "watch", Watch)
    if isinstance(watch.cameras, str) and watch.cameras != "*":
        raise MessageError(f"cameras must be '*' or a list of names, not {watch.cameras[:40]!r}")
    return watch


def decode_hello(text: str) -> Hello:
    """Raises MessageError."""
    return _decode(text, "hello", Hello)


def decode_sent_frame(data: bytes) -> tuple[SentFrame, bytes]:
    """Header and picture. Raises MessageError."""
    if len(data) < _HEADER_LENGTH.size:
        raise MessageError("a frame begins with the length of its header in 4 bytes")
    (length,) = _HEADER_LENGTH.unpack_from(data)
    if not 0 < length <= MAX_HEADER_BYTES or len(data) < _HEADER_LENGTH.size + length:
        raise MessageError(f"the header of a frame has 1 to {MAX_HEADER_BYTES} bytes, not {length}")
    end = _HEADER_LENGTH.size + length
    try:
        return msgspec.json.decode(data[_HEADER_LENGTH.size : end], type=SentFrame), data[end:]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageError(f"the header of a frame is wrong: {error}") from error


def _decode(text: str, kind: str, into: type[T]) -> T:
    if len(text) > MAX_TEXT_BYTES:
        raise MessageError(f"a message has at most {MAX_TEXT_BYTES} characters")
    try:
        if msgspec.json.decode(text, type=dict[str, Any]).get("type") != kind:
            raise MessageError(f'expected {{"type": "{kind}", …}}')
        return msgspec.json.decode(text, type=into)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MessageError(f"not a message of type {kind!r}: {error}") from error


def _typed(kind: str, content: Any) -> str:
    return _text({"type": kind, **msgspec.to_builtins(content)})


def _text(message: Any) -> str:
    return msgspec.json.encode(message).decode()
