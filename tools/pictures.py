"""Makes the pictures of the README anew, from real runs:  python -m tools.pictures"""

from __future__ import annotations

import io
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from broker.embedded.node import EmbeddedBroker
from broker.received import prediction_reader
from broker.topic_reader import Edge, topic_reader
from broker.topics import create_topics
from events.frame import Frame, Mode
from events.prediction import NO_GESTURE, Prediction
from events.topics import TopicNames
from handstream.demo.stack import child_environment
from handstream.live_table import LiveTable
from monitoring.backlog import Backlog, BacklogWatch
from producers.synthetic.still import render_still
from recognition.drawing import annotated
from recognition.pipeline import Recognizer
from settings import Settings, load_settings
from stream_app.cli import core_count, start_workers
from supervision.children import ChildProcesses

ASSETS = Path(__file__).resolve().parent.parent / "assets"

GESTURES = ("like", "peace", "ok", "palm", "rock", "call", "three2", "stop_inverted")
SEED = 3
COLUMNS = 4
RENDERED = (640, 480)
SHOWN = (320, 240)
JPEG_QUALITY = 82

CAMERAS = ("desk", "door", "stage")
FRAMES_PER_SECOND = 6
# The rates and percentiles of the table have settled then.
SETTLE_SECONDS = 12.0
# A camera rests between two gestures; the picture is taken when all of them show one.
PATIENCE_SECONDS = 120.0
# Frames that pile up before the workers are ready tell of their start, not of the run.
CAUGHT_UP_MS = 500
TABLE_COLUMNS = 80
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")


def main() -> None:
    ASSETS.mkdir(exist_ok=True)
    save_annotated_frames(ASSETS / "annotated_frames.jpg")
    save_live_table(ASSETS / "live_table.svg")
    for path in sorted(ASSETS.iterdir()):
        print(f"{path.relative_to(ASSETS.parent)}  {path.stat().st_size:,} bytes")


def save_annotated_frames(path: Path) -> None:
    """Rendered hands with what the recogniser says of each: landmarks, gesture and confidence."""
    recognizer = Recognizer.create()
    try:
        tiles = [_annotated(recognizer, gesture=gesture, number=number) for number, gesture in enumerate(GESTURES)]
    finally:
        recognizer.close()
    rows = -(-len(tiles) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SHOWN[0], rows * SHOWN[1]))
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % COLUMNS * SHOWN[0], number // COLUMNS * SHOWN[1]))
    sheet.save(path, quality=JPEG_QUALITY, optimize=True)


def save_live_table(path: Path) -> None:
    """The live table of three synthetic cameras, as it stood at one moment of a run on a Kafka of its own."""
    with (
        tempfile.TemporaryDirectory() as logs,
        EmbeddedBroker(settings=load_settings(), ephemeral=True) as broker,
        ChildProcesses(log_dir=Path(logs)) as group,
    ):
        settings = broker.settings()
        create_topics(settings)
        environment = child_environment(settings)
        start_workers(group, metrics_ports=[0] * core_count(), threads=1, environment=environment)
        for seed, camera in enumerate(CAMERAS):
            command = ["produce", "synthetic", "--camera", camera, "--fps", f"{FRAMES_PER_SECOND}", "--seed", f"{seed}"]
            group.start(camera, "handstream.cli", *command, environment=environment)
        console = Console(record=True, width=TABLE_COLUMNS, file=io.StringIO(), force_terminal=True)
        console.print(_watched(settings))
    # Without the fonts that rich would have fetched from elsewhere: a picture must not call anybody.
    path.write_text(_FONT_FACE.sub("", console.export_svg(title="handstream up")), encoding="utf-8")


def _watched(settings: Settings) -> LiveTable:
    """The table at the first moment, once it has settled, at which all cameras show a gesture."""
    names = TopicNames(settings.topic_prefix)
    table = LiveTable()
    latest: dict[str, Prediction] = {}
    first_at: float | None = None
    backlog = Backlog()

    def take(found: Backlog) -> None:
        nonlocal backlog
        backlog = found

    with topic_reader(settings, names.predictions) as reader, BacklogWatch(settings, tell=take):
        reader.seek(Edge.EARLIEST)
        predictions = prediction_reader(reader)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            batch = predictions.read(timeout_seconds=0.1)
            now = time.monotonic()
            for one in batch.received:
                latest[one.prediction.camera] = one.prediction
                if first_at is None and not _caught_up(latest):
                    continue
                first_at = first_at or now
                table.update(one.prediction, now)
            settled = first_at is not None and now - first_at >= SETTLE_SECONDS
            if settled and all(one.gesture not in (None, NO_GESTURE) for one in latest.values()):
                table.set_lag(backlog.lag_records or 0)
                table.set_dead_letters(backlog.dead_letters)
                return table
    raise SystemExit(f"no moment within {PATIENCE_SECONDS:g} s at which all of {', '.join(CAMERAS)} showed a gesture")


def _caught_up(latest: dict[str, Prediction]) -> bool:
    return len(latest) == len(CAMERAS) and all(one.latency_ms < CAUGHT_UP_MS for one in latest.values())


def _annotated(recognizer: Recognizer, *, gesture: str, number: int) -> Image.Image:
    image = render_still(gesture=gesture, seed=SEED + number, width=RENDERED[0], height=RENDERED[1])
    frame = Frame(
        image=image,
        camera="pictures",
        run="pictures",
        sequence=number,
        captured_at=datetime.now(UTC),
        source="synthetic",
        width=RENDERED[0],
        height=RENDERED[1],
        mode=Mode.STILL,
    )
    hands = recognizer.recognize(frame).hands
    with Image.open(io.BytesIO(image)) as opened:
        tile = np.asarray(opened.resize(SHOWN, Image.Resampling.LANCZOS))
    return annotated(tile, hands)


if __name__ == "__main__":
    main()
