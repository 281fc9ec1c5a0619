"""`handstream plan`: its arithmetic, as a user sees it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from handstream.cli import app
from handstream.plan.costs import FILE_NAME, Costs, Linear, SizeCosts, own_costs_path, read_costs
from settings import load_settings

# Round figures, so that what is expected can be worked out by hand.
COSTS = Costs(
    machine="Test CPU, 2 cores",
    engine="openvino",
    measured_at="2026-11-28T08:00:00+00:00",
    sizes=(
        SizeCosts(pixels=100_000, frame_bytes=10_000, decode_ms=1.0, idle_ms=0.5),
        SizeCosts(pixels=900_000, frame_bytes=90_000, decode_ms=3.0, idle_ms=1.5),
    ),
    landmarks_ms=6.0,
    worker=Linear(per_frame_ms=0.5, per_megabyte_ms=10.0),
    broker=Linear(per_frame_ms=0.4, per_megabyte_ms=2.0),
    prediction_bytes=2_000,
    worker_mib=200.0,
    camera_mib=2.0,
)


@pytest.fixture
def calibrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_CACHE_DIR", str(tmp_path))
    COSTS.save(own_costs_path(load_settings()))


def plan(*arguments: str) -> Any:
    done = CliRunner().invoke(app, ["plan", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.usefixtures("calibrated")
def test_frames_through_kafka() -> None:
    found = plan("--cameras", "100", "--fps", "10", "--size", "1000x500", "--cores", "4")
    # 500,000 pixels lie in the middle of both sizes: 50,000 bytes, 2 ms to decode.
    kafka = found["kafka"]
    assert kafka["ms_per_frame"] == pytest.approx(2.0 + 6.0 + 0.5 + 0.5)
    # 1,000 frames/s take 9 cores, so 15 at a load of 0.6. The busiest has 6.67 + 2 * 2.49 cameras with 0.09 cores each.
    assert kafka["processes"] == 15
    assert kafka["load"] == pytest.approx(0.6)
    assert kafka["busiest_load"] == pytest.approx(1.049, abs=0.001)
    assert kafka["machines"] == 4
    assert kafka["partitions"] == 60
    assert kafka["memory_mib"] == pytest.approx(15 * 200 + 100 * 2)
    assert kafka["broker_cores"] == pytest.approx(1000 * (0.4 + 2.0 * 0.05) / 1000)
    assert kafka["broker_in"] == pytest.approx(1000 * 52_000)
    assert kafka["broker_out"] == pytest.approx(1000 * 52_000)
    assert kafka["replication"] == 0
    # An hour of frames and a week of predictions; each partition holds up to a GiB more of both.
    kept = 1000 * (50_000 * 3600 + 2_000 * 7 * 86_400)
    assert kafka["disk_bytes"] == pytest.approx(kept + 2 * 60 * 2**30)
    # Of 18 processes the busiest would have 5.56 + 2 * 2.29 cameras, 0.91 cores; of 17 it would be 0.953.
    (warning,) = found["warnings"]
    assert "the busiest process may get 105%" in warning
    assert "--max-load 0.52 avoids it, with 18 processes." in warning
    assert found["costs_measured_here"] is True


@pytest.mark.usefixtures("calibrated")
def test_recognition_at_the_camera() -> None:
    camera = plan("--cameras", "100", "--fps", "10", "--size", "1000x500", "--readers", "3")["at_camera"]
    assert camera["cores_per_camera"] == pytest.approx(10 * 8.0 / 1000)
    assert camera["memory_per_camera_mib"] == pytest.approx(202)
    assert camera["broker_in"] == pytest.approx(1000 * 2_000)
    assert camera["broker_out"] == pytest.approx(3 * 1000 * 2_000)
    assert camera["broker_cores"] == pytest.approx(0.4 + 2.0 * 0.002)


@pytest.mark.usefixtures("calibrated")
def test_idle_cameras_take_less() -> None:
    kafka = plan("--cameras", "100", "--fps", "10", "--size", "1000x500", "--active", "0.25")["kafka"]
    assert kafka["ms_per_frame"] == pytest.approx(0.25 * 8.0 + 0.75 * 1.0 + 1.0)


@pytest.mark.usefixtures("calibrated")
def test_replicas_multiply_disk_and_travel_between_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    one = plan("--cameras", "10")["kafka"]
    monkeypatch.setenv("HANDSTREAM_REPLICATION_FACTOR", "3")
    three = plan("--cameras", "10")["kafka"]
    assert three["disk_bytes"] == pytest.approx(3 * one["disk_bytes"])
    assert three["replication"] == pytest.approx(2 * one["broker_in"])
    assert three["broker_in"] == one["broker_in"]


@pytest.mark.usefixtures("calibrated")
def test_one_camera_that_is_too_fast_is_named() -> None:
    shown = CliRunner().invoke(app, ["plan", "--cameras", "2", "--fps", "200", "--size", "1000x500"])
    assert shown.exit_code == 0
    assert "A camera alone needs 180% of a core" in shown.stdout


@pytest.mark.usefixtures("calibrated")
def test_more_partitions_than_a_topic_may_have_are_named() -> None:
    found = plan("--cameras", "20000", "--fps", "10", "--size", "1000x500", "--max-load", "0.3")
    assert found["kafka"]["partitions"] == found["kafka"]["processes"] == 6000
    assert "divide the cameras among 6 installations" in found["warnings"][-1]


@pytest.mark.usefixtures("calibrated")
def test_a_plan_with_room_has_no_warning() -> None:
    assert plan("--cameras", "100", "--fps", "10", "--size", "1000x500", "--max-load", "0.4")["warnings"] == []


@pytest.mark.usefixtures("calibrated")
def test_more_cameras_never_take_less() -> None:
    found = [plan("--cameras", str(count))["kafka"] for count in (1, 2, 3, 10, 64, 1000)]
    for less, more in pairwise(found):
        for name in ("processes", "partitions", "memory_mib", "broker_in", "disk_bytes"):
            assert less[name] <= more[name], name


def test_without_a_calibration_the_machine_of_the_costs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDSTREAM_CACHE_DIR", str(tmp_path))
    shown = CliRunner().invoke(app, ["plan", "--cameras", "1000", "--fps", "15", "--size", "1280x720"])
    assert shown.exit_code == 0
    assert "1,000 cameras, 15 frames/s each, 1280 x 720 pixels" in shown.stdout
    assert "Costs as measured on another machine" in shown.stdout
    assert plan("--cameras", "1")["costs_measured_here"] is False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--cameras"),
        (["--cameras", "0"], "--cameras"),
        (["--cameras", "5", "--size", "1280"], "'1280' is not WIDTHxHEIGHT"),
        (["--cameras", "5", "--size", "10x90000"], "'10x90000' is not WIDTHxHEIGHT"),
        (["--cameras", "5", "--active", "1.5"], "--active"),
    ],
)
def test_bad_use_is_refused(arguments: list[str], message: str) -> None:
    refused = CliRunner().invoke(app, ["plan", *arguments])
    assert refused.exit_code == 2
    assert message in refused.output


@pytest.mark.usefixtures("calibrated")
def test_a_damaged_calibration_names_the_way_out() -> None:
    path = own_costs_path(load_settings())
    path.write_text('{"machine": 3}')
    refused = CliRunner().invoke(app, ["plan", "--cameras", "5"])
    assert refused.exit_code == 2
    assert f"{path} holds no costs" in refused.output
    assert "--calibrate" in refused.output


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.timeout(600)
def test_a_calibration_measures_every_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What was downloaded is not to be downloaded again.
    for downloaded in load_settings().cache_dir.iterdir():
        if downloaded.name != FILE_NAME:
            (tmp_path / downloaded.name).symlink_to(downloaded)
    monkeypatch.setenv("HANDSTREAM_CACHE_DIR", str(tmp_path))
    done = CliRunner().invoke(app, ["plan", "--calibrate"])
    assert done.exit_code == 0, done.output
    costs = read_costs(own_costs_path(load_settings()))
    assert [size.pixels for size in costs.sizes] == sorted(size.pixels for size in costs.sizes)
    assert all(size.decode_ms > 0 and size.idle_ms > 0 and size.frame_bytes > 0 for size in costs.sizes)
    assert costs.landmarks_ms > 0
    assert costs.broker.of(50_000) > 0
    assert costs.worker_mib > 50
    assert costs.prediction_bytes > 500
