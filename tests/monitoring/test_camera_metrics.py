"""Cameras may call themselves what they like, and as many as they like."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from monitoring.camera_metrics import CameraMetrics, LiveStream


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def counted(registry: CollectorRegistry, name: str = "handstream_camera_frames_total") -> dict[str, float]:
    lines = generate_latest(registry).decode().splitlines()
    frames = (line for line in lines if line.startswith(f"{name}{{"))
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in frames}


def last_seen(registry: CollectorRegistry) -> dict[str, float]:
    return counted(registry, "handstream_camera_last_frame_timestamp_seconds")


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


def test_only_a_live_camera_is_told_to_have_been_seen() -> None:
    registry = CollectorRegistry()
    metrics = CameraMetrics(registry, clock=Clock())

    metrics.count("photographs")
    metrics.count("desk", stream=LiveStream("run1", 0))

    assert counted(registry) == {"photographs": 1, "desk": 1}
    assert last_seen(registry) == {"desk": 1000}


def test_the_end_of_a_run_withdraws_its_cameras_in_that_partition_and_no_others() -> None:
    registry = CollectorRegistry()
    metrics = CameraMetrics(registry, clock=Clock())
    metrics.count("desk", stream=LiveStream("run1", 0))
    metrics.count("door", stream=LiveStream("run2", 0))

    # Markers of other partitions overtake frames that wait in this one.
    metrics.end(LiveStream("run1", 1))
    assert set(last_seen(registry)) == {"desk", "door"}
    metrics.end(LiveStream("run1", 0))
    metrics.end(LiveStream("run1", 0))

    assert set(last_seen(registry)) == {"door"}
    assert set(counted(registry)) == {"desk", "door"}


def test_a_camera_that_was_started_again_outlives_the_end_of_its_first_run() -> None:
    registry = CollectorRegistry()
    metrics = CameraMetrics(registry, clock=Clock())
    metrics.count("desk", stream=LiveStream("run1", 0))
    metrics.count("desk", stream=LiveStream("run2", 0))

    metrics.end(LiveStream("run1", 0))
    assert set(last_seen(registry)) == {"desk"}
    metrics.end(LiveStream("run2", 0))
    assert last_seen(registry) == {}
    metrics.count("desk", stream=LiveStream("run3", 0))
    assert set(last_seen(registry)) == {"desk"}


def test_a_partition_that_went_to_another_worker_takes_its_cameras_along() -> None:
    registry = CollectorRegistry()
    metrics = CameraMetrics(registry, clock=Clock())
    metrics.count("desk", stream=LiveStream("run1", 0))
    metrics.count("door", stream=LiveStream("run1", 1))

    metrics.keep({1, 2})
    assert set(last_seen(registry)) == {"door"}
    metrics.keep(())
    assert last_seen(registry) == {}


def test_dead_letters_show_that_a_live_camera_is_there_but_do_not_make_one() -> None:
    registry, clock = CollectorRegistry(), Clock()
    metrics = CameraMetrics(registry, clock=clock)
    metrics.count("desk", stream=LiveStream("run1", 0))
    clock.now += 50

    metrics.count_dead_letter("desk")
    metrics.count_dead_letter("anything")

    assert counted(registry) == {"desk": 2, "anything": 1}
    assert counted(registry, "handstream_camera_dead_letters_total") == {"desk": 1, "anything": 1}
    assert last_seen(registry) == {"desk": 1050}


def test_a_camera_that_gives_its_place_is_gone_with_all_of_its_series() -> None:
    registry, clock = CollectorRegistry(), Clock()
    metrics = CameraMetrics(registry, max_cameras=1, clock=clock)
    metrics.count("desk", stream=LiveStream("run1", 0))
    clock.now += 601
    metrics.count_dead_letter("door")

    metrics.end(LiveStream("run1", 0))

    assert counted(registry) == {"door": 1}
    assert counted(registry, "handstream_camera_dead_letters_total") == {"door": 1}
    assert last_seen(registry) == {}
