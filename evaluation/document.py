"""An evaluation as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

import msgspec

from evaluation.evaluation import Evaluation, Group
from evaluation.outcome import Outcome
from evaluation.rate import Rate
from evaluation.subject import Subject
from events.cloud_event import format_time

EVALUATION_TYPE = "handstream.evaluation.v1"
_DIGITS = 4


def document(evaluation: Evaluation, subject: Subject) -> bytes:
    """All there is, indented; a figure that nothing was counted for is null."""
    return encoded(whole(evaluation, subject))


def encoded(document: Mapping[str, Any]) -> bytes:
    """Indented JSON, UTF-8."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def whole(evaluation: Evaluation, subject: Subject) -> dict[str, Any]:
    """What document() encodes."""
    return {
        "type": EVALUATION_TYPE,
        "created_at": format_time(subject.created_at),
        "kind": subject.kind,
        "what": subject.what,
        "models": list(evaluation.models),
        "figures": {name: number(value) for name, value in evaluation.figures().items()},
        "rates": {name: rate(one) for name, one in evaluation.rates().items()},
        "macro_f1": number(evaluation.macro_f1),
        "classes": {
            one.name: {
                "support": one.support,
                "f1": number(one.f1),
                "precision": rate(one.precision),
                "recall": rate(one.recall),
                "detection": rate(one.detection),
            }
            for one in evaluation.classes
        },
        "confusion": {
            label: {said: count for said, count in zip(evaluation.confusion.said, row, strict=True) if count}
            for label, row in zip(evaluation.confusion.labels, evaluation.confusion.counts, strict=True)
        },
        "calibration": {
            "ece": number(evaluation.calibration.ece),
            "ece_accepted": number(evaluation.accepted_calibration.ece),
            "bins": [
                {"low": one.low, "high": one.high, "probability": number(one.probability), "right": rate(one.right)}
                for one in evaluation.calibration.bins
            ],
        },
        "latency_ms": {one.stage: {"median": one.median_ms, "p95": one.p95_ms} for one in evaluation.latency},
        f"{subject.grouped_by}s": {name: _group(group) for name, group in evaluation.groups.items()},
        "by_model": {name: _group(group) for name, group in evaluation.models.items()},
        "several_hands": evaluation.several_hands,
        "passed_over": subject.passed_over,
        "remarks": list(subject.remarks),
        "misses": [_miss(one) for one in evaluation.misses],
    }


def _miss(one: Outcome) -> dict[str, Any]:
    return {
        "place": one.place,
        "id": one.id,
        "source": one.source,
        "camera": one.camera,
        "label": one.label,
        "gesture": one.gesture,
        "confidence": one.confidence,
        "kind": one.miss.value if one.miss else None,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "accuracy": rate(group.accuracy),
        "accuracy_found": rate(group.accuracy_found),
        "gesture_accuracy": rate(group.gesture_accuracy),
        "gesture_accuracy_found": rate(group.gesture_accuracy_found),
        "detection": rate(group.detection),
        "false_positives": rate(group.false_positives),
    }


def rate(one: Rate) -> dict[str, float | int | None]:
    return {
        "value": number(one.value),
        "low": number(one.low),
        "high": number(one.high),
        "hits": one.hits,
        "total": one.total,
    }


def number(value: float) -> float | None:
    return None if isnan(value) else round(value, _DIGITS)
