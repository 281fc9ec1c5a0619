"""One record that somebody could send, and what has to become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from events.frame import Frame, Mode
from events.reason import Reason

Headers = tuple[tuple[str, bytes | None], ...]

OK = "ok"
NO_HAND = "no_hand"
# Damaged pixels may still show the hand: either will do, but exactly one.
SOME_PREDICTION = "ok or no_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """expected: the status of the prediction, or the reason of the dead letter."""

    name: str
    expected: str | Reason
    key: bytes | None
    value: bytes | None
    headers: Headers

    def meets(self, found: str | Reason) -> bool:
        return found in (OK, NO_HAND) if self.expected == SOME_PREDICTION else found == self.expected


class RawName(str):
    """A header's name that the clients write as these bytes, whatever they are."""

    _raw: bytes

    def __new__(cls, raw: bytes) -> RawName:
        name = super().__new__(cls, raw.decode(errors="backslashreplace"))
        name._raw = raw
        return name

    def encode(self, *_: object, **__: object) -> bytes:
        return self._raw


def frame(image: bytes, *, camera: str = "corpus", content_type: str = "image/jpeg", sequence: int = 0) -> Frame:
    return Frame(
        image=image,
        camera=camera,
        run="run1",
        sequence=sequence,
        captured_at=datetime.now(UTC),
        source="tests",
        width=640,
        height=480,
        mode=Mode.STILL,
        content_type=content_type,
    )


def case(name: str, expected: str | Reason, one: Frame) -> Case:
    record = one.to_record()
    return Case(name=name, expected=expected, key=record.key, value=record.value, headers=record.headers)


def with_headers(one: Case, change: Callable[[Headers], Headers]) -> Case:
    return replace(one, headers=change(one.headers))


def overwritten(**values: bytes | None) -> Callable[[Headers], Headers]:
    """With these headers' values; `content_type` is the header content-type."""
    named = {name.replace("content_type", "content-type"): value for name, value in values.items()}

    def change(headers: Headers) -> Headers:
        return tuple((name, named.get(name, value)) for name, value in headers)

    return change


def without(name: str) -> Callable[[Headers], Headers]:
    return lambda headers: tuple(pair for pair in headers if pair[0] != name)


def and_also(*pairs: tuple[str, bytes | None]) -> Callable[[Headers], Headers]:
    return lambda headers: (*headers, *pairs)
