"""Why a frame became a dead letter."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The frame's own faults. Each is a label value of a metric, so the set is closed."""

    MISSING_HEADER = "missing_header"
    DUPLICATE_HEADER = "duplicate_header"
    MALFORMED_HEADER = "malformed_header"
    UNKNOWN_TYPE = "unknown_type"
    MALFORMED_KEY = "malformed_key"
    MALFORMED_VALUE = "malformed_value"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    EMPTY_IMAGE = "empty_image"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_AN_IMAGE = "not_an_image"


class RecordError(Exception):
    """A record is at fault itself: it goes to the dead letters, never to a retry."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
