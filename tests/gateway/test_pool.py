"""Uploads are recognised a bounded number at once; whoever comes beyond is told to come again."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from events.prediction import decode_prediction
from tests.gateway.api_process import api_process

HAND = Path(__file__).parents[1] / "sample_hand.jpg"
AT_ONCE = 12


def test_what_comes_beyond_the_bound_gets_429_and_the_loop_answers_meanwhile(tmp_path: Path) -> None:
    image = HAND.read_bytes()
    one_at_a_time = {"HANDSTREAM_GATEWAY_PREDICT_THREADS": "1", "HANDSTREAM_GATEWAY_PREDICT_WAITING": "1"}
    with api_process(tmp_path, **one_at_a_time) as address, ThreadPoolExecutor(AT_ONCE + 1) as clients:
        files = [("files", (f"{number}.jpg", image, "image/jpeg")) for number in range(16)]
        batches = [
            clients.submit(httpx.post, f"{address}/predict/batch", files=files, timeout=120) for _ in range(AT_ONCE)
        ]
        health = [httpx.get(f"{address}/healthz", timeout=10).elapsed.total_seconds() for _ in range(20)]
        answers = [batch.result() for batch in batches]

        codes = Counter(answer.status_code for answer in answers)
        assert codes.keys() == {200, 429}
        assert codes[200] >= 2
        for answer in answers:
            if answer.status_code == 429:
                assert answer.headers["retry-after"] == "1"
                assert answer.json()["type"].endswith("too-many-requests")
        # Recognition would hold the loop for far longer than that.
        assert sorted(health)[len(health) // 2] < 0.5
        # The places are free again.
        assert decode_prediction(httpx.post(f"{address}/predict", content=image, timeout=60).content).hands
