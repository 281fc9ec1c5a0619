"""CloudEvents 1.0, Kafka protocol binding, binary content mode: the attributes that every record carries as headers.

Source: CloudEvents Kafka Protocol Binding 1.0.2, section 3.2.
"""

from __future__ import annotations

from datetime import UTC, datetime

from events.reason import Reason, RecordError
from events.record import HeaderReader, Headers

SPEC_VERSION = "1.0"
MAX_CAMERA_CHARACTERS = 128


def envelope(*, event_id: str, source: str, event_type: str, time: datetime, content_type: str) -> Headers:
    return (
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", event_type.encode()),
        ("ce_time", format_time(time).encode()),
        ("content-type", content_type.encode()),
    )


def event_type(headers: HeaderReader) -> str:
    """The record's type. Raises RecordError where it is missing or of another CloudEvents version."""
    version = headers.required("ce_specversion")
    if version != SPEC_VERSION:
        raise RecordError(
            Reason.MALFORMED_HEADER, f"header 'ce_specversion' must be {SPEC_VERSION}, not {version[:40]!r}"
        )
    return headers.required("ce_type")


def format_time(time: datetime) -> str:
    """RFC 3339 in UTC with microseconds. Raises ValueError for a naive time."""
    if time.tzinfo is None:
        raise ValueError(f"time {time.isoformat()} has no time zone; give an aware one, as in datetime.now(UTC)")
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(headers: HeaderReader, name: str = "ce_time") -> datetime:
    text = headers.required(name)
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError("no time zone")
        return time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RecordError(
            Reason.MALFORMED_HEADER, f"header {name!r} must be an RFC 3339 time with a zone, not {text[:40]!r}"
        ) from error


def timestamp_ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def check_camera(camera: str) -> str:
    """Return the camera id. Raises ValueError for one that is empty, too long or not printable."""
    if not camera or len(camera) > MAX_CAMERA_CHARACTERS or not camera.isprintable():
        raise ValueError(f"camera id {camera[:40]!r} must have 1 to {MAX_CAMERA_CHARACTERS} printable characters")
    return camera


def parse_camera(headers: HeaderReader) -> str:
    try:
        return check_camera(headers.required("ce_camera"))
    except ValueError as error:
        raise RecordError(Reason.MALFORMED_HEADER, f"header 'ce_camera': {error}") from error
