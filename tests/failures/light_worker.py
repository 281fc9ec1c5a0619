"""A whole worker process, but for the recognition, which sees no hand.

python -m tests.failures.light_worker SECONDS_A_FRAME
"""

from __future__ import annotations

import sys
import time
from typing import Any, cast

import faust

from events.frame import Frame
from recognition.pipeline import Recognition
from settings import load_settings
from stream_app.worker_app import WorkerApp
from tests.stream_app.twins import NO_HAND, TwinRecognizer


def main() -> None:
    seconds_a_frame = float(sys.argv.pop(1))

    def look(_: Frame) -> Recognition:
        time.sleep(seconds_a_frame)
        return NO_HAND

    app = WorkerApp(load_settings(), create_recognizer=lambda: cast(Any, TwinRecognizer(look)))
    faust.Worker(app, loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
