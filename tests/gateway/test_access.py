"""Who may use the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from websockets.exceptions import InvalidStatus

from broker.embedded.ports import free_port
from gateway.access import Access, host_name, is_loopback
from gateway.app import create_app
from gateway.problem import Problem
from settings import Settings, SettingsError, load_settings
from tests.gateway.api_process import api_process
from tests.gateway.sockets import socket

TOKEN = "an-opaque-token.of~32_characters"  # noqa: S105


@contextmanager
def client(*, host: str = "127.0.0.1", base_url: str = "http://localhost", **settings: object) -> Iterator[TestClient]:
    """An application without a broker, called by that address."""
    chosen = Settings.model_validate({"broker": f"127.0.0.1:{free_port()}", **settings})
    with TestClient(create_app(chosen, host=host), base_url=base_url) as one:
        yield one


@pytest.fixture(scope="module")
def guarded() -> Iterator[TestClient]:
    with client(gateway_token=TOKEN, gateway_origins="https://friend.example") as one:
        yield one


@dataclass(frozen=True)
class Process:
    address: str
    logs: Path


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    logs = tmp_path_factory.mktemp("guarded")
    settings = {"HANDSTREAM_GATEWAY_TOKEN": TOKEN, "HANDSTREAM_GATEWAY_ORIGINS": "https://friend.example"}
    with api_process(logs, **settings) as address:
        yield Process(address, logs)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


PROTECTED = ["/model", "/cameras", "/predictions", "/predictions/stream", "/stream/health", "/metrics", "/openapi.json"]


@pytest.mark.parametrize("path", [*PROTECTED, "/nowhere"])
def test_with_a_token_set_nothing_is_told_without_it(guarded: TestClient, path: str) -> None:
    for headers in ({}, bearer(""), bearer(TOKEN[:-1]), bearer(TOKEN.upper()), {"Authorization": f"Basic {TOKEN}"}):
        answer = guarded.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"
    assert guarded.post("/predict", content=b"x").status_code == 401
    assert guarded.get(path, params={"token": TOKEN}).status_code == 401


def test_with_the_token_all_is_told(guarded: TestClient) -> None:
    for path in PROTECTED:
        if path != "/predictions/stream":
            assert guarded.get(path, headers=bearer(TOKEN)).status_code == 200


def test_health_and_the_page_that_asks_for_the_token_are_open(guarded: TestClient) -> None:
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/readyz").status_code in (200, 503)
    for path in ("/", "/docs", "/static/docs/start.js", "/static/vendor/uplot/uPlot.iife.js"):
        assert guarded.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/ws/view", "/ws/camera"])
def test_a_websocket_takes_the_token_as_a_protocol_and_never_sends_it_back(process: Process, path: str) -> None:
    with socket(process.address, path, subprotocols=["handstream", f"bearer.{TOKEN}"]) as connection:
        assert connection.subprotocol == "handstream"
    with socket(process.address, path, additional_headers=bearer(TOKEN)) as connection:
        assert connection.subprotocol is None
    for protocols in (None, ["handstream"], ["handstream", "bearer.wrong"]):
        assert denied(process.address, path, subprotocols=protocols) == 401


@pytest.mark.parametrize("path", ["/ws/view", "/ws/camera"])
def test_another_sites_page_may_not_connect(process: Process, path: str) -> None:
    token = bearer(TOKEN)
    # The port belongs to the origin.
    for stranger in ("https://evil.example", "null", "http://127.0.0.1:1"):
        assert denied(process.address, path, additional_headers=token, origin=stranger) == 403
    for origin in (process.address, "https://friend.example"):
        with socket(process.address, path, additional_headers=token, origin=origin):
            pass


def denied(address: str, path: str, **how: Any) -> int:
    with pytest.raises(InvalidStatus) as refused:
        socket(address, path, **how)
    return int(refused.value.response.status_code)


def test_other_origins_are_closed_out_unless_they_are_named(guarded: TestClient) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    friend = guarded.options("/predict", headers={"Origin": "https://friend.example", **preflight})
    assert friend.headers["access-control-allow-origin"] == "https://friend.example"
    stranger = guarded.options("/predict", headers={"Origin": "https://evil.example", **preflight})
    assert "access-control-allow-origin" not in stranger.headers
    with client() as plain:
        answer = plain.get("/model", headers={"Origin": "https://friend.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_on_loopback_it_is_reached_by_loopbacks_names_alone() -> None:
    """A web page could let a name of its own point to 127.0.0.1 and look through a visitor's browser."""
    for name, status in (("localhost:8000", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("evil.example", 421)):
        with client(base_url=f"http://{name}") as one:
            assert one.get("/healthz").status_code == status
    with client(base_url="http://hands.example", gateway_hosts="hands.example") as one:
        assert one.get("/healthz").status_code == 200
    with client(base_url="http://any.example", host="0.0.0.0") as one:  # noqa: S104
        assert one.get("/healthz").status_code == 200


def test_names_and_addresses_are_read_as_they_are_written() -> None:
    assert [host_name(host) for host in ("A.example:80", "[::1]:80", "[::1]", "a", "")] == [
        "a.example", "::1", "::1", "a", "",
    ]  # fmt: skip
    assert [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "0.0.0.0", "10.0.0.1", "x")] == [  # noqa: S104
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_a_token_that_cannot_travel_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for token in ("short", "has spaces in it, which no protocol may", "gänzlich-unbrauchbar-hier"):
        monkeypatch.setenv("HANDSTREAM_GATEWAY_TOKEN", token)
        with pytest.raises(SettingsError, match="HANDSTREAM_GATEWAY_TOKEN") as caught:
            load_settings()
        assert token not in str(caught.value)
    monkeypatch.delenv("HANDSTREAM_GATEWAY_TOKEN")
    monkeypatch.setenv("HANDSTREAM_GATEWAY_ORIGINS", "friend.example")
    with pytest.raises(SettingsError, match="https://name"):
        load_settings()


def test_access_without_a_token_lets_everyone_in() -> None:
    access = Access(token=None, names=frozenset(), origins=frozenset())
    access.check("/model", {})
    access.check_socket({"host": "a"}, [])
    with pytest.raises(Problem):
        access.check_socket({"host": "a", "origin": "http://b"}, [])


def test_no_log_holds_the_token(process: Process) -> None:
    for headers in ({}, bearer(TOKEN), bearer(TOKEN + "x")):
        httpx.get(f"{process.address}/model", headers=headers, timeout=10)
    socket(process.address, "/ws/view", subprotocols=["handstream", f"bearer.{TOKEN}"]).close()
    for log in process.logs.iterdir():
        assert TOKEN not in log.read_text()
