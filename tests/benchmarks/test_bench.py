"""`handstream bench` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.results import load_results
from handstream.cli import app


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.timeout(600)
def test_the_loops_and_handstream_are_measured_side_by_side(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    contenders = "mediapipe-loop,own-loop,handstream"
    command = [
        sys.executable,
        "-m",
        "handstream.cli",
        "bench",
        "--quick",
        "--only",
        "live,latency,idle",
        "--cameras",
        "8",
    ]
    done = subprocess.run(
        [*command, "--contenders", contenders, "--frames", "96", "--out", str(out), "--plots", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Handstream against" in done.stdout
    results = load_results(out)
    assert [(run.contender, run.cameras) for run in results.throughput] == [(name, 8) for name in contenders.split(",")]
    for run in results.throughput:
        assert run.fps > 0
        assert run.cpu_ms_per_frame > 0
        assert run.process_memory_mib <= run.memory_mib
    (at_load,) = results.latency
    assert at_load.frames + at_load.stale > 0
    (idle,) = results.idle
    assert len(idle.detection_ms) > 0
    assert (tmp_path / "performance_live.png").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "live,dead"], "'dead' is none of live"),
        (["--contenders", "flink"], "'flink' is none of mediapipe-loop"),
        (["--only", ","], "nothing is none of"),
    ],
)
def test_unknown_names_are_refused(arguments: list[str], message: str) -> None:
    refused = CliRunner().invoke(app, ["bench", *arguments])
    assert refused.exit_code == 2
    assert message in " ".join(refused.output.replace("│", " ").split())
