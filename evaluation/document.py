"""An evaluation as JSON."""

from __future__ import annotations

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
    whole = {
        "type": EVALUATION_TYPE,
        "created_at": format_time(subject.created_at),
        "kind": subject.kind,
        "what": subject.what,
        "models": list(evaluation.models),
        "figures": {name: _number(value) for name, value in evaluation.figures().items()},
        "rates": {name: _rate(rate) for name, rate in evaluation.rates().items()},
        "macro_f1": _number(evaluation.macro_f1),
        "classes": {
            one.name: {
                "support": one.support,
                "f1": _number(one.f1),
                "precision": _rate(one.precision),
                "recall": _rate(one.recall),
                "detection": _rate(one.detection),
            }
            for one in evaluation.classes
        },
        "confusion": {
            label: {said: count for said, count in zip(evaluation.confusion.said, row, strict=True) if count}
            for label, row in zip(evaluation.confusion.labels, evaluation.confusion.counts, strict=True)
        },
        "calibration": {
            "ece": _number(evaluation.calibration.ece),
            "ece_accepted": _number(evaluation.accepted_calibration.ece),
            "bins": [
                {"low": one.low, "high": one.high, "probability": _number(one.probability), "right": _rate(one.right)}
                for one in evaluation.calibration.bins
            ],
        },
        "latency_ms": {one.stage: {"median": one.median_ms, "p95": one.p95_ms} for one in evaluation.latency},
        "cameras": {name: _group(group) for name, group in evaluation.cameras.items()},
        "by_model": {name: _group(group) for name, group in evaluation.models.items()},
        "several_hands": evaluation.several_hands,
        "passed_over": subject.passed_over,
        "remarks": list(subject.remarks),
        "misses": [_miss(one) for one in evaluation.misses],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


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
        "accuracy": _rate(group.accuracy),
        "accuracy_found": _rate(group.accuracy_found),
        "detection": _rate(group.detection),
        "false_positives": _rate(group.false_positives),
    }


def _rate(rate: Rate) -> dict[str, float | int | None]:
    return {
        "value": _number(rate.value),
        "low": _number(rate.low),
        "high": _number(rate.high),
        "hits": rate.hits,
        "total": rate.total,
    }


def _number(value: float) -> float | None:
    return None if isnan(value) else round(value, _DIGITS)
