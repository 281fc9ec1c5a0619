"""Measures the ranges by which the landmark model is computed in 8 bits.

python -m tools.int8_ranges IMAGE_OR_VIDEO_OR_FOLDER… : reads hands in all of them, at f32, and writes the least and the
greatest input of each convolution into recognition/engine/int8_ranges.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov

from imaging.decoding import Pixels, decode
from recognition.assets import ensure_landmark_model
from recognition.engine import landmark_model, palm_detector
from recognition.engine.int8 import RANGES_FILE, convolutions
from recognition.engine.landmark_model import LandmarkModel
from recognition.engine.network import Floats32, NetworkCompiler
from recognition.engine.options import UPRIGHT_RAD
from recognition.engine.palm_detector import PalmDetector
from recognition.engine.precision import Precision
from recognition.engine.region import Region
from settings import load_settings

# Each of these convolutions alone moves the landmarks by 0.0007 palm lengths and more when it is rounded (median of 120
# photographs), and takes little time.
_LEFT_ALONE = frozenset({1, 2, 5, 30})
_FRAME_STEP = 5
_VIDEO_SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})


def main() -> None:
    compiler = NetworkCompiler(ensure_landmark_model(cache_dir=load_settings().cache_dir), precision=Precision.F32)
    crops = list(hand_crops(compiler, (Path(name) for name in sys.argv[1:])))
    if not crops:
        sys.exit("no hand was found in what was given")
    model, sha256 = compiler.read(landmark_model.MODEL)
    lows, highs = extremes(model, crops)
    ranges = {
        number: [round(float(low), 4), round(float(high), 4)]
        for number, (low, high) in enumerate(zip(lows, highs, strict=True))
        if number not in _LEFT_ALONE
    }
    known = {landmark_model.MODEL: {"sha256": sha256, "hands": len(crops), "ranges": ranges}}
    RANGES_FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(f"{len(crops)} readings of hands: ranges of {len(ranges)} convolutions in {RANGES_FILE.name}")


def hand_crops(compiler: NetworkCompiler, paths: Iterator[Path]) -> Iterator[Pixels]:
    """What the landmark model is given of each hand: first the region of the palm, then that of its landmarks."""
    detector = PalmDetector(compiler.compile(palm_detector.MODEL))
    network = compiler.compile(landmark_model.MODEL)
    reader = LandmarkModel(network)
    for pixels in (pixels for path in paths for pixels in images(path)):
        for palm in detector.find(pixels, confidence=0.5):
            region = Region.of_palm(palm.box_px, palm.keypoints_px, upright_rad=UPRIGHT_RAD)
            for _ in range(2):
                reading = reader.read(pixels, region)
                if reading is None or reading.presence < 0.5:
                    break
                yield network.input.copy()
                region = reading.next_region


def images(path: Path) -> Iterator[Pixels]:
    if path.is_dir():
        for inside in sorted(path.rglob("*")):
            if inside.is_file():
                yield from images(inside)
    elif path.suffix.lower() in _VIDEO_SUFFIXES:
        yield from frames(path)
    elif path.suffix.lower() in {".jpg", ".jpeg", ".png"}:
        yield decode(path.read_bytes())


def frames(path: Path) -> Iterator[Pixels]:
    video = cv2.VideoCapture(str(path))
    number = 0
    while (read := video.read())[0]:
        if number % _FRAME_STEP == 0:
            yield np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), dtype=np.uint8)
        number += 1


def extremes(model: Any, crops: list[Pixels]) -> tuple[Floats32, Floats32]:
    """The least and the greatest input of each convolution, (convolutions,) each."""
    inputs = [convolution.input_value(0) for convolution in convolutions(model)]
    outputs = len(model.outputs)
    model.add_outputs(inputs)
    request = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    seen = []
    for crop in crops:
        request.infer([crop[None]])
        values = [request.get_output_tensor(outputs + number).data for number in range(len(inputs))]
        seen.append([(value.min(), value.max()) for value in values])
    extreme = np.asarray(seen, dtype=np.float32)
    return extreme[..., 0].min(axis=0), extreme[..., 1].max(axis=0)


if __name__ == "__main__":
    main()
