"""The landmark model in 8 bits: nearly the same landmarks, chosen where the processor is made for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from imaging.decoding import decode
from producers.synthetic import GESTURES, render_still
from recognition.assets import ensure_landmark_model
from recognition.engine import landmark_model
from recognition.engine.int8 import convolutions, known_ranges, processor_is_fast_with_int8, quantise
from recognition.engine.loading import load_engine
from recognition.engine.network import NetworkCompiler
from recognition.engine.options import REFERENCE
from recognition.engine.precision import Precision
from settings import load_settings

# Of the palm's length. Two images of a hand at rest lie further apart by the sensor's noise alone.
MEDIAN_BOUND = 0.004
PERCENTILE_95_BOUND = 0.02


def test_landmarks_in_8_bits_are_those_of_floats() -> None:
    images = [decode(render_still(gesture=gesture, seed=seed)) for seed, gesture in enumerate(GESTURES)]
    floats, integers = (
        load_engine(replace(REFERENCE, max_hands=1, precision=precision))
        for precision in (Precision.F32, Precision.INT8)
    )
    apart = []
    for pixels in images:
        ((one,), (other,)) = (
            engine.find(pixels, detection_confidence=0.5, presence_confidence=0.5) for engine in (floats, integers)
        )
        height, width = pixels.shape[:2]
        points, others = (hand.landmarks[:, :2] * (width, height) for hand in (one, other))
        apart.append(np.linalg.norm(points - others, axis=1).mean() / np.linalg.norm(points[9] - points[0]))
        assert one.handedness is other.handedness
    assert np.median(apart) <= MEDIAN_BOUND
    assert np.percentile(apart, 95) <= PERCENTILE_95_BOUND
    assert np.max(apart) > 0, "8 bits give something else"


def test_the_ranges_are_those_of_the_pinned_landmark_model() -> None:
    task = ensure_landmark_model(cache_dir=load_settings().cache_dir)
    model, sha256 = NetworkCompiler(task, precision=Precision.F32).read(landmark_model.MODEL)
    ranges = known_ranges(landmark_model.MODEL, sha256=sha256)
    assert ranges is not None
    assert set(ranges) < set(range(len(convolutions(model))))

    quantise(model, ranges)
    rounded = [node for node in model.get_ordered_ops() if node.get_type_name() == "FakeQuantize"]
    assert len(rounded) == 2 * len(ranges)


def test_a_network_without_ranges_keeps_its_floats() -> None:
    assert known_ranges(landmark_model.MODEL, sha256="0" * 64) is None
    assert known_ranges("another.tflite", sha256="0" * 64) is None


@pytest.mark.parametrize(
    ("flags", "is_fast"),
    [
        ("fpu avx2 avx512f avx512_vnni", True),
        ("fpu avx2 avx_vnni", True),
        ("fpu avx2 avx512f", False),
    ],
)
def test_the_processor_says_whether_8_bits_are_faster(tmp_path: Path, flags: str, *, is_fast: bool) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nmodel name\t: avx512_vnni\nflags\t\t: {flags}\n", encoding="ascii")
    assert processor_is_fast_with_int8(file) is is_fast


def test_without_information_about_the_processor_floats_are_kept(tmp_path: Path) -> None:
    assert not processor_is_fast_with_int8(tmp_path / "missing")
