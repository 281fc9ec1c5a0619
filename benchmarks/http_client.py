"""Cameras that POST their frames, each over a connection that it keeps.

python -m benchmarks.http_client FILMS PORTS FRAMES FPS OUT
FPS: the pace of each camera; 0: as fast as it is answered.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.film_file import Film, load_films

START_TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 0.05


def main() -> None:
    films_file, ports_text, frames, fps, out = sys.argv[1:]
    films = load_films(Path(films_file))
    ports = [int(port) for port in ports_text.split(",")]
    phases = random.Random(0)  # noqa: S311 (a pace, no secret)
    starts = [phases.random() for _ in films]
    with ThreadPoolExecutor(max_workers=len(films)) as pool:
        cameras = [
            pool.submit(
                play,
                film,
                camera=camera,
                port=ports[camera % len(ports)],
                frames=int(frames),
                fps=float(fps),
                phase=starts[camera],
            )
            for camera, film in enumerate(films)
        ]
        answers = [answer for camera in cameras for answer in camera.result()]
    Path(out).write_text(json.dumps(answers))


def play(film: Film, *, camera: int, port: int, frames: int, fps: float, phase: float) -> list[dict[str, float]]:
    connection = connect(port)
    began = time.time() + (phase / fps if fps else 0)
    answers = []
    for sequence in range(frames):
        captured_at = time.time()
        if fps:
            due = began + sequence / fps
            time.sleep(max(0.0, due - captured_at))
            captured_at = due
        path = f"/cameras/{camera}/frames?captured_ms={int(captured_at * 1000)}"
        connection.request("POST", path, body=film.image(sequence), headers={"Content-Type": "image/jpeg"})
        response = connection.getresponse()
        body = response.read()
        answered_at = time.time()
        if response.status != http.client.OK:
            raise RuntimeError(f"POST {path}: {response.status} {body[:200]!r}")
        inference_ms = json.loads(body)["inference_ms"]
        answers.append({"captured_at": captured_at, "answered_at": answered_at, "inference_ms": inference_ms})
    connection.close()
    return answers


def connect(port: int) -> http.client.HTTPConnection:
    """A connection, once the server listens."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
        else:
            return connection


if __name__ == "__main__":
    main()
