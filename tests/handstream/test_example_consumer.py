"""The example that a newcomer starts from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from events.prediction import Status
from settings import Settings
from tests.handstream.records import prediction, publish_ends, publish_predictions

EXAMPLE = Path(__file__).parents[2] / "examples" / "consume_predictions.py"


@pytest.mark.broker
@pytest.mark.parametrize("as_argument", [True, False])
def test_it_prints_predictions_until_ctrl_c(settings: Settings, *, as_argument: bool) -> None:
    publish_ends(settings, run="earlier")
    publish_predictions(settings, [prediction(1), prediction(2, hands=(), status=Status.NO_HAND)])
    env = {**os.environ, "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix}
    env["HANDSTREAM_BROKER"] = "127.0.0.1:9" if as_argument else settings.broker
    command = [sys.executable, str(EXAMPLE), *([settings.broker] if as_argument else [])]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as example:
        assert example.stdout is not None
        lines = [example.stdout.readline() for _ in range(2)]
        example.send_signal(signal.SIGINT)
        _, stderr = example.communicate(timeout=30)
    assert [line.split(maxsplit=1)[1].strip() for line in lines] == ["door peace 94%", "door no_hand"]
    assert (example.returncode, stderr) == (0, "")


def test_it_stays_short() -> None:
    assert len(EXAMPLE.read_text().splitlines()) < 40
