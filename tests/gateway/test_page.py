"""The page as somebody sees it who has no camera: the wall, a camera shown large, a picture, the looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from producers.synthetic.still import render_still
from settings import Settings
from tests.gateway.browser import PHONE, WIDE, chromium, visit
from tests.gateway.page_stack import Stack, own_topics, stack

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

CAMERAS = ("desk", "door")
MOST_TABS = 40
NAMED = re.compile("^(?!waiting|silent).+")


@pytest.fixture(scope="module")
def live(kafka: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(own_topics(kafka), tmp_path_factory.mktemp("logs")) as started:
        started.start_worker()
        started.start_gateway()
        for seed, camera in enumerate(CAMERAS):
            started.start_camera(camera, seed=seed)
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_the_wall_shows_each_camera_with_its_hand_gesture_and_figures(browser: Browser, live: Stack) -> None:
    with visit(browser, live.address) as visited:
        for camera in CAMERAS:
            tile = visited.page.locator(f"#tiles [data-camera={camera}]")
            expect(tile.locator("[data-part=gesture]")).to_have_text(NAMED)
            expect(tile.locator("[data-part=rate]")).to_have_text(re.compile(r"^\d+(\.\d)?/s$"))
            expect(tile.locator("[data-part=latency]")).to_have_text(re.compile(r"^[\d.]+ m?s$"))
            # A sequence stands there once a picture was drawn with its own prediction.
            expect(tile.locator("canvas")).to_have_attribute("data-sequence", re.compile(r"^\d+$"))
        expect(visited.page.locator("#state-pill")).to_have_text("Live")
        expect(visited.page.locator("#health [data-part=model]")).to_have_text(re.compile("^gestures "))
        expect(visited.page.locator("#health [data-part=gestures] li").first).to_be_visible()
        visited.check()


@pytest.mark.long
def test_a_camera_is_opened_large_and_closed_by_keyboard(browser: Browser, live: Stack) -> None:
    with visit(browser, live.address) as visited:
        page = visited.page
        tile = page.locator("#tiles [data-camera=desk] button")
        tile.focus()
        page.keyboard.press("Enter")
        stage = page.get_by_role("region", name="desk")
        expect(stage).to_be_visible()
        expect(stage.get_by_role("button", name="Close")).to_be_focused()
        expect(tile).to_have_attribute("aria-pressed", "true")
        expect(stage.locator("[data-part=gesture]").first).to_have_text(NAMED)
        expect(stage.locator("[data-part=events] li").first).to_be_visible()
        expect(stage.locator(".chart canvas")).to_be_visible()
        expect(stage.locator("canvas[data-part=picture]")).to_have_attribute("data-sequence", re.compile(r"^\d+$"))

        page.reload()
        expect(page.get_by_role("region", name="desk")).to_be_visible()
        expect(tile).to_be_visible()

        page.keyboard.press("Escape")
        expect(page.locator("#stage")).to_be_hidden()
        expect(tile).to_be_focused()
        assert "#" not in page.url

        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="desk")).to_be_visible()
        page.go_back()
        expect(page.locator("#stage")).to_be_hidden()
        visited.check()


def test_all_is_reached_with_the_tab_key_and_seen_when_it_is(browser: Browser, live: Stack) -> None:
    with visit(browser, live.address) as visited:
        page = visited.page
        expect(page.locator("#tiles .tile")).to_have_count(len(CAMERAS))
        reached: list[str] = []
        while (name := _focused_next(page)) is not None:
            reached.append(name)
            assert len(reached) < MOST_TABS, f"the Tab key goes round in circles: {reached}"
        for name in ("Skip to the cameras", "Dark theme", "Use my camera", "Choose a picture"):
            assert name in reached
        for camera in CAMERAS:
            assert any(name.startswith(camera) for name in reached)


def test_a_picture_is_recognised_and_its_prediction_is_shown(browser: Browser, live: Stack, tmp_path: Path) -> None:
    picture = tmp_path / "hand.jpg"
    picture.write_bytes(render_still(gesture="palm", seed=3))
    with visit(browser, live.address) as visited:
        page = visited.page
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a picture").click()
        chooser.value.set_files(picture)
        upload = page.locator("#upload")
        expect(upload).to_have_attribute("data-state", "done")
        expect(upload.locator("[data-part=hands] li")).to_have_attribute("data-gesture", "palm")
        expect(upload.locator("canvas")).to_have_attribute("aria-label", re.compile("hand.jpg: palm"))
        prediction = json.loads(upload.locator("[data-part=json]").inner_text())
        assert prediction["type"] == "handstream.prediction.v1"
        assert prediction["hands"][0]["gesture"] == "palm"
        visited.check()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_may_be_dropped_or_pasted(browser: Browser, live: Stack, way: Literal["drop", "paste"]) -> None:
    picture = list(render_still(gesture="fist", seed=4))
    with visit(browser, live.address) as visited:
        visited.page.evaluate(
            """([bytes, way]) => {
                const carried = new DataTransfer();
                carried.items.add(new File([new Uint8Array(bytes)], "hand.jpg", { type: "image/jpeg" }));
                const event = way === "drop"
                    ? new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true })
                    : new ClipboardEvent("paste", { clipboardData: carried, bubbles: true });
                document.body.dispatchEvent(event);
            }""",
            [picture, way],
        )
        expect(visited.page.locator("#upload [data-part=hands] li")).to_have_attribute("data-gesture", "fist")
        visited.check()


def test_what_is_no_picture_is_answered_with_the_servers_own_words(
    browser: Browser, live: Stack, tmp_path: Path
) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("no picture at all")
    with visit(browser, live.address) as visited:
        visited.page.locator("#upload input[type=file]").set_input_files(text)
        upload = visited.page.locator("#upload")
        expect(upload).to_have_attribute("data-state", "failed")
        detail = visited.page.evaluate(
            """async () => {
                const body = new FormData();
                body.append("file", new File(["no picture at all"], "letter.jpg", { type: "image/jpeg" }));
                return (await (await fetch("/predict", { method: "POST", body })).json()).detail;
            }"""
        )
        expect(upload.locator("[data-part=note]")).to_contain_text(detail.replace("`", ""))


def test_a_theme_that_was_chosen_stays_chosen(browser: Browser, live: Stack) -> None:
    with visit(browser, live.address, scheme="light") as visited:
        page = visited.page
        light = _background(page)
        page.get_by_role("button", name="Dark theme").click()
        dark = _background(page)
        assert dark != light
        page.reload()
        expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
        assert _background(page) == dark
        visited.check()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_leaves_nobody_out(
    browser: Browser, live: Stack, size: tuple[int, int], scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    picture = tmp_path / "hand.jpg"
    picture.write_bytes(render_still(gesture="palm", seed=3))
    with visit(browser, live.address, path="/#camera=desk", size=size, scheme=scheme, reduced_motion=True) as visited:
        page = visited.page
        expect(page.locator("#stage [data-part=events] li").first).to_be_visible()
        page.locator("#upload input[type=file]").set_input_files(picture)
        expect(page.locator("#upload")).to_have_attribute("data-state", "done")

        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        visited.check()


def _focused_next(page: Page) -> str | None:
    """What the Tab key reaches next, which must be seen to be reached; None behind the last."""
    page.keyboard.press("Tab")
    name, outline = page.evaluate(
        """() => {
            const reached = document.activeElement;
            if (reached === document.body) return [null, null];
            return [(reached.ariaLabel ?? reached.innerText).trim(), getComputedStyle(reached).outlineStyle];
        }"""
    )
    assert outline != "none", f"no focus is to be seen on {name!r}"
    return None if name is None else str(name)


def _background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))
