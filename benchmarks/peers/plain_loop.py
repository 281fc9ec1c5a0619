"""The loop that everybody writes first: decode, HandLandmarker, next. No Kafka. One process for each share of cameras.

python -m benchmarks.peers.plain_loop FILMS FRAMES SHARE SHARES OUT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.film_file import load_films
from benchmarks.peers.hands import HandFinder
from benchmarks.peers.options import load_options


def main() -> None:
    films_file, frames, share, shares, out = sys.argv[1:]
    finder = HandFinder(load_options())
    cameras = list(enumerate(load_films(Path(films_file))))[int(share) :: int(shares)]
    finished_at = []
    inference_ms = []
    for sequence in range(int(frames)):
        for number, film in cameras:
            found = finder.find(str(number), film.image(sequence), sequence * 33)
            inference_ms.append(found["inference_ms"])
            finished_at.append(time.time())
    Path(out).write_text(json.dumps({"finished_at": finished_at, "inference_ms": inference_ms}))


if __name__ == "__main__":
    main()
