"""`/docs` in a real browser: all operations, nothing from elsewhere, and the token where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, expect

from tests.gateway.api_process import api_process
from tests.gateway.browser import chromium, visit

TOKEN = "an-opaque-token.of~32_characters"  # noqa: S105
pytestmark = pytest.mark.timeout(240)


def test_the_api_is_described_offline_and_can_be_tried(api_address: str) -> None:
    with chromium() as browser, visit(browser, api_address, path="/docs") as opened:
        page = opened.page
        for path in ("/predict", "/predict/batch", "/cameras", "/predictions/stream", "/stream/health", "/metrics"):
            expect(page.locator(f'[data-path="{path}"]').first).to_be_visible()
        page.locator('[data-path="/stream/health"]').first.click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text("no_broker").first).to_be_visible()
        opened.check()


@pytest.mark.long
def test_it_asks_for_the_token(tmp_path: Path) -> None:
    with (
        api_process(tmp_path, HANDSTREAM_GATEWAY_TOKEN=TOKEN) as address,
        chromium() as browser,
        visit(browser, address, path="/") as opened,
    ):
        page = opened.page
        given = iter(["wrong", TOKEN])
        asked: list[str] = []

        def answer(dialog: Dialog) -> None:
            asked.append(dialog.message)
            dialog.accept(next(given))

        page.on("dialog", answer)
        page.goto(f"{address}/docs")
        expect(page.locator('[data-path="/model"]').first).to_be_visible()
        assert len(asked) == 2
        page.locator('[data-path="/model"]').first.click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        expect(page.get_by_text('"classes"').first).to_be_visible()
