"""Drift as a worker on a real Kafka tells it, of rendered hands that it finds and names itself."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from broker.embedded.ports import free_port
from events.frame import Mode
from events.topics import TopicNames
from handstream.cli import app
from monitoring.drift import CLASS_MIX, CONFIDENCE, LANDMARKS, NO_HAND
from producers.synthetic import GESTURES, render_still
from settings import Settings
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import metrics, receive, send, wait_for, worker

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(300)]

HANDS_OF_EACH = 12
# A reference needs a thousand hands.
LOTS = 5
LEAST_HANDS = 100


class Show:
    """Pictures that are sent to be looked at one by one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._numbers = count()
        self.sent = 0

    def send(self, pictures: Sequence[bytes]) -> None:
        # A few at a time: one frame is looked at as it is made.
        stills = (replace(frame(sequence=next(self._numbers), image=one), mode=Mode.STILL) for one in pictures)
        send(self._settings, *(still.to_record() for still in stills))
        self.sent += len(pictures)


def _pictures(gestures: Iterable[str], *, seeds: range) -> list[bytes]:
    return [render_still(gesture=gesture, seed=seed) for seed in seeds for gesture in gestures]


def _seeds(lot: int) -> range:
    return range(lot * HANDS_OF_EACH, (lot + 1) * HANDS_OF_EACH)


def _upside_down(picture: bytes) -> bytes:
    turned = io.BytesIO()
    Image.open(io.BytesIO(picture)).rotate(180).save(turned, "JPEG", quality=90)
    return turned.getvalue()


def _drift(port: int) -> dict[str, float]:
    """Distances by feature, and the frames that they are of as `frames`."""
    told = {
        sample.labels.get("feature", "frames"): sample.value
        for family in text_string_to_metric_families(metrics(port))
        if family.name in ("handstream_drift_distance_ratio", "handstream_drift_window_frames")
        for sample in family.samples
    }
    assert "frames" in told
    return told


def _distances_of(port: int, frames: int) -> dict[str, float]:
    wait_for(lambda: _drift(port)["frames"] == frames, f"{frames} frames in the window")
    return {feature: value for feature, value in _drift(port).items() if feature != "frames"}


def test_the_same_mix_stays_near_its_reference_and_a_changed_one_moves_away(settings: Settings, tmp_path: Path) -> None:
    ordinary, topics = tmp_path / "ordinary", TopicNames(settings.topic_prefix)
    show, port = Show(settings), free_port()
    told = {"HANDSTREAM_METRICS_PORT": str(port), "HANDSTREAM_DRIFT_LEAST_HANDS": str(LEAST_HANDS)}
    with worker(settings, log=tmp_path / "first.log", **told):
        for lot in range(LOTS):
            show.send(_pictures(GESTURES, seeds=_seeds(lot)))
            seen = receive(settings, topics.predictions, show.sent)
    lines = tmp_path / "predictions.jsonl"
    lines.write_bytes(b"".join(record.value + b"\n" for record in seen))
    made = CliRunner().invoke(app, ["models", "reference", str(lines), "--out", str(ordinary)])
    assert made.exit_code == 0, made.output

    show = Show(settings)
    with worker(settings, log=tmp_path / "second.log", HANDSTREAM_MODEL=str(ordinary), **told):
        others = _pictures(GESTURES, seeds=_seeds(LOTS))
        show.send(others)
        same = _distances_of(port, show.sent)
        show.send(_pictures(["palm"], seeds=range(len(others))))
        palms = _distances_of(port, show.sent)
        show.send([_upside_down(picture) for picture in others])
        turned = _distances_of(port, show.sent)

    assert set(same) == {CLASS_MIX, CONFIDENCE, LANDMARKS, NO_HAND}
    assert max(same.values()) < 0.25, same
    # As many palms as all other hands together; they look as palms do.
    assert palms[CLASS_MIX] > same[CLASS_MIX] + 0.3, (same, palms)
    assert palms[LANDMARKS] < 0.25, (same, palms)
    assert turned[LANDMARKS] > palms[LANDMARKS] + 0.15, (palms, turned)
