"""A worker that frame 3 of each camera ends.  python -m tests.stream_app.broken_worker (raise|crash)"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, cast

from events.frame import Frame
from recognition.pipeline import Recognition
from settings import load_settings
from stream_app.__main__ import run_app
from tests.stream_app.twins import NO_HAND, TwinRecognizer


def look(frame: Frame) -> Recognition:
    if frame.sequence == 3:
        if sys.argv[1] == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        raise RuntimeError("the model broke")
    return NO_HAND


if __name__ == "__main__":
    run_app(load_settings(), create_recognizer=lambda: cast(Any, TwinRecognizer(look)))
