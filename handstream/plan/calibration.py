"""Measuring the costs on this machine, in about a minute."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from time import process_time

import cv2
import numpy as np

from broker.embedded.node import EmbeddedBroker
from broker.topics import create_topics
from events.frame import Frame, Mode
from handstream.plan.broker_warm_up import warm_broker
from handstream.plan.costs import BYTES_PER_MB, Costs, Linear, SizeCosts
from handstream.plan.worker_cost import WorkerCost, measure_worker
from imaging.decoding import decode
from producers.synthetic import SyntheticCamera
from producers.synthetic.jpeg import encode
from producers.synthetic.scene import background
from recognition.pipeline import Recognizer
from settings import Settings
from stream_app.cli import core_count

SIZES = ((320, 240), (640, 480), (1280, 720), (1920, 1080))
JPEG_QUALITY = 90
NOISE_LEVELS = 2.0
FRAME_INTERVAL = timedelta(seconds=1 / 15)
RENDERED_IMAGES = 30
LANDMARK_FRAMES = 120
IDLE_FRAMES = 60
# Few cameras with small images and many with large ones tell what a frame, a megabyte and a camera cost.
FEW_CAMERAS, SMALL = 2, (320, 240)
MANY_CAMERAS, LARGE = 16, (1280, 720)
WORKER_FRAMES = 320
MIDDLE = (640, 480)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    images: Sequence[bytes]
    size: tuple[int, int]

    def frames(self, count: int, *, camera: str = "plan") -> list[Frame]:
        began = datetime.now(UTC)
        return [
            Frame(
                image=self.images[number % len(self.images)],
                camera=camera,
                run="plan",
                sequence=number,
                captured_at=began + number * FRAME_INTERVAL,
                source="plan",
                width=self.size[0],
                height=self.size[1],
                mode=Mode.RECORDED,
            )
            for number in range(count)
        ]


def calibrate(settings: Settings, *, progress: Callable[[str], None]) -> Costs:
    """Raises BrokerError, AssetError or RuntimeError where a part does not run."""
    progress("rendering images")
    base = _rendered()
    films = {size: _resized(base, size) for size in SIZES}
    recognizer = Recognizer.create(settings=settings)
    try:
        progress("landmarks and gesture")
        recognition_ms = {size: _recognition_ms(recognizer, films[size]) for size in (SMALL, MIDDLE, LARGE)}
        progress("decoding and idle frames")
        sizes = tuple(_size_costs(recognizer, film) for film in films.values())
    finally:
        recognizer.close()
    few, many = _worker_costs(settings, films, progress=progress)
    small, large = (mean(map(len, films[size].images)) for size in (SMALL, LARGE))

    def beyond_recognition(cost: WorkerCost, size: tuple[int, int]) -> float:
        return max(0.0, cost.worker_ms - recognition_ms[size])

    return Costs(
        machine=f"{processor_name()}, {core_count()} cores",
        engine=settings.engine,
        measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sizes=sizes,
        landmarks_ms=round(recognition_ms[MIDDLE] - _cpu_ms(decode, films[MIDDLE].images), 3),
        worker=_line((small, beyond_recognition(few, SMALL)), (large, beyond_recognition(many, LARGE))),
        broker=_line((small, few.broker_ms), (large, many.broker_ms)),
        prediction_bytes=round(mean((few.prediction_bytes, many.prediction_bytes))),
        worker_mib=round(few.idle_mib, 1),
        camera_mib=round(max(0.0, (many.loaded_mib - few.loaded_mib) / (MANY_CAMERAS - FEW_CAMERAS)), 2),
    )


def _worker_costs(
    settings: Settings, films: dict[tuple[int, int], _Film], *, progress: Callable[[str], None]
) -> tuple[WorkerCost, WorkerCost]:
    with EmbeddedBroker(settings=settings, ephemeral=True) as broker, TemporaryDirectory(prefix="plan-") as logs:
        status = broker.status()
        assert status is not None
        progress("warming up the broker")
        warm_broker(broker.settings())
        costs = []
        for number, (cameras, size) in enumerate(((FEW_CAMERAS, SMALL), (MANY_CAMERAS, LARGE))):
            progress(f"worker and broker, {cameras} cameras with {size[0]} x {size[1]} pixels")
            own = broker.settings().model_copy(
                update={"topic_prefix": f"plan-{number}.", "consumer_group": f"plan-{number}", "partitions": cameras}
            )
            create_topics(own)
            runs = [films[size].frames(WORKER_FRAMES // cameras, camera=f"plan-{camera}") for camera in range(cameras)]
            costs.append(measure_worker(runs, settings=own, broker_pid=status.pid, logs=Path(logs) / str(number)))
    return costs[0], costs[1]


def _recognition_ms(recognizer: Recognizer, film: _Film) -> float:
    """Of a frame in which a hand is followed, decoding included."""
    frames = film.frames(LANDMARK_FRAMES, camera=f"hand-{film.size[0]}")
    recognizer.recognize(frames[0])
    return _cpu_ms(recognizer.recognize, frames[1:])


def _size_costs(recognizer: Recognizer, film: _Film) -> SizeCosts:
    width, height = film.size
    random = np.random.default_rng(0)
    still = background(0, width, height)
    noisy = [np.clip(still + random.normal(0, NOISE_LEVELS, still.shape), 0, 255).astype(np.uint8) for _ in range(8)]
    idle = replace(film, images=[encode(picture, quality=JPEG_QUALITY) for picture in noisy])
    frames = idle.frames(IDLE_FRAMES, camera=f"idle-{width}")
    for frame in frames[:15]:
        recognizer.recognize(frame)
    frame = film.frames(1)[0]
    headers = sum(len(name) + len(value) for name, value in frame.to_record().headers)
    return SizeCosts(
        pixels=width * height,
        frame_bytes=round(mean(map(len, film.images)) + headers),
        decode_ms=round(_cpu_ms(decode, film.images), 3),
        idle_ms=round(_cpu_ms(recognizer.recognize, frames[15:]), 3),
    )


def _cpu_ms(work: Callable[..., object], items: Sequence[object]) -> float:
    """Processor time of this process for one item, all of its threads together."""
    began = process_time()
    for item in items:
        work(item)
    return (process_time() - began) * 1000 / len(items)


def _rendered() -> _Film:
    camera = SyntheticCamera(seed=1, frame_count=RENDERED_IMAGES, frame_rate_hz=15, quality=JPEG_QUALITY)
    forwards = [shot.image for shot in camera.shots()]
    # Back and forth, so that the hand never jumps.
    return _Film(images=(*forwards, *forwards[-2:0:-1]), size=(640, 480))


def _resized(film: _Film, size: tuple[int, int]) -> _Film:
    images = []
    for image in film.images:
        pixels = cv2.resize(decode(image), size, interpolation=cv2.INTER_CUBIC)
        images.append(encode(np.ascontiguousarray(pixels[:, :, ::-1], np.uint8), quality=JPEG_QUALITY))
    return _Film(images=images, size=size)


def _line(small: tuple[float, float], large: tuple[float, float]) -> Linear:
    """Through two points (bytes, milliseconds), without falling and without starting below nothing."""
    slope = max(0.0, (large[1] - small[1]) / (large[0] - small[0]))
    return Linear(
        per_frame_ms=round(max(0.0, small[1] - slope * small[0]), 3), per_megabyte_ms=round(slope * BYTES_PER_MB, 3)
    )


def processor_name() -> str:
    """As Linux tells it; elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [
        value.strip() for name, _, value in (line.partition(":") for line in lines) if name.strip() == "model name"
    ]
    return names[0] if names else platform.processor() or platform.machine()
