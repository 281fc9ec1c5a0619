"""Types of fields: what a number means is part of its type, and from there of schemas and docs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Ratio = Annotated[float, Meta(ge=0.0, le=1.0, extra_json_schema={"x-unit": "0..1"})]
Milliseconds = Annotated[float, Meta(ge=0.0, extra_json_schema={"x-unit": "ms"})]
Count = Annotated[int, Meta(ge=0)]
Time = Annotated[datetime, Meta(tz=True)]
