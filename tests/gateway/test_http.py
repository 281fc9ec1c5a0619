"""What holds for every request: problems, headers, health, the files of the page."""

from __future__ import annotations

import re

import httpx
import pytest

from gateway.static import DOCS_DIR, PAGE_DIR


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/static/nowhere.js", 404),
        ("GET", "/predict", 405),
        ("GET", "/predictions?limit=0", 422),
        ("GET", "/predictions?status=asleep", 422),
        ("GET", "/cameras/nobody/frame", 404),
    ],
)
def test_whatever_is_wrong_comes_as_a_problem(api: httpx.Client, method: str, path: str, status: int) -> None:
    answer = api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_health_is_told_apart_from_readiness(api: httpx.Client) -> None:
    assert api.get("/healthz").text == "ok\n"
    ready = api.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"model": True, "broker": False})


def test_without_a_broker_the_stream_says_what_to_do(api: httpx.Client) -> None:
    health = api.get("/stream/health").json()
    assert health["state"] == "no_broker"
    assert "handstream broker start" in health["message"]
    assert api.get("/cameras").json() == []
    assert api.get("/predictions").json() == []


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/nowhere", "/static/style.css", "/metrics"])
def test_every_answer_has_the_security_headers(api: httpx.Client, path: str) -> None:
    headers = api.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=(self)" in headers["permissions-policy"]
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("folder", [PAGE_DIR, DOCS_DIR])
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(api: httpx.Client, folder: object) -> None:
    text = api.get("/" if folder == PAGE_DIR else "/docs").text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert not re.search(r"\s(style|on\w+)=", text)
    for link in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert not re.match(r"[a-z]+:|//", link), link
        if link.startswith("/"):
            assert api.get(link).status_code == 200, link


def test_libraries_come_out_of_installed_packages(api: httpx.Client) -> None:
    assert "uPlot" in api.get("/static/vendor/uplot/uPlot.iife.js").text
    assert "uplot" in api.get("/static/vendor/uplot/uPlot.min.css").text
    assert "SwaggerUIBundle" in api.get("/static/vendor/swagger-ui/swagger-ui-bundle.js").text
    assert api.get("/static/../app.py").status_code == 404
    assert api.get("/static/%2e%2e/app.py").status_code == 404


def test_requests_are_counted_by_the_routes_template(api: httpx.Client) -> None:
    for number in range(3):
        api.get(f"/cameras/camera-{number}/frame")
        api.get(f"/nowhere/{number}")
        api.request("BREW", "/")
    metrics = api.get("/metrics").text

    endpoints = set(re.findall(r'handstream_gateway_requests_total{.*endpoint="([^"]+)"', metrics))
    assert "/cameras/{camera:path}/frame" in endpoints
    assert not any("camera-0" in endpoint or "nowhere" in endpoint for endpoint in endpoints)
    methods = set(re.findall(r'handstream_gateway_requests_total{.*method="([^"]+)"', metrics))
    assert "other" in methods
    assert "BREW" not in methods
    assert "handstream_gateway_request_seconds_bucket" in metrics
    assert "process_resident_memory_bytes" in metrics
    assert "handstream_gateway_cameras 0.0" in metrics
