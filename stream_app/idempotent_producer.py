"""Faust's producer, made to write each record once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faust.transport.drivers.aiokafka import Producer


class IdempotentProducer(Producer):  # type: ignore[misc]
    """What is sent again, since a connection was cut before the broker's answer came, is told by its number.

    Faust has it for transactions alone. A record that the broker refuses leaves a gap in the numbers, so nothing may be
    written after it; the worker ends then anyway.
    """

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**super()._settings_extra(), "acks": "all", "enable_idempotence": True}
