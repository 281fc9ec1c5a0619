"""Use my camera, in a real browser with a fake webcam: through the gateway, Kafka and the worker, and back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from settings import Settings
from tests.gateway.browser import Webcam, chromium, visit
from tests.gateway.film import write_film
from tests.gateway.page_stack import Stack, own_topics, stack

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

GESTURES = ("like", "fist", "peace", "palm")
SEED = 11
# Of the overlay's joints (#ff3d81), as far as a screenshot's colours may be off.
JOINT, TOLERANCE = np.array([255, 61, 129]), 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    path: Path
    order: list[str]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    path = tmp_path_factory.mktemp("film") / "hand.mjpeg"
    return Film(path=path, order=write_film(path, gestures=GESTURES, seed=SEED))


@pytest.fixture(scope="module")
def live(kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(own_topics(kafka), tmp_path_factory.mktemp("logs")) as started:
        started.start_worker()
        started.start_gateway()
        yield started


def test_gestures_before_the_camera_are_named_on_the_page_in_order(live: Stack, film: Film) -> None:
    with chromium(film.path) as browser, visit(browser, live.address) as visited:
        page = visited.page
        section = _use_camera(page)
        for gesture in film.order:
            expect(_part(section, "gesture")).to_have_attribute("data-gesture", gesture)

        # What was named for long enough is an event; the last gesture is still held, or just over.
        expect(_part(section, "events").locator(f"[data-gesture={film.order[-1]}]").first).to_be_visible()
        expect(_part(section, "glass")).to_have_text(re.compile(r"^\d+ ms$|^\d+\.\d s$"))
        assert 1 <= int(_part(section, "glass").get_attribute("data-count") or 0) <= 100
        own = page.locator("#tiles .tile", has=page.get_by_text("you", exact=True))
        expect(own).to_have_count(1)
        assert (own.get_attribute("data-camera") or "").startswith("browser-my-camera-")
        visited.check()


def test_the_overlay_is_seen_on_the_picture_and_mirrored_as_the_picture_is(live: Stack, film: Film) -> None:
    with chromium(film.path) as browser, visit(browser, live.address) as visited:
        section = _use_camera(visited.page)
        expect(_part(section, "gesture")).to_have_attribute("data-gesture", film.order[0])
        screen = section.locator(".screen")

        picture = np.asarray(Image.open(io.BytesIO(screen.screenshot())).convert("RGB")).astype(int)

        joints = np.argwhere(np.abs(picture - JOINT).max(axis=2) < TOLERANCE)
        assert len(joints) > 100, "no joint of a hand is to be seen on the picture"
        mirrored = "(video) => new DOMMatrix(getComputedStyle(video).transform).a"
        assert section.locator("video").evaluate(mirrored) == -1
        found = Axe().run(visited.page)
        assert found.violations_count == 0, found.generate_report()
        visited.check()


def test_a_stopped_camera_is_off_and_can_be_used_again(live: Stack, film: Film) -> None:
    with chromium(film.path) as browser, visit(browser, live.address) as visited:
        page = visited.page
        section = _use_camera(page)
        page.get_by_role("button", name="Stop my camera").click()
        expect(section).to_have_attribute("data-state", "idle")
        assert page.evaluate("document.querySelector('#my-camera video').srcObject") is None
        expect(page.get_by_role("button", name="Use my camera")).to_be_focused()

        page.reload()
        section = _use_camera(page)
        expect(_part(section, "gesture")).to_have_attribute("data-gesture", re.compile("|".join(GESTURES)))
        visited.check()


@pytest.mark.long
def test_a_gateway_that_comes_back_is_found_again(live: Stack, film: Film) -> None:
    with chromium(film.path) as browser, visit(browser, live.address) as visited:
        page = visited.page
        section = _use_camera(page)
        before = section.get_attribute("data-camera")
        live.stop("gateway")
        expect(section).to_have_attribute("data-state", "lost")
        expect(_part(section, "note")).to_contain_text("Trying again")
        expect(page.locator("#state-pill")).to_have_text("Not connected")

        live.start_gateway()

        expect(section).to_have_attribute("data-state", "live")
        expect(page.locator("#state-pill")).not_to_have_text("Not connected")
        expect(_part(section, "gesture")).to_have_attribute("data-gesture", re.compile("|".join(GESTURES)))
        assert section.get_attribute("data-camera") not in (before, "")


@pytest.mark.parametrize(
    ("webcam", "state", "advice"),
    [("denied", "denied", "Allow it at the camera sign"), ("none", "no-camera", "Plug one in")],
)
def test_without_a_camera_the_page_says_what_to_do(live: Stack, webcam: Webcam, state: str, advice: str) -> None:
    with chromium(webcam) as browser, visit(browser, live.address) as visited:
        page = visited.page
        page.get_by_role("button", name="Use my camera").click()
        section = page.locator("#my-camera")
        expect(section).to_have_attribute("data-state", state)
        expect(_part(section, "note")).to_contain_text(advice)
        expect(page.get_by_role("button", name="Try again")).to_be_enabled()
        visited.check()


def test_a_page_from_elsewhere_without_https_says_why_it_gets_no_camera(
    kafka: Settings, tmp_path: Path, film: Film
) -> None:
    with stack(own_topics(kafka), tmp_path) as started, chromium(film.path) as browser:
        started.start_gateway(HANDSTREAM_GATEWAY_HOSTS="gateway.test", HANDSTREAM_GATEWAY_MAX_CAMERAS="0")
        with visit(browser, f"http://gateway.test:{started.port}") as visited:
            visited.page.get_by_role("button", name="Use my camera").click()
            expect(visited.page.locator("#my-camera")).to_have_attribute("data-state", "insecure")
            expect(_part(visited.page.locator("#my-camera"), "note")).to_contain_text("HTTPS")

        with visit(browser, started.address) as visited:
            visited.page.get_by_role("button", name="Use my camera").click()
            section = visited.page.locator("#my-camera")
            expect(section).to_have_attribute("data-state", "refused")
            expect(_part(section, "note")).to_contain_text("does not take this camera")
            visited.check()


def _use_camera(page: Page) -> Locator:
    page.get_by_role("button", name="Use my camera").click()
    section = page.locator("#my-camera")
    expect(section).to_have_attribute("data-state", "live")
    return section


def _part(section: Locator, name: str) -> Locator:
    return section.locator(f"[data-part={name}]").first
