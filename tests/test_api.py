"""The API of a running gateway, asked as any client would.

As a script it asks the server that is named:  python tests/test_api.py --url http://localhost:8000
Under pytest it asks one that it starts, or the one in API_URL.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

SAMPLE = Path(__file__).with_name("sample_hand.jpg")
DEFAULT_URL = "http://localhost:8000"
TIMEOUT_SECONDS = 60
LANDMARKS = 21


class Api:
    """A server at an address. token: where it asks for one."""

    def __init__(self, url: str, *, token: str = "") -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._url + path, timeout=TIMEOUT_SECONDS)

    def post(self, path: str, **content: Any) -> requests.Response:
        return self._session.post(self._url + path, timeout=TIMEOUT_SECONDS, **content)


def check_health(api: Api) -> str:
    assert api.get("/healthz").status_code == 200
    ready = api.get("/readyz").json()
    assert ready["model"], "the model is not loaded yet"
    return f"the model is loaded, the broker {'answers' if ready['broker'] else 'does not answer'}"


def check_predict(api: Api) -> str:
    with SAMPLE.open("rb") as file:
        answer = api.post("/predict", files={"file": (SAMPLE.name, file, "image/jpeg")})
    assert answer.status_code == 200, answer.text
    prediction = answer.json()
    assert prediction["type"] == "handstream.prediction.v1"
    assert prediction["status"] == "ok"
    hand = prediction["hands"][0]
    assert len(hand["landmarks"]) == LANDMARKS
    assert 0 <= hand["confidence"] <= 1
    return f"{hand['gesture']} with confidence {hand['confidence']:.2f}"


def check_predict_of_a_raw_body(api: Api) -> str:
    answer = api.post("/predict", data=SAMPLE.read_bytes(), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 200, answer.text
    return f"{len(answer.json()['hands'])} hand(s)"


def check_drawing(api: Api) -> str:
    answer = api.post("/predict?annotate=true", data=SAMPLE.read_bytes(), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    return f"{len(answer.content)} bytes of JPEG"


def check_batch(api: Api) -> str:
    files = [("files", ("hand.jpg", SAMPLE.read_bytes(), "image/jpeg")), ("files", ("no.jpg", b"no", "image/jpeg"))]
    answer = api.post("/predict/batch", files=files)
    assert answer.status_code == 200, answer.text
    good, bad = answer.json()["predictions"]
    assert good["prediction"]["hands"]
    assert bad["problem"]["status"] == 415
    return "one prediction, one problem"


def check_refusals(api: Api) -> str:
    answers = [
        api.post("/predict", data=b"hello", headers={"Content-Type": "text/plain"}),
        api.post("/predict", files={"file": ("hand.jpg", b"hello", "image/jpeg")}),
        api.post("/predict", data=b"", headers={"Content-Type": "image/jpeg"}),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
    codes = [answer.status_code for answer in answers]
    assert codes == [415, 415, 400]
    return "415, 415 and 400, each with its reason"


def check_stream(api: Api) -> str:
    health = api.get("/stream/health").json()
    assert health["state"] in ("ok", "no_broker", "no_worker", "no_camera")
    assert isinstance(api.get("/cameras").json(), list)
    assert isinstance(api.get("/predictions?limit=5").json(), list)
    return f"{health['state']}: {health['message']}"


def check_documents(api: Api) -> str:
    model = api.get("/model").json()
    assert "fist" in model["classes"]
    assert "/predict" in api.get("/openapi.json").json()["paths"]
    assert "handstream_gateway_requests_total" in api.get("/metrics").text
    return f"model {model['name']} {model['version']} with {len(model['classes'])} classes"


CHECKS: tuple[Callable[[Api], str], ...] = (
    check_health,
    check_predict,
    check_predict_of_a_raw_body,
    check_drawing,
    check_batch,
    check_refusals,
    check_stream,
    check_documents,
)


def pytest_generate_tests(metafunc: Any) -> None:
    """Without importing pytest: as a script this runs where only the gateway's own packages are."""
    metafunc.parametrize("check", CHECKS, ids=lambda check: check.__name__)


def test_the_api(gateway_url: str, check: Callable[[Api], str]) -> None:
    assert check(Api(gateway_url, token=os.environ.get("API_TOKEN", "")))


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask a running gateway everything that its API offers.")
    parser.add_argument("--url", default=DEFAULT_URL, help=f"where it is ({DEFAULT_URL})")
    parser.add_argument("--token", default=os.environ.get("API_TOKEN", ""), help="where it asks for one (API_TOKEN)")
    arguments = parser.parse_args()
    api = Api(arguments.url, token=arguments.token)
    failed = 0
    for check in CHECKS:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            print(f"ok      {name}: {check(api)}")
        except requests.ConnectionError:
            print(f"no server answers at {arguments.url}: start one with `handstream gateway`", file=sys.stderr)
            return 2
        except (AssertionError, KeyError, ValueError) as error:
            failed += 1
            print(f"FAILED  {name}: {str(error) or 'it is not what it should be'}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
