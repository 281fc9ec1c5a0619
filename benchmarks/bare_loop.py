"""Handstream's recognition without Kafka: decode, landmarks, gesture, next. One process for each share of cameras.

HANDSTREAM_ENGINE says which engine. python -m benchmarks.bare_loop FILMS FRAMES SHARE SHARES OUT MODE
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.film_file import load_films
from benchmarks.frames import film_frame
from events.frame import Mode
from recognition.pipeline import Recognizer


def main() -> None:
    films_file, frames, share, shares, out, mode = sys.argv[1:]
    recognizer = Recognizer.create()
    cameras = list(enumerate(load_films(Path(films_file))))[int(share) :: int(shares)]
    began = datetime.now(UTC)
    finished_at = []
    inference_ms = []
    for sequence in range(int(frames)):
        for number, film in cameras:
            found = recognizer.recognize(
                film_frame(film, camera=number, sequence=sequence, began=began, mode=Mode(mode))
            )
            inference_ms.append(found.decode_ms + found.landmarks_ms + found.classify_ms)
            finished_at.append(time.time())
    Path(out).write_text(json.dumps({"finished_at": finished_at, "inference_ms": inference_ms}))


if __name__ == "__main__":
    main()
