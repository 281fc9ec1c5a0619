"""Outcomes that say what the tests need."""

from __future__ import annotations

from typing import Any

from evaluation.outcome import Outcome


def outcome(label: str, gesture: str | None, confidence: float = 0.9, **changes: Any) -> Outcome:
    """gesture: None where no hand was found."""
    if gesture is None:
        confidence = 0.0
    return Outcome(
        label=label,
        gesture=gesture,
        confidence=confidence,
        **{"model": "twin 7 (000000000000)", **changes},
    )


def repeated(label: str, gesture: str | None, count: int, confidence: float = 0.9) -> list[Outcome]:
    return [outcome(label, gesture, confidence)] * count
