"""One gateway without a broker for all tests of the API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.api_process import api_process

# Small, so that a body of more bytes is quickly made.
MAX_UPLOAD_BYTES = 300_000


@pytest.fixture(scope="session")
def api_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    limit = str(MAX_UPLOAD_BYTES)
    with api_process(tmp_path_factory.mktemp("api"), HANDSTREAM_GATEWAY_MAX_UPLOAD_BYTES=limit) as address:
        yield address


@pytest.fixture
def api(api_address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api_address, timeout=60) as client:
        yield client
