"""What Prometheus learns of the served model."""

from __future__ import annotations

import dataclasses

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.model_metrics import ModelMetrics
from recognition.bundle import Manifest, Refusal
from tests.recognition.twins import manifest

FIRST: Manifest = dataclasses.replace(
    manifest(),
    kind="svm",
    candidates={
        "svm": {"training_accuracy": 0.99, "evaluation_accuracy": 0.95},
        "lightgbm": {"training_accuracy": 1.0, "evaluation_accuracy": 0.93},
    },
    data={
        "hands": 30.0,
        "hands_fist": 10.0,
        "hands_palm": 20.0,
        "hands_per_person_min": 1.0,
        "completeness_ratio": 0.9,
    },
)


def told(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_the_model_its_kinds_and_its_data_are_told() -> None:
    registry = CollectorRegistry()

    ModelMetrics(registry, refusals=Refusal).started(FIRST)

    lines = told(registry)
    for line in (
        f'handstream_model_info{{kind="svm",name="twin",sha256="{FIRST.sha256}",version="7"}} 1.0',
        'handstream_model_training_accuracy_ratio{kind="lightgbm"} 1.0',
        'handstream_model_evaluation_accuracy_ratio{kind="svm"} 0.95',
        'handstream_training_data_hands{gesture="palm"} 20.0',
        "handstream_training_data_completeness_ratio 0.9",
        "handstream_training_data_people NaN",
        "handstream_model_swaps_total 0.0",
        'handstream_model_refused_total{reason="checksum"} 0.0',
        "handstream_model_source_up 1.0",
    ):
        assert line in lines
    assert not any("per_person" in line for line in lines)


def test_after_a_swap_nothing_of_the_old_model_is_left() -> None:
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry, refusals=Refusal)
    metrics.started(FIRST)

    metrics.swapped(dataclasses.replace(manifest(), version="8"))
    metrics.refused("features")
    metrics.reachable(is_so=False)

    lines = told(registry)
    info = [line for line in lines if line.startswith("handstream_model_info")]
    assert len(info) == 1
    assert 'version="8"' in info[0]
    assert not any("kind=" in line for line in lines if "accuracy" in line)
    assert not any(line.startswith("handstream_training_data_hands") for line in lines)
    assert "handstream_model_swaps_total 1.0" in lines
    assert 'handstream_model_refused_total{reason="features"} 1.0' in lines
    assert "handstream_model_source_up 0.0" in lines
