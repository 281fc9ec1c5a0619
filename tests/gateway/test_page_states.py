"""What the page says when something is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from broker.embedded.ports import free_port
from settings import Settings
from tests.gateway.browser import chromium, visit
from tests.gateway.page_stack import own_topics, stack

pytestmark = pytest.mark.timeout(300)
TOKEN = "open-sesame-and-come-in"  # noqa: S105


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_without_a_broker_it_says_how_to_start_one(browser: Browser, tmp_path: Path) -> None:
    nowhere = Settings(broker=f"127.0.0.1:{free_port()}")
    with stack(nowhere, tmp_path) as started:
        started.start_gateway()
        with visit(browser, started.address) as visited:
            _expect_state(visited.page, "No broker", "handstream broker start")
            visited.check()


@pytest.mark.long
@pytest.mark.broker
def test_without_a_camera_it_says_how_to_get_one(browser: Browser, kafka: Settings, tmp_path: Path) -> None:
    with stack(own_topics(kafka), tmp_path) as started:
        started.start_worker()
        started.start_gateway()
        with visit(browser, started.address) as visited:
            _expect_state(visited.page, "No camera", "handstream produce")
            expect(visited.page.locator("#no-cameras")).to_be_visible()
            visited.check()


@pytest.mark.long
@pytest.mark.broker
def test_without_a_worker_it_says_so_and_shows_the_pictures_all_the_same(
    browser: Browser, kafka: Settings, tmp_path: Path
) -> None:
    with stack(own_topics(kafka), tmp_path) as started:
        started.start_gateway()
        started.start_camera("desk")
        with visit(browser, started.address) as visited:
            page = visited.page
            _expect_state(page, "No worker", "handstream worker")
            expect(page.locator("#tiles [data-camera=desk] canvas")).to_be_visible()

            started.start_worker()

            expect(page.locator("#state-pill")).to_have_text("Live")
            expect(page.locator("#banner")).to_be_hidden()
            visited.check()


@pytest.mark.broker
def test_a_gateway_with_a_token_asks_for_it_once(browser: Browser, kafka: Settings, tmp_path: Path) -> None:
    with stack(own_topics(kafka), tmp_path) as started:
        started.start_gateway(HANDSTREAM_GATEWAY_TOKEN=TOKEN)
        with visit(browser, started.address) as visited:
            page = visited.page
            dialog = page.get_by_role("dialog", name="This gateway wants a token")
            expect(dialog.get_by_label("Token")).to_be_focused()
            dialog.get_by_label("Token").fill("wrong")
            page.keyboard.press("Enter")
            expect(dialog.get_by_role("alert")).to_contain_text("Not accepted")
            dialog.get_by_label("Token").fill(TOKEN)
            page.keyboard.press("Enter")
            expect(dialog).to_be_hidden()
            # Told by the WebSocket, which therefore has the token too.
            expect(page.locator("#state-pill")).to_have_text("No worker")

            page.reload()

            expect(page.locator("#state-pill")).to_have_text("No worker")
            expect(dialog).to_be_hidden()
            assert TOKEN not in page.url


def _expect_state(page: Page, title: str, advice: str) -> None:
    expect(page.locator("#state-pill")).to_have_text(title)
    banner = page.locator("#banner")
    expect(banner).to_contain_text(title)
    expect(banner).to_contain_text(advice)
