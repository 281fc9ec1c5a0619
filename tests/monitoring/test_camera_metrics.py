"""Cameras may call themselves what they like, and as many as they like."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.camera_metrics import CameraMetrics


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def counted(registry: CollectorRegistry) -> dict[str, float]:
    lines = generate_latest(registry).decode().splitlines()
    frames = (line for line in lines if line.startswith("handstream_camera_frames_total{"))
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in frames}


def test_the_first_have_series_of_their_own_and_the_others_share_one() -> None:
    registry = CollectorRegistry()
    metrics = CameraMetrics(registry, max_cameras=2, clock=Clock())

    for camera in ("desk", "door", "roof", "desk", "attic", "other"):
        metrics.count(camera)

    assert counted(registry) == {"desk": 2, "door": 1, "other": 3}


def test_a_camera_that_is_silent_for_long_gives_its_place_to_another() -> None:
    registry, clock = CollectorRegistry(), Clock()
    metrics = CameraMetrics(registry, max_cameras=2, silence_seconds=600, clock=clock)
    metrics.count("desk")
    clock.now += 500
    metrics.count("door")
    clock.now += 200
    metrics.count("roof")

    assert counted(registry) == {"door": 1, "roof": 1}
    clock.now += 100
    metrics.count("desk")
    assert counted(registry) == {"door": 1, "roof": 1, "other": 1}
