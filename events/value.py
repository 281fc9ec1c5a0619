"""JSON values of records."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from events.reason import Reason, RecordError

T = TypeVar("T")


def decode_value(decoder: msgspec.json.Decoder[T], value: bytes | None, *, what: str) -> T:
    """Read a JSON value; unknown fields are ignored. Raises RecordError where it is not one, naming `what`."""
    try:
        return decoder.decode(value or b"")
    # Bytes that are not UTF-8 and a thousandfold nesting come out of msgspec as Python's own errors.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(Reason.MALFORMED_VALUE, f"not a {what}: {error}") from error
