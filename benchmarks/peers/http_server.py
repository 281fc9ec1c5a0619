"""One POST per frame: FastAPI and MediaPipe.

`uvicorn benchmarks.peers.http_server:app`. Run one server a core, each at a port of its own, and always send a camera's
frames to the same one, which tracks its hands.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from benchmarks.peers.hands import HandFinder
from benchmarks.peers.options import load_options

app = FastAPI()
finder = HandFinder(load_options())


@app.post("/cameras/{camera}/frames")
async def recognise(camera: str, captured_ms: int, request: Request) -> dict[str, Any]:
    return await run_in_threadpool(finder.find, camera, await request.body(), captured_ms)
