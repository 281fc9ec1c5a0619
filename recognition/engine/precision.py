"""The arithmetic of networks."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """auto: bf16 where the processor computes it in hardware, else f32."""

    AUTO = "auto"
    F32 = "f32"
    BF16 = "bf16"
