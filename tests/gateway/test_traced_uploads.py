"""An upload as part of its caller's trace."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.gateway.api_process import api_process
from tests.otlp_receiver import otlp_receiver
from tests.stream_app.worker_process import wait_for

HAND = Path(__file__).parents[1] / "sample_hand.jpg"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_an_upload_is_a_span_in_the_trace_of_its_caller(tmp_path: Path) -> None:
    with otlp_receiver() as receiver:
        with api_process(tmp_path, HANDSTREAM_TRACES_ENDPOINT=receiver.address, OTEL_BSP_SCHEDULE_DELAY="200") as url:
            context = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
            answer = httpx.post(f"{url}/predict", content=HAND.read_bytes(), headers=context, timeout=60)
            refused = httpx.post(f"{url}/predict", content=b"no image", timeout=60)
            httpx.get(f"{url}/healthz", timeout=60)
            wait_for(lambda: len(receiver.spans()) >= 2, "the spans")
        spans = receiver.spans()

    assert (answer.status_code, refused.status_code) == (200, 415)
    first, second = spans
    assert (first.name, first.kind, first.service) == ("POST /predict", "SERVER", "handstream-gateway")
    assert (first.trace, first.parent) == (TRACE, CALLER)
    assert [one.attributes["http.response.status_code"] for one in spans] == [200, 415]
    assert (second.trace != TRACE, second.parent, second.error) == (True, "", "")
