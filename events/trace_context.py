"""Which trace a record belongs to: the header `traceparent` of the W3C's Trace Context.

CloudEvents' extension for distributed tracing would have it as `ce_traceparent`; the plain name is what OpenTelemetry's
own Kafka instrumentations read and write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

TRACEPARENT: Final = "traceparent"
# Version 00; a later one may have more behind it. Source: W3C Trace Context, section 3.2.
_FORM = re.compile(rb"^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$")
_MAX_BYTES = 256


def traceparent_of(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The trace context that a record carries; None where it has none, several, or one that is malformed."""
    found = [value for name, value in headers if name == TRACEPARENT]
    if len(found) != 1 or found[0] is None or len(found[0]) > _MAX_BYTES or not _FORM.match(found[0]):
        return None
    return found[0].decode(errors="replace")


def trace_id(traceparent: str) -> str:
    """The trace of a well-formed context, 32 hexadecimal digits."""
    return traceparent.split("-")[1]
