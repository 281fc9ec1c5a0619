"""The arithmetic of networks."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """auto: what the processor has instructions for, of bf16 and int8 in this order, else f32.

    int8: of the landmark model; the palm detector, whose values span too much for 8 bits, stays at f32.
    """

    AUTO = "auto"
    F32 = "f32"
    BF16 = "bf16"
    INT8 = "int8"
